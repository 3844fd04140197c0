/* TCP options, as tcpdump walks them: an option is passed over by the length that its kind has, and
 * "[len N]" says so where its own length field differs. */
#include "tracer/print/line_options.h"

enum { OPTION_END_OF_LIST = 0, OPTION_NOP = 1, OPTION_EXPERIMENT_2 = 254 };

enum option_end option_check(const struct option_body *o, unsigned n)
{
    if (n > cursor_claimed_left(&o->c))
        return OPTION_BAD;
    return n > cursor_captured_left(&o->c) ? OPTION_CUT : OPTION_DONE;
}

/* Fix the body's length by its kind, and check that it is there. */
static enum option_end option_expect(struct option_body *o, unsigned n)
{
    o->body_bytes = n;
    return option_check(o, n);
}

static enum option_end print_nothing(struct option_body *o)
{
    o->body_bytes = 0;
    return OPTION_DONE;
}

static enum option_end print_u8(struct option_body *o)
{
    enum option_end end = option_expect(o, 1);
    if (end == OPTION_DONE)
        line_u64(o->l, " ", cursor_u8(&o->c));
    return end;
}

static enum option_end print_u16(struct option_body *o)
{
    enum option_end end = option_expect(o, 2);
    if (end == OPTION_DONE)
        line_u64(o->l, " ", cursor_be16(&o->c));
    return end;
}

static enum option_end print_u32(struct option_body *o)
{
    enum option_end end = option_expect(o, 4);
    if (end == OPTION_DONE)
        line_u64(o->l, " ", cursor_be32(&o->c));
    return end;
}

/* " val 1 ecr 2", behind `before`. */
static void add_timestamps(struct line *l, const char *before, struct cursor *c)
{
    char *at =
        text_reserve(l->out, strlen(before) + sizeof " val  ecr " + 2 * PUT_U32_MOST + PUT_SPOILT);
    at = put_u32(put_str(put_str(at, before), " val "), cursor_be32(c));
    at = put_u32(put_str(at, " ecr "), cursor_be32(c));
    text_commit_to(l->out, at);
}

static enum option_end print_timestamps(struct option_body *o)
{
    enum option_end end = option_expect(o, 8);
    if (end != OPTION_DONE)
        return end;
    add_timestamps(o->l, "", &o->c);
    return OPTION_DONE;
}

static enum option_end print_sack(struct option_body *o)
{
    if (o->said_bytes % 8 != 0) {
        line_add(o->l, " invalid sack");
        return OPTION_DONE;
    }
    line_u64(o->l, " ", o->said_bytes / 8);
    line_add(o->l, " ");
    for (unsigned i = 0; i < o->said_bytes; i += 8) {
        enum option_end end = option_check(o, 8);
        if (end != OPTION_DONE)
            return end;
        char *at = text_reserve(o->l->out, sizeof "{:}" + 2 * PUT_U32_MOST + PUT_SPOILT);
        at = put_u32(put_str(at, "{"), cursor_be32(&o->c) - o->sack_base);
        at = put_u32(put_str(at, ":"), cursor_be32(&o->c) - o->sack_base);
        text_commit_to(o->l->out, put_str(at, "}"));
    }
    return OPTION_DONE;
}

/* RFC 2385. The digest cannot be checked without the secret, nor without the whole payload. */
static enum option_end print_md5(struct option_body *o)
{
    const struct packet *p = o->l->p;
    enum option_end end = option_expect(o, 16);
    if (end != OPTION_DONE)
        return end;
    size_t segment_bytes = p->tcp.options_bytes + p->tcp.payload_bytes;
    bool is_here = cursor_captured_left(&o->l->c) >= segment_bytes;
    line_add(o->l, is_here ? " shared secret not supplied with -M" : " snaplen too short");
    line_add(o->l, ", can't check - ");
    line_hex_bytes(o->l, cursor_bytes(&o->c, 16), 16);
    return OPTION_DONE;
}

static enum option_end print_scps(struct option_body *o)
{
    enum option_end end = option_expect(o, 2);
    if (end != OPTION_DONE)
        return end;
    line_add(o->l, " cap ");
    text_hex_padded(o->l->out, cursor_u8(&o->c), 2);
    line_u64(o->l, " id ", cursor_u8(&o->c));
    return OPTION_DONE;
}

