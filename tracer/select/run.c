#include "tracer/select/run.h"

#include "tracer/base/alloc.h"
#include "tracer/select/eval.h"
#include "tracer/select/run_parts.h"
#include "tracer/select/track.h"

#include <stdlib.h>
#include <string.h>

struct select_run *select_run_new(const struct trace *t)
{
    struct select_run *r = xcalloc(1, sizeof *r);
    r->trace = t;
    return r;
}

static void free_slot(struct slot *s)
{
    for (uint32_t i = 0; i < s->selector->counters; i++)
        free(s->counters[i].by_flow);
    free(s->counters);
    free(s->hits);
}

void select_run_free(struct select_run *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->count; i++)
        free_slot(&r->slots[i]);
    free(r->slots);
    track_free(r->track);
    free(r);
}

size_t select_run_add(struct select_run *r, const struct selector *s)
{
    xgrow(&r->slots, &r->cap, r->count, sizeof *r->slots);
    struct slot *slot = &r->slots[r->count];
    *slot = (struct slot){.selector = s};
    if (s->counters > 0) {
        slot->counters = xcalloc(s->counters, sizeof *slot->counters);
        slot->hits = xcalloc(s->counters, sizeof *slot->hits);
    }
    return r->count++;
}

/* ---- counting ---- */

/* The number kept for a connection; events of none share the first place. */
static uint64_t *place_of(struct counter *c, uint32_t flow)
{
    size_t at = flow == TRACE_NONE ? 0 : (size_t)flow + 1;
    while (at >= c->flows) {
        xgrow(&c->by_flow, &c->cap, c->flows, sizeof *c->by_flow);
        c->by_flow[c->flows++] = 0;
    }
    return &c->by_flow[at];
}

static bool count_one(const struct node *n, struct counter *c, const struct moment *m,
                      bool surveying)
{
    uint64_t *place = place_of(c, m->flow);
    if (n->nth != COUNT_LAST)
        return ++*place == (uint64_t)n->nth;
    if (surveying)
        *place = m->event + 1;
    return !surveying && *place == m->event + 1;
}

/* Every counter sees every event: a counted node is asked whether the rest needs it or not. Nodes
 * stand behind their children, so an inner count is settled before an outer one asks. */
static void count_slot(struct slot *slot, struct moment *m, bool surveying)
{
    const struct selector *s = slot->selector;
    for (uint32_t i = 0; s->counters > 0 && i < s->count; i++) {
        const struct node *n = &s->nodes[i];
        if (n->kind == NODE_COUNT)
            slot->hits[n->counter] = eval_node(s, n->first, m, slot->hits, false) &&
                                     count_one(n, &slot->counters[n->counter], m, surveying);
    }
}

/* Count anew, but for what a survey has found out. */
static void forget_counts(struct slot *slot)
{
    const struct selector *s = slot->selector;
    for (uint32_t i = 0; i < s->count; i++)
        if (s->nodes[i].kind == NODE_COUNT && s->nodes[i].nth != COUNT_LAST)
            slot->counters[s->nodes[i].counter].flows = 0;
}

static void begin_track(struct select_run *r)
{
    unsigned needs = 0;
    uint64_t data_max = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct selector *s = r->slots[i].selector;
        needs |= s->needs;
        if (s->data_max > data_max)
            data_max = s->data_max;
    }
    track_free(r->track);
    r->track = track_new(r->trace, needs, data_max);
    r->moment.track = r->track;
    r->needs = needs;
}

static void take(struct select_run *r, size_t event, bool surveying)
{
    moment_set(&r->moment, r->trace, event);
    track_event(r->track, &r->moment);
    for (size_t i = 0; i < r->count; i++)
        count_slot(&r->slots[i], &r->moment, surveying);
}

/* Where something is asked for the last of, look ahead which that is. */
static void survey(struct select_run *r)
{
    for (size_t i = 0; i < trace_event_count(r->trace); i++)
        take(r, i, true);
    for (size_t i = 0; i < r->count; i++)
        forget_counts(&r->slots[i]);
    begin_track(r);
}

bool select_run_next(struct select_run *r, size_t *event)
{
    if (r->next >= trace_event_count(r->trace))
        return false;
    if (!r->track) {
        begin_track(r);
        if (r->needs & NEED_END)
            survey(r);
    }
    *event = r->next++;
    take(r, *event, false);
    return true;
}

bool select_run_matches(struct select_run *r, size_t slot)
{
    struct slot *s = &r->slots[slot];
    return eval_node(s->selector, s->selector->root, &r->moment, s->hits, s->wild);
}

bool select_run_until(struct select_run *r, size_t slot, size_t *event)
{
    while (select_run_next(r, event))
        if (select_run_matches(r, slot))
            return true;
    return false;
}

uint32_t select_run_segment(const struct select_run *r)
{
    return r->moment.is_segment ? r->moment.index : TRACE_NONE;
}

uint32_t select_run_flow(const struct select_run *r)
{
    return r->moment.flow;
}
