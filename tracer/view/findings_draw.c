/* What the analysis found, a line each, and the reason of the selected one in full:
 *
 *  12 findings, 3 faults: 1 sent again, 8 duplicate ACK, 3 window update
 *      time    #  way  what                     why
 *  0.213001    0  C>S  ! sent again             sent again 213 ms later; 3 duplicate ACKs for ...
 *  ── 10.0.0.1:39870 > 10.0.0.2:9502, segment 17 ────────────────────────────────────────────
 *  sent again 213 ms later; 3 duplicate ACKs for 2001 had come; RTO not reached (412 ms)
 */
#include "tracer/view/findings.h"

#include "tracer/base/words.h"
#include "tracer/view/glyph.h"
#include "tracer/view/lines.h"

#include <stdlib.h>

enum {
    HEADER_ROWS = 2,
    FOOTER_ROWS = 4, /* the rule, and three lines of reason */
    LEAST_ROWS = 6,
    LEAST_COLS = 40,
    WAY_COLS = 3,
    TITLE_COLS = 25,
};

/* Where the columns begin. */
struct columns {
    int time, number, way, title, reason;
    int end;
};

static int digits(size_t n)
{
    int cols = 1;
    for (; n > 9; n /= 10)
        cols++;
    return cols;
}

static struct columns place_columns(const struct findings *v, struct area a)
{
    static const int wide[TIME_FORMAT_COUNT] = {9, 15, 10};
    struct columns c = {.time = wide[v->time]};
    size_t n = trace_event_count(v->trace);
    if (v->time == TIME_SINCE_START && n > 0)
        for (int64_t limit = 100000000000;
             trace_time(v->trace, n - 1) - trace_time(v->trace, 0) >= limit && c.time < 14;
             limit *= 10)
            c.time++;
    if (a.cols < 64)
        c.time = 0;
    int number = digits(trace_flow_count(v->trace));
    c.number = a.col + c.time + (c.time > 0 ? 2 : 0);
    c.way = c.number + number + 1;
    c.title = c.way + WAY_COLS + 2;
    c.reason = c.title + 2 + TITLE_COLS + 1;
    c.end = a.col + a.cols;
    return c;
}

/* ---- the heading ------------------------------------------------------------------------ */

static int by_count(const void *a, const void *b)
{
    const size_t *x = a, *y = b;
    return x[0] < y[0] ? 1 : x[0] > y[0] ? -1 : x[1] < y[1] ? -1 : x[1] > y[1];
}

static void counts_words(const struct findings *v, struct text *out)
{
    size_t order[FINDING_KIND_COUNT][2], n = 0;
    text_format(out, v->taken == 1 ? _("%zu finding") : _("%zu findings"), v->taken);
    text_format(out, v->faults == 1 ? _(", %zu fault") : _(", %zu faults"), v->faults);
    for (size_t kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        if (v->counts[kind] == 0)
            continue;
        order[n][0] = v->counts[kind];
        order[n++][1] = kind;
    }
    qsort(order, n, sizeof order[0], by_count);
    for (size_t i = 0; i < n; i++)
        text_format(out, "%s%zu %s", i == 0 ? _(": ") : _(", "), order[i][0],
                    finding_title((enum finding_kind)order[i][1]));
}

static void draw_heading(const struct findings *v, const struct columns *c, struct grid *g,
                         struct area a)
{
    struct text words = {0};
    counts_words(v, &words);
    grid_write(g, a.row, a.col + 1, a.cols - 1, text_str(&words), ROLE_HEADING);
    if (c->time > 0)
        grid_write_right(g, a.row + 1, a.col, c->time, _("time"), ROLE_DIM);
    grid_write_right(g, a.row + 1, c->number, c->way - c->number - 1, "#", ROLE_DIM);
    grid_write(g, a.row + 1, c->way, WAY_COLS, _("way"), ROLE_DIM);
    grid_write(g, a.row + 1, c->title + 2, c->end - c->title - 2, _("what"), ROLE_DIM);
    grid_write(g, a.row + 1, c->reason, c->end - c->reason, _("why"), ROLE_DIM);
    text_free(&words);
}

/* ---- the rows --------------------------------------------------------------------------- */

static void finding_time(const struct findings *v, size_t row, struct text *out)
{
    int64_t now = trace_segment(v->trace, findings_at(v, row)->segment).time_ns;
    if (v->time == TIME_CLOCK)
        label_clock(now, out);
    else if (v->time == TIME_SINCE_LAST && row == 0)
        text_add(out, "+0.000000");
    else if (v->time == TIME_SINCE_LAST)
        text_char(out, '+'),
            label_seconds(now - trace_segment(v->trace, findings_at(v, row - 1)->segment).time_ns,
                          out);
    else
        label_seconds(now - trace_time(v->trace, 0), out);
}