/* RFC 5482: the high bit of the value, as tcpdump reads it the low one, chooses minutes. */
static enum option_end print_user_timeout(struct option_body *o)
{
    enum option_end end = option_expect(o, 2);
    if (end != OPTION_DONE)
        return end;
    uint16_t value = cursor_be16(&o->c);
    line_hex(o->l, " 0x", value);
    line_u64(o->l, " ", (value & 1) ? (value >> 1) * 60u : value >> 1);
    return OPTION_DONE;
}

/* As many of the body's bytes as there are, byte by byte, so that a body cut short shows its start.
 */
static enum option_end print_hex(struct option_body *o, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        enum option_end end = option_check(o, 1);
        if (end != OPTION_DONE)
            return end;
        text_hex_padded(o->l->out, cursor_u8(&o->c), 2);
    }
    return OPTION_DONE;
}

/* RFC 5925 */
static enum option_end print_authentication(struct option_body *o)
{
    if (o->said_bytes < 2) {
        line_add(o->l, " (invalid)");
        return OPTION_DONE;
    }
    if (option_check(o, 1) != OPTION_DONE)
        return option_check(o, 1);
    line_u64(o->l, " keyid ", cursor_u8(&o->c));
    if (option_check(o, 1) != OPTION_DONE)
        return option_check(o, 1);
    line_u64(o->l, " rnextkeyid ", cursor_u8(&o->c));
    if (o->said_bytes == 2)
        return OPTION_DONE;
    line_add(o->l, " mac 0x");
    return print_hex(o, o->said_bytes - 2);
}

/* RFC 7413: no cookie is a request for one; a cookie has 4 to 16 bytes, an even number. */
static void print_cookie(struct option_body *o, unsigned n)
{
    if (n == 0) {
        line_add(o->l, " cookiereq");
    } else if (n % 2 != 0 || n < 4 || n > 16) {
        line_add(o->l, " (invalid)");
    } else {
        line_add(o->l, " cookie ");
        line_hex_bytes(o->l, cursor_bytes(&o->c, n), n);
    }
}

static enum option_end print_fast_open(struct option_body *o)
{
    enum option_end end = option_check(o, o->said_bytes);
    if (end != OPTION_DONE)
        return end;
    line_add(o->l, " ");
    print_cookie(o, o->said_bytes);
    return OPTION_DONE;
}

/* RFC 6994: a shared kind, told apart by what its body begins with. */
static enum option_end print_experiment(struct option_body *o)
{
    enum { EXPERIMENT_FAST_OPEN = 0xf989 };
    enum option_end end = option_check(o, o->said_bytes);
    if (end != OPTION_DONE)
        return end;
    if (o->said_bytes < 2)
        return OPTION_BAD;
    uint16_t id = cursor_be16(&o->c);
    line_add(o->l, "-");
    if (id == EXPERIMENT_FAST_OPEN) {
        line_add(o->l, "tfo");
        print_cookie(o, o->said_bytes - 2);
    } else {
        text_hex_padded(o->l->out, id, 4);
    }
    return OPTION_DONE;
}

static enum option_end print_unknown(struct option_body *o)
{
    if (o->said_bytes > 0)
        line_add(o->l, " 0x");
    return print_hex(o, o->said_bytes);
}

/* By kind; a kind without a name is unknown. */
struct option_kind {
    const char *name; /* tcpdump's word */
    enum option_end (*print)(struct option_body *o);
};

static const struct option_kind kinds[UINT8_MAX + 1] = {
    [OPTION_END_OF_LIST] = {"eol", print_nothing},
    [OPTION_NOP] = {"nop", print_nothing},
    [2] = {"mss", print_u16},
    [3] = {"wscale", print_u8},
    [4] = {"sackOK", print_nothing},
    [5] = {"sack", print_sack},
    [6] = {"echo", print_u32},
    [7] = {"echoreply", print_u32},
    [8] = {"TS", print_timestamps},
    [11] = {"cc", print_u32},
    [12] = {"ccnew", print_u32},
    [13] = {"", print_u32}, /* CC.ECHO has no word of its own there */
    [19] = {"md5", print_md5},
    [20] = {"scps", print_scps},
    [28] = {"uto", print_user_timeout},
    [29] = {"tcp-ao", print_authentication},
    [30] = {"mptcp", line_mptcp},
    [34] = {"tfo", print_fast_open},
    [OPTION_EXPERIMENT_2] = {"exp", print_experiment},
};

