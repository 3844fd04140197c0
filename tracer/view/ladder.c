#include "tracer/view/ladder.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

static void *ladder_open(const struct trace *trace)
{
    struct ladder *v = xcalloc(1, sizeof *v);
    *v = (struct ladder){.trace = trace, .follow = true, .body_rows = 1};
    layout_init(&v->layout, trace, NULL, 0);
    return v;
}

static void ladder_close(void *view)
{
    struct ladder *v = view;
    layout_free(&v->layout);
    free(v);
}

void ladder_settle(struct ladder *v, int body_rows)
{
    size_t n = v->layout.count, height = body_rows > 0 ? (size_t)body_rows : 1;
    v->body_rows = (int)height;
    if (v->follow || v->cursor >= n)
        v->cursor = n > 0 ? n - 1 : 0;
    if (v->cursor < v->top)
        v->top = v->cursor;
    if (v->cursor >= v->top + height)
        v->top = v->cursor + 1 - height;
    if (v->top + height > n)
        v->top = n > height ? n - height : 0;
}

uint32_t ladder_event(const struct ladder *v, size_t row)
{
    return row < v->layout.count ? layout_row(&v->layout, row).event : TRACE_NONE;
}

static bool ladder_update(void *view)
{
    struct ladder *v = view;
    return layout_update(&v->layout);
}

/* Lay out anew for one connection, or for all, and keep to the moment that was selected. */
static void show_flow(struct ladder *v, uint32_t flow)
{
    uint32_t event = ladder_event(v, v->cursor);
    layout_free(&v->layout);
    layout_init(&v->layout, v->trace, &flow, flow != TRACE_NONE);
    layout_update(&v->layout);
    v->cursor = layout_row_of(&v->layout, event);
}

static enum view_answer step_flow(struct ladder *v, int step)
{
    uint32_t n = trace_flow_count(v->trace), flow = v->layout.flow;
    if (n == 0)
        return VIEW_DONE;
    if (flow == TRACE_NONE)
        flow = step > 0 ? 0 : n - 1;
    else
        flow = (flow + (step > 0 ? 1 : n - 1)) % n;
    show_flow(v, flow);
    return VIEW_REDRAW;
}

static enum view_answer move_to(struct ladder *v, size_t row)
{
    size_t n = v->layout.count;
    v->cursor = row < n ? row : n > 0 ? n - 1 : 0;
    v->follow = false;
    v->pane.skip = 0;
    return VIEW_REDRAW;
}

static enum view_answer move_by(struct ladder *v, int64_t rows)
{
    if (rows < 0 && v->cursor < (size_t)-rows)
        return move_to(v, 0);
    return move_to(v, v->cursor + (size_t)rows);
}

static enum view_answer move_to_segment(struct ladder *v, int step)
{
    for (size_t r = v->cursor; step > 0 ? r + 1 < v->layout.count : r > 0;) {
        r = step > 0 ? r + 1 : r - 1;
        if (layout_row(&v->layout, r).sent != TRACE_NONE)
            return move_to(v, r);
    }
    return VIEW_DONE;
}

static enum view_answer set_follow(struct ladder *v, bool follow)
{
    v->follow = follow;
    return VIEW_REDRAW;
}

static void ladder_set_time(void *view, enum time_format format)
{
    struct ladder *v = view;
    v->time = format;
}

static enum view_answer show_all(struct ladder *v)
{
    show_flow(v, TRACE_NONE);
    return VIEW_REDRAW;
}

static struct view_target ladder_target(const void *view)
{
    const struct ladder *v = view;
    struct view_target t = {&detail_view, v->layout.flow, ladder_event(v, v->cursor)};
    if (v->cursor >= v->layout.count)
        return t;
    struct ladder_row row = layout_row(&v->layout, v->cursor);
    uint32_t segment = row.sent != TRACE_NONE ? row.sent : row.ended;
    int side;
    if (segment != TRACE_NONE)
        t.flow = trace_segment_flow(v->trace, segment, &side);
    return t;
}

