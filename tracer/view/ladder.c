#include "tracer/view/ladder.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/view/slice.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert((int)VIEW_FLOWS_MOST <= (int)LAYOUT_FLOWS_MOST, "what is asked for can be laid out");

static void *ladder_open(const struct trace *trace)
{
    struct ladder *v = xcalloc(1, sizeof *v);
    *v = (struct ladder){.trace = trace, .wanted = TRACE_NONE, .follow = true, .body_rows = 1};
    layout_init(&v->layout, trace, NULL, 0);
    return v;
}

static void ladder_close(void *view)
{
    struct ladder *v = view;
    layout_free(&v->layout);
    picked_free(v->picked);
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

/* ---- what is shown, and how ---------------------------------------------------------------- */

enum ladder_form ladder_form(const struct ladder *v)
{
    bool fits = (v->form == LADDER_PAIRS && v->layout.flow_count > 1) ||
                (v->form == LADDER_HOSTS && v->layout.flow_count != 1);
    return fits ? v->form : LADDER_TWO_HOSTS;
}

static enum columns_kind kind_of(enum ladder_form form)
{
    return form == LADDER_PAIRS ? COLUMNS_PAIRS : COLUMNS_HOSTS;
}

/* Select the row of a moment; of one that is not laid out yet, when it is. */
static void go_to_event(struct ladder *v, uint32_t event)
{
    bool there = event == TRACE_NONE || v->layout.taken > event || !ladder_busy(v);
    v->wanted = there ? TRACE_NONE : event;
    v->pane.skip = 0;
    if (there)
        v->cursor = event != TRACE_NONE ? layout_row_of(&v->layout, event) : 0;
}

static bool ladder_update(void *view)
{
    struct ladder *v = view;
    bool picked = ladder_pick(v);
    if (ladder_form(v) != LADDER_TWO_HOSTS)
        columns_update(&v->columns, &v->layout);
    bool grew = layout_update_some(&v->layout, SLICE_NS);
    if (v->wanted != TRACE_NONE)
        go_to_event(v, v->wanted);
    return grew || picked;
}

/* Lay out anew for a few connections, or with none for all, and keep to the moment that was
 * selected. Calls and the programs' words have a place between two hosts alone. */
static void show_flows(struct ladder *v, const uint32_t *flows, int n)
{
    uint32_t event = v->wanted != TRACE_NONE ? v->wanted : ladder_event(v, v->cursor);
    uint32_t picked[LAYOUT_FLOWS_MOST];
    for (int i = 0; i < n; i++)
        picked[i] = flows[i];
    layout_free(&v->layout);
    layout_init(&v->layout, v->trace, picked, n);
    v->layout.bare = ladder_form(v) != LADDER_TWO_HOSTS;
    v->layout.picked = v->picked;
    layout_update_some(&v->layout, SLICE_NS);
    columns_begin(&v->columns, &v->layout, kind_of(v->form));
    memset(&v->again, 0, sizeof v->again);
    v->cursor = 0;
    go_to_event(v, event);
}

void ladder_lay_out(struct ladder *v)
{
    show_flows(v, v->layout.flows, v->layout.flow_count);
}

static void show_flow(struct ladder *v, uint32_t flow)
{
    show_flows(v, &flow, flow != TRACE_NONE);
}

/* Whether the connections shown can be drawn so. */
static bool has_form(struct ladder *v, enum ladder_form form)
{
    if (form == LADDER_TWO_HOSTS)
        return true;
    columns_begin(&v->columns, &v->layout, kind_of(form));
    return form == LADDER_PAIRS ? v->layout.flow_count > 1
                                : (v->columns.many || v->columns.count > 2);
}

static enum view_answer next_form(struct ladder *v)
{
    enum ladder_form old = ladder_form(v), form = old;
    do {
        form = (form + 1) % LADDER_FORMS;
    } while (form != old && !has_form(v, form));
    if (form == old) {
        v->said = _("A lane a host is for three hosts or more; what is shown here has fewer.");
        return VIEW_DONE;
    }
    v->form = form;
    if (trace_session(v->trace)->present)
        ladder_lay_out(v);
    return VIEW_REDRAW;
}

static enum view_answer sideways(struct ladder *v, int step)
{
    if (ladder_form(v) == LADDER_TWO_HOSTS)
        return VIEW_NOT_MINE;
    return columns_move(&v->columns, step) ? VIEW_REDRAW : VIEW_DONE;
}

static enum view_answer step_flow(struct ladder *v, int step)
{
    uint32_t n = trace_flow_count(v->trace), flow = v->layout.flow;
    int picked = v->layout.flow_count;
    if (n == 0)
        return VIEW_DONE;
    if (picked > 1)
        flow = v->layout.flows[step > 0 ? 0 : picked - 1];
    else if (flow == TRACE_NONE)
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
    v->wanted = TRACE_NONE;
    v->follow = false;
    v->pane.skip = 0;
    return VIEW_REDRAW;
}

static enum view_answer move_to_event(struct ladder *v, uint32_t event)
{
    v->follow = false;
    go_to_event(v, event);
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

/* The segment that leaves on a row, or arrives; TRACE_NONE for a row without one. */
static uint32_t segment_on(const struct ladder *v, size_t r)
{
    if (r >= v->layout.count)
        return TRACE_NONE;
    struct ladder_row row = layout_row(&v->layout, r);
    return row.sent != TRACE_NONE ? row.sent : row.ended;
}

static enum view_answer move_to_original(struct ladder *v)
{
    uint32_t segment = segment_on(v, v->cursor);
    if (segment == TRACE_NONE || !trace_segment(v->trace, segment).again) {
        v->said = _("This line is no retransmission: it repeats nothing.");
        return VIEW_DONE;
    }
    uint32_t original = again_of(v->trace, segment);
    size_t row = v->cursor;
    if (original != TRACE_NONE)
        row = layout_row_above(&v->layout, v->cursor, original);
    if (row != v->cursor)
        return move_to(v, row);
    v->said = _("What it repeats was sent too long before to be found.");
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
    struct view_target t = {
        .type = &detail_view, .flow = v->layout.flow, .event = ladder_event(v, v->cursor)};
    uint32_t segment = segment_on(v, v->cursor);
    int side;
    if (segment != TRACE_NONE)
        t.flow = trace_segment_flow(v->trace, segment, &side);
    for (int i = 0; i < v->layout.flow_count && v->layout.flow_count > 1; i++)
        t.flows[t.flow_count++] = v->layout.flows[i];
    return t;
}

static void ladder_show(void *view, const struct view_target *target)
{
    struct ladder *v = view;
    v->form = target->flow_count > 1 ? LADDER_PAIRS : LADDER_TWO_HOSTS;
    if (target->flow_count > 0)
        show_flows(v, target->flows, target->flow_count);
    else
        show_flow(v, target->flow);
    move_to_event(v, target->event);
}

/* ---- lines ------------------------------------------------------------------------------ */

static void ladder_seek(void *view, uint32_t event)
{
    struct ladder *v = view;
    move_to_event(v, event);
}

/* Of lines of several connections, picked out from all, the part is 1. */
static uint64_t part_of(const struct ladder *v)
{
    return v->layout.flow_count > 1;
}

static struct view_position ladder_position(const void *view)
{
    const struct ladder *v = view;
    return (struct view_position){v->cursor, part_of(v), v->layout.flow};
}

static void ladder_go(void *view, struct view_position p)
{
    struct ladder *v = view;
    if (p.flow != v->layout.flow || p.part != part_of(v)) {
        show_flow(v, p.flow);
        layout_update(&v->layout); /* a position is a row */
    }
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
    p->part = part_of(v);
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
    v->said = NULL;
    switch (c) {
    case COMMAND_CLOSE:
        return pane_command(&v->pane, c) == VIEW_REDRAW || ladder_unfilter(v) ? VIEW_REDRAW
                                                                              : VIEW_NOT_MINE;
    case COMMAND_UP: return move_by(v, -1);
    case COMMAND_DOWN: return move_by(v, 1);
    case COMMAND_PAGE_UP: return move_by(v, -page);
    case COMMAND_PAGE_DOWN: return move_by(v, page);
    case COMMAND_FIRST: return move_to(v, 0);
    case COMMAND_LAST: return move_to_event(v, (uint32_t)trace_event_count(v->trace) - 1);
    case COMMAND_PREVIOUS_SEGMENT: return move_to_segment(v, -1);
    case COMMAND_NEXT_SEGMENT: return move_to_segment(v, 1);
    case COMMAND_FOLLOW: return set_follow(v, !v->follow);
    case COMMAND_NEXT_FLOW: return step_flow(v, 1);
    case COMMAND_PREVIOUS_FLOW: return step_flow(v, -1);
    case COMMAND_ALL_FLOWS: return show_all(v);
    case COMMAND_LANES: return next_form(v);
    case COMMAND_LANE_NEXT: return sideways(v, 1);
    case COMMAND_LANE_PREVIOUS: return sideways(v, -1);
    case COMMAND_ORIGINAL: return move_to_original(v);
    default: return pane_command(&v->pane, c);
    }
}

static const char *ladder_said(void *view)
{
    struct ladder *v = view;
    const char *said = v->said;
    v->said = NULL;
    return said;
}

static bool ladder_follows(const void *view)
{
    const struct ladder *v = view;
    return v->follow;
}

static void ladder_status(const void *view, struct text *out)
{
    const struct ladder *v = view;
    uint32_t n = trace_flow_count(v->trace);
    if (ladder_form(v) != LADDER_TWO_HOSTS)
        columns_status(&v->columns, out);
    else if (v->layout.flow_count > 1)
        text_format(out, _("%d of %u connections"), v->layout.flow_count, n);
    else if (v->layout.flow != TRACE_NONE && n > 1)
        text_format(out, _("connection %u of %u"), v->layout.flow + 1, n);
    else if (n > 1)
        text_format(out, _("%u connections"), n);
    if (v->time != TIME_SINCE_START)
        text_format(out, _("%stime: %s"), n > 1 ? "  " : "", _(time_format_name(v->time)));
    if (v->picked) {
        text_add(out, _("  filter: "));
        text_safe_str(out, picked_words(v->picked));
    }
    if (v->layout.count > 0 && !v->follow)
        text_format(out, _("  line %zu of %zu"), v->cursor + 1, v->layout.count);
    else if (v->follow)
        text_add(out, _("  following"));
}

const struct view_type ladder_view = {
    .name = N_("ladder"),
    .help = N_(
        "Calls in the margins, segments in the lanes, states where they change; f shows only what "
        "a selector picks: [S.], again, len > 0, port 80, C > S data 3."),
    .open = ladder_open,
    .close = ladder_close,
    .update = ladder_update,
    .draw = ladder_draw,
    .command = ladder_command,
    .status = ladder_status,
    .follows = ladder_follows,
    .target = ladder_target,
    .show = ladder_show,
    .said = ladder_said,
    .position = ladder_position,
    .go = ladder_go,
    .step = ladder_step,
    .row_text = ladder_row_text,
    .seek = ladder_seek,
    .filter = ladder_filter,
    .busy = ladder_busy,
    .shows = ladder_shows,
    .set_time = ladder_set_time,
};
