#include "tracer/select/parse.h"

#include "tracer/base/alloc.h"
#include "tracer/select/field.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 40, NODES_MOST = 500, TEXT_MOST = 8192 };

/* ---- nodes ---- */

static unsigned needs_of(const struct term *t)
{
    switch (t->kind) {
    case TERM_DATA: return NEED_DATA;
    case TERM_DIRECTION:
    case TERM_HOST:
    case TERM_UNREACHABLE: return NEED_PAIRS;
    case TERM_FIELD:
    case TERM_PRESENT: return t->field->needs;
    case TERM_FATE:
    case TERM_WIRE:
        return t->as_fate ? NEED_END : 0; /* a fate comes later than what it is asked of */
    default: return 0;
    }
}

static void note_needs(struct selector *s, const struct term *t)
{
    s->needs |= needs_of(t);
    if (t->kind == TERM_DATA && (uint64_t)t->high.number > s->data_max)
        s->data_max = (uint64_t)t->high.number;
    if (t->kind != TERM_FIELD)
        return;
    if (t->low.variable >= 0)
        s->variables |= 1u << t->low.variable;
    if (t->high.variable >= 0)
        s->variables |= 1u << t->high.variable;
}

uint32_t parse_add(struct parser *p, const struct node *n)
{
    struct selector *s = p->s;
    xgrow(&s->nodes, &s->cap, s->count, sizeof *s->nodes);
    s->nodes[s->count] = *n;
    s->nodes[s->count].next = NODE_NONE;
    if (n->kind == NODE_TERM)
        note_needs(s, &n->term);
    if (s->count >= NODES_MOST)
        lexer_fault(p->l, "This selector has too many terms: %d at the most.", NODES_MOST);
    return (uint32_t)s->count++;
}

uint32_t parse_add_term(struct parser *p, const struct term *t)
{
    struct node n = {.kind = NODE_TERM, .term = *t, .first = NODE_NONE};
    if (t->kind == TERM_FATE && !t->as_fate)
        n.moments = t->number == FATE_DELIVERED ? MOMENT_DELIVERED : MOMENT_DROPPED;
    if (t->kind == TERM_WIRE && !t->as_fate)
        n.moments = t->number == WIRE_DUPLICATED ? MOMENT_COPIED : MOMENT_DROPPED;
    return parse_add(p, &n);
}

void term_keep(struct term *t, const void *bytes, size_t n)
{
    t->text = xmalloc(n + 1);
    if (n > 0)
        memcpy(t->text, bytes, n);
    t->text[n] = '\0';
    t->text_bytes = n;
}

/* Which moments of a segment both ask for; where neither names one, any. */
static unsigned joined_moments(enum node_kind kind, unsigned a, unsigned b)
{
    if (kind == NODE_OR)
        return a || b ? (a ? a : MOMENT_SENT) | (b ? b : MOMENT_SENT) : 0;
    return a && b ? a & b : a | b;
}

uint32_t parse_join(struct parser *p, enum node_kind kind, uint32_t a, uint32_t b)
{
    if (a == NODE_NONE || b == NODE_NONE)
        return a == NODE_NONE ? b : a;
    struct node *nodes = p->s->nodes;
    unsigned ma = nodes[a].moments, mb = nodes[b].moments;
    struct node n = {.kind = kind, .first = a, .from = nodes[a].from, .to = nodes[b].to};
    n.moments = joined_moments(kind, ma, mb);
    nodes[a].next = b;
    if (ma && mb && !n.moments) {
        lexer_fault(p->l, "One moment cannot be that of delivery and of loss: join them with "
                          "\"or\".");
        return NODE_NONE;
    }
    return parse_add(p, &n);
}

/* ---- the grammar ---- */

static uint32_t parse_or(struct parser *p);

static bool at_word_of(const struct lexer *l, const char *const *words)
{
    for (; words && *words; words++)
        if (lexer_at(l, *words))
            return true;
    return false;
}

bool parse_ends(const struct parser *p)
{
    const struct lexer *l = p->l;
    return l->token.kind == TOKEN_END || l->token.kind == TOKEN_LINE || lexer_at(l, ")") ||
           lexer_at(l, "}") || at_word_of(l, p->context->stops);
}

