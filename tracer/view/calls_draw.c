/* The socket calls of a session, process by process, and how long each blocked:
 *
 *            C client  process 100  exited with 0           4 calls   20.123 ms in calls
 *   0.100200   socket(AF_INET, SOCK_STREAM) = 3                                    4 us
 *   0.100310   connect(3, S:9502) = 0                             ███         20.123 ms
 *   0.200090 ! read(3, 1024)                                      ██████▶      1.231 s ...
 *
 * A bar grows with the time blocked, a cell for each half power of ten from 1 ms on; `!` marks what
 * blocked for 100 ms or longer, `>` and `...` what blocks still. */
#include "tracer/view/calls.h"

#include "tracer/base/words.h"
#include "tracer/view/detail.h"
#include "tracer/view/glyph.h"

enum {
    BAR_COLS = 10,
    SPAN_COLS = 12,
    STILL_COLS = 4,
    CALL_COLS = 24, /* that a call keeps beside its line of code */
    LEAST_ROWS = 6,
    LEAST_COLS = 40,
    LONG_NS = 100000000
};

static enum role role_of_host(char host)
{
    return host == 'S' ? ROLE_HOST_S : ROLE_HOST_C;
}

static void heading_words(const struct calls *v, const struct process *p, struct text *out)
{
    text_format(out, "%c ", p->host ? p->host : '?');
    if (p->program)
        text_safe_str(out, p->program);
    text_add(out, p->program ? "  " : "");
    text_format(out, _("process %d"), p->pid);
    if (p->ended != TRACE_NONE) {
        text_add(out, "  ");
        label_note(trace_note(v->trace, p->ended), out);
    }
}

static void draw_heading(const struct process *p, struct grid *g, struct area a, struct text *words)
{
    struct text sum = {0};
    text_format(&sum, p->count == 1 ? _("%zu call") : _("%zu calls"), p->count);
    text_repeat(&sum, ' ', 2);
    label_span(p->returned_ns, &sum);
    int cols = grid_width_of(text_str(&sum)), room = a.cols - cols - STILL_COLS;
    grid_write(g, a.row, a.col, room - 1, text_str(words), role_of_host(p->host));
    if (room > 0)
        grid_write_right(g, a.row, a.col + room, cols, text_str(&sum), ROLE_DIM);
    text_free(&sum);
}

/* Cells of the bar: one at 1 ms, one more for each time that it is 3.16 times longer. */
static int bar_cells(int64_t ns)
{
    int n = 0;
    for (int64_t limit = 1000000; ns >= limit && n < BAR_COLS; n++)
        limit = n % 2 == 0 ? limit / 100 * 316 : limit / 316 * 1000;
    return n;
}

static enum role role_of_call(const struct calls *v, const struct process *p, const struct call *c)
{
    if (c->error)
        return ROLE_CALL_FAILED;
    return c->exit_ns < 0 || calls_blocked_ns(v, p, c) >= LONG_NS ? ROLE_CALL_BLOCKED : ROLE_CALL;
}

static void draw_blocked(const struct calls *v, const struct process *p, const struct call *c,
                         struct grid *g, struct area a)
{
    int64_t ns = calls_blocked_ns(v, p, c);
    bool still = c->exit_ns < 0;
    enum role role = role_of_call(v, p, c);
    int cells = bar_cells(ns),
        bar = a.cols >= BAR_COLS + SPAN_COLS + STILL_COLS + 1 ? BAR_COLS + 1 : 0;
    struct text words = {0};
    if (bar > 0) {
        grid_across(g, a.row, a.col, cells, GLYPH_BAR, role);
        if (still)
            grid_put(g, a.row, a.col + (cells < BAR_COLS ? cells : BAR_COLS), GLYPH_HEAD_RIGHT,
                     role);
    }
    label_span(ns, &words);
    grid_write_right(g, a.row, a.col + bar, SPAN_COLS, text_str(&words), role);
    if (still)
        grid_write(g, a.row, a.col + bar + SPAN_COLS, STILL_COLS,
                   p->ended == TRACE_NONE ? " ..." : _(" end"), role);
    text_free(&words);
}

static void call_time(const struct calls *v, const struct process *p, size_t i, struct text *out)
{
    const struct call *c = calls_call_of(v, p->events[i]);
    if (v->time == TIME_CLOCK)
        label_clock(c->enter_ns, out);
    else if (v->time == TIME_SINCE_LAST)
        text_char(out, '+'),
            label_seconds(i > 0 ? c->enter_ns - calls_call_of(v, p->events[i - 1])->enter_ns : 0,
                          out);
    else
        label_seconds(c->enter_ns - trace_time(v->trace, 0), out);
}

static int time_cols(const struct calls *v, int cols)
{
    static const int wide[TIME_FORMAT_COUNT] = {8, 15, 10};
    int n = wide[v->time];
    if (cols < 64)
        return 0;
    if (v->time == TIME_SINCE_START && trace_event_count(v->trace) > 0)
        for (int64_t limit = 10000000000;
             calls_now_ns(v) - trace_time(v->trace, 0) >= limit && n < 14; limit *= 10)
            n++;
    return n + 1;
}

/* At the right end, where there is room; returns the columns it takes. */
static int draw_line_of_code(const struct call *c, struct grid *g, struct area a)
{
    struct text words = {0};
    trace_call_line(c, &words);
    int cols = grid_width_of(text_str(&words));
    bool room = cols > 0 && cols + 2 <= a.cols - CALL_COLS;
    if (room)
        grid_write_right(g, a.row, a.col, a.cols, text_str(&words), ROLE_DIM);
    text_free(&words);
    return room ? cols + 2 : 0;
}

