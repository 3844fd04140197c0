/* The terms of selectors: each word of the table begins one. */
#include "tracer/select/parse.h"

#include "tracer/base/alloc.h"
#include "tracer/select/field.h"
#include "tracer/select/findings.h"

#include <string.h>

/* A word that begins a term, and how the term goes on. */
struct word {
    const char *name;
    uint32_t (*parse)(struct parser *p, const struct word *w);
    struct term term; /* what it is so far */
};

static uint32_t parse_plain(struct parser *p, const struct word *w)
{
    return parse_add_term(p, &w->term);
}

static uint32_t parse_bits(struct parser *p, const struct word *w)
{
    if (lexer_at(p->l, "=") || lexer_at(p->l, "==") || lexer_at(p->l, "!=")) {
        lexer_fault(p->l, "%s by itself says that the flag is set, and not %s that it is not.",
                    w->name, w->name);
        return NODE_NONE;
    }
    return parse_plain(p, w);
}

static uint32_t parse_fate(struct parser *p, const struct word *w)
{
    struct term t = w->term;
    t.as_fate = p->negated > 0;
    return parse_add_term(p, &t);
}

/* "N" or "N..M", from 1. */
static bool parse_span(struct parser *p, struct term *t, const char *what)
{
    for (int i = 0; i < 2; i++) {
        if (p->l->token.kind != TOKEN_NUMBER || p->l->token.number < 1 ||
            p->l->token.number > 1000000000)
            return lexer_expected(p->l, what, NULL);
        t->high.number = p->l->token.number;
        if (i == 0)
            t->low.number = t->high.number;
        lexer_next(p->l);
        if (i == 0 && !lexer_take(p->l, ".."))
            break;
    }
    if (t->high.number < t->low.number)
        return lexer_fault(p->l, "A range goes from the lower number to the higher.");
    return true;
}

static uint32_t parse_data(struct parser *p, const struct word *w)
{
    struct term t = w->term;
    if (p->l->token.kind == TOKEN_NUMBER &&
        !parse_span(p, &t, "which one, from 1: data 3, data 2..4"))
        return NODE_NONE;
    return parse_add_term(p, &t);
}

static uint32_t parse_bytes(struct parser *p, const struct word *w)
{
    struct term t = w->term;
    if (!parse_span(p, &t, "the bytes' numbers, from 1: bytes 1..7"))
        return NODE_NONE;
    return parse_add_term(p, &t);
}

static uint32_t parse_host(struct parser *p, const struct word *w)
{
    struct term t = w->term;
    if (!parse_end(p, &t.a))
        return NODE_NONE;
    return parse_add_term(p, &t);
}

static uint32_t parse_to(struct parser *p, const struct word *w)
{
    struct term t = w->term;
    if (!parse_end(p, &t.b))
        return NODE_NONE;
    return parse_add_term(p, &t);
}

static uint32_t parse_port(struct parser *p, const struct word *w)
{
    struct term t = w->term;
    if (p->l->token.kind != TOKEN_NUMBER || p->l->token.number < 1 || p->l->token.number > 65535) {
        lexer_expected(p->l, "a port, from 1 to 65535", NULL);
        return NODE_NONE;
    }
    t.a.port = (uint16_t)p->l->token.number;
    lexer_next(p->l);
    return parse_add_term(p, &t);
}

static uint32_t parse_payload(struct parser *p, const struct word *w)
{
    struct term t = w->term;
    if (lexer_take(p->l, "starts"))
        t.match = PAYLOAD_STARTS;
    else if (lexer_take(p->l, "=") || lexer_take(p->l, "=="))
        t.match = PAYLOAD_IS;
    if (p->l->token.kind != TOKEN_STRING) {
        lexer_expected(p->l, "a text in quotation marks", NULL);
        return NODE_NONE;
    }
    term_keep(&t, text_str(&p->l->string), p->l->string.len);
    lexer_next(p->l);
    return parse_add_term(p, &t);
}

static int digit_of(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;
    if (c >= '0' && c <= '9')
        return c - '0';
    return at && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) ? (int)(at - digits) : -1;
}

