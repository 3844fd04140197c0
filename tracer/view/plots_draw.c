/* The plots' frame: which kinds there are, the axes, the canvas between them, the cursor as a
 * hairline, what the signs mean, and what is under the cursor in words. */
#include "tracer/view/glyph.h"
#include "tracer/base/words.h"
#include "tracer/view/plots.h"

#include <string.h>

enum { LABEL_COLS = 10 }; /* that a tick on the lower axis takes, space and all */

/* Where everything is; rows that do not fit are negative. */
struct frame_rows {
    int tabs, plot, axis, labels, legend, words;
    int plot_rows;
};

static struct frame_rows divide(struct area a)
{
    struct frame_rows r = {.tabs = a.row, .plot = a.row + 1, .legend = -1};
    int end = a.row + a.rows;
    r.words = --end;
    if (a.rows >= 10)
        r.legend = --end;
    r.labels = --end;
    r.axis = --end;
    r.plot_rows = end - r.plot;
    return r;
}

/* ---- the line of kinds, and the direction ------------------------------------------------ */

static void add_end(const struct plots *v, int side, bool full, struct text *out)
{
    char host = trace_host_of(v->trace, v->series.flow, side);
    if (host)
        text_format(out, "%c", host);
    if (host && full)
        text_char(out, ' ');
    if (!host || full)
        endpoint_text(&trace_flow(v->trace, v->series.flow)->ends[side], out);
}

static void direction_words(const struct plots *v, bool full, struct text *out)
{
    add_end(v, v->series.side, full, out);
    text_add(out, " > ");
    add_end(v, !v->series.side, full, out);
}

static int draw_tabs(const struct plots *v, struct grid *g, struct area a, bool all)
{
    int col = a.col + 1;
    for (enum plot_kind k = 0; k < PLOT_KIND_COUNT; k++) {
        bool now = k == v->kind;
        struct text t = {0};
        if (!now && !all)
            continue;
        text_format(&t, now ? "[%s]" : " %s ", _(plot_types[k].tab));
        col += grid_write(g, a.row, col, a.col + a.cols - col, text_str(&t),
                          now ? ROLE_HEADING : ROLE_DIM);
        text_free(&t);
    }
    return col;
}

static void draw_heading(const struct plots *v, struct grid *g, struct area a)
{
    struct text t = {0};
    int tabs = 1;
    for (enum plot_kind k = 0; k < PLOT_KIND_COUNT; k++)
        tabs += 2 + grid_width_of(_(plot_types[k].tab));
    direction_words(v, true, &t);
    bool fits = tabs + 3 + grid_width_of(text_str(&t)) < a.cols;
    int col = draw_tabs(v, g, a, fits || a.cols >= tabs + 30) + 2;
    if (!fits && col + grid_width_of(text_str(&t)) >= a.col + a.cols) {
        text_clear(&t);
        direction_words(v, false, &t);
    }
    grid_write_right(g, a.row, col, a.col + a.cols - 1 - col, text_str(&t), ROLE_HEADING);
    text_free(&t);
}

/* ---- axes ------------------------------------------------------------------------------- */

static int label_cols(const struct axis *a)
{
    int most = 0;
    for (int64_t tick = axis_first_tick(a); tick <= a->to; tick += a->step) {
        struct text t = {0};
        axis_label(a, tick, &t);
        int n = grid_width_of(text_str(&t));
        most = n > most ? n : most;
        text_free(&t);
    }
    return most;
}

/* The window may reach far above what is sent, which is to be seen: then its line is cut off. */
static int64_t room_for_window(struct plots *v, int64_t low, int64_t high,
                               struct series_extent window)
{
    int64_t most = high + (high - low) / 2;
    v->window_above = window.high > most;
    if (window.low > most)
        return high;
    return v->window_above ? most : window.high > high ? window.high : high;
}

