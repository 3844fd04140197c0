#include "tracer/view/layout.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

/* A silence from here on gets a row of its own. */
static const int64_t gap_ns = 200 * INT64_C(1000000);

/* A call that took less, with nothing arriving meanwhile, did not block: its result stands on the
 * row of its entry. */
static const int64_t at_once_ns = INT64_C(1000000);
enum { AT_ONCE_ROWS = 6 };

void layout_init(struct layout *l, const struct trace *trace, uint32_t flow)
{
    *l = (struct layout){.trace = trace, .flow = flow};
}

void layout_free(struct layout *l)
{
    free(l->rows);
    free(l->segments);
    free(l->calls);
    *l = (struct layout){.trace = l->trace, .flow = l->flow};
}

int layout_host(const struct trace *t, uint32_t flow, int side)
{
    char name = flow == TRACE_NONE ? 0 : trace_host_of(t, flow, side);
    if (name != 0)
        return name == 'S' ? HOST_RIGHT : HOST_LEFT;
    return side == SIDE_INITIATOR ? HOST_LEFT : HOST_RIGHT;
}

struct segment_rows layout_segment(const struct layout *l, uint32_t segment)
{
    return segment < l->segment_count ? l->segments[segment]
                                      : (struct segment_rows){TRACE_NONE, TRACE_NONE};
}