static uint32_t parse_not(struct parser *p);

/* A term, a `not` before one, or a whole selector in parentheses. */
static uint32_t parse_term(struct parser *p)
{
    if (lexer_at(p->l, "not"))
        return parse_not(p);
    struct token open = p->l->token;
    if (!lexer_at(p->l, "(")) {
        uint32_t term = parse_primitive(p);
        if (term != NODE_NONE) {
            p->s->nodes[term].from = open.at;
            p->s->nodes[term].to = p->l->token.end_before;
        }
        return term;
    }
    lexer_next(p->l);
    uint32_t inner = parse_or(p);
    if (inner != NODE_NONE && !lexer_take(p->l, ")")) {
        lexer_fault_at(p->l, &open, "This parenthesis is not closed.");
        return NODE_NONE;
    }
    return inner;
}

static uint32_t parse_not(struct parser *p)
{
    size_t from = p->l->token.at;
    lexer_next(p->l);
    if (++p->depth > DEPTH_MOST) {
        lexer_fault(p->l, "This selector is nested too deeply.");
        return NODE_NONE;
    }
    p->negated++;
    uint32_t child = parse_term(p);
    p->negated--;
    p->depth--;
    if (child == NODE_NONE)
        return NODE_NONE;
    struct node n = {.kind = NODE_NOT, .first = child, .from = from, .to = p->l->token.end_before};
    return parse_add(p, &n);
}

/* first, last, 3rd: 1, COUNT_LAST, 3; 0 where there is none. */
static int64_t take_count(struct parser *p)
{
    int64_t nth = 0;
    if (lexer_at(p->l, "first"))
        nth = 1;
    else if (lexer_at(p->l, "last"))
        nth = COUNT_LAST;
    else if (p->l->token.kind == TOKEN_ORDINAL)
        nth = p->l->token.number;
    else
        return 0;
    if (p->l->token.kind == TOKEN_ORDINAL && nth < 1) {
        lexer_fault(p->l, "Counting begins with the 1st.");
        return 0;
    }
    lexer_next(p->l);
    lexer_take(p->l, "of");
    return nth;
}

static bool has_last(const struct selector *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->nodes[i].kind == NODE_COUNT && s->nodes[i].nth == COUNT_LAST)
            return true;
    return false;
}

static uint32_t add_count(struct parser *p, uint32_t child, int64_t nth, size_t from)
{
    if (nth == COUNT_LAST) {
        if (has_last(p->s)) {
            lexer_fault(p->l, "A selector may say \"last\" once.");
            return NODE_NONE;
        }
        p->s->needs |= NEED_END;
    }
    struct node n = {.kind = NODE_COUNT,
                     .first = child,
                     .nth = nth,
                     .counter = p->s->counters++,
                     .moments = p->s->nodes[child].moments,
                     .from = from,
                     .to = p->l->token.end_before};
    return parse_add(p, &n);
}

static bool pattern_ends(const struct parser *p)
{
    return parse_ends(p) || lexer_at(p->l, "and") || lexer_at(p->l, "or");
}

/* Terms beside each other must all hold; one word among them may count what they select. */
static uint32_t parse_pattern(struct parser *p)
{
    size_t from = p->l->token.at;
    uint32_t terms = NODE_NONE;
    int64_t nth = 0;
    do {
        struct token here = p->l->token;
        int64_t count = take_count(p);
        if (count != 0) {
            if (nth != 0) {
                lexer_fault_at(p->l, &here, "One pattern is counted once: use parentheses.");
                return NODE_NONE;
            }
            nth = count;
            continue;
        }
        uint32_t term = parse_term(p);
        if (term == NODE_NONE)
            return NODE_NONE;
        terms = parse_join(p, NODE_AND, terms, term);
        if (terms == NODE_NONE)
            return NODE_NONE;
        if (lexer_take(p->l, ",") && pattern_ends(p)) {
            lexer_expected(p->l, "another term behind the comma", parse_words(p));
            return NODE_NONE;
        }
    } while (!pattern_ends(p));
    if (terms == NODE_NONE) {
        lexer_expected(p->l, "what is to be counted, such as C > S data", parse_words(p));
        return NODE_NONE;
    }
    return nth != 0 ? add_count(p, terms, nth, from) : terms;
}