static bool choose_heights(struct plots *v, int rows)
{
    struct series_extent values = {INT64_MAX, INT64_MIN}, window = values;
    const struct plot_type *type = &plot_types[v->kind];
    type->measure(v, &values, &window);
    if (values.low > values.high)
        return false;
    int64_t low = values.low, high = room_for_window(v, low, values.high, window);
    int ticks = rows > 9 ? rows / 3 + 1 : 4;
    high += (high - low) / 50; /* what is highest is not cut in half by the frame */
    v->y = axis_make(type->unit, low, high, ticks < 9 ? ticks : 9);
    return true;
}

static void draw_left_axis(const struct plots *v, struct grid *g, int row, int col, int rows)
{
    const struct axis *y = &v->y;
    struct axis_scale up = axis_over(y, rows);
    int last = -1;
    grid_down(g, row, col, rows, GLYPH_DOWN, ROLE_DIM);
    for (int64_t tick = axis_first_tick(y); tick <= y->to; tick += y->step) {
        struct text t = {0};
        int down = rows - 1 - axis_dot(&up, tick);
        axis_label(y, tick, &t);
        if (down != last) {
            grid_write_right(g, row + down, 0, col, text_str(&t), ROLE_DIM);
            grid_put(g, row + down, col, g->ascii ? '+' : 0x2524, ROLE_DIM);
        }
        last = down;
        text_free(&t);
    }
}

static void draw_lower_axis(const struct plots *v, struct grid *g, int row, int col, int cols)
{
    const struct axis *x = &v->x;
    struct axis_scale across = axis_over(x, cols);
    int free_from = col - 6;
    grid_put(g, row, col - 1, g->ascii ? '+' : GLYPH_EXIT_RIGHT, ROLE_DIM);
    grid_across(g, row, col, cols, GLYPH_ACROSS, ROLE_DIM);
    for (int64_t tick = axis_first_tick(x); tick <= x->to; tick += x->step) {
        struct text t = {0};
        int at = col + axis_dot(&across, tick);
        axis_label(x, tick, &t);
        int n = grid_width_of(text_str(&t)), from = at - n / 2;
        if (from + n > col + cols)
            from = col + cols - n;
        grid_put(g, row, at, g->ascii ? '+' : 0x252c, ROLE_DIM);
        if (from >= free_from) {
            grid_write(g, row + 1, from, n, text_str(&t), ROLE_DIM);
            free_from = from + n + 1;
        }
        text_free(&t);
    }
}

/* ---- the canvas ------------------------------------------------------------------------- */

static struct plot_subject subject_of(const struct plots *v, const struct grid *g, struct area a)
{
    struct plot_subject s;
    memset(&s, 0, sizeof s); /* compared as bytes */
    s.changes = v->series.changes;
    s.flow = v->series.flow;
    s.side = v->series.side;
    s.rows = a.rows;
    s.cols = a.cols;
    s.kind = v->kind;
    s.ascii = g->ascii;
    plots_range(v, &s.from, &s.to);
    return s;
}

/* Axes and canvas for this area, unless they are drawn already. False where there is nothing. */
static bool prepare(struct plots *v, const struct grid *g, struct area a, int plot_rows)
{
    struct plot_subject s = subject_of(v, g, a);
    if (memcmp(&s, &v->drawn, sizeof s) == 0)
        return v->canvas.rows > 0;
    v->drawn = s;
    v->seen = 0;
    int64_t columns = a.cols > 24 ? (a.cols - 10) / 2 : 7;
    v->interval_ns = axis_nice((s.to - s.from) / columns);
    if (!choose_heights(v, plot_rows)) {
        canvas_begin(&v->canvas, 0, 0, g->ascii, plot_inks);
        return false;
    }
    int cols = a.cols - label_cols(&v->y) - 3;
    v->x = axis_make(AXIS_NANOSECONDS, s.from, s.to, cols > 4 * LABEL_COLS ? cols / LABEL_COLS : 4);
    canvas_begin(&v->canvas, plot_rows, cols, g->ascii, plot_inks);
    v->across = axis_over(&v->x, v->canvas.width);
    v->up = axis_over(&v->y, v->canvas.height);
    plot_types[v->kind].draw(v);
    return true;
}

