#include "tracer/view/plots_pen.h"

#include "tracer/view/glyph.h"

/* ---- pens ------------------------------------------------------------------------------- */

int plots_x(const struct plots *v, int64_t time_ns)
{
    return axis_dot(&v->across, time_ns);
}

int plots_span_x(const struct plots *v, const struct series_span *span)
{
    return plots_x(v, span->from_ns + (span->to_ns - span->from_ns) / 2);
}

int plots_y(const struct plots *v, int64_t value)
{
    return axis_dot(&v->up, value);
}

void plots_see(struct plots *v, int ink)
{
    v->seen |= 1u << ink;
}

void pen_cover(struct pen *pen, int x, int low, int high)
{
    bool joins = pen->down && x == pen->x && low <= pen->high + 1 && high >= pen->low - 1;
    pen->low = joins && pen->low < low ? pen->low : low;
    pen->high = joins && pen->high > high ? pen->high : high;
    pen->x = x;
    pen->down = true;
}

bool pen_covered(const struct pen *pen, int x, int low, int high)
{
    return pen->down && x == pen->x && low >= pen->low && high <= pen->high;
}

void pen_bar(struct plots *v, struct pen *pen, int x, int low, int high, int ink)
{
    if (pen_covered(pen, x, low, high))
        return;
    canvas_bar(&v->canvas, x, low, high, ink);
    pen_cover(pen, x, low, high);
    plots_see(v, ink);
}

void pen_step(struct plots *v, struct pen *pen, int x, int y, int ink)
{
    int from = pen->down ? pen->y : y;
    if (!pen_covered(pen, x, y, y))
        canvas_step(&v->canvas, pen->down ? pen->x : x, from, x, y, ink);
    pen_cover(pen, x, from < y ? from : y, from > y ? from : y);
    pen->y = y;
    plots_see(v, ink);
}

void plots_glyph(struct plots *v, int x, int y, uint32_t glyph, int ink)
{
    canvas_mark(&v->canvas, x, y, glyph, ink);
    if (x >= 0 && x < v->canvas.width && y >= 0 && y < v->canvas.height)
        plots_see(v, ink);
}

void pen_through(struct plots *v, struct pen *pen, int x, struct series_extent e, int64_t end,
                 int ink)
{
    if (e.low > e.high)
        return;
    int low = plots_y(v, e.low), high = e.low == e.high ? low : plots_y(v, e.high);
    if (end != SERIES_UNKNOWN)
        pen_step(v, pen, x, end == e.low ? low : plots_y(v, end), ink);
    if (high > low)
        pen_bar(v, pen, x, low, high, ink);
}

/* ---- walking what is in sight ----------------------------------------------------------- */

struct sight plots_sight_from(const struct plots *v, int64_t from, int64_t to, double each_ns)
{
    struct sight s = {.origin = plots_origin(v)};
    s.columns = (struct series_columns){s.origin + from, each_ns, s.origin + to, each_ns > 0};
    s.walk = series_walk(&v->series, series_find_time(&v->series, s.origin + from));
    s.before = s.walk.state;
    return s;
}

struct sight plots_survey(const struct plots *v)
{
    int64_t from, to;
    plots_range(v, &from, &to);
    return plots_sight_from(v, from, to, 0);
}

struct sight plots_sight(const struct plots *v)
{
    struct sight s = plots_survey(v);
    int columns = v->canvas.width > 1 ? v->canvas.width - 1 : 1;
    s.columns.each_ns = (double)(v->x.to - v->x.from) / columns;
    s.columns.strict = false;
    return s;
}

bool sight_next(struct sight *s, struct series_span *span)
{
    if (!series_next_span(&s->walk, &s->columns, span))
        return false;
    span->from_ns -= s->origin;
    span->to_ns -= s->origin;
    return true;
}

int plots_line_end(const struct plots *v)
{
    int x = plots_x(v, v->series.now.time_ns - plots_origin(v));
    return x < v->canvas.width ? x : v->canvas.width - 1;
}

void plots_stretch(struct series_extent *e, int64_t v)
{
    if (v == SERIES_UNKNOWN)
        return;
    e->low = v < e->low ? v : e->low;
    e->high = v > e->high ? v : e->high;
}

void plots_stretch_by(struct series_extent *e, struct series_extent by)
{
    e->low = by.low < e->low ? by.low : e->low;
    e->high = by.high > e->high ? by.high : e->high;
}

/* The mark that a segment bears, by what is gravest in it. */
void plots_mark(struct plots *v, const struct series_point *p, int x, int low, int high)
{
    if (p->flags & SERIES_RST)
        plots_glyph(v, x, high, '!', INK_RST);
    else if (p->flags & SERIES_ACK && p->flags & SERIES_ZERO)
        plots_glyph(v, x, low, 'Z', INK_ZERO);
    else if (p->flags & SERIES_ACK && p->flags & SERIES_REPEAT)
        plots_glyph(v, x, low, 'o', INK_REPEAT);
    else if (p->flags & SERIES_ACK)
        return;
    else if (p->flags & SERIES_LOST)
        plots_glyph(v, x, low, v->drawn.ascii ? 'x' : GLYPH_LOST, INK_LOST);
    else if (p->flags & SERIES_AGAIN)
        plots_glyph(v, x, low, 'R', INK_AGAIN);
    else if (p->flags & SERIES_SYN)
        plots_glyph(v, x, low, 'S', INK_EDGE);
    else if (p->flags & SERIES_FIN)
        plots_glyph(v, x, high, 'F', INK_EDGE);
}