static void draw_call(const struct calls *v, const struct process *p, size_t i, struct grid *g,
                      struct area a)
{
    const struct call *c = calls_call_of(v, p->events[i]);
    int time = time_cols(v, a.cols),
        blocked = SPAN_COLS + STILL_COLS + 1 + (a.cols < 64 ? 0 : BAR_COLS + 1);
    int cols = a.cols - time - 2 - blocked;
    struct text words = {0};
    if (time > 0) {
        call_time(v, p, i, &words);
        grid_write_right(g, a.row, a.col, time - 1, text_str(&words), ROLE_TIME);
        text_clear(&words);
    }
    if (c->exit_ns < 0 || calls_blocked_ns(v, p, c) >= LONG_NS)
        grid_put(g, a.row, a.col + time, c->exit_ns < 0 ? '>' : '!', role_of_call(v, p, c));
    cols -= draw_line_of_code(c, g, (struct area){a.row, a.col + time + 2, 1, cols});
    label_call(v->trace, c, c->exit_ns < 0 ? CALL_ENTERED : CALL_WHOLE, cols, &words);
    grid_write(g, a.row, a.col + time + 2, cols, text_str(&words), role_of_call(v, p, c));
    draw_blocked(v, p, c, g, (struct area){a.row, a.col + a.cols - blocked + 1, 1, blocked - 1});
    grid_target(g, a, p->events[i]);
    text_free(&words);
}

void calls_row_text(void *view, struct view_position p, struct text *out)
{
    const struct calls *v = view;
    struct place at;
    if (!calls_place_of(v, (size_t)p.row, &at) || at.blank)
        return;
    const struct process *process = &v->processes[at.process];
    if (at.call == SIZE_MAX) {
        heading_words(v, process, out);
        return;
    }
    const struct call *c = calls_call_of(v, process->events[at.call]);
    call_time(v, process, at.call, out);
    text_add(out, "  ");
    label_call(v->trace, c, c->exit_ns < 0 ? CALL_ENTERED : CALL_WHOLE, 200, out);
    text_add(out, "  ");
    label_span(calls_blocked_ns(v, process, c), out);
    if (c->exit_ns < 0)
        text_add(out, " ...");
    text_add(out, c->file ? "  " : "");
    label_caller(c, out);
}

static void draw_body(const struct calls *v, struct grid *g, struct area a)
{
    struct place at;
    struct text words = {0};
    for (int row = 0; row < a.rows && calls_place_of(v, v->top + (size_t)row, &at); row++) {
        const struct process *p = &v->processes[at.process];
        text_clear(&words);
        struct area line = {a.row + row, a.col, 1, a.cols};
        if (!at.blank && at.call == SIZE_MAX)
            heading_words(v, p, &words), draw_heading(p, g, line, &words);
        else if (!at.blank)
            draw_call(v, p, at.call, g, line);
        if (v->top + (size_t)row == v->cursor && (!v->follow || v->pane.open))
            grid_select(g, line);
    }
    text_free(&words);
}

static void explain_process(const struct calls *v, const struct process *p, struct lines *out)
{
    struct text words = {0};
    out->lead_cols = 9;
    heading_words(v, p, &words);
    detail_line(out, "process", &words, ROLE_NORMAL);
    text_format(&words, p->count == 1 ? _("%zu socket call") : _("%zu socket calls"), p->count);
    detail_line(out, "calls", &words, ROLE_NORMAL);
    label_span(p->returned_ns, &words);
    detail_line(out, "time", &words, ROLE_TIME);
    lines_remark(out,
                 _("From entry to return, over all that have returned; calls of several threads "
                   "at once count each."));
    text_free(&words);
}

static void explain(const struct calls *v, struct lines *out)
{
    struct place at;
    if (!calls_place_of(v, v->cursor, &at) || at.blank)
        detail_of_event(v->trace, TRACE_NONE, out);
    else if (at.call != SIZE_MAX)
        detail_of_event(v->trace, v->processes[at.process].events[at.call], out);
    else
        explain_process(v, &v->processes[at.process], out);
}

static void draw_none(const struct calls *v, struct grid *g, struct area a)
{
    struct lines lines = {0};
    lines_add(&lines, NULL,
              trace_session(v->trace)->present
                  ? _("No program has made a socket call yet.")
                  : _("A capture of packets holds no socket calls. A session does: "
                      "tcplab trace -w FILE -- PROGRAM writes one, tcpladder -r FILE shows it."),
              ROLE_DIM);
    lines_draw(&lines, 0, g, (struct area){a.row + 1, a.col + 2, a.rows - 1, a.cols - 4});
    lines_free(&lines);
}

void calls_draw(void *view, struct grid *g, struct area a)
{
    struct calls *v = view;
    if (a.cols < LEAST_COLS || a.rows < LEAST_ROWS) {
        grid_write(g, a.row, a.col, a.cols, _("too small: 40x10 at least"), ROLE_ERROR);
        return;
    }
    if (v->count == 0) {
        draw_none(v, g, a);
        return;
    }
    int pane = pane_rows(&v->pane, a.rows);
    calls_settle(v, a.rows - pane);
    draw_body(v, g, (struct area){a.row, a.col, a.rows - pane, a.cols});
    if (pane > 0) {
        struct lines lines = {0};
        explain(v, &lines);
        pane_draw(&v->pane, &lines, g, (struct area){a.row + a.rows - pane, a.col, pane, a.cols});
        lines_free(&lines);
    }
}