/* A line down the cursor's column, behind what is drawn, and its point lit up. */
static void draw_hairline(const struct plots *v, struct grid *g, int row, int col)
{
    struct series_point p = plots_point(v);
    int64_t value = plot_types[v->kind].value(v, &p);
    struct axis_scale across = axis_over(&v->x, v->canvas.cols);
    struct axis_scale up = axis_over(&v->y, v->canvas.rows);
    int at = col + axis_dot(&across, p.time_ns);
    if (p.event == TRACE_NONE || at < col || at >= col + v->canvas.cols)
        return;
    for (int r = 0; r < v->canvas.rows; r++) {
        struct cell *c = grid_cell(g, row + r, at);
        if (c && c->glyph == ' ')
            grid_put(g, row + r, at, GLYPH_DOWN, ROLE_NORMAL);
    }
    if (value == SERIES_UNKNOWN)
        return;
    int down = v->canvas.rows - 1 - axis_dot(&up, value);
    struct area point = {row + down, at, down >= 0 && down < v->canvas.rows, 1};
    grid_select(g, point);
    grid_target(g, point, p.event);
}

/* ---- in words --------------------------------------------------------------------------- */

static void draw_legend(const struct plots *v, struct grid *g, struct area a)
{
    const struct plot_legend *l = plot_types[v->kind].legend;
    int col = a.col + 1, end = a.col + a.cols - 1;
    struct text t = {0};
    for (; l->words; l++) {
        if (!(v->seen & 1u << l->ink))
            continue;
        bool above = l->ink == INK_WINDOW && v->window_above;
        int n = 2 + grid_width_of(_(l->words)) + (above ? grid_width_of(_(" (above)")) - 1 : 0);
        if (col + n > end)
            continue;
        grid_put(g, a.row, col, g->ascii ? (uint32_t)l->ascii : l->glyph, plot_inks[l->ink].role);
        col += 2 + grid_write(g, a.row, col + 2, end - col - 2, _(l->words), ROLE_NORMAL);
        if (above)
            col += grid_write(g, a.row, col, end - col, _(" (above)"), ROLE_DIM);
        col += 2;
    }
    if (v->kind == PLOT_RATE) {
        struct axis a_step = axis_make(AXIS_NANOSECONDS, 0, v->interval_ns, 2);
        text_add(&t, _("every "));
        axis_label(&a_step, v->interval_ns, &t);
        grid_write(g, a.row, col, end - col, text_str(&t), ROLE_DIM);
    }
    text_free(&t);
}

static void time_words(const struct plots *v, uint32_t item, const struct series_point *p,
                       struct text *out)
{
    if (v->time == TIME_CLOCK) {
        label_clock(p->time_ns + plots_origin(v), out);
    } else if (v->time == TIME_SINCE_LAST) {
        int64_t before = item > 0 ? series_at(&v->series, item - 1).time_ns : 0;
        text_char(out, '+');
        label_seconds(item > 0 ? p->time_ns + plots_origin(v) - before : 0, out);
    } else {
        label_seconds(p->time_ns, out);
    }
}

static void add_value(struct text *out, const char *words, enum axis_unit unit, int64_t value)
{
    if (value == SERIES_UNKNOWN)
        return;
    if (out->len > 0)
        text_add(out, ", ");
    text_add(out, words);
    axis_value(unit, value, out);
}

