#include "tracer/select/expect_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/select/eval.h"
#include "tracer/select/term.h"

#include <stdlib.h>

/* For each sort of event, the one before it: segments and their fates and states by connection,
 * calls by host. Kept where a line says `next`. */
struct sorts {
    uint32_t *of_flow[3]; /* (owned) sent, delivered or dropped, states */
    uint32_t of_host[256];
    uint32_t of_kind[TRACE_KIND_COUNT];
};

static uint32_t *place_in_flow(struct sorts *s, int which, uint32_t flow, const struct trace *t)
{
    if (flow == TRACE_NONE)
        return &s->of_kind[TRACE_STATE];
    if (!s->of_flow[which])
        s->of_flow[which] = xcalloc(trace_flow_count(t) + 1, sizeof *s->of_flow[which]);
    return &s->of_flow[which][flow];
}

static uint32_t *place_of(struct sorts *s, const struct moment *m)
{
    switch (m->kind) {
    case TRACE_SEGMENT: return place_in_flow(s, 0, m->flow, m->trace);
    case TRACE_DELIVERED:
    case TRACE_DROPPED:
    case TRACE_COPIED: return place_in_flow(s, 1, m->flow, m->trace);
    case TRACE_STATE: return place_in_flow(s, 2, m->flow, m->trace);
    case TRACE_CALL_ENTER:
    case TRACE_CALL_EXIT: return &s->of_host[(unsigned char)m->host];
    default: return &s->of_kind[m->kind];
    }
}

/* ---- slots ---- */

static size_t add_slot(struct gathered *g, const struct selector *s)
{
    size_t slot = select_run_add(g->run, s);
    g->run->slots[slot].wild = true;
    return slot;
}

/* In the order in which they were numbered when the lines were parsed. */
static void add_slots(struct gathered *g, const struct expectations *e)
{
    for (size_t i = 0; i < e->count; i++)
        for (size_t k = 0; k < e->at[i].line_count; k++) {
            const struct line *line = &e->at[i].lines[k];
            add_slot(g, line->selector);
            if (line->after)
                add_slot(g, line->after);
            if (line->before)
                add_slot(g, line->before);
        }
}

static void take_candidates(struct gathered *g, size_t event, uint32_t previous)
{
    for (size_t slot = 0; slot < g->run->count; slot++) {
        if (!select_run_matches(g->run, slot))
            continue;
        struct candidates *c = &g->of_slot[slot];
        c->cut = c->cut || g->kept == EXPECT_CANDIDATES;
        if (c->cut)
            continue;
        g->kept++;
        xgrow(&c->at, &c->cap, c->count, sizeof *c->at);
        c->at[c->count++] = (struct candidate){(uint32_t)event, g->run->moment.flow, previous};
    }
}

static int by_flow(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->flow != y->flow)
        return x->flow < y->flow ? -1 : 1;
    return (x->event > y->event) - (x->event < y->event);
}

static bool in_order(const struct candidates *c)
{
    for (size_t i = 1; i < c->count; i++)
        if (by_flow(&c->at[i - 1], &c->at[i]) > 0)
            return false;
    return true;
}

static void group(struct candidates *c)
{
    if (c->count > 1 && !in_order(c))
        qsort(c->at, c->count, sizeof *c->at, by_flow);
}

static void group_all(struct gathered *g, const struct expectations *e)
{
    size_t slot = 0;
    for (size_t i = 0; i < e->count; i++)
        for (size_t k = 0; k < e->at[i].line_count; k++) {
            const struct line *line = &e->at[i].lines[k];
            size_t slots = 1u + (line->after ? 1u : 0u) + (line->before ? 1u : 0u);
            for (; slots > 0; slots--, slot++)
                if (!expectation_is_across(&e->at[i]))
                    group(&g->of_slot[slot]);
        }
}

bool expectation_is_across(const struct expectation *e)
{
    if (e->scope != SCOPE_ONE || e->connection > 0)
        return e->scope == SCOPE_ACROSS;
    for (size_t k = 0; k < e->line_count; k++)
        if (e->lines[k].kind == LINE_EVENT)
            return false;
    return true; /* what is only counted is counted in the whole trace */
}

