#include "tracer/view/layout_parts.h"

#include "tracer/base/search.h"

int layout_host(const struct trace *t, uint32_t flow, int side)
{
    char name = flow == TRACE_NONE ? 0 : trace_host_of(t, flow, side);
    if (name != 0)
        return name == 'S' ? HOST_RIGHT : HOST_LEFT;
    return side == SIDE_INITIATOR ? HOST_LEFT : HOST_RIGHT;
}

static int host_of_name(char name)
{
    return name == 'S' ? HOST_RIGHT : HOST_LEFT;
}

int layout_margin_of(const struct layout *l, const struct state_change *change)
{
    return change->host ? host_of_name(change->host)
                        : layout_host(l->trace, change->flow, change->side);
}

int layout_end(const struct layout *l, uint32_t flow, int side)
{
    for (int i = 0; i < l->flow_count; i++)
        if (l->flows[i] == flow)
            return i * SIDE_COUNT + side;
    return -1;
}

bool layout_shows(const struct layout *l, uint32_t flow)
{
    if (l->flow_count == 0 || flow == TRACE_NONE)
        return true;
    for (int i = 0; i < l->flow_count; i++)
        if (l->flows[i] == flow)
            return true;
    return false;
}

static void fill_margin(struct ladder_row *row, int host, enum margin_kind kind, uint32_t index)
{
    row->margin[host].kind = kind;
    row->margin[host].index = index;
}

static void fill_note(const struct layout *l, struct ladder_row *row, uint32_t index)
{
    const struct note *note = trace_note(l->trace, index);
    if (note->kind == TRACE_NOTE || note->host == 0)
        row->kind = ROW_LINE;
    else
        fill_margin(row, host_of_name(note->host), MARGIN_NOTE, index);
}

static void fill_state(const struct layout *l, struct ladder_row *row, uint32_t index)
{
    struct state_change change = trace_state(l->trace, index);
    fill_margin(row, layout_margin_of(l, &change), MARGIN_STATE, index);
}

struct ladder_row layout_begun_by(const struct layout *l, uint32_t event)
{
    struct ladder_row row = {
        .kind = ROW_MOMENT, .event = event, .sent = TRACE_NONE, .ended = TRACE_NONE};
    struct trace_event e = trace_event(l->trace, event);
    switch (e.kind) {
    case TRACE_SEGMENT: row.sent = e.index; break;
    case TRACE_DELIVERED:
    case TRACE_DROPPED: row.ended = e.index; break;
    case TRACE_COPIED:
        row.ended = trace_copy(l->trace, e.index).segment;
        row.copy = true;
        break;
    case TRACE_CALL_ENTER:
    case TRACE_CALL_EXIT:
        fill_margin(&row, host_of_name(trace_call(l->trace, e.index)->host),
                    e.kind == TRACE_CALL_ENTER ? MARGIN_CALL : MARGIN_CALL_END, e.index);
        break;
    case TRACE_STATE: fill_state(l, &row, e.index); break;
    case TRACE_CONSOLE:
    case TRACE_PROCESS:
    case TRACE_NOTE: fill_note(l, &row, e.index); break;
    case TRACE_OTHER:
    case TRACE_KERNEL:
    case TRACE_KIND_COUNT: row.kind = ROW_LINE; break;
    }
    return row;
}

/* Its cause is on the row, and the margin is free. */
bool layout_joins(const struct layout *l, struct ladder_row *row, uint32_t change)
{
    struct state_change s = trace_state(l->trace, change);
    int host = layout_margin_of(l, &s);
    bool by_segment = s.cause == CAUSE_SENT || s.cause == CAUSE_RECEIVED;
    if (row->kind != ROW_MOMENT || row->margin[host].kind != MARGIN_NONE || !by_segment ||
        s.cause_index == TRACE_NONE || (row->sent != s.cause_index && row->ended != s.cause_index))
        return false;
    fill_margin(row, host, MARGIN_STATE, change);
    return true;
}

/* State changes come right behind what caused them: those up to the next row are on this one. */
struct ladder_row layout_row(const struct layout *l, size_t r)
{
    uint32_t event = l->rows[r] & ~LAYOUT_GAP;
    struct ladder_row row = layout_begun_by(l, event);
    if (l->rows[r] & LAYOUT_GAP) {
        return (struct ladder_row){
            .kind = ROW_GAP, .event = event, .sent = TRACE_NONE, .ended = TRACE_NONE};
    }
    size_t end = r + 1 < l->count ? l->rows[r + 1] & ~LAYOUT_GAP : l->taken;
    for (size_t i = event + 1; i < end; i++) {
        struct trace_event e = trace_event(l->trace, i);
        if (e.kind != TRACE_STATE)
            break;
        if (layout_shows(l, trace_state_flow(l->trace, e.index)))
            layout_joins(l, &row, e.index);
    }
    return row;
}

uint32_t layout_sent(const struct layout *l, size_t r)
{
    if (l->rows[r] & LAYOUT_GAP)
        return TRACE_NONE;
    struct trace_event e = trace_event(l->trace, l->rows[r]);
    return e.kind == TRACE_SEGMENT ? e.index : TRACE_NONE;
}

int64_t layout_time(const struct layout *l, size_t r)
{
    return trace_time(l->trace, l->rows[r] & ~LAYOUT_GAP);
}

int64_t layout_gap_ns(const struct layout *l, size_t r)
{
    return r > 0 ? layout_time(l, r) - layout_time(l, r - 1) : 0;
}

static bool is_row_by(const void *rows, size_t r, int64_t event)
{
    return (((const uint32_t *)rows)[r] & ~LAYOUT_GAP) <= event;
}

size_t layout_row_of(const struct layout *l, uint32_t event)
{
    return search_last(l->count, is_row_by, l->rows, event);
}

size_t layout_row_above(const struct layout *l, size_t row, uint32_t segment)
{
    enum { ROWS_LOOKED_AT = 8192 };
    size_t end = row > ROWS_LOOKED_AT ? row - ROWS_LOOKED_AT : 0;
    for (size_t r = row; r-- > end;) {
        if (l->rows[r] & LAYOUT_GAP)
            continue;
        struct trace_event e = trace_event(l->trace, l->rows[r]);
        if (e.kind == TRACE_SEGMENT && e.index <= segment)
            return e.index == segment ? r : row;
    }
    return row;
}

static bool is_blocked_before(const void *blocked, size_t i, int64_t r)
{
    return ((const struct layout_blocked *)blocked)[i].row < (size_t)r;
}

uint32_t layout_blocked(const struct layout *l, size_t r, int host)
{
    size_t n =
        search_first(l->blocked_count[host], is_blocked_before, l->blocked[host], (int64_t)r);
    return n > 0 ? l->blocked[host][n - 1].depth : 0;
}

static bool is_state_by(const void *states, size_t i, int64_t r)
{
    return ((const struct layout_state *)states)[i].row <= (size_t)r;
}

enum tcp_state layout_state(const struct layout *l, size_t r, int end)
{
    size_t n = search_first(l->state_count, is_state_by, l->states, (int64_t)r);
    while (n-- > 0)
        if (l->states[n].end == end)
            return (enum tcp_state)l->states[n].state;
    return STATE_UNKNOWN;
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
