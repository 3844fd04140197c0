#include "tracer/view/plots.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/view/slice.h"

#include <stdlib.h>

enum { SPAN_LEAST_NS = 1000, SPAN_ALONE_NS = 1000000 }; /* in sight; around a single moment */

static void plots_settle(struct plots *v);

static void show_flow(struct plots *v, uint32_t flow, int side)
{
    series_free(&v->series);
    series_begin(&v->series, v->trace, flow, side);
    series_update(&v->series, SLICE_NS);
    v->wanted = TRACE_NONE;
    v->all = true;
    v->cursor = v->follow && v->series.count > 0 ? v->series.count - 1 : 0;
}

/* The direction that most bytes go. */
static int busier_side(const struct plots *v, uint32_t flow)
{
    const struct flow *f = trace_flow(v->trace, flow);
    return f->payload_bytes[SIDE_RESPONDER] > f->payload_bytes[SIDE_INITIATOR];
}

static void *plots_open(const struct trace *trace)
{
    struct plots *v = xcalloc(1, sizeof *v);
    *v = (struct plots){
        .trace = trace, .kind = PLOT_TCPTRACE, .all = true, .follow = true, .wanted = TRACE_NONE};
    series_begin(&v->series, trace, TRACE_NONE, SIDE_INITIATOR);
    return v;
}

static void plots_close(void *view)
{
    struct plots *v = view;
    series_free(&v->series);
    canvas_free(&v->canvas);
    free(v);
}

/* ---- what is in sight ------------------------------------------------------------------- */

int64_t plots_origin(const struct plots *v)
{
    return trace_event_count(v->trace) > 0 ? trace_time(v->trace, 0) : 0;
}

struct series_point plots_point(const struct plots *v)
{
    struct series_point p = series_at(&v->series, v->cursor);
    if (p.event != TRACE_NONE)
        p.time_ns -= plots_origin(v);
    return p;
}

void plots_whole(const struct plots *v, int64_t *from, int64_t *to)
{
    *from = *to = 0;
    if (v->series.count > 0) {
        *from = series_at(&v->series, 0).time_ns - plots_origin(v);
        *to = v->series.now.time_ns - plots_origin(v);
    }
    if (*to - *from < SPAN_LEAST_NS) {
        *from = *from > SPAN_ALONE_NS / 2 ? *from - SPAN_ALONE_NS / 2 : 0;
        *to = *from + SPAN_ALONE_NS;
    }
}

void plots_range(const struct plots *v, int64_t *from, int64_t *to)
{
    if (v->all) {
        plots_whole(v, from, to);
        return;
    }
    *from = v->from;
    *to = v->to;
}

/* Keep the range within the connection, and the cursor in sight, away from its ends. */
static void plots_settle(struct plots *v)
{
    if (v->series.count == 0 || v->all)
        return;
    int64_t first, last, span = v->to - v->from, near = span / 8;
    int64_t at = plots_point(v).time_ns;
    plots_whole(v, &first, &last);
    if (span >= last - first) {
        v->all = true;
        return;
    }
    if (at > v->to - near)
        v->from = at + near - span;
    if (at < v->from + near)
        v->from = at - near;
    if (v->from > last - span)
        v->from = last - span;
    if (v->from < first)
        v->from = first;
    v->to = v->from + span;
}

/* ---- moments --------------------------------------------------------------------------- */

/* The segment that an event is about, TRACE_NONE for none. */
static uint32_t segment_of(const struct plots *v, uint32_t event)
{
    return trace_event_segment(v->trace, event);
}

/* The item of a segment, which stands at the event, before it (the segment was delivered at it), or
 * behind it (it had yet to arrive); the next item where the segment has none. */
static uint32_t item_of(const struct plots *v, uint32_t event, uint32_t segment)
{
    uint32_t at = series_find_event(&v->series, event);
    if (!trace_has_wire(v->trace))
        return at; /* its one moment */
    for (uint32_t i = at; i < v->series.count; i++)
        if (segment_of(v, series_event(&v->series, i)) == segment)
            return i;
    for (uint32_t i = at; i > 0; i--)
        if (segment_of(v, series_event(&v->series, i - 1)) == segment)
            return i - 1;
    return at;
}