static uint32_t parse_and(struct parser *p)
{
    uint32_t all = parse_pattern(p);
    while (all != NODE_NONE && lexer_take(p->l, "and")) {
        uint32_t next = parse_pattern(p);
        all = next == NODE_NONE ? NODE_NONE : parse_join(p, NODE_AND, all, next);
    }
    return all;
}

static uint32_t parse_or(struct parser *p)
{
    if (++p->depth > DEPTH_MOST) {
        lexer_fault(p->l, "This selector is nested too deeply.");
        return NODE_NONE;
    }
    uint32_t any = parse_and(p);
    while (any != NODE_NONE && lexer_take(p->l, "or")) {
        uint32_t next = parse_and(p);
        any = next == NODE_NONE ? NODE_NONE : parse_join(p, NODE_OR, any, next);
    }
    p->depth--;
    return any;
}

/* ---- whole selectors ---- */

void variables_begin(struct variables *v)
{
    *v = (struct variables){.names = {"J", "K"}, .count = 2};
}

struct selector *select_parse_at(struct lexer *l, const struct parse_context *context)
{
    static const struct parse_context alone;
    size_t from = l->token.at;
    struct parser p = {.l = l, .context = context ? context : &alone};
    p.s = xcalloc(1, sizeof *p.s);
    p.s->root = parse_or(&p);
    if (l->fault->line > 0 || p.s->root == NODE_NONE) {
        selector_free(p.s);
        return NULL;
    }
    p.s->at = from;
    p.s->text = xstrndup(l->s + from, l->token.end_before - from);
    return p.s;
}

struct selector *selector_parse(const char *text, struct select_fault *fault)
{
    struct lexer l;
    size_t n = strlen(text);
    if (n > TEXT_MOST) {
        *fault = (struct select_fault){0};
        select_fault_set(fault, 1, 1, "A selector has %d characters at the most.", TEXT_MOST);
        return NULL;
    }
    lexer_begin(&l, text, n, false, fault);
    struct selector *s = select_parse_at(&l, NULL);
    if (s && l.token.kind != TOKEN_END) {
        lexer_expected(&l, "the end of the selector", NULL);
        selector_free(s);
        s = NULL;
    }
    lexer_free(&l);
    return s;
}

void selector_free(struct selector *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        free(s->nodes[i].term.text);
    free(s->nodes);
    free(s->text);
    free(s);
}

const char *selector_text(const struct selector *s)
{
    return s->text;
}

bool selector_needs_end(const struct selector *s)
{
    return s->needs & NEED_END;
}

bool selector_is_known_at_once(const struct selector *s, struct text *why)
{
    if (selector_needs_end(s) && why)
        text_add(why, has_last(s) ? "which one is the last is known only when all is over."
                                  : "what becomes of a packet is not known when it is sent.");
    return !selector_needs_end(s);
}

bool selector_is_of_packets(const struct selector *s, struct text *why)
{
    static const char *const later[TERM_KIND_COUNT] = {
        [TERM_FATE] = "delivered or dropped",
        [TERM_CALL_NAME] = "a call",
        [TERM_WIRE] = "what the wire did",
        [TERM_DONE] = "connected, accepted or closed",
        [TERM_IS] = "a state",
        [TERM_BECOMES] = "a change of state",
        [TERM_CONSOLE] = "what a program prints",
        [TERM_PROCESS] = "a program's start or end",
        [TERM_KERNEL] = "what a kernel says",
        [TERM_ANALYSIS] = "what an analysis finds",
    };
    for (size_t i = 0; i < s->count; i++) {
        const struct node *n = &s->nodes[i];
        const char *what = n->kind == NODE_TERM ? later[n->term.kind] : NULL;
        if (n->kind == NODE_TERM && n->term.field && n->term.field->not_of_packets)
            what = n->term.field->name;
        if (n->kind == NODE_COUNT && n->nth == COUNT_LAST)
            what = "the last of something";
        if (what) {
            text_add(why, what);
            return false;
        }
    }
    return true;
}
