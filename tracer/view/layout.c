#include "tracer/view/layout.h"

#include "tracer/base/alloc.h"
#include "tracer/view/layout_parts.h"
#include "tracer/view/slice.h"

#include <stdlib.h>

/* A silence from here on gets a row of its own. */
static const int64_t gap_ns = 200 * INT64_C(1000000);

/* A call that took less, with nothing arriving meanwhile, did not block: its result stands on the
 * row of its entry. */
static const int64_t at_once_ns = INT64_C(1000000);
enum { AT_ONCE_ROWS = 6 };

void layout_init(struct layout *l, const struct trace *trace, const uint32_t *flows, int n)
{
    *l = (struct layout){.trace = trace, .flow = n == 1 ? flows[0] : TRACE_NONE, .flow_count = n};
    for (int i = 0; i < n; i++)
        l->flows[i] = flows[i];
}

void layout_free(struct layout *l)
{
    free(l->rows);
    free(l->segments);
    free(l->calls);
    free(l->states);
    for (int h = 0; h < HOST_COUNT; h++)
        free(l->blocked[h]);
    *l = (struct layout){.trace = l->trace, .flow = TRACE_NONE};
}

static struct segment_rows *segment_slot(struct layout *l, uint32_t segment)
{
    while (l->segment_count <= segment) {
        xgrow(&l->segments, &l->segment_cap, l->segment_count, sizeof *l->segments);
        l->segments[l->segment_count++] = (struct segment_rows){TRACE_NONE, TRACE_NONE};
    }
    return &l->segments[segment];
}

static struct call_rows *call_slot(struct layout *l, uint32_t call)
{
    while (l->call_count <= call) {
        xgrow(&l->calls, &l->call_cap, l->call_count, sizeof *l->calls);
        l->calls[l->call_count++] = (struct call_rows){TRACE_NONE, TRACE_NONE};
    }
    return &l->calls[call];
}

static uint32_t last_index(const struct layout *l)
{
    return (uint32_t)(l->count - 1);
}

static void push_row(struct layout *l, uint32_t row)
{
    xgrow(&l->rows, &l->cap, l->count, sizeof *l->rows);
    l->rows[l->count++] = row;
}

/* A new row for an event, below a row for the silence before it where that was long. */
static void add_row(struct layout *l, uint32_t event)
{
    int64_t now = trace_time(l->trace, event);
    if (l->count > 0 && now - l->last_ns >= gap_ns)
        push_row(l, event | LAYOUT_GAP);
    push_row(l, event);
    l->last_ns = now;
    l->last = layout_begun_by(l, event);
}

/* ---- segments --------------------------------------------------------------------------- */

static void add_segment(struct layout *l, uint32_t event, uint32_t index)
{
    int side;
    if (!layout_shows(l, trace_segment_flow(l->trace, index, &side)))
        return;
    add_row(l, event);
    if (trace_has_wire(l->trace))
        segment_slot(l, index)->sent = last_index(l);
}

static void add_ending(struct layout *l, uint32_t event, uint32_t index)
{
    uint32_t sent = layout_segment(l, index).sent;
    if (sent == TRACE_NONE)
        return;
    add_row(l, event);
    segment_slot(l, index)->ended = last_index(l);
    if (last_index(l) - sent > l->longest)
        l->longest = last_index(l) - sent;
}

/* It has the row of the segment's sending, and one of its own. */
static void add_copy(struct layout *l, uint32_t event, uint32_t index)
{
    uint32_t sent = layout_segment(l, trace_copy(l->trace, index).segment).sent;
    if (sent == TRACE_NONE)
        return;
    add_row(l, event);
    if (last_index(l) - sent > l->longest)
        l->longest = last_index(l) - sent;
    l->has_copies = true;
}

/* ---- calls ------------------------------------------------------------------------------ */

static int host_of_call(const struct call *call)
{
    return call->host == 'S' ? HOST_RIGHT : HOST_LEFT;
}