static bool plots_busy(const void *view)
{
    const struct plots *v = view;
    return v->series.flow != TRACE_NONE && v->series.taken < trace_event_count(v->trace);
}

/* To the item of an event; where it is not taken in yet, when it is. */
static void go_to_event(struct plots *v, uint32_t event)
{
    uint32_t n = v->series.count;
    uint32_t segment =
        event < trace_event_count(v->trace) ? segment_of(v, event) : (uint32_t)TRACE_NONE;
    uint32_t item =
        segment != TRACE_NONE ? item_of(v, event, segment) : series_find_event(&v->series, event);
    bool there = !plots_busy(v) || (!trace_has_wire(v->trace) && v->series.taken > event);
    v->follow = false;
    v->wanted = there ? TRACE_NONE : event;
    if (!there)
        return;
    v->cursor = item < n ? item : n > 0 ? n - 1 : 0;
    plots_settle(v);
}

static enum view_answer move_to_end(struct plots *v)
{
    go_to_event(v, TRACE_NONE - 1);
    return VIEW_REDRAW;
}

static bool plots_update(void *view)
{
    struct plots *v = view;
    if (v->series.flow == TRACE_NONE && trace_flow_count(v->trace) > 0)
        show_flow(v, 0, busier_side(v, 0));
    else if (!series_update(&v->series, SLICE_NS))
        return false;
    if (v->wanted != TRACE_NONE)
        go_to_event(v, v->wanted);
    if (v->follow && v->series.count > 0)
        v->cursor = v->series.count - 1;
    if (v->wanted == TRACE_NONE)
        plots_settle(v);
    return true;
}

/* ---- commands --------------------------------------------------------------------------- */

static enum view_answer move_to(struct plots *v, int64_t item)
{
    int64_t last = (int64_t)v->series.count - 1;
    if (last < 0)
        return VIEW_DONE;
    item = item > last ? last : item;
    v->cursor = item > 0 ? (uint32_t)item : 0;
    v->wanted = TRACE_NONE;
    v->follow = false;
    plots_settle(v);
    return VIEW_REDRAW;
}

/* To the first item at or after a time, or to the last before it. */
static enum view_answer move_to_time(struct plots *v, int64_t time_ns, int by)
{
    int64_t item = series_find_time(&v->series, plots_origin(v) + time_ns);
    return move_to(v, by > 0 ? item : item - 1);
}

/* By a column of the screen, over columns where nothing happens. */
static enum view_answer move_by_column(struct plots *v, int by)
{
    int64_t from, to, at = plots_point(v).time_ns;
    int cols = v->canvas.cols > 1 ? v->canvas.cols : 2;
    if (v->series.count == 0)
        return VIEW_DONE;
    plots_range(v, &from, &to);
    double column_ns = (double)(to - from) / (cols - 1);
    int64_t column = (int64_t)((double)(at - from) / column_ns + 0.5);
    double edge = (double)from + column_ns * ((double)column + (by > 0 ? 0.5 : -0.5));
    uint32_t was = v->cursor;
    enum view_answer a = move_to_time(v, (int64_t)edge + (by > 0), by);
    return v->cursor == was ? move_to(v, (int64_t)was + by) : a;
}

/* Half of what is in sight. */
static enum view_answer page(struct plots *v, int by)
{
    int64_t from, to;
    if (v->series.count == 0)
        return VIEW_DONE;
    plots_range(v, &from, &to);
    int64_t step = (to - from) / (v->all ? 8 : 2);
    if (!v->all) {
        v->from += by * step;
        v->to += by * step;
    }
    return move_to_time(v, plots_point(v).time_ns + by * step, 1);
}

