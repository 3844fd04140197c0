/* The search for events that match the lines of an expectation, in their order.
 *
 * Each line takes the first event that fits behind the line before. Where the rest then fails, a
 * later event of this line is tried only if that can change anything: the line binds a variable, or
 * the next one is tied to it by `next` or by time. So an ordinary expectation is searched in one
 * pass over its candidates, and any other by going back, for a bounded number of steps. */
#include "tracer/select/expect_parts.h"

#include <string.h>

static bool is_event(const struct search *s, size_t k)
{
    return s->expectation->lines[k].kind == LINE_EVENT;
}

static bool step(struct search *s)
{
    if (++s->steps > s->steps_most)
        s->over = true;
    return !s->over;
}

/* ---- what a line is tied to ---- */

/* The event line before `k`, or SIZE_MAX. */
static size_t line_before(const struct search *s, size_t k)
{
    while (k-- > 0)
        if (is_event(s, k))
            return k;
    return SIZE_MAX;
}

/* The last event of what stands before line `k`: of a line, or of a whole block. */
uint32_t search_base(const struct search *s, const uint32_t *chosen, size_t k)
{
    const struct line *lines = s->expectation->lines;
    uint32_t base = 0;
    size_t before = line_before(s, k);
    while (before != SIZE_MAX && lines[k].block && lines[before].block == lines[k].block)
        before = line_before(s, before);
    if (before == SIZE_MAX)
        return 0;
    unsigned block = lines[before].block;
    base = chosen[before] + 1;
    for (before = line_before(s, before);
         block && before != SIZE_MAX && lines[before].block == block;
         before = line_before(s, before))
        if (chosen[before] + 1 > base)
            base = chosen[before] + 1;
    return base;
}

/* When the connection's first event was. */
static int64_t scope_begins(const struct search *s)
{
    const struct trace *t = s->gathered->trace;
    uint32_t first = s->across || s->flow == TRACE_NONE ? 0 : s->gathered->begins[s->flow];
    return trace_event_count(t) > 0 ? trace_time(t, first > 0 ? first - 1 : 0) : 0;
}

uint32_t search_first(struct search *s, const struct selector *selector, size_t slot)
{
    struct walker w = walk_begin(s->gathered, slot, s->flow, s->across);
    for (const struct candidate *c; (c = walk_next(&w)) && step(s);) {
        struct bindings b = s->bindings;
        b.frozen = true;
        if (variables_match(s->gathered, selector, c->event, &b))
            return c->event + 1;
    }
    return 0;
}

int64_t search_since(struct search *s, const uint32_t *chosen, size_t k)
{
    const struct line *line = &s->expectation->lines[k];
    uint32_t from = 0;
    if (line->after)
        from = search_first(s, line->after, line->after_slot);
    else if (line->kind == LINE_EVENT)
        from = search_base(s, chosen, k);
    return from > 0 ? trace_time(s->gathered->trace, from - 1) : scope_begins(s);
}

/* What bounds a line's event besides its selector, found out once a line. */
struct bounds {
    uint32_t from, before; /* events; `before` 0: no bound */
    bool impossible;
    int64_t soonest, latest;
};

static struct bounds bounds_of(struct search *s, size_t k)
{
    const struct line *line = &s->expectation->lines[k];
    bool counts = line->kind == LINE_COUNT;
    struct bounds b = {.soonest = INT64_MIN, .latest = INT64_MAX};
    if (!counts)
        b.from = search_base(s, s->chosen, k);
    if (line->after) {
        uint32_t after = search_first(s, line->after, line->after_slot);
        b.impossible = after == 0;
        if (after > b.from)
            b.from = after;
    }
    if (line->before) {
        b.before = search_first(s, line->before, line->before_slot);
        b.impossible |= b.before == 0 && !counts;
    }
    if (line->soonest_ns == TIME_NONE && line->latest_ns == TIME_NONE)
        return b;
    int64_t since = search_since(s, s->chosen, k);
    if (line->soonest_ns != TIME_NONE)
        b.soonest = since + line->soonest_ns;
    if (line->latest_ns != TIME_NONE)
        b.latest = since + line->latest_ns;
    return b;
}

static bool in_time(const struct search *s, const struct bounds *b, uint32_t event)
{
    if (b->soonest == INT64_MIN && b->latest == INT64_MAX)
        return true;
    int64_t at = trace_time(s->gathered->trace, event);
    return at >= b->soonest && at <= b->latest;
}

/* ---- counts ---- */

static bool count_holds(struct search *s, size_t k, struct attempt *miss)
{
    const struct line *line = &s->expectation->lines[k];
    struct bounds b = bounds_of(s, k);
    int64_t count = 0;
    uint32_t last = UINT32_MAX;
    struct walker w = walk_begin(s->gathered, line->slot, s->flow, s->across);
    walk_skip(&w, b.from);
    for (const struct candidate *c; !b.impossible && (c = walk_next(&w)) && step(s);) {
        struct bindings values = s->bindings;
        values.frozen = true;
        if (b.before > 0 && c->event >= b.before - 1)
            break;
        if (!in_time(s, &b, c->event) ||
            !variables_match(s->gathered, line->selector, c->event, &values))
            continue;
        if (line->most < 0 || count <= line->most)
            last = c->event;
        count++;
    }
    miss->counted = count;
    miss->event = last;
    return count >= line->least && (line->most < 0 || count <= line->most);
}