/* Where a connection begins: with its first segment. */
static void note_begin(struct gathered *g, const struct moment *m)
{
    if (m->kind == TRACE_SEGMENT && g->begins[m->flow] == 0)
        g->begins[m->flow] = (uint32_t)m->event + 1;
}

void gather(struct gathered *g, const struct expectations *e, const struct trace *t)
{
    struct sorts sorts = {0};
    *g = (struct gathered){.trace = t, .run = select_run_new(t)};
    add_slots(g, e);
    g->of_slot = xcalloc(g->run->count + 1, sizeof *g->of_slot);
    g->begins = xcalloc(trace_flow_count(t) + 1, sizeof *g->begins);
    for (size_t event; select_run_next(g->run, &event);) {
        uint32_t *place = place_of(&sorts, &g->run->moment);
        note_begin(g, &g->run->moment);
        take_candidates(g, event, *place);
        *place = (uint32_t)event + 1;
    }
    for (int i = 0; i < 3; i++)
        free(sorts.of_flow[i]);
    group_all(g, e);
}

void gathered_free(struct gathered *g)
{
    for (size_t i = 0; i < g->run->count; i++)
        free(g->of_slot[i].at);
    free(g->of_slot);
    free(g->begins);
    select_run_free(g->run);
}

/* ---- walking ---- */

/* The first candidate whose connection is not below `flow`. */
static const struct candidate *flow_begins(const struct candidates *c, uint64_t flow)
{
    size_t low = 0, high = c->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->at[middle].flow < flow)
            low = middle + 1;
        else
            high = middle;
    }
    return c->at + low;
}

uint32_t first_flow(const struct gathered *g, size_t slot, uint64_t flow)
{
    const struct candidates *c = &g->of_slot[slot];
    const struct candidate *first = c->count > 0 ? flow_begins(c, flow) : NULL;
    return first && first < c->at + c->count ? first->flow : TRACE_NONE;
}

struct walker walk_begin(const struct gathered *g, size_t slot, uint32_t flow, bool across)
{
    const struct candidates *c = &g->of_slot[slot];
    struct walker w = {0};
    if (c->count == 0)
        return w;
    if (across) {
        w.own = c->at;
        w.own_end = c->at + c->count;
        return w;
    }
    w.free = flow_begins(c, TRACE_NONE);
    w.free_end = c->at + c->count;
    if (flow != TRACE_NONE) {
        w.own = flow_begins(c, flow);
        w.own_end = flow_begins(c, (uint64_t)flow + 1);
    }
    return w;
}

const struct candidate *walk_next(struct walker *w)
{
    bool own = w->own != w->own_end, unbound = w->free != w->free_end;
    if (own && (!unbound || w->own->event < w->free->event))
        return w->own++;
    return unbound ? w->free++ : NULL;
}

/* Move on to the first that stands at `event` or behind it. */
static const struct candidate *skip_to(const struct candidate *from, const struct candidate *to,
                                       uint32_t event)
{
    while (from < to) {
        const struct candidate *middle = from + (to - from) / 2;
        if (middle->event < event)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

void walk_skip(struct walker *w, uint32_t event)
{
    w->own = skip_to(w->own, w->own_end, event);
    w->free = skip_to(w->free, w->free_end, event);
}

/* ---- variables ---- */

static bool node_variables(const struct selector *s, uint32_t i, struct moment *m)
{
    const struct node *n = &s->nodes[i];
    if (n->kind == NODE_TERM && n->term.kind == TERM_FIELD &&
        (n->term.low.variable >= 0 || n->term.high.variable >= 0))
        return term_field_match(&n->term, m);
    if (n->kind != NODE_AND)
        return true;
    for (uint32_t child = n->first; child != NODE_NONE; child = s->nodes[child].next)
        if (!node_variables(s, child, m))
            return false;
    return true;
}

bool variables_match(const struct gathered *g, const struct selector *s, uint32_t event,
                     struct bindings *b)
{
    if (s->variables == 0)
        return true;
    struct moment m = {.track = g->run->track, .bindings = b};
    moment_set(&m, g->trace, event);
    return node_variables(s, s->root, &m);
}