/* hex "48 65 6c 6c 6f" */
static uint32_t parse_hex(struct parser *p, const struct word *w)
{
    struct term t = w->term;
    struct text bytes = {0};
    int half = -1;
    bool good = p->l->token.kind == TOKEN_STRING;
    for (size_t i = 0; good && i < p->l->string.len; i++) {
        char c = p->l->string.s[i];
        int d = digit_of(c);
        if (d >= 0 && half >= 0) {
            text_char(&bytes, (char)(half << 4 | d));
            half = -1;
        } else if (d >= 0) {
            half = d;
        } else {
            good = half < 0 && (c == ' ' || c == ':');
        }
    }
    if (!good || half >= 0 || bytes.len == 0) {
        text_free(&bytes);
        lexer_expected(p->l, "bytes as pairs of hex digits: hex \"48 65 6c\"", NULL);
        return NODE_NONE;
    }
    term_keep(&t, bytes.s, bytes.len);
    text_free(&bytes);
    lexer_next(p->l);
    return parse_add_term(p, &t);
}

#define BITS(word, bit)                                                                            \
    {                                                                                              \
        word, parse_bits,                                                                          \
        {                                                                                          \
            .kind = TERM_BITS, .flags_set = (bit)                                                  \
        }                                                                                          \
    }
#define PROTOCOL(word, which)                                                                      \
    {                                                                                              \
        word, parse_plain,                                                                         \
        {                                                                                          \
            .kind = TERM_PROTOCOL, .number = (which)                                               \
        }                                                                                          \
    }

static const struct word words[] = {
    {"again", parse_plain, {.kind = TERM_AGAIN}},
    {"delivered", parse_fate, {.kind = TERM_FATE, .number = FATE_DELIVERED}},
    {"dropped", parse_fate, {.kind = TERM_FATE, .number = FATE_DROPPED}},
    {"duplicated", parse_fate, {.kind = TERM_WIRE, .number = WIRE_DUPLICATED}},
    {"corrupted", parse_fate, {.kind = TERM_WIRE, .number = WIRE_CORRUPTED}},
    {"data", parse_data, {.kind = TERM_DATA}},
    {"bytes", parse_bytes, {.kind = TERM_BYTES}},
    {"byte", parse_bytes, {.kind = TERM_BYTES}},
    {"from", parse_host, {.kind = TERM_DIRECTION}},
    {"to", parse_to, {.kind = TERM_DIRECTION}},
    {"host", parse_host, {.kind = TERM_HOST}},
    {"port", parse_port, {.kind = TERM_HOST}},
    {"payload", parse_payload, {.kind = TERM_PAYLOAD}},
    {"hex", parse_hex, {.kind = TERM_PAYLOAD}},
    BITS("syn", TCP_SYN),
    BITS("fin", TCP_FIN),
    BITS("rst", TCP_RST),
    BITS("psh", TCP_PSH),
    BITS("ece", TCP_ECE),
    BITS("cwr", TCP_CWR),
    BITS("flags.syn", TCP_SYN),
    BITS("flags.fin", TCP_FIN),
    BITS("flags.rst", TCP_RST),
    BITS("flags.psh", TCP_PSH),
    BITS("flags.ack", TCP_ACK),
    BITS("flags.urg", TCP_URG),
    BITS("flags.ece", TCP_ECE),
    BITS("flags.cwr", TCP_CWR),
    BITS("flags.ae", TCP_AE),
    PROTOCOL("tcp", PROTO_TCP),
    PROTOCOL("udp", PROTO_UDP),
    PROTOCOL("icmp", PROTO_ICMP),
    PROTOCOL("icmp6", PROTO_ICMPV6),
    PROTOCOL("ip", -NET_IPV4),
    PROTOCOL("ip6", -NET_IPV6),
    PROTOCOL("arp", -NET_ARP),
    {"unreachable", parse_plain, {.kind = TERM_UNREACHABLE}},
};
enum { WORDS = sizeof words / sizeof words[0] };

static const char *const verbs[] = {
    "connected", "accepted", "closed", "enters", "calls", "returns", "is",
    "becomes",   "prints",   "types",  "starts", "exits", "killed",  "kernel",
    "first",     "last",     "not",    "and",    "or",    NULL,
};

enum { ALL_WORDS = 256 };

static size_t add_words(const char **all, size_t n, const char *const *list)
{
    for (size_t i = 0; list && list[i] && n < ALL_WORDS - 1; i++)
        all[n++] = list[i];
    all[n] = NULL;
    return n;
}

/* Flags are a term of their own: [S.]. */
static bool field_is_term(const struct field *f)
{
    return strcmp(f->name, "flags") != 0;
}