/* The cursor stays where it is on the screen. */
static enum view_answer zoom(struct plots *v, double factor)
{
    int64_t from, to;
    if (v->series.count == 0)
        return VIEW_DONE;
    plots_range(v, &from, &to);
    double at = (double)plots_point(v).time_ns, span = (double)(to - from) * factor;
    if (span < SPAN_LEAST_NS)
        return VIEW_DONE;
    v->from = (int64_t)(at - (at - (double)from) * factor);
    v->to = v->from + (int64_t)span;
    v->all = false;
    plots_settle(v);
    return VIEW_REDRAW;
}

static enum view_answer zoom_all(struct plots *v)
{
    v->all = true;
    return VIEW_REDRAW;
}

static enum view_answer step_flow(struct plots *v, uint32_t step)
{
    uint32_t n = trace_flow_count(v->trace);
    if (n == 0)
        return VIEW_DONE;
    uint32_t flow = v->series.flow == TRACE_NONE ? 0 : (v->series.flow + step) % n;
    show_flow(v, flow, busier_side(v, flow));
    return VIEW_REDRAW;
}

/* The other direction, at the same time. */
static enum view_answer turn(struct plots *v)
{
    struct series_point p = plots_point(v);
    int64_t from = v->from, to = v->to;
    bool all = v->all;
    if (v->series.flow == TRACE_NONE)
        return VIEW_DONE;
    show_flow(v, v->series.flow, !v->series.side);
    v->from = from;
    v->to = to;
    v->all = all;
    if (p.event != TRACE_NONE)
        go_to_event(v, p.event);
    return VIEW_REDRAW;
}

static enum view_answer next_kind(struct plots *v)
{
    v->kind = (v->kind + 1) % PLOT_KIND_COUNT;
    return VIEW_REDRAW;
}

static void plots_set_time(void *view, enum time_format format)
{
    struct plots *v = view;
    v->time = format;
}

static enum view_answer follow(struct plots *v)
{
    bool on = !v->follow;
    move_to(v, INT64_MAX);
    v->follow = on;
    return VIEW_REDRAW;
}

static enum view_answer plots_command(void *view, enum command c)
{
    struct plots *v = view;
    uint32_t flows = trace_flow_count(v->trace);
    switch (c) {
    case COMMAND_OPEN: return v->series.count > 0 ? VIEW_OPEN : VIEW_DONE;
    case COMMAND_UP: return move_to(v, (int64_t)v->cursor - 1);
    case COMMAND_DOWN: return move_to(v, (int64_t)v->cursor + 1);
    case COMMAND_PREVIOUS_SEGMENT: return move_by_column(v, -1);
    case COMMAND_NEXT_SEGMENT: return move_by_column(v, 1);
    case COMMAND_PAGE_UP: return page(v, -1);
    case COMMAND_PAGE_DOWN: return page(v, 1);
    case COMMAND_FIRST: return move_to(v, 0);
    case COMMAND_LAST: return move_to_end(v);
    case COMMAND_FOLLOW: return follow(v);
    case COMMAND_ZOOM_IN: return zoom(v, 0.5);
    case COMMAND_ZOOM_OUT: return v->all ? VIEW_DONE : zoom(v, 2);
    case COMMAND_ZOOM_ALL: return zoom_all(v);
    case COMMAND_DIRECTION: return turn(v);
    case COMMAND_FORM: return next_kind(v);
    case COMMAND_NEXT_FLOW: return step_flow(v, 1);
    case COMMAND_PREVIOUS_FLOW: return step_flow(v, flows > 0 ? flows - 1 : 0);
    default: return VIEW_NOT_MINE;
    }
}

/* ---- with the other views --------------------------------------------------------------- */

static struct view_target plots_target(const void *view)
{
    const struct plots *v = view;
    return (struct view_target){
        .type = &ladder_view, .flow = v->series.flow, .event = plots_point(v).event};
}

