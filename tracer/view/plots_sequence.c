/* Sequence numbers over time: Stevens's points, and tcptrace's segments between ACKs and window. */
#include "tracer/view/plots_kinds.h"
#include "tracer/view/plots_pen.h"

static int64_t edge_of(const struct series_state *s)
{
    bool known = s->acked != SERIES_UNKNOWN && s->window != SERIES_UNKNOWN;
    return known ? s->acked + s->window : SERIES_UNKNOWN;
}

void plots_measure_sequence(struct plots *v, struct plot_span *values, struct plot_span *window)
{
    struct sight s = plots_sight(v);
    struct series_point p;
    bool lines = v->kind == PLOT_TCPTRACE;
    if (lines) {
        plots_stretch(values, s.before.acked);
        plots_stretch(window, edge_of(&s.before));
    }
    while (sight_next(&s, &p)) {
        if (p.flags & SERIES_RST || (p.flags & SERIES_ACK && !lines))
            continue;
        plots_stretch(values, p.from);
        plots_stretch(values, p.to);
        if (lines)
            plots_stretch(window, p.edge);
    }
}

void plots_draw_stevens(struct plots *v)
{
    struct sight s = plots_sight(v);
    struct series_point p;
    struct pen pen = {0};
    while (sight_next(&s, &p)) {
        if (p.flags & SERIES_ACK)
            continue;
        int x = plots_x(v, p.time_ns), y = plots_y(v, p.from);
        if (!pen_covered(&pen, x, y, y))
            canvas_dot(&v->canvas, x, y, p.flags & SERIES_AGAIN ? INK_AGAIN : INK_DATA);
        pen_cover(&pen, x, y, y);
        plots_see(v, INK_DATA);
        plots_mark(v, &p, x, y, y);
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

static void draw_ack(struct plots *v, struct sequence_pens *pens, const struct series_point *p)
{
    int x = plots_x(v, p->time_ns), y = plots_y(v, p->to);
    if (!(p->flags & SERIES_RST))
        pen_step(v, &pens->ack, x, y, INK_ACK);
    if (p->edge != SERIES_UNKNOWN)
        pen_step(v, &pens->edge, x, plots_y(v, p->edge), INK_WINDOW);
    plots_mark(v, p, x, y, y);
    if (p->flags & SERIES_SACK)
        draw_sacks(v, p, x, &pens->sack_column, &pens->sack_count);
}

void plots_draw_tcptrace(struct plots *v)
{
    struct sight s = plots_sight(v);
    struct series_point p;
    struct sequence_pens pens = {.sack_column = -1};
    int64_t edge = edge_of(&s.before);
    if (s.before.acked != SERIES_UNKNOWN)
        pen_step(v, &pens.ack, 0, plots_y(v, s.before.acked), INK_ACK);
    if (edge != SERIES_UNKNOWN)
        pen_step(v, &pens.edge, 0, plots_y(v, edge), INK_WINDOW);
    while (sight_next(&s, &p)) {
        if (p.flags & SERIES_ACK) {
            draw_ack(v, &pens, &p);
            continue;
        }
        int x = plots_x(v, p.time_ns), low = plots_y(v, p.from), high = plots_y(v, p.to);
        int ink = p.flags & SERIES_LOST ? INK_LOST : p.flags & SERIES_AGAIN ? INK_AGAIN : INK_DATA;
        if (!(p.flags & SERIES_RST))
            pen_bar(v, &pens.data, x, low, high, ink);
        plots_mark(v, &p, x, low, high);
    }
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
