/* The ladder on the screen:
 *
 *            C 10.0.0.1          ┊            the wire              ┊ S 10.0.0.2
 *            SYN-SENT            ┊                                  ┊ SYN-RECEIVED
 *   0.000000 connect(3, S:9502)  ┐                                  ┊
 *   0.000041 SYN-SENT            │─[S] seq J=2927179378──────────╲  ┊
 *   0.010012                     │                                ╲▶┊ SYN-RECEIVED
 *   0.010024                     │ ╱─[S.] seq K, ack J+1────────────┊
 *   0.020103 ESTABLISHED         │◀                                 ┊
 *   time     C's margin        rail  lanes                        rail  S's margin
 */
#include "tracer/view/ladder_parts.h"

#include "tracer/base/words.h"
#include "tracer/view/detail.h"
#include "tracer/view/glyph.h"
#include "tracer/view/lanes.h"

enum { HEADER_ROWS = 2, LEAST_COLS = 40, LEAST_ROWS = 6, MARGIN_MOST = 44 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int time_cols(const struct ladder *v)
{
    static const int cols[TIME_FORMAT_COUNT] = {8, 15, 10};
    int n = cols[v->time];
    if (v->time == TIME_SINCE_START && v->layout.count > 0) {
        int64_t all = layout_time(&v->layout, v->layout.count - 1) - v->layout.start_ns;
        for (int64_t limit = 10000000000; all >= limit && n < 14; limit *= 10)
            n++;
    }
    return n;
}

/* Margins hold calls in a session, endpoints where all connections of a capture are shown
 * together, and states alone in one connection of a capture. */
static void margin_cols(const struct ladder *v, int cols[HOST_COUNT])
{
    bool session = trace_session(v->trace)->present;
    cols[HOST_LEFT] = session ? 18 : v->layout.flow == TRACE_NONE ? 16 : 13;
    cols[HOST_RIGHT] = session ? 16 : v->layout.flow == TRACE_NONE ? 16 : 13;
}

static struct ladder_columns place_columns(const struct ladder *v, struct area a)
{
    int margin[HOST_COUNT], time = time_cols(v);
    margin_cols(v, margin);
    if (a.cols < 64)
        time = 0;
    if (a.cols < 80)
        margin[HOST_LEFT] = margin[HOST_RIGHT] = a.cols >= 50 ? 12 : a.cols / 5;
    int spare = a.cols > 80 ? a.cols - 80 : 0;
    for (int h = 0; h < HOST_COUNT; h++)
        margin[h] = least(margin[h] + spare * 3 / 10, MARGIN_MOST);
    struct ladder_columns c;
    int at = a.col;
    c.time = (struct area){a.row, at, a.rows, time};
    at += time > 0 ? time + 1 : 0;
    c.margin[HOST_LEFT] = (struct area){a.row, at, a.rows, margin[HOST_LEFT]};
    c.rail[HOST_LEFT] = at + margin[HOST_LEFT] + 1;
    c.margin[HOST_RIGHT] =
        (struct area){a.row, a.col + a.cols - margin[HOST_RIGHT], a.rows, margin[HOST_RIGHT]};
    c.rail[HOST_RIGHT] = c.margin[HOST_RIGHT].col - 2;
    at = c.rail[HOST_LEFT] + 1;
    c.lanes = (struct area){a.row, at, a.rows, c.rail[HOST_RIGHT] - at};
    return c;
}

static void draw_time(const struct ladder *v, size_t r, struct grid *g, int row, struct area a)
{
    const struct layout *l = &v->layout;
    if (a.cols == 0 || layout_row(l, r).kind == ROW_GAP)
        return;
    bool gap = r > 0 && layout_row(l, r - 1).kind == ROW_GAP;
    int64_t now = layout_time(l, r);
    int64_t since = r > 0 ? now - layout_time(l, gap ? r - 2 : r - 1) : 0;
    if (r > v->top && r > 0 && !gap && since == 0)
        return;
    struct text t = {0};
    if (v->time == TIME_CLOCK)
        label_clock(now, &t);
    else if (v->time == TIME_SINCE_LAST)
        text_char(&t, '+'), label_seconds(since, &t);
    else
        label_seconds(now - l->start_ns, &t);
    grid_write_right(g, row, a.col, a.cols, text_str(&t), ROLE_TIME);
    text_free(&t);
}

/* Where connections are shown together and hosts have no names, a segment's margins name its two
 * ends. */
static bool names_endpoints(const struct ladder *v, const struct ladder_row *row)
{
    return row->sent != TRACE_NONE && v->layout.flow == TRACE_NONE &&
           !trace_session(v->trace)->present && trace_flow_count(v->trace) > 1;
}

static void draw_endpoints(const struct ladder *v, uint32_t segment, struct grid *g, int row,
                           const struct ladder_columns *c)
{
    int sender;
    uint32_t flow = trace_segment_flow(v->trace, segment, &sender);
    for (int side = 0; side < SIDE_COUNT; side++) {
        struct text t = {0};
        int h = layout_host(v->trace, flow, side);
        endpoint_text(&trace_flow(v->trace, flow)->ends[side], &t);
        grid_write_right(g, row, c->margin[h].col, c->margin[h].cols, text_str(&t),
                         ladder_role_of_host(h));
        text_free(&t);
    }
}

/* A host's rail: dashed while its program runs, whole while a call of it blocks, with a corner at
 * the call's entry and at its return. */
static void draw_rail(const struct ladder *v, const struct ladder_row *lr, size_t r, int host,
                      struct grid *g, int row, int col)
{
    static const uint32_t corner[HOST_COUNT][2] = {{GLYPH_ENTER_LEFT, GLYPH_EXIT_LEFT},
                                                   {GLYPH_ENTER_RIGHT, GLYPH_EXIT_RIGHT}};
    bool entry = lr->margin[host].kind == MARGIN_CALL &&
                 layout_call(&v->layout, lr->margin[host].index).exit != r;
    if (entry)
        grid_put(g, row, col, corner[host][0], ROLE_CALL_BLOCKED);
    else if (lr->margin[host].kind == MARGIN_CALL_END)
        grid_put(g, row, col, corner[host][1], ROLE_CALL_BLOCKED);
    else if (layout_blocked(&v->layout, r, host) > 0)
        grid_put(g, row, col, GLYPH_DOWN, ROLE_CALL_BLOCKED);
    else
        grid_put(g, row, col, GLYPH_RAIL, ROLE_RAIL);
}

static void draw_margin(const struct ladder *v, const struct ladder_row *lr, size_t r, int h,
                        struct grid *g, int row, struct area a)
{
    struct text t = {0};
    enum role role = ladder_margin_text(v, lr, r, h, a.cols, &t);
    grid_write(g, row, a.col, a.cols, text_str(&t), role);
    text_free(&t);
}

static void draw_margins(const struct ladder *v, const struct ladder_row *lr, size_t r,
                         struct grid *g, int row, const struct ladder_columns *c)
{
    bool endpoints = names_endpoints(v, lr);
    for (int h = 0; h < HOST_COUNT; h++) {
        draw_rail(v, lr, r, h, g, row, c->rail[h]);
        if (lr->margin[h].kind != MARGIN_NONE && !endpoints)
            draw_margin(v, lr, r, h, g, row, c->margin[h]);
    }
    if (endpoints)
        draw_endpoints(v, lr->sent, g, row, c);
}

static void draw_gap(const struct ladder *v, size_t r, struct grid *g, int row, struct area lanes)
{
    struct text t = {0};
    text_add(&t, "\xc2\xb7\xc2\xb7\xc2\xb7 ");
    label_span(layout_gap_ns(&v->layout, r), &t);
    text_add(&t, " \xc2\xb7\xc2\xb7\xc2\xb7");
    int n = grid_width_of(text_str(&t));
    int indent = n < lanes.cols ? (lanes.cols - n) / 2 : 0;
    grid_write(g, row, lanes.col + indent, lanes.cols - indent, text_str(&t), ROLE_DIM);
    text_free(&t);
}

static void draw_line(const struct ladder *v, size_t r, struct grid *g, int row,
                      const struct ladder_columns *c, struct area a)
{
    struct trace_event e = trace_event(v->trace, layout_row(&v->layout, r).event);
    bool note = e.kind != TRACE_OTHER;
    struct text t = {0};
    if (note)
        label_note(trace_note(v->trace, e.index), &t);
    else
        label_other(v->trace, e.index, &t);
    int col = note ? c->margin[HOST_LEFT].col : c->lanes.col + 1;
    int cols = note ? a.col + a.cols - col : c->lanes.cols - 2;
    grid_write(g, row, col, cols, text_str(&t), note ? ROLE_NOTE : ROLE_DIM);
    text_free(&t);
}

/* All of a row but its lanes. */
static void draw_row(const struct ladder *v, size_t r, struct grid *g, int row,
                     const struct ladder_columns *c, struct area a)
{
    struct ladder_row lr = layout_row(&v->layout, r);
    draw_time(v, r, g, row, c->time);
    if (ladder_form(v) == LADDER_TWO_HOSTS)
        draw_margins(v, &lr, r, g, row, c);
    if (lr.kind == ROW_GAP)
        draw_gap(v, r, g, row, c->lanes);
    if (lr.kind == ROW_LINE)
        draw_line(v, r, g, row, c, a);
    struct area whole = {row, a.col, 1, a.cols};
    grid_target(g, whole, lr.event);
    if (r == v->cursor && (!v->follow || v->pane.open))
        grid_select(g, whole);
}

/* An empty picture says why it is empty, between the rails. */
static void draw_nothing(const struct ladder *v, struct grid *g, struct area lanes)
{
    const char *words = ladder_busy(v) ? ""
                        : v->picked    ? _("No line is picked by the filter.")
                                       : _("Nothing has been seen yet.");
    int row = lanes.row + lanes.rows / 3, n = grid_width_of(words);
    if (n <= lanes.cols - 2)
        grid_write(g, row, lanes.col + (lanes.cols - n) / 2, n, words, ROLE_DIM);
}

static void draw_body(struct ladder *v, struct grid *g, struct area a)
{
    struct ladder_columns c = place_columns(v, a);
    bool session_ports = trace_session(v->trace)->present && v->layout.flow == TRACE_NONE &&
                         trace_flow_count(v->trace) > 1;
    ladder_draw_header(v, &c, g, a);
    int body = a.rows - HEADER_ROWS;
    struct area lanes = c.lanes;
    lanes.row += HEADER_ROWS;
    lanes.rows = body;
    struct track track;
    track_find(&track, &v->layout, &v->again, v->top, body, v->cursor);
    lanes_draw(&v->layout, &track, v->top, session_ports, g, lanes);
    for (int i = 0; i < body; i++) {
        size_t r = v->top + (size_t)i;
        if (r < v->layout.count)
            draw_row(v, r, g, a.row + HEADER_ROWS + i, &c, a);
        else
            for (int h = 0; h < HOST_COUNT; h++)
                grid_put(g, a.row + HEADER_ROWS + i, c.rail[h], GLYPH_RAIL, ROLE_RAIL);
    }
    if (v->layout.count == 0)
        draw_nothing(v, g, lanes);
}

/* The time, and right of it all lifelines. */
static struct ladder_columns place_lifelines(const struct ladder *v, struct area a)
{
    int time = a.cols < 64 ? 0 : time_cols(v), at = time > 0 ? time + 1 : 0;
    struct area lanes = {a.row, a.col + at, a.rows, a.cols - at};
    return (struct ladder_columns){
        .time = {a.row, a.col, a.rows, time}, .margin = {[HOST_LEFT] = lanes}, .lanes = lanes};
}

static void draw_lifelines(struct ladder *v, int heading, struct grid *g, struct area a)
{
    struct ladder_columns c = place_lifelines(v, a);
    struct area top = c.lanes, body = c.lanes;
    top.rows = heading;
    body.row += heading;
    body.rows -= heading;
    columns_draw_heading(&v->columns, &v->layout, v->cursor, g, top);
    columns_draw(&v->columns, &v->layout, &v->again, v->top, g, body);
    for (int i = 0; i < body.rows; i++)
        if (v->top + (size_t)i < v->layout.count)
            draw_row(v, v->top + (size_t)i, g, body.row + i, &c, a);
}

/* The rows above the body. */
static int heading_rows(struct ladder *v, struct area a)
{
    if (ladder_form(v) == LADDER_TWO_HOSTS)
        return HEADER_ROWS;
    return columns_heading_rows(&v->columns, v->trace, place_lifelines(v, a).lanes.cols);
}

/* A segment's detail has them already. */
static bool tells_kernels(const struct trace *t, uint32_t event)
{
    enum trace_kind kind = trace_event(t, event).kind;
    return kind == TRACE_SEGMENT || kind == TRACE_DELIVERED || kind == TRACE_DROPPED;
}

static void draw_pane(struct ladder *v, struct grid *g, struct area a)
{
    struct lines lines = {0};
    uint32_t event = ladder_event(v, v->cursor);
    detail_of_event(v->trace, event, &lines);
    if (event != TRACE_NONE && !tells_kernels(v->trace, event))
        detail_of_kernels(v->trace, ladder_header_flow(v), event, true, &lines);
    pane_draw(&v->pane, &lines, g, a);
    lines_free(&lines);
}

void ladder_draw(void *view, struct grid *g, struct area a)
{
    struct ladder *v = view;
    if (a.cols < LEAST_COLS || a.rows < LEAST_ROWS) {
        grid_write(g, a.row, a.col, a.cols, _("too small: 40x10 at least"), ROLE_ERROR);
        return;
    }
    bool lifelines = ladder_form(v) != LADDER_TWO_HOSTS;
    int heading = heading_rows(v, a), pane = pane_rows(&v->pane, a.rows - heading);
    int body = a.rows - pane - heading;
    struct area upper = {a.row, a.col, a.rows - pane, a.cols};
    ladder_settle(v, body);
    if (lifelines) {
        columns_arrange(&v->columns, &v->layout, v->top, body, v->cursor,
                        place_lifelines(v, a).lanes.cols);
        draw_lifelines(v, heading, g, upper);
    } else {
        draw_body(v, g, upper);
    }
    if (v->pane.open)
        draw_pane(v, g, (struct area){a.row + a.rows - pane, a.col, pane, a.cols});
}