static size_t all_words(const char **all)
{
    size_t n = 0;
    for (size_t i = 0; i < WORDS; i++)
        all[n++] = words[i].name;
    for (size_t i = 0; field_at_index(i); i++)
        if (field_is_term(field_at_index(i)))
            all[n++] = field_at_index(i)->name;
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++)
        all[n++] = finding_name((enum finding_kind)kind);
    return add_words(all, n, verbs);
}

const char *const *selector_words(void)
{
    static const char *all[ALL_WORDS];
    all_words(all);
    return all;
}

const char *const *parse_words(const struct parser *p)
{
    static const char *all[ALL_WORDS];
    size_t n = all_words(all);
    n = add_words(all, n, p->context->stops);
    add_words(all, n, p->context->also);
    return all;
}

/* ---- fields ---- */

static bool parse_seq_range(struct parser *p, struct term *t)
{
    if (p->l->token.kind != TOKEN_NUMBER)
        return lexer_expected(p->l, "where the range ends: seq 1:8", NULL);
    t->kind = TERM_SEQ_RANGE;
    t->high.number = p->l->token.number;
    lexer_next(p->l);
    return true;
}

static bool starts_value(const struct lexer *l)
{
    static const char *const signs[] = {"=", "==", "!=", "<", "<=", ">", ">=", "-", NULL};
    for (size_t i = 0; signs[i]; i++)
        if (lexer_at(l, signs[i]))
            return true;
    if (l->token.kind != TOKEN_WORD)
        return l->token.kind == TOKEN_NUMBER || l->token.kind == TOKEN_DURATION;
    char c = l->s[l->token.at];
    return c >= 'A' && c <= 'Z' && !(l->token.len == 1 && (c == 'C' || c == 'S'));
}

static uint32_t parse_field(struct parser *p, const struct field *f)
{
    struct term t = {.kind = TERM_FIELD, .field = f};
    bool has_value = starts_value(p->l);
    if ((!has_value && f->alone) || f->no_value) {
        t.kind = TERM_PRESENT;
        return parse_add_term(p, &t);
    }
    if (!has_value) {
        struct text what = {0};
        text_format(&what, "a number behind %s, such as %s > %s", f->name, f->name,
                    f->unit == UNIT_TIME ? "1.5s" : "0");
        lexer_expected(p->l, text_str(&what), NULL);
        text_free(&what);
        return NODE_NONE;
    }
    if (!parse_comparison(p, &t, f->most, f->unit == UNIT_TIME))
        return NODE_NONE;
    if (f->unit == UNIT_SEQUENCE && t.compare == COMPARE_EQ && t.low.variable < 0 &&
        lexer_at(p->l, ":")) {
        lexer_next(p->l);
        if (f->get_absolute && strcmp(f->name, "seq") != 0) {
            lexer_fault(p->l, "Only seq has a range with a colon: seq 1:8.");
            return NODE_NONE;
        }
        if (!parse_seq_range(p, &t))
            return NODE_NONE;
    }
    return parse_add_term(p, &t);
}

/* ---- flags ---- */

static const struct {
    char letter;
    uint16_t bit;
} letters[] = {
    {'F', TCP_FIN}, {'S', TCP_SYN}, {'R', TCP_RST}, {'P', TCP_PSH}, {'.', TCP_ACK},
    {'U', TCP_URG}, {'E', TCP_ECE}, {'W', TCP_CWR}, {'e', TCP_AE},
};

static uint16_t flag_of(char letter)
{
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (letters[i].letter == letter)
            return letters[i].bit;
    return 0;
}

/* SYN, FIN, RST and ACK are as written; the others may be there unasked. [.] alone is a bare ACK.
 */
static uint32_t parse_flags(struct parser *p)
{
    struct term t = {.kind = TERM_FLAGS};
    const char *s = p->l->s + p->l->token.at + 1;
    size_t n = p->l->token.len - 2;
    bool any = n == 1 && s[0] == '*', none = n == 4 && strncmp(s, "none", 4) == 0;
    for (size_t i = 0; i < n && !any && !none; i++) {
        uint16_t bit = flag_of(s[i]);
        if (!bit || (t.flags_set & bit)) {
            lexer_fault(p->l, "Flags are written as tcpdump prints them, each letter once: S F R "
                              "P . U E W e, such as [S.], or [*] for any.");
            return NODE_NONE;
        }
        t.flags_set |= bit;
    }
    if (n == 0) {
        lexer_fault(p->l, "No flag stands in these brackets: [none] is a segment without one, "
                          "[*] is any.");
        return NODE_NONE;
    }
    t.flags_clear = any ? 0 : (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK) & ~t.flags_set;
    t.bare = t.flags_set == TCP_ACK;
    if (t.bare)
        t.flags_clear |= TCP_PSH;
    term_keep(&t, p->l->s + p->l->token.at, p->l->token.len);
    lexer_next(p->l);
    return parse_add_term(p, &t);
}

