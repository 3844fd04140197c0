/* The congestion window as a host's kernel says it, in bytes: a line beside the bytes in flight. */
#include "tracer/view/plots_kinds.h"
#include "tracer/view/plots_pen.h"

/* RFC 7323, Appendix A: what the timestamps take of each segment. */
enum { TIMESTAMP_BYTES = 12, NAME_EACH_DOTS = 24 };

/* The bytes that a full segment of the connection holds, by its two SYNs; 0 where they do not both
 * say. */
static int64_t segment_bytes(const struct trace *t, uint32_t flow)
{
    struct tcp_header syn[SIDE_COUNT];
    bool seen[SIDE_COUNT] = {false, false};
    for (int side = 0; side < SIDE_COUNT; side++) {
        uint32_t i = trace_syn_of(t, flow, side);
        if (i == TRACE_NONE)
            return 0;
        struct frame frame = trace_segment_frame(t, i);
        struct packet p;
        packet_decode(&frame, &p);
        syn[side] = p.tcp;
        seen[side] = p.tcp.has_mss;
    }
    if (!seen[0] || !seen[1])
        return 0;
    int mss = syn[0].mss < syn[1].mss ? syn[0].mss : syn[1].mss;
    bool stamps = syn[0].has_timestamps && syn[1].has_timestamps;
    return stamps && mss > TIMESTAMP_BYTES ? mss - TIMESTAMP_BYTES : mss;
}

/* The words of the sender's kernel, in order; its window is known where it is not 0. */
static const struct kernel_word *next_word(const struct plots *v, uint32_t *i)
{
    for (; *i < trace_kernel_count(v->trace); (*i)++) {
        const struct kernel_word *w = trace_kernel(v->trace, *i);
        if (w->flow == v->series.flow && w->side == v->series.side && w->cwnd > 0)
            return w;
    }
    return NULL;
}

void plots_measure_cwnd(const struct plots *v, struct series_extent *values)
{
    const struct kernel_word *w;
    int64_t from, to, origin = plots_origin(v), before = SERIES_UNKNOWN;
    uint32_t i = 0;
    if (!next_word(v, &i))
        return;
    int64_t each = segment_bytes(v->trace, v->series.flow);
    plots_range(v, &from, &to);
    for (; each > 0 && (w = next_word(v, &i)) && w->time_ns - origin <= to; i++) {
        if (w->time_ns - origin < from)
            before = w->cwnd * each;
        else
            plots_stretch(values, w->cwnd * each);
    }
    plots_stretch(values, before);
}

void plots_draw_cwnd(struct plots *v)
{
    const struct kernel_word *w;
    int64_t from, to, origin = plots_origin(v), before = SERIES_UNKNOWN;
    struct pen pen = {0};
    int named = -NAME_EACH_DOTS;
    uint32_t i = 0;
    if (!next_word(v, &i))
        return;
    int64_t each = segment_bytes(v->trace, v->series.flow);
    plots_range(v, &from, &to);
    for (; each > 0 && (w = next_word(v, &i)) && w->time_ns - origin <= to; i++) {
        if (w->time_ns - origin < from) {
            before = w->cwnd * each;
            continue;
        }
        if (!pen.down && before != SERIES_UNKNOWN)
            pen_step(v, &pen, 0, plots_y(v, before), INK_CWND);
        int x = plots_x(v, w->time_ns - origin), y = plots_y(v, w->cwnd * each);
        pen_step(v, &pen, x, y, INK_CWND);
        if (x >= named + NAME_EACH_DOTS) { /* the line has the window's looks without colours */
            plots_glyph(v, x, y, 'c', INK_CWND);
            named = x;
        }
    }
    if (!pen.down && before != SERIES_UNKNOWN)
        pen_step(v, &pen, 0, plots_y(v, before), INK_CWND);
    if (!pen.down)
        return;
    pen_step(v, &pen, plots_line_end(v), pen.y, INK_CWND);
    plots_glyph(v, plots_line_end(v), pen.y, 'c', INK_CWND);
}