/* Keep what was reached where nothing came further; whether it did. */
static bool note_best(struct search *s, size_t depth, size_t failed)
{
    struct attempt *best = &s->best;
    if (best->any && best->depth >= depth)
        return false;
    *best = (struct attempt){.any = true,
                             .depth = depth,
                             .flow = s->flow,
                             .bindings = s->bindings,
                             .failed = failed,
                             .event = UINT32_MAX};
    memcpy(best->chosen, s->chosen, sizeof best->chosen);
    return true;
}

static bool counts_hold(struct search *s)
{
    const struct expectation *e = s->expectation;
    for (size_t k = 0; k < e->line_count; k++) {
        struct attempt miss;
        if (is_event(s, k) || count_holds(s, k, &miss))
            continue;
        if (note_best(s, e->line_count, k)) {
            s->best.counted = miss.counted;
            s->best.event = miss.event;
        }
        return false;
    }
    return !s->over;
}

/* ---- the lines in order ---- */

/* Whether another event for line `k` could make the rest match. */
static bool another_can_help(const struct search *s, size_t k)
{
    const struct expectation *e = s->expectation;
    if (e->lines[k].block || (e->lines[k].selector->variables & ~s->bindings.bound))
        return true;
    for (size_t next = k + 1; next < e->line_count; next++)
        if (is_event(s, next))
            return e->lines[next].next ||
                   (!e->lines[next].after && (e->lines[next].soonest_ns != TIME_NONE ||
                                              e->lines[next].latest_ns != TIME_NONE));
    return false;
}

static bool is_taken(const struct search *s, size_t k, uint32_t event)
{
    const struct line *lines = s->expectation->lines;
    for (size_t i = 0; lines[k].block && i < k; i++)
        if (lines[i].block == lines[k].block && s->chosen[i] == event)
            return true;
    return false;
}

enum trial { TRIAL_MATCHED, TRIAL_NEXT, TRIAL_STOP };

static bool search_from(struct search *s, size_t k);

/* Try one event for line `k`, and with it all the rest. */
static enum trial try_event(struct search *s, size_t k, const struct candidate *c)
{
    struct bindings before = s->bindings;
    bool fits =
        variables_match(s->gathered, s->expectation->lines[k].selector, c->event, &s->bindings);
    s->chosen[k] = c->event;
    if (fits && search_from(s, k + 1))
        return TRIAL_MATCHED;
    s->bindings = before;
    return s->over || (fits && !another_can_help(s, k)) ? TRIAL_STOP : TRIAL_NEXT;
}

static bool search_from(struct search *s, size_t k)
{
    const struct expectation *e = s->expectation;
    while (k < e->line_count && !is_event(s, k))
        k++;
    if (k == e->line_count)
        return counts_hold(s);
    note_best(s, k, k);
    const struct line *line = &e->lines[k];
    struct bounds b = bounds_of(s, k);
    uint32_t base = search_base(s, s->chosen, k);
    struct walker w = walk_begin(s->gathered, line->slot, s->flow, s->across);
    walk_skip(&w, b.from);
    for (const struct candidate *c; !b.impossible && (c = walk_next(&w)) && step(s);) {
        if (b.before > 0 && c->event >= b.before - 1)
            break;
        if ((line->next && c->previous > base) || is_taken(s, k, c->event) ||
            !in_time(s, &b, c->event))
            continue;
        enum trial trial = try_event(s, k, c);
        if (trial != TRIAL_NEXT)
            return trial == TRIAL_MATCHED;
    }
    return false;
}

/* ---- scopes ---- */

static bool search_scope(struct search *s, uint32_t flow)
{
    s->flow = flow;
    s->bindings = (struct bindings){0};
    return search_from(s, 0);
}

/* The next connection from `flow` on that has a candidate for an event line; TRACE_NONE: none. */
static uint32_t next_flow(const struct search *s, uint64_t flow)
{
    uint32_t nearest = TRACE_NONE;
    for (size_t k = 0; k < s->expectation->line_count; k++) {
        if (!is_event(s, k))
            continue;
        uint32_t found = first_flow(s->gathered, s->expectation->lines[k].slot, flow);
        if (found < nearest)
            nearest = found;
    }
    return nearest;
}

static enum expect_result search_every(struct search *s)
{
    uint32_t flows = trace_flow_count(s->gathered->trace);
    for (uint32_t flow = 0; flow < flows; flow++) {
        s->best = (struct attempt){0};
        if (!search_scope(s, flow))
            return s->over ? EXPECT_UNDECIDED : EXPECT_MISSED;
    }
    return flows > 0 ? EXPECT_MET : EXPECT_MISSED;
}

static enum expect_result search_one(struct search *s)
{
    uint32_t flow = next_flow(s, 0);
    if (flow == TRACE_NONE && search_scope(s, TRACE_NONE))
        return EXPECT_MET;
    while (flow != TRACE_NONE && !s->over) {
        if (search_scope(s, flow))
            return EXPECT_MET;
        flow = next_flow(s, (uint64_t)flow + 1);
    }
    return s->over ? EXPECT_UNDECIDED : EXPECT_MISSED;
}

enum expect_result search_expectation(struct search *s)
{
    const struct expectation *e = s->expectation;
    s->across = expectation_is_across(e);
    if (e->scope == SCOPE_EVERY)
        return search_every(s);
    if (!s->across && e->connection == 0)
        return search_one(s);
    if (e->connection > (int64_t)trace_flow_count(s->gathered->trace))
        return EXPECT_MISSED;
    uint32_t flow = s->across ? TRACE_NONE : (uint32_t)(e->connection - 1);
    if (search_scope(s, flow))
        return EXPECT_MET;
    return s->over ? EXPECT_UNDECIDED : EXPECT_MISSED;
}
