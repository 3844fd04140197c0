#include "tracer/view/states.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <stdlib.h>

/* ---- the steps of a connection ---------------------------------------------------------- */

static void add_step(struct states *v, uint32_t change)
{
    if (v->count == v->cap) {
        v->cap = v->cap > 0 ? v->cap * 2 : 16;
        v->steps = xreallocarray(v->steps, v->cap, sizeof *v->steps);
    }
    v->steps[v->count++] = change;
}

/* A listen() belongs to the connection's story where the responder began as a listener, and where
 * it is the only one of its host: a call does not say its port. */
static void add_listener(struct states *v, uint32_t index)
{
    if (v->flow == TRACE_NONE) {
        add_step(v, index);
        return;
    }
    if (trace_state(v->trace, index).host != trace_host_of(v->trace, v->flow, SIDE_RESPONDER) ||
        v->count > v->listeners || v->start[SIDE_RESPONDER] == STATE_UNKNOWN)
        return;
    v->listeners++;
    if (v->listeners == 1 && v->start[SIDE_RESPONDER] == STATE_LISTEN) {
        add_step(v, index);
        v->start[SIDE_RESPONDER] = STATE_CLOSED;
    } else if (v->listeners == 2 && v->count == 1) {
        v->count = 0;
        v->start[SIDE_RESPONDER] = STATE_LISTEN;
    }
}

/* The state changes among which those of a connection are; of none, all. */
struct changes {
    size_t from, to;
};

static struct changes changes_of(const struct trace *t, uint32_t flow)
{
    if (flow == TRACE_NONE)
        return (struct changes){0, trace_state_count(t)};
    struct trace_range r = trace_flow_range(t, flow);
    return (struct changes){trace_states_before(t, r.from), trace_states_before(t, r.to)};
}

static bool take_changes(struct states *v)
{
    size_t n = trace_state_count(v->trace), before = v->count;
    struct changes c = changes_of(v->trace, v->flow);
    if (v->taken < c.from)
        v->taken = c.from;
    for (; v->taken < c.to; v->taken++) {
        uint32_t change = (uint32_t)v->taken, flow = trace_state_flow(v->trace, change);
        if (flow == TRACE_NONE)
            add_listener(v, change);
        else if (flow == v->flow)
            add_step(v, change);
    }
    v->taken = n;
    return v->count != before;
}

/* How an end stood before its first change. */
static enum tcp_state first_state(const struct states *v, int side)
{
    if (v->flow == TRACE_NONE)
        return trace_session(v->trace)->present ? STATE_CLOSED : STATE_UNKNOWN;
    struct changes c = changes_of(v->trace, v->flow);
    for (size_t i = c.from; i < c.to; i++) {
        if (trace_state_flow(v->trace, (uint32_t)i) != v->flow)
            continue;
        struct state_change change = trace_state(v->trace, (uint32_t)i);
        if (change.side == side)
            return change.from;
    }
    return trace_state_now(v->trace, v->flow, side);
}

static void show_flow(struct states *v, uint32_t flow)
{
    v->flow = flow;
    v->count = v->taken = v->listeners = 0;
    for (int side = 0; side < SIDE_COUNT; side++)
        v->start[side] = first_state(v, side);
    take_changes(v);
    v->cursor = v->count;
    v->follow = true;
}

static void *states_open(const struct trace *trace)
{
    struct states *v = xcalloc(1, sizeof *v);
    v->trace = trace;
    show_flow(v, trace_flow_count(trace) > 0 ? 0 : TRACE_NONE);
    return v;
}

static void states_close(void *view)
{
    struct states *v = view;
    free(v->steps);
    free(v);
}

static bool states_update(void *view)
{
    struct states *v = view;
    if (v->flow == TRACE_NONE && trace_flow_count(v->trace) > 0) {
        show_flow(v, 0);
        return true;
    }
    bool changed = take_changes(v);
    if (v->follow)
        v->cursor = v->count;
    return changed;
}

/* ---- commands --------------------------------------------------------------------------- */

/* At the end the view follows: what comes next is shown as it comes. */
static enum view_answer move_to(struct states *v, size_t cursor)
{
    v->cursor = cursor < v->count ? cursor : v->count;
    v->follow = v->cursor == v->count;
    return VIEW_REDRAW;
}

static enum view_answer step_flow(struct states *v, uint32_t step)
{
    uint32_t n = trace_flow_count(v->trace);
    if (n == 0)
        return VIEW_DONE;
    show_flow(v, v->flow == TRACE_NONE ? 0 : (v->flow + (step > 0 ? 1 : n - 1)) % n);
    return VIEW_REDRAW;
}

static void states_set_time(void *view, enum time_format format)
{
    struct states *v = view;
    v->time = format;
}

static bool states_shows(const void *view, uint32_t flow)
{
    const struct states *v = view;
    return v->flow == flow;
}