/* From the next row on, the host is blocked in one call more, or one less. */
static void change_blocked(struct layout *l, int h, int by)
{
    size_t n = l->blocked_count[h];
    uint32_t depth = n > 0 ? l->blocked[h][n - 1].depth : 0;
    xgrow(&l->blocked[h], &l->blocked_cap[h], n, sizeof *l->blocked[h]);
    l->blocked[h][l->blocked_count[h]++] =
        (struct layout_blocked){last_index(l), by > 0      ? depth + 1
                                               : depth > 0 ? depth - 1
                                                           : 0};
}

/* The call entered on `row` did not block after all. */
static void forget_blocked(struct layout *l, int h, uint32_t row)
{
    size_t at = l->blocked_count[h];
    while (at > 0 && l->blocked[h][at - 1].row > row)
        at--;
    if (at == 0)
        return;
    for (size_t i = at; i < l->blocked_count[h]; i++) {
        l->blocked[h][i - 1] = l->blocked[h][i];
        if (l->blocked[h][i - 1].depth > 0)
            l->blocked[h][i - 1].depth--;
    }
    l->blocked_count[h]--;
}

static void add_call(struct layout *l, uint32_t event, uint32_t index)
{
    const struct call *call = trace_call(l->trace, index);
    if (l->bare || !layout_shows(l, call->flow))
        return;
    add_row(l, event);
    call_slot(l, index)->enter = last_index(l);
    change_blocked(l, host_of_call(call), 1);
}

/* Nothing came to the host between the call's entry and now, and it was quick. */
static bool returned_at_once(const struct layout *l, const struct call *call, uint32_t enter)
{
    int h = host_of_call(call);
    if (call->exit_ns - call->enter_ns >= at_once_ns || l->count - enter > AT_ONCE_ROWS)
        return false;
    for (size_t r = enter + 1; r < l->count; r++) {
        struct ladder_row row = layout_row(l, r);
        int side;
        if (row.ended != TRACE_NONE)
            return false;
        if (row.sent == TRACE_NONE)
            continue;
        uint32_t flow = trace_segment_flow(l->trace, row.sent, &side);
        if (layout_host(l->trace, flow, side) != h)
            return false;
    }
    return true;
}

static void add_return(struct layout *l, uint32_t event, uint32_t index)
{
    const struct call *call = trace_call(l->trace, index);
    struct call_rows *rows = call_slot(l, index);
    int h = host_of_call(call);
    if (rows->enter == TRACE_NONE)
        return;
    if (returned_at_once(l, call, rows->enter)) {
        rows->exit = rows->enter;
        forget_blocked(l, h, rows->enter);
        return;
    }
    add_row(l, event);
    rows->exit = last_index(l);
    change_blocked(l, h, -1);
}

/* ---- the rest --------------------------------------------------------------------------- */

/* One margin is one end only where there is one connection, or a session's two hosts. */
static bool margins_are_ends(const struct layout *l)
{
    return l->flow != TRACE_NONE || trace_session(l->trace)->present ||
           trace_flow_count(l->trace) == 1;
}

static void note_state(struct layout *l, uint32_t index)
{
    struct state_change change = trace_state(l->trace, index);
    int end =
        l->flow_count > 1 ? layout_end(l, change.flow, change.side) : layout_margin_of(l, &change);
    if (end < 0)
        return; /* a listener, beside several connections */
    struct layout_state state = {last_index(l), (uint8_t)end, (uint8_t)change.to};
    xgrow(&l->states, &l->state_cap, l->state_count, sizeof *l->states);
    l->states[l->state_count++] = state;
}

/* The segment that caused a change is on the last row. */
static bool follows(const struct layout *l, uint32_t index)
{
    struct state_change change = trace_state(l->trace, index);
    bool by_segment = change.cause == CAUSE_SENT || change.cause == CAUSE_RECEIVED;
    return by_segment &&
           (l->last.sent == change.cause_index || l->last.ended == change.cause_index);
}

/* Where only some is shown, a change is shown with what caused it, or where it is picked itself. */
static void add_state(struct layout *l, uint32_t event, uint32_t index)
{
    if (!layout_shows(l, trace_state_flow(l->trace, index)))
        return;
    bool joins = l->count > 0 && layout_joins(l, &l->last, index);
    if (!joins &&
        (!l->picked || picked_has(l->picked, event) || (l->count > 0 && follows(l, index))))
        add_row(l, event);
    if (l->count > 0 && (l->flow_count > 1 || margins_are_ends(l)))
        note_state(l, index);
}

