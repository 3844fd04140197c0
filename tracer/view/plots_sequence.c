/* Sequence numbers over time: Stevens's points, and tcptrace's segments between ACKs and window. */
#include "tracer/view/plots_kinds.h"
#include "tracer/view/plots_pen.h"

static int64_t edge_of(const struct series_state *s)
{
    bool known = s->acked != SERIES_UNKNOWN && s->window != SERIES_UNKNOWN;
    return known ? s->acked + s->window : SERIES_UNKNOWN;
}

/* What is sent again is above what is acknowledged, but not without the ACKs. */
static void measure_again(const struct series_span *span, struct series_extent *values)
{
    if (span->sign.flags & (SERIES_ACK | SERIES_RST))
        return;
    plots_stretch(values, span->sign.from);
    plots_stretch(values, span->sign.to);
}

void plots_measure_stevens(struct plots *v, struct series_extent *values,
                           struct series_extent *window)
{
    struct sight s = plots_survey(v);
    struct series_span span;
    (void)window;
    while (sight_next(&s, &span)) {
        plots_stretch_by(values, span.sent);
        measure_again(&span, values);
    }
}

void plots_measure_sequence(struct plots *v, struct series_extent *values,
                            struct series_extent *window)
{
    struct sight s = plots_survey(v);
    struct series_span span;
    plots_stretch(values, s.before.acked);
    plots_stretch(window, edge_of(&s.before));
    while (sight_next(&s, &span)) {
        plots_stretch_by(values, span.sent);
        plots_stretch_by(values, span.acked);
        plots_stretch_by(window, span.edge);
        measure_again(&span, values);
    }
}

void plots_draw_stevens(struct plots *v)
{
    struct sight s = plots_sight(v);
    struct series_span span;
    struct pen pen = {0};
    while (sight_next(&s, &span)) {
        int x = plots_span_x(v, &span), y = plots_y(v, span.sign.from);
        int low = span.count == 1 ? y : plots_y(v, span.sent.low);
        int high = span.count == 1 ? y : plots_y(v, span.sent.high);
        if (span.sign.flags & SERIES_ACK && span.count == 1)
            continue;
        if (span.sent.low <= span.sent.high)
            pen_bar(v, &pen, x, low, high, INK_POINT);
        if (!(span.sign.flags & SERIES_ACK))
            plots_mark(v, &span.sign, x, y, y);
    }
}

/* The blocks that an ACK reports beyond its number; looking them up takes a decode each, so that a
 * column shows no more than a few. */
static void draw_sacks(struct plots *v, const struct series_point *p, int x, int *column, int *here)
{
    struct series_range blocks[SERIES_SACK_MAX];
    *here = x == *column ? *here + 1 : 1;
    *column = x;
    if (*here > 2)
        return;
    int n = series_sacks(&v->series, p->event, p->to, blocks), top = -1;
    for (int i = 0; i < n; i++) {
        if (blocks[i].to <= p->to)
            continue; /* a duplicate SACK: below the ACK */
        int y = plots_y(v, blocks[i].to);
        canvas_bar(&v->canvas, x, plots_y(v, blocks[i].from), y, INK_SACK);
        top = y > top ? y : top;
    }
    if (top >= 0)
        plots_glyph(v, x, top, 'v', INK_SACK);
}

struct sequence_pens {
    struct pen data, ack, edge;
    int sack_column, sack_count;
};

/* One segment, in the ink of what became of it. */
static void draw_segment(struct plots *v, struct pen *pen, const struct series_point *p, int x)
{
    int ink = p->flags & SERIES_LOST ? INK_LOST : p->flags & SERIES_AGAIN ? INK_AGAIN : INK_DATA;
    if (!(p->flags & SERIES_RST))
        pen_bar(v, pen, x, plots_y(v, p->from), plots_y(v, p->to), ink);
}

static void draw_span(struct plots *v, struct sequence_pens *pens, const struct series_span *span,
                      const struct series_state *after)
{
    const struct series_point *p = &span->sign;
    int x = plots_span_x(v, span);
    pen_through(v, &pens->ack, x, span->acked, after->acked, INK_ACK);
    pen_through(v, &pens->edge, x, span->edge, edge_of(after), INK_WINDOW);
    if (!(p->flags & SERIES_ACK))
        draw_segment(v, &pens->data, p, x);
    if (span->sent.low <= span->sent.high)
        pen_bar(v, &pens->data, x, plots_y(v, span->sent.low), plots_y(v, span->sent.high),
                INK_DATA);
    if (p->flags & ~SERIES_ACK)
        plots_mark(v, p, x, plots_y(v, p->from), plots_y(v, p->to));
    if (span->count == 1 && p->flags & SERIES_ACK && p->flags & SERIES_SACK)
        draw_sacks(v, p, x, &pens->sack_column, &pens->sack_count);
}

void plots_draw_tcptrace(struct plots *v)
{
    struct sight s = plots_sight(v);
    struct series_span span;
    struct sequence_pens pens = {.sack_column = -1};
    int64_t edge = edge_of(&s.before);
    if (s.before.acked != SERIES_UNKNOWN)
        pen_step(v, &pens.ack, 0, plots_y(v, s.before.acked), INK_ACK);
    if (edge != SERIES_UNKNOWN)
        pen_step(v, &pens.edge, 0, plots_y(v, edge), INK_WINDOW);
    while (sight_next(&s, &span))
        draw_span(v, &pens, &span, &s.walk.state);
    if (pens.ack.down)
        pen_step(v, &pens.ack, plots_line_end(v), pens.ack.y, INK_ACK);
    if (pens.edge.down)
        pen_step(v, &pens.edge, plots_line_end(v), pens.edge.y, INK_WINDOW);
}

int64_t plots_value_sequence(const struct plots *v, const struct series_point *p)
{
    (void)v;
    return p->from;
}