/* A place is how many changes have been taken. */
static struct view_position states_position(const void *view)
{
    const struct states *v = view;
    return (struct view_position){v->cursor, 0, v->flow};
}

static void states_go(void *view, struct view_position p)
{
    struct states *v = view;
    if (p.flow != v->flow && p.flow != TRACE_NONE)
        show_flow(v, p.flow);
    move_to(v, (size_t)p.row);
}

/* How many state changes of the trace came with a moment, or before it. */
static uint32_t changes_by(const struct trace *t, uint32_t event)
{
    size_t i = (size_t)event + 1, n = trace_event_count(t);
    while (i < n && trace_event(t, i).kind == TRACE_STATE)
        i++; /* changes stand right behind what caused them */
    return trace_states_before(t, i);
}

static void states_show(void *view, const struct view_target *target)
{
    struct states *v = view;
    if (target->flow != TRACE_NONE)
        show_flow(v, target->flow);
    if (target->event == TRACE_NONE)
        return;
    uint32_t all = changes_by(v->trace, target->event);
    size_t cursor = 0;
    while (cursor < v->count && v->steps[cursor] < all)
        cursor++;
    move_to(v, cursor);
}

static bool states_step(void *view, struct view_position *p, int by)
{
    const struct states *v = view;
    if (v->count == 0 || (by < 0 && p->row == 0) || (by > 0 && p->row >= v->count))
        return false;
    p->row = by > 0 ? p->row + 1 : by < 0 ? p->row - 1 : p->row;
    p->row = p->row < v->count ? p->row : v->count;
    p->part = 0;
    return true;
}

static void states_seek(void *view, uint32_t event)
{
    states_show(view,
                &(struct view_target){.type = &states_view, .flow = TRACE_NONE, .event = event});
}

/* The ladder, at the transition that was taken last. */
static struct view_target states_target(const void *view)
{
    const struct states *v = view;
    struct view_target t = {.type = &ladder_view, .flow = v->flow, .event = TRACE_NONE};
    if (v->cursor > 0)
        t.event = trace_event_of(v->trace, TRACE_STATE, v->steps[v->cursor - 1]);
    return t;
}

static enum view_answer states_command(void *view, enum command c)
{
    struct states *v = view;
    switch (c) {
    case COMMAND_UP:
    case COMMAND_PREVIOUS_SEGMENT: return move_to(v, v->cursor > 0 ? v->cursor - 1 : 0);
    case COMMAND_DOWN:
    case COMMAND_NEXT_SEGMENT: return move_to(v, v->cursor + 1);
    case COMMAND_PAGE_UP:
    case COMMAND_FIRST: return move_to(v, 0);
    case COMMAND_PAGE_DOWN:
    case COMMAND_LAST:
    case COMMAND_FOLLOW: return move_to(v, v->count);
    case COMMAND_OPEN: return VIEW_OPEN;
    case COMMAND_NEXT_FLOW: return step_flow(v, 1);
    case COMMAND_PREVIOUS_FLOW: return step_flow(v, 0);
    default: return VIEW_NOT_MINE;
    }
}

static bool states_follows(const void *view)
{
    const struct states *v = view;
    return v->follow;
}

static void states_status(const void *view, struct text *out)
{
    const struct states *v = view;
    uint32_t n = trace_flow_count(v->trace);
    if (v->flow != TRACE_NONE && n > 1)
        text_format(out, _("connection %u of %u  "), v->flow + 1, n);
    if (v->time != TIME_SINCE_START)
        text_format(out, _("time: %s  "), _(time_format_name(v->time)));
    text_add(out, _("states"));
    if (v->follow)
        text_add(out, _("  following"));
}

static const struct command_bar_item bar[] = {
    BAR_ITEM(HELP, "help"),
    BAR_ITEM(CLOSE, "back"),
    BAR_PAIR(NEXT_SEGMENT, PREVIOUS_SEGMENT, "walk"),
    BAR_ITEM(OPEN, "ladder"),
    BAR_ITEM(NEXT_VIEW, "view"),
    BAR_MANY(NEXT_FLOW, "next"),
    BAR_ITEM(SEARCH, "search"),
    BAR_ITEM(TIME, "time"),
    BAR_ITEM(QUIT, "quit"),
    BAR_END,
};

const struct view_type states_view = {
    .name = N_("states"),
    .help =
        N_("RFC 9293's state diagram with both ends in it: Left and Right walk through the life "
           "of a connection, Enter shows in the ladder what caused a transition."),
    .open = states_open,
    .close = states_close,
    .update = states_update,
    .draw = states_draw,
    .command = states_command,
    .status = states_status,
    .follows = states_follows,
    .target = states_target,
    .show = states_show,
    .bar = bar,
    .position = states_position,
    .go = states_go,
    .step = states_step,
    .row_text = states_row_text,
    .seek = states_seek,
    .shows = states_shows,
    .set_time = states_set_time,
};