/* The direction of the selected segment's bytes, or of those that it acknowledges. */
static void plots_show(void *view, const struct view_target *target)
{
    struct plots *v = view;
    uint32_t segment = TRACE_NONE;
    struct segment g = {.flow = target->flow};
    if (target->event != TRACE_NONE && target->event < trace_event_count(v->trace))
        segment = segment_of(v, target->event);
    if (segment != TRACE_NONE)
        g = trace_segment(v->trace, segment);
    if (g.flow == TRACE_NONE)
        g.flow = v->series.flow;
    if (g.flow == TRACE_NONE)
        return;
    bool own = g.len > 0 || g.flags & (TCP_SYN | TCP_FIN);
    show_flow(v, g.flow, segment == TRACE_NONE ? busier_side(v, g.flow) : own ? g.side : !g.side);
    if (target->event != TRACE_NONE)
        go_to_event(v, target->event);
}

/* Its lines are the items of the direction shown. */
static struct view_position plots_position(const void *view)
{
    const struct plots *v = view;
    return (struct view_position){v->cursor, (uint64_t)v->series.side, v->series.flow};
}

static void plots_go(void *view, struct view_position p)
{
    struct plots *v = view;
    if (p.flow != TRACE_NONE && (p.flow != v->series.flow || (int)p.part != v->series.side)) {
        show_flow(v, p.flow, (int)p.part);
        series_update(&v->series, SLICE_WHOLE); /* a position is an item */
    }
    move_to(v, (int64_t)p.row);
}

static bool plots_step(void *view, struct view_position *p, int by)
{
    const struct plots *v = view;
    uint64_t n = v->series.count;
    if (n == 0 || (by < 0 && p->row == 0) || (by > 0 && p->row + 1 >= n))
        return false;
    p->row = by > 0 ? p->row + 1 : by < 0 ? p->row - 1 : p->row;
    p->row = p->row < n ? p->row : n - 1;
    p->part = (uint64_t)v->series.side;
    return true;
}

static void plots_seek(void *view, uint32_t event)
{
    struct plots *v = view;
    go_to_event(v, event);
}

static bool plots_shows(const void *view, uint32_t flow)
{
    const struct plots *v = view;
    return v->series.flow == flow;
}

static bool plots_follows(const void *view)
{
    const struct plots *v = view;
    return v->follow;
}

static void plots_status(const void *view, struct text *out)
{
    const struct plots *v = view;
    uint32_t n = trace_flow_count(v->trace);
    if (n > 1 && v->series.flow != TRACE_NONE)
        text_format(out, _("connection %u of %u  "), v->series.flow + 1, n);
    if (v->time != TIME_SINCE_START)
        text_format(out, _("time: %s  "), _(time_format_name(v->time)));
    text_add(out, _("plots"));
    if (v->follow)
        text_add(out, _("  following"));
}

static const struct command_bar_item bar[] = {
    BAR_ITEM(HELP, "help"),
    BAR_ITEM(CLOSE, "back"),
    BAR_ITEM(FORM, "kind"),
    BAR_ITEM(DIRECTION, "direction"),
    BAR_PAIR(ZOOM_IN, ZOOM_OUT, "zoom"),
    BAR_ITEM(ZOOM_ALL, "all"),
    BAR_PAIR(NEXT_SEGMENT, PREVIOUS_SEGMENT, "time"),
    BAR_ITEM(OPEN, "ladder"),
    BAR_MANY(NEXT_FLOW, "next"),
    BAR_ITEM(SEARCH, "search"),
    BAR_ITEM(QUIT, "quit"),
    BAR_END,
};

const struct view_type plots_view = {
    .name = N_("plots"),
    .help = N_("One direction of a connection over time, as its sender saw it: sequence numbers, "
               "round-trip times, bytes in flight, throughput."),
    .open = plots_open,
    .close = plots_close,
    .update = plots_update,
    .draw = plots_draw,
    .command = plots_command,
    .status = plots_status,
    .follows = plots_follows,
    .target = plots_target,
    .show = plots_show,
    .bar = bar,
    .position = plots_position,
    .go = plots_go,
    .step = plots_step,
    .row_text = plots_row_text,
    .seek = plots_seek,
    .busy = plots_busy,
    .shows = plots_shows,
    .set_time = plots_set_time,
};