static void ladder_show(void *view, const struct view_target *target)
{
    struct ladder *v = view;
    show_flow(v, target->flow);
    move_to(v, target->event != TRACE_NONE ? layout_row_of(&v->layout, target->event) : 0);
}

/* ---- lines ------------------------------------------------------------------------------ */

static void ladder_seek(void *view, uint32_t event)
{
    struct ladder *v = view;
    move_to(v, layout_row_of(&v->layout, event));
}

static struct view_position ladder_position(const void *view)
{
    const struct ladder *v = view;
    return (struct view_position){v->cursor, 0, v->layout.flow};
}

static void ladder_go(void *view, struct view_position p)
{
    struct ladder *v = view;
    if (p.flow != v->layout.flow)
        show_flow(v, p.flow);
    move_to(v, (size_t)p.row);
}

static bool ladder_step(void *view, struct view_position *p, int by)
{
    const struct ladder *v = view;
    size_t n = v->layout.count;
    if (n == 0 || (by < 0 && p->row == 0) || (by > 0 && p->row + 1 >= n))
        return false;
    p->row = by > 0 ? p->row + 1 : by < 0 ? p->row - 1 : p->row;
    p->row = p->row < n ? p->row : n - 1;
    p->part = 0;
    return true;
}

static bool ladder_shows(const void *view, uint32_t flow)
{
    const struct ladder *v = view;
    bool shown = v->layout.flow_count == 0;
    for (int i = 0; i < v->layout.flow_count; i++)
        shown = shown || v->layout.flows[i] == flow;
    return shown;
}

static enum view_answer ladder_command(void *view, enum command c)
{
    struct ladder *v = view;
    int page = v->body_rows > 1 ? v->body_rows - 1 : 1;
    switch (c) {
    case COMMAND_UP: return move_by(v, -1);
    case COMMAND_DOWN: return move_by(v, 1);
    case COMMAND_PAGE_UP: return move_by(v, -page);
    case COMMAND_PAGE_DOWN: return move_by(v, page);
    case COMMAND_FIRST: return move_to(v, 0);
    case COMMAND_LAST: return move_to(v, SIZE_MAX);
    case COMMAND_PREVIOUS_SEGMENT: return move_to_segment(v, -1);
    case COMMAND_NEXT_SEGMENT: return move_to_segment(v, 1);
    case COMMAND_FOLLOW: return set_follow(v, !v->follow);
    case COMMAND_NEXT_FLOW: return step_flow(v, 1);
    case COMMAND_PREVIOUS_FLOW: return step_flow(v, -1);
    case COMMAND_ALL_FLOWS: return show_all(v);
    default: return pane_command(&v->pane, c);
    }
}

static void ladder_status(const void *view, struct text *out)
{
    const struct ladder *v = view;
    uint32_t n = trace_flow_count(v->trace);
    if (v->layout.flow != TRACE_NONE && n > 1)
        text_format(out, "connection %u of %u", v->layout.flow + 1, n);
    else if (n > 1)
        text_format(out, "%u connections", n);
    if (v->time != TIME_SINCE_START)
        text_format(out, "%stime: %s", n > 1 ? "  " : "", time_format_name(v->time));
    if (v->layout.count > 0 && !v->follow)
        text_format(out, "  line %zu of %zu", v->cursor + 1, v->layout.count);
    else if (v->follow)
        text_add(out, "  following");
}

const struct view_type ladder_view = {
    .name = "ladder",
    .help = "Calls in the margins, segments in the lanes, states where they change.",
    .open = ladder_open,
    .close = ladder_close,
    .update = ladder_update,
    .draw = ladder_draw,
    .command = ladder_command,
    .status = ladder_status,
    .target = ladder_target,
    .show = ladder_show,
    .position = ladder_position,
    .go = ladder_go,
    .step = ladder_step,
    .row_text = ladder_row_text,
    .seek = ladder_seek,
    .shows = ladder_shows,
    .set_time = ladder_set_time,
};