/* Who sent it: the hosts' letters, or an arrow as the connection was opened. */
static void way_words(const struct findings *v, uint32_t flow, int side, struct text *out)
{
    char from = trace_host_of(v->trace, flow, side), to = trace_host_of(v->trace, flow, !side);
    if (from && to)
        text_format(out, "%c>%c", from, to);
    else
        text_add(out, side == SIDE_INITIATOR ? "-->" : "<--");
}

void findings_row_text(void *view, struct view_position p, struct text *out)
{
    const struct findings *v = view;
    const struct finding *f = findings_at(v, (size_t)p.row);
    int side;
    uint32_t flow = trace_segment_flow(v->trace, f->segment, &side);
    finding_time(v, (size_t)p.row, out);
    text_add(out, "  ");
    text_format(out, _("connection %u"), flow + 1);
    text_char(out, ' ');
    way_words(v, flow, side, out);
    text_format(out, "  %s: ", finding_title((enum finding_kind)f->kind));
    finding_reason(f, out);
}

static void draw_row(const struct findings *v, size_t row, const struct columns *c, struct grid *g,
                     struct area line)
{
    const struct finding *f = findings_at(v, row);
    enum finding_kind kind = (enum finding_kind)f->kind;
    bool fault = finding_severity(kind) == FINDING_FAULT;
    int side;
    uint32_t flow = trace_segment_flow(v->trace, f->segment, &side);
    struct text words = {0};
    if (c->time > 0) {
        finding_time(v, row, &words);
        grid_write_right(g, line.row, line.col, c->time, text_str(&words), ROLE_TIME);
    }
    text_clear(&words);
    text_u64(&words, flow + 1);
    grid_write_right(g, line.row, c->number, c->way - c->number - 1, text_str(&words), ROLE_DIM);
    text_clear(&words);
    way_words(v, flow, side, &words);
    grid_write(g, line.row, c->way, WAY_COLS, text_str(&words),
               side == SIDE_INITIATOR ? ROLE_HOST_C : ROLE_HOST_S);
    enum role role = fault ? ROLE_AGAIN : ROLE_NORMAL;
    if (fault)
        grid_put(g, line.row, c->title, '!', role);
    grid_write(g, line.row, c->title + 2, c->end - c->title - 2, finding_title(kind), role);
    text_clear(&words);
    finding_reason(f, &words);
    grid_write(g, line.row, c->reason, c->end - c->reason, text_str(&words), ROLE_NORMAL);
    if (row == v->cursor)
        grid_select(g, line);
    text_free(&words);
}

/* ---- the selected one ------------------------------------------------------------------- */

static void draw_selected(const struct findings *v, struct grid *g, struct area a)
{
    grid_across(g, a.row, a.col, a.cols, GLYPH_ACROSS, ROLE_DIM);
    if (v->cursor >= findings_rows(v))
        return;
    const struct finding *f = findings_at(v, v->cursor);
    struct segment s = trace_segment(v->trace, f->segment);
    const struct flow *flow = trace_flow(v->trace, s.flow);
    struct text words = {0};
    text_char(&words, ' ');
    endpoint_text(&flow->ends[s.side], &words);
    text_add(&words, " > ");
    endpoint_text(&flow->ends[!s.side], &words);
    text_format(&words, _(", frame %llu "), (unsigned long long)s.frame);
    grid_write(g, a.row, a.col + 2, a.cols - 4, text_str(&words), ROLE_HEADING);
    text_clear(&words);
    finding_reason(f, &words);
    text_add(&words, _("."));
    struct lines lines = {0};
    lines_add(&lines, NULL, text_str(&words), ROLE_NORMAL);
    lines_draw(&lines, 0, g, (struct area){a.row + 1, a.col + 1, a.rows - 1, a.cols - 2});
    lines_free(&lines);
    text_free(&words);
}

static void draw_none(const struct findings *v, struct grid *g, struct area a)
{
    const char *words = trace_segment_count(v->trace) == 0
                            ? _("No TCP segment has been seen yet.")
                            : _("Nothing to remark: all segments came as they should.");
    grid_write(g, a.row + 1, a.col + 2, a.cols - 3, words, ROLE_DIM);
}

void findings_draw(void *view, struct grid *g, struct area a)
{
    struct findings *v = view;
    if (a.cols < LEAST_COLS || a.rows < LEAST_ROWS) {
        grid_write(g, a.row, a.col, a.cols, _("too small: 40x10 at least"), ROLE_ERROR);
        return;
    }
    if (v->known == 0) {
        draw_none(v, g, a);
        return;
    }
    int body = a.rows - HEADER_ROWS - FOOTER_ROWS;
    struct columns c = place_columns(v, a);
    findings_settle(v, body);
    draw_heading(v, &c, g, a);
    for (int i = 0; i < body && v->top + (size_t)i < findings_rows(v); i++)
        draw_row(v, v->top + (size_t)i, &c, g,
                 (struct area){a.row + HEADER_ROWS + i, a.col, 1, a.cols});
    draw_selected(v, g, (struct area){a.row + a.rows - FOOTER_ROWS, a.col, FOOTER_ROWS, a.cols});
}