/* A length that would stand behind the header's end: tcpdump reads the byte there, and whatever it
 * is, too few bytes are left. */
static enum option_end past_the_end(const struct line *l, const struct cursor *options)
{
    struct cursor segment = l->c;
    cursor_skip(&segment, options->at - segment.at);
    return cursor_captured_left(&segment) > 0 ? OPTION_BAD : OPTION_ABANDON;
}

/* Kind and length, with which every option but the first two begins. */
static enum option_end read_head(const struct line *l, struct cursor *c, uint8_t *kind,
                                 unsigned *bytes)
{
    size_t left = cursor_claimed_left(c);
    *kind = cursor_u8(c);
    *bytes = 1;
    if (cursor_ok(c) && *kind > OPTION_NOP) {
        if (left == 1)
            return past_the_end(l, c);
        *bytes = cursor_u8(c);
        if (cursor_ok(c) && (*bytes < 2 || *bytes > left))
            return OPTION_BAD;
    }
    return cursor_ok(c) ? OPTION_DONE : OPTION_ABANDON;
}

/* One option; `c` is moved past it. */
static enum option_end print_option(struct line *l, struct cursor *c, uint32_t sack_base,
                                    uint8_t *kind)
{
    unsigned bytes;
    enum option_end end = read_head(l, c, kind, &bytes);
    if (end != OPTION_DONE)
        return end;
    if (*kind == OPTION_NOP) {
        line_add(l, "nop");
        return OPTION_DONE;
    }
    const struct option_kind *known = &kinds[*kind];
    if (known->name)
        line_add(l, known->name);
    else
        line_u64(l, "unknown-", *kind);
    unsigned head_bytes = *kind > OPTION_NOP ? 2 : 1;
    unsigned said_bytes = bytes - head_bytes;
    struct option_body o = {l, *c, said_bytes, said_bytes, l->p->tcp.flags, sack_base};
    end = known->print ? known->print(&o) : print_unknown(&o);
    if (end != OPTION_DONE)
        return end;
    cursor_sub(c, o.body_bytes);
    if (o.body_bytes + head_bytes != bytes) {
        line_u64(l, "[len ", bytes);
        line_add(l, "]");
    }
    return OPTION_DONE;
}

static bool end_within(struct line *l, enum option_end end, bool is_first)
{
    if (end == OPTION_BAD) {
        line_add(l, is_first ? "[bad opt]" : "[bad opt]]");
    } else if (end == OPTION_CUT) {
        line_cut(l);
        line_add(l, is_first ? "" : ">");
    } else {
        line_abandon(l);
    }
    return false;
}

/* Two NOPs and the timestamps, as RFC 7323 appendix A lays them out, begin most options. */
static bool begins_with_timestamps(struct line *l, struct cursor *c)
{
    enum { ALL_BYTES = 12, HEAD = 0x0101080a };
    struct cursor look = *c, whole;
    if (!cursor_whole(&look, ALL_BYTES, &whole) || cursor_be32(&whole) != HEAD)
        return false;
    add_timestamps(l, "nop,nop,TS", &whole);
    *c = look;
    return true;
}

bool line_tcp_options(struct line *l, uint32_t sack_base)
{
    /* By the header's own length, even where IP, or the wire, claims less of it. */
    struct cursor options;
    cursor_init(&options, l->c.bytes, l->c.captured, l->c.at + l->p->tcp.options_bytes);
    cursor_skip(&options, l->c.at);
    line_add(l, ", options [");
    bool is_first = !begins_with_timestamps(l, &options);
    while (cursor_claimed_left(&options) > 0) {
        uint8_t kind;
        if (!is_first)
            line_add(l, ",");
        enum option_end end = print_option(l, &options, sack_base, &kind);
        if (end != OPTION_DONE)
            return end_within(l, end, is_first);
        is_first = false;
        if (kind == OPTION_END_OF_LIST)
            break;
    }
    line_add(l, "]");
    return true;
}