static void add_note(struct layout *l, uint32_t event, uint32_t index)
{
    if (!l->bare || trace_note(l->trace, index)->kind == TRACE_NOTE)
        add_row(l, event);
}

static void add_other(struct layout *l, uint32_t event, uint32_t index)
{
    (void)index;
    if (l->flow_count == 0)
        add_row(l, event);
}

/* The first event that has a row, picked or not, is where time is counted from. */
static void note_start(struct layout *l, uint32_t event, struct trace_event e)
{
    int side;
    bool shown = false;
    if (l->started)
        return;
    if (e.kind == TRACE_SEGMENT)
        shown = layout_shows(l, trace_segment_flow(l->trace, e.index, &side));
    else if (e.kind == TRACE_CALL_ENTER)
        shown = !l->bare && layout_shows(l, trace_call(l->trace, e.index)->flow);
    else if (e.kind == TRACE_OTHER)
        shown = l->flow_count == 0;
    else if (e.kind == TRACE_CONSOLE || e.kind == TRACE_PROCESS || e.kind == TRACE_NOTE)
        shown = !l->bare || e.kind == TRACE_NOTE;
    if (shown) {
        l->started = true;
        l->start_ns = trace_time(l->trace, event);
    }
}

/* What belongs to a row that is shown is asked no more: an arrival, a return, a change of state. */
static bool passes(const struct layout *l, uint32_t event, enum trace_kind kind)
{
    bool of_row = kind == TRACE_DELIVERED || kind == TRACE_DROPPED || kind == TRACE_COPIED ||
                  kind == TRACE_CALL_EXIT || kind == TRACE_STATE;
    return !l->picked || of_row || picked_has(l->picked, event);
}

bool layout_update(struct layout *l)
{
    return layout_update_some(l, SLICE_WHOLE);
}

/* The moments among which those of the connections shown are. */
static struct trace_range range_of(const struct layout *l)
{
    struct trace_range all = {SIZE_MAX, 0};
    if (l->flow_count == 0)
        return (struct trace_range){0, trace_event_count(l->trace)};
    for (int i = 0; i < l->flow_count; i++) {
        struct trace_range one = trace_flow_range(l->trace, l->flows[i]);
        all.from = one.from < all.from ? one.from : all.from;
        all.to = one.to > all.to ? one.to : all.to;
    }
    return all;
}

static void take_event(struct layout *l, uint32_t event)
{
    static void (*const add[TRACE_KIND_COUNT])(struct layout *, uint32_t, uint32_t) = {
        [TRACE_SEGMENT] = add_segment, [TRACE_DELIVERED] = add_ending, [TRACE_DROPPED] = add_ending,
        [TRACE_CALL_ENTER] = add_call, [TRACE_CALL_EXIT] = add_return, [TRACE_STATE] = add_state,
        [TRACE_CONSOLE] = add_note,    [TRACE_PROCESS] = add_note,     [TRACE_NOTE] = add_note,
        [TRACE_OTHER] = add_other,     [TRACE_COPIED] = add_copy,
    };
    struct trace_event e = trace_event(l->trace, event);
    note_start(l, event, e);
    if (passes(l, event, e.kind) && e.kind < TRACE_KIND_COUNT && add[e.kind])
        add[e.kind](l, event, e.index);
}

bool layout_update_some(struct layout *l, int64_t budget_ns)
{
    size_t n = l->picked ? picked_count(l->picked) : trace_event_count(l->trace);
    struct trace_range range = range_of(l);
    struct slice slice = slice_begin(budget_ns);
    bool grew = l->taken < n;
    size_t end = range.to < n ? range.to : n;
    if (l->taken < range.from)
        l->taken = range.from < n ? range.from : n;
    for (; l->taken < end && !slice_over(&slice); l->taken++)
        take_event(l, (uint32_t)l->taken);
    if (l->taken >= end && l->taken < n)
        l->taken = n;
    return grew;
}