struct call_rows layout_call(const struct layout *l, uint32_t call)
{
    return call < l->call_count ? l->calls[call] : (struct call_rows){TRACE_NONE, TRACE_NONE};
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

static struct ladder_row *last_row(struct layout *l)
{
    return l->count > 0 ? &l->rows[l->count - 1] : NULL;
}

static uint32_t last_index(const struct layout *l)
{
    return (uint32_t)(l->count - 1);
}

/* What a row inherits from the one above: states, and the calls that still block. */
static void inherit(struct layout *l, struct ladder_row *row)
{
    const struct ladder_row *above = last_row(l);
    for (int h = 0; h < HOST_COUNT; h++) {
        row->state[h] = above ? above->state[h] : STATE_UNKNOWN;
        row->blocked[h] = above ? above->blocked[h] : 0;
        if (above && above->margin[h].kind == MARGIN_CALL &&
            layout_call(l, above->margin[h].index).exit == TRACE_NONE)
            row->blocked[h]++;
        if (above && above->margin[h].kind == MARGIN_CALL_END && row->blocked[h] > 0)
            row->blocked[h]--;
    }
}

static struct ladder_row *push_row(struct layout *l, enum row_kind kind, int64_t time_ns,
                                   uint32_t event)
{
    struct ladder_row row = {
        .time_ns = time_ns, .kind = kind, .event = event, .sent = TRACE_NONE, .ended = TRACE_NONE};
    inherit(l, &row);
    xgrow(&l->rows, &l->cap, l->count, sizeof *l->rows);
    l->rows[l->count++] = row;
    return last_row(l);
}

/* A new row for an event, below a row for the silence before it where that was long. */
static struct ladder_row *add_row(struct layout *l, enum row_kind kind, uint32_t event)
{
    int64_t now = trace_time(l->trace, event);
    const struct ladder_row *above = last_row(l);
    if (above && now - above->time_ns >= gap_ns)
        push_row(l, ROW_GAP, now - above->time_ns, event);
    return push_row(l, kind, now, event);
}

static bool shown(const struct layout *l, uint32_t flow)
{
    return l->flow == TRACE_NONE || flow == TRACE_NONE || flow == l->flow;
}

static void add_segment(struct layout *l, uint32_t event, uint32_t index)
{
    if (!shown(l, trace_segment(l->trace, index).flow))
        return;
    add_row(l, ROW_MOMENT, event)->sent = index;
    segment_slot(l, index)->sent = last_index(l);
}

static void add_ending(struct layout *l, uint32_t event, uint32_t index)
{
    uint32_t sent = layout_segment(l, index).sent;
    if (sent == TRACE_NONE)
        return;
    add_row(l, ROW_MOMENT, event)->ended = index;
    segment_slot(l, index)->ended = last_index(l);
    if (last_index(l) - sent > l->longest)
        l->longest = last_index(l) - sent;
}

static int host_of_name(char name)
{
    return name == 'S' ? HOST_RIGHT : HOST_LEFT;
}

static void add_call(struct layout *l, uint32_t event, uint32_t index)
{
    const struct call *call = trace_call(l->trace, index);
    if (!shown(l, call->flow))
        return;
    struct ladder_row *row = add_row(l, ROW_MOMENT, event);
    int h = host_of_name(call->host);
    row->margin[h].kind = MARGIN_CALL;
    row->margin[h].index = index;
    call_slot(l, index)->enter = last_index(l);
}

/* Nothing came to the host between the call's entry and now, and it was quick. */
static bool returned_at_once(const struct layout *l, const struct call *call, uint32_t enter)
{
    int h = host_of_name(call->host);
    if (call->exit_ns - call->enter_ns >= at_once_ns || l->count - enter > AT_ONCE_ROWS)
        return false;
    for (size_t r = enter + 1; r < l->count; r++) {
        const struct ladder_row *row = &l->rows[r];
        if (row->ended != TRACE_NONE)
            return false;
        if (row->sent != TRACE_NONE) {
            const struct segment got_s = trace_segment(l->trace, row->sent), *s = &got_s;
            if (layout_host(l->trace, s->flow, s->side) != h)
                return false;
        }
    }
    return true;
}

static void add_return(struct layout *l, uint32_t event, uint32_t index)
{
    const struct call *call = trace_call(l->trace, index);
    struct call_rows *rows = call_slot(l, index);
    int h = host_of_name(call->host);
    if (rows->enter == TRACE_NONE)
        return;
    if (returned_at_once(l, call, rows->enter)) {
        rows->exit = rows->enter;
        for (size_t r = rows->enter + 1; r < l->count; r++)
            if (l->rows[r].blocked[h] > 0)
                l->rows[r].blocked[h]--;
        return;
    }
    struct ladder_row *row = add_row(l, ROW_MOMENT, event);
    row->margin[h].kind = MARGIN_CALL_END;
    row->margin[h].index = index;
    rows->exit = last_index(l);
}

/* True where the change may stand on the last row: its cause is there, and the margin is free. */
static bool joins(struct layout *l, const struct state_change *change, int host)
{
    const struct ladder_row *row = last_row(l);
    if (!row || row->kind != ROW_MOMENT || row->margin[host].kind != MARGIN_NONE)
        return false;
    bool by_segment = change->cause == CAUSE_SENT || change->cause == CAUSE_RECEIVED;
    return by_segment && change->cause_index != TRACE_NONE &&
           (row->sent == change->cause_index || row->ended == change->cause_index);
}

static void add_state(struct layout *l, uint32_t event, uint32_t index)
{
    const struct state_change got_change = trace_state(l->trace, index), *change = &got_change;
    if (!shown(l, change->flow))
        return;
    int h = change->host ? host_of_name(change->host)
                         : layout_host(l->trace, change->flow, change->side);
    struct ladder_row *row = joins(l, change, h) ? last_row(l) : add_row(l, ROW_MOMENT, event);
    row->margin[h].kind = MARGIN_STATE;
    row->margin[h].index = index;
    row->state[h] = (uint8_t)change->to;
}

static void add_note(struct layout *l, uint32_t event, uint32_t index)
{
    const struct note *note = trace_note(l->trace, index);
    if (note->kind == TRACE_NOTE || note->host == 0) {
        add_row(l, ROW_LINE, event);
        return;
    }
    struct ladder_row *row = add_row(l, ROW_MOMENT, event);
    int h = host_of_name(note->host);
    row->margin[h].kind = MARGIN_NOTE;
    row->margin[h].index = index;
}

static void add_other(struct layout *l, uint32_t event, uint32_t index)
{
    (void)index;
    if (l->flow == TRACE_NONE)
        add_row(l, ROW_LINE, event);
}

bool layout_update(struct layout *l)
{
    static void (*const add[TRACE_KIND_COUNT])(struct layout *, uint32_t, uint32_t) = {
        [TRACE_SEGMENT] = add_segment, [TRACE_DELIVERED] = add_ending, [TRACE_DROPPED] = add_ending,
        [TRACE_CALL_ENTER] = add_call, [TRACE_CALL_EXIT] = add_return, [TRACE_STATE] = add_state,
        [TRACE_CONSOLE] = add_note,    [TRACE_PROCESS] = add_note,     [TRACE_NOTE] = add_note,
        [TRACE_OTHER] = add_other,
    };
    size_t n = trace_event_count(l->trace);
    bool grew = l->taken < n;
    for (; l->taken < n; l->taken++) {
        struct trace_event e = trace_event(l->trace, l->taken);
        if (e.kind < TRACE_KIND_COUNT && add[e.kind])
            add[e.kind](l, (uint32_t)l->taken, e.index);
    }
    return grew;
}
