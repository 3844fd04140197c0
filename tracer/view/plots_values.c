/* Values over time: round-trip times, bytes in flight, throughput. */
#include "tracer/view/plots_kinds.h"
#include "tracer/view/plots_pen.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

/* ---- round-trip times ------------------------------------------------------------------- */

void plots_measure_rtt(struct plots *v, struct series_extent *values, struct series_extent *window)
{
    struct sight s = plots_survey(v);
    struct series_span span;
    (void)window;
    while (sight_next(&s, &span))
        plots_stretch_by(values, span.rtt_ns);
    if (values->low <= values->high)
        values->low = 0;
}

void plots_draw_rtt(struct plots *v)
{
    struct sight s = plots_sight(v);
    struct series_span span;
    struct pen pen = {.x = -1};
    while (sight_next(&s, &span)) {
        if (span.rtt_ns.low > span.rtt_ns.high)
            continue;
        int x = plots_span_x(v, &span);
        int low = plots_y(v, span.rtt_ns.low), high = plots_y(v, span.rtt_ns.high);
        if (pen.down && x > pen.x + 2)
            canvas_line(&v->canvas, pen.x, pen.y, x, low, INK_JOIN);
        pen_bar(v, &pen, x, low, high, INK_POINT_BACK);
        pen.y = high;
    }
}

int64_t plots_value_rtt(const struct plots *v, const struct series_point *p)
{
    (void)v;
    return p->rtt_ns;
}

/* ---- bytes in flight -------------------------------------------------------------------- */

void plots_measure_flight(struct plots *v, struct series_extent *values,
                          struct series_extent *window)
{
    struct sight s = plots_survey(v);
    struct series_span span;
    plots_stretch(values, series_flight(&s.before));
    plots_stretch(window, s.before.window);
    while (sight_next(&s, &span)) {
        plots_stretch_by(values, span.flight);
        plots_stretch_by(window, span.window);
    }
    plots_measure_cwnd(v, values);
    if (values->low <= values->high)
        values->low = 0;
}

void plots_draw_flight(struct plots *v)
{
    struct sight s = plots_sight(v);
    struct series_span span;
    struct pen flight = {0}, window = {0};
    if (series_flight(&s.before) != SERIES_UNKNOWN)
        pen_step(v, &flight, 0, plots_y(v, series_flight(&s.before)), INK_DATA);
    if (s.before.window != SERIES_UNKNOWN)
        pen_step(v, &window, 0, plots_y(v, s.before.window), INK_WINDOW);
    plots_draw_cwnd(v);
    while (sight_next(&s, &span)) {
        const struct series_point *p = &span.sign;
        int x = plots_span_x(v, &span);
        int y = plots_y(v, p->flight == SERIES_UNKNOWN ? 0 : p->flight);
        pen_through(v, &window, x, span.window, s.walk.state.window, INK_WINDOW);
        pen_through(v, &flight, x, span.flight, series_flight(&s.walk.state), INK_DATA);
        if (!(p->flags & SERIES_ACK) || p->flags & (SERIES_ZERO | SERIES_RST))
            plots_mark(v, p, x, y, y);
    }
    if (flight.down)
        pen_step(v, &flight, plots_line_end(v), flight.y, INK_DATA);
    if (window.down)
        pen_step(v, &window, plots_line_end(v), window.y, INK_WINDOW);
}

int64_t plots_value_flight(const struct plots *v, const struct series_point *p)
{
    (void)v;
    return p->flight;
}

/* ---- throughput ------------------------------------------------------------------------- */

/* Bytes in each interval, sent and acknowledged, from the interval that `first` begins. */
struct rates {
    int64_t first;
    int count;
    int64_t *sent, *good; /* (owned) bytes a second */
};

static int64_t per_second(const struct plots *v, int64_t bytes)
{
    double rate = (double)bytes * 1e9 / (double)v->interval_ns;
    return rate < 1e18 ? (int64_t)rate : (int64_t)1e18;
}

static struct rates rates_in_sight(struct plots *v)
{
    int64_t from, to;
    plots_range(v, &from, &to);
    struct rates r = {.first = from - from % v->interval_ns};
    r.count = (int)((to - r.first) / v->interval_ns + 1);
    r.sent = xcalloc((size_t)r.count, sizeof *r.sent);
    r.good = xcalloc((size_t)r.count, sizeof *r.good);
    struct sight s = plots_sight_from(v, r.first, r.first + r.count * v->interval_ns - 1,
                                      (double)v->interval_ns);
    struct series_span span;
    while (sight_next(&s, &span)) {
        int64_t i = (span.from_ns - r.first) / v->interval_ns;
        if (i < 0 || i >= r.count)
            continue;
        r.sent[i] += span.sent_bytes;
        r.good[i] += span.acked_bytes;
    }
    for (int i = 0; i < r.count; i++) {
        r.sent[i] = per_second(v, r.sent[i]);
        r.good[i] = per_second(v, r.good[i]);
    }
    return r;
}

static void rates_free(struct rates *r)
{
    free(r->sent);
    free(r->good);
}

void plots_measure_rate(struct plots *v, struct series_extent *values, struct series_extent *window)
{
    struct rates r = rates_in_sight(v);
    (void)window;
    for (int i = 0; i < r.count; i++) {
        plots_stretch(values, r.sent[i]);
        plots_stretch(values, r.good[i]);
    }
    values->low = 0;
    rates_free(&r);
}

/* What arrived as columns, what was sent as a line over them. */
void plots_draw_rate(struct plots *v)
{
    struct rates r = rates_in_sight(v);
    struct pen sent = {0};
    int end = plots_line_end(v);
    for (int i = 0; i < r.count; i++) {
        int64_t at = r.first + i * v->interval_ns;
        int x0 = plots_x(v, at), x1 = plots_x(v, at + v->interval_ns) - 1;
        x0 = x0 > 0 ? x0 : 0;
        x1 = x1 < end ? x1 : end;
        for (int x = x0; x <= x1 && r.good[i] > 0; x++)
            canvas_bar(&v->canvas, x, 0, plots_y(v, r.good[i]), INK_GOOD);
        if (r.good[i] > 0)
            plots_see(v, INK_GOOD);
        if (x0 > end)
            break;
        pen_step(v, &sent, x0, plots_y(v, r.sent[i]), INK_DATA);
        pen_step(v, &sent, x1 > x0 ? x1 : x0, plots_y(v, r.sent[i]), INK_DATA);
    }
    rates_free(&r);
}

int64_t plots_value_none(const struct plots *v, const struct series_point *p)
{
    (void)v, (void)p;
    return SERIES_UNKNOWN;
}