/* ---- ends ---- */

bool parse_at_end(const struct parser *p)
{
    return p->l->token.kind == TOKEN_ADDRESS || lexer_at(p->l, "C") || lexer_at(p->l, "S") ||
           lexer_at(p->l, "*") || lexer_at(p->l, ":");
}

bool parse_end(struct parser *p, struct end_pattern *end)
{
    struct lexer *l = p->l;
    *end = (struct end_pattern){0};
    if (l->token.kind == TOKEN_ADDRESS) {
        end->has_address = true;
        end->address = l->token.address;
    } else if (lexer_at(l, "C") || lexer_at(l, "S")) {
        end->letter = l->s[l->token.at];
    } else if (!lexer_at(l, "*") && !lexer_at(l, ":")) {
        return lexer_expected(l, "a host here: C, S, an address such as 10.0.0.1, or * for any",
                              NULL);
    }
    if (!lexer_at(l, ":"))
        lexer_next(l);
    if (!lexer_at(l, ":"))
        return true;
    lexer_next(l);
    if (l->token.kind != TOKEN_NUMBER || l->token.number < 1 || l->token.number > 65535)
        return lexer_expected(l, "a port, from 1 to 65535, behind the colon", NULL);
    end->port = (uint16_t)l->token.number;
    lexer_next(l);
    return true;
}

/* C > S [S.], or what the host does. */
static uint32_t parse_from_end(struct parser *p)
{
    struct term t = {.kind = TERM_DIRECTION};
    if (!parse_end(p, &t.a))
        return NODE_NONE;
    if (!lexer_take(p->l, ">")) {
        if (parse_at_verb(p))
            return parse_verb(p, &t.a);
        lexer_expected(p->l,
                       "\">\" and the other host, or what this one does: C > S, C enters "
                       "connect(), C connected",
                       verbs);
        return NODE_NONE;
    }
    if (!parse_end(p, &t.b))
        return NODE_NONE;
    uint32_t direction = parse_add_term(p, &t);
    if (p->l->token.kind != TOKEN_FLAGS)
        return direction;
    uint32_t flags = parse_flags(p);
    return flags == NODE_NONE ? NODE_NONE : parse_join(p, NODE_AND, direction, flags);
}

/* ---- any term ---- */

static uint32_t parse_word(struct parser *p)
{
    const char *s = p->l->s + p->l->token.at;
    size_t n = p->l->token.len;
    enum finding_kind finding;
    for (size_t i = 0; i < WORDS; i++)
        if (lexer_at(p->l, words[i].name)) {
            lexer_next(p->l);
            return words[i].parse(p, &words[i]);
        }
    const struct field *f = field_by_name(s, n);
    if (f && field_is_term(f)) {
        lexer_next(p->l);
        return parse_field(p, f);
    }
    if (select_finding(s, n, &finding)) {
        struct term t = {.kind = TERM_ANALYSIS, .number = finding};
        lexer_next(p->l);
        return parse_add_term(p, &t);
    }
    lexer_expected(p->l, "a term, such as C > S, [S.], data 3, len > 0", parse_words(p));
    return NODE_NONE;
}

uint32_t parse_primitive(struct parser *p)
{
    static const struct word payload = {"", parse_payload, {.kind = TERM_PAYLOAD}};
    static const struct end_pattern anyone;
    if (p->l->token.kind == TOKEN_FLAGS)
        return parse_flags(p);
    if (p->l->token.kind == TOKEN_STRING)
        return parse_payload(p, &payload);
    if (parse_at_end(p))
        return parse_from_end(p);
    if (parse_at_verb(p))
        return parse_verb(p, &anyone);
    if (p->l->token.kind == TOKEN_WORD)
        return parse_word(p);
    lexer_expected(p->l,
                   p->l->token.kind == TOKEN_NUMBER
                       ? "a term: a number stands behind a word, as in data 3, or counts, as in 3rd"
                       : "a term, such as C > S, [S.], data 3, len > 0",
                   NULL);
    return NODE_NONE;
}