/* "RTT 20.1 ms, in flight 14.5 kB of 64.2 kB" */
static void value_words(const struct series_point *p, struct text *out)
{
    if (p->flags & SERIES_LOST && !(p->flags & SERIES_ACK))
        text_add(out, _("lost"));
    else if (p->flags & SERIES_AGAIN && !(p->flags & SERIES_ACK))
        text_add(out, _("sent again"));
    else if (p->flags & SERIES_REPEAT && p->flags & SERIES_ACK)
        text_add(out, _("duplicate"));
    add_value(out, "RTT ", AXIS_NANOSECONDS, p->rtt_ns);
    add_value(out, _("in flight "), AXIS_BYTES, p->flight);
    add_value(out, _("window "), AXIS_BYTES, p->window);
}

static void segment_words(const struct plots *v, const struct segment *s, int form,
                          struct text *out)
{
    char host = trace_host_of(v->trace, s->flow, s->side);
    if (host)
        text_format(out, "%c: ", host);
    else
        text_add(out, s->side == v->series.side ? "> " : "< ");
    label_segment(v->trace, s, form, out);
}

void plots_row_text(void *view, struct view_position p, struct text *out)
{
    const struct plots *v = view;
    struct series_point point = series_at(&v->series, (uint32_t)p.row);
    struct text values = {0};
    point.time_ns -= plots_origin(v);
    time_words(v, (uint32_t)p.row, &point, out);
    text_char(out, ' ');
    struct segment s = trace_segment(v->trace, trace_event(v->trace, point.event).index);
    segment_words(v, &s, 0, out);
    value_words(&point, &values);
    text_format(out, "  %s", text_str(&values));
    text_free(&values);
}

static void draw_words(const struct plots *v, struct grid *g, struct area a)
{
    struct series_point p = plots_point(v);
    struct text t = {0}, values = {0};
    int end = a.col + a.cols - 1, col = a.col + 1;
    time_words(v, v->cursor, &p, &t);
    col += grid_write(g, a.row, col, end - col, text_str(&t), ROLE_TIME) + 1;
    value_words(&p, &values);
    struct segment s = trace_segment(v->trace, trace_event(v->trace, p.event).index);
    int room = end - col - 2 - grid_width_of(text_str(&values));
    for (int form = 0; form < LABEL_FORMS; form++) {
        text_clear(&t);
        segment_words(v, &s, form, &t);
        if (grid_width_of(text_str(&t)) <= room)
            break;
    }
    col += grid_write(g, a.row, col, end - col, text_str(&t), label_role(&s)) + 2;
    grid_write(g, a.row, col, end - col, text_str(&values), ROLE_NORMAL);
    text_free(&t);
    text_free(&values);
}

static void draw_nothing(const struct plots *v, struct grid *g, struct area a)
{
    const char *words = _("No connection yet.");
    if (v->series.flow != TRACE_NONE)
        words = v->series.count == 0 ? _("Nothing was sent in this direction; d shows the other.")
                                     : _("Nothing of this kind is here; x shows the next, 0 all.");
    grid_write(g, a.row + a.rows / 2, a.col + 2, a.cols - 4, words, ROLE_DIM);
}

void plots_draw(void *view, struct grid *g, struct area a)
{
    struct plots *v = view;
    struct frame_rows r = divide(a);
    if (v->series.flow != TRACE_NONE)
        draw_heading(v, g, a);
    if (v->series.count == 0) {
        draw_nothing(v, g, a);
        return;
    }
    if (prepare(v, g, a, r.plot_rows)) {
        int col = a.col + a.cols - 1 - v->canvas.cols;
        draw_left_axis(v, g, r.plot, col - 1, r.plot_rows);
        draw_lower_axis(v, g, r.axis, col, v->canvas.cols);
        canvas_draw(&v->canvas, g, r.plot, col);
        draw_hairline(v, g, r.plot, col);
        if (r.legend >= 0)
            draw_legend(v, g, (struct area){r.legend, a.col, 1, a.cols});
    } else {
        draw_nothing(v, g, a);
    }
    draw_words(v, g, (struct area){r.words, a.col, 1, a.cols});
}
