/* The socket calls of a session, process by process, and how long each blocked:
 *
 *            C client  process 100  exited with 0           4 calls   20.123 ms in calls
 *   0.100200   socket(AF_INET, SOCK_STREAM) = 3                                    4 us
 *   0.100310   connect(3, S:9502) = 0                             ######      20.123 ms
 *   0.200090 ! read(3, 1024)                                      #########>   1.231 s ...
 *
 * A bar grows with the time blocked, a cell for each half power of ten from 1 ms on; `!` marks what
 * blocked for 100 ms or longer, `>` and `...` what blocks still. */
#include "tracer/view/label.h"
#include "tracer/view/view.h"

#include "tracer/base/alloc.h"
#include "tracer/trace/keyed.h"
#include "tracer/view/detail.h"
#include "tracer/view/glyph.h"
#include "tracer/view/pane.h"

#include <stdlib.h>

enum { BAR_COLS = 10, SPAN_COLS = 12, LEAST_ROWS = 6, LEAST_COLS = 40, LONG_NS = 100000000 };

struct process {
    char host;
    int pid;
    const char *program; /* (borrowed from the trace) NULL where not known */
    uint32_t ended;      /* the note that tells its end; TRACE_NONE while it runs */
    uint32_t *events;    /* (owned) the entries of its calls, as trace events */
    size_t count, cap;
};

struct calls {
    const struct trace *trace; /* (borrowed) */
    size_t taken;
    struct process *processes; /* (owned) those that called anything or were said to start */
    size_t count, cap;
    struct keyed by_pid;
    size_t newest;      /* the process of the latest call */
    size_t only;        /* the one process shown; SIZE_MAX: all */
    size_t cursor, top; /* rows */
    bool follow;
    enum time_format time;
    struct pane pane;
    int body_rows;
};

static void *calls_open(const struct trace *trace)
{
    struct calls *v = xcalloc(1, sizeof *v);
    *v = (struct calls){.trace = trace, .only = SIZE_MAX, .follow = true, .body_rows = 1};
    return v;
}

static void calls_close(void *view)
{
    struct calls *v = view;
    for (size_t i = 0; i < v->count; i++)
        free(v->processes[i].events);
    free(v->processes);
    keyed_free(&v->by_pid);
    free(v);
}

/* ---- the model -------------------------------------------------------------------------- */

/* A process that was told to have ended and calls again is another one with its number. */
static size_t process_of(struct calls *v, char host, int pid)
{
    struct key key = {.a = (uint64_t)(unsigned)pid, .c = (unsigned char)host};
    uint32_t found = keyed_find(&v->by_pid, key);
    if (found != KEYED_NONE)
        return found;
    xgrow(&v->processes, &v->cap, v->count, sizeof *v->processes);
    v->processes[v->count] = (struct process){.host = host, .pid = pid, .ended = TRACE_NONE};
    keyed_add(&v->by_pid, key, (uint32_t)v->count);
    return v->count++;
}

static void take_call(struct calls *v, uint32_t event, const struct call *c)
{
    v->newest = process_of(v, c->host, c->pid);
    struct process *p = &v->processes[v->newest];
    xgrow(&p->events, &p->cap, p->count, sizeof *p->events);
    p->events[p->count++] = event;
}

static void take_process(struct calls *v, uint32_t index)
{
    const struct note *n = trace_note(v->trace, index);
    if (n->pid <= 0)
        return;
    size_t i = process_of(v, n->host, n->pid);
    if (n->event == PROCESS_STARTED && v->processes[i].ended != TRACE_NONE) {
        keyed_take(&v->by_pid,
                   (struct key){.a = (uint64_t)(unsigned)n->pid, .c = (unsigned char)n->host});
        i = process_of(v, n->host, n->pid);
    }
    if (n->event == PROCESS_STARTED)
        v->processes[i].program = n->text && *n->text ? n->text : NULL;
    else
        v->processes[i].ended = index;
}

static bool calls_update(void *view)
{
    struct calls *v = view;
    size_t n = trace_event_count(v->trace);
    bool any = v->taken < n; /* a call that blocks has blocked for longer */
    for (; v->taken < n; v->taken++) {
        const struct trace_event *e = trace_event(v->trace, v->taken);
        if (e->kind == TRACE_CALL_ENTER)
            take_call(v, (uint32_t)v->taken, trace_call(v->trace, e->index));
        else if (e->kind == TRACE_PROCESS)
            take_process(v, e->index);
    }
    return any;
}

static int64_t now_ns(const struct calls *v)
{
    size_t n = trace_event_count(v->trace);
    return n > 0 ? trace_event(v->trace, n - 1)->time_ns : 0;
}

static const struct call *call_of(const struct calls *v, uint32_t event)
{
    return trace_call(v->trace, trace_event(v->trace, event)->index);
}

/* How long a call took, to this moment where it has not returned. */
static int64_t blocked_ns(const struct calls *v, const struct process *p, const struct call *c)
{
    int64_t end = c->exit_ns >= 0 ? c->exit_ns : now_ns(v);
    if (c->exit_ns < 0 && p->ended != TRACE_NONE)
        end = trace_note(v->trace, p->ended)->time_ns;
    return end > c->enter_ns ? end - c->enter_ns : 0;
}

/* ---- rows ------------------------------------------------------------------------------- */

/* A row: a process' heading (call SIZE_MAX), the blank before the next one's, or a call. */
struct place {
    size_t process, call;
    bool blank;
};

static size_t rows_of(const struct calls *v, size_t process)
{
    return v->processes[process].count + (v->only == SIZE_MAX && process + 1 < v->count ? 2 : 1);
}

static size_t first_shown(const struct calls *v)
{
    return v->only == SIZE_MAX ? 0 : v->only;
}

static size_t end_shown(const struct calls *v)
{
    return v->only == SIZE_MAX ? v->count : v->only + 1;
}

static size_t row_count(const struct calls *v)
{
    size_t n = 0;
    for (size_t i = first_shown(v); i < end_shown(v); i++)
        n += rows_of(v, i);
    return n;
}

static bool place_of(const struct calls *v, size_t row, struct place *out)
{
    for (size_t i = first_shown(v); i < end_shown(v); row -= rows_of(v, i), i++) {
        if (row >= rows_of(v, i))
            continue;
        *out = (struct place){i, row == 0 ? SIZE_MAX : row - 1, row > v->processes[i].count};
        return true;
    }
    return false;
}

/* The row of the call made last. */
static size_t newest_row(const struct calls *v)
{
    size_t row = 0;
    size_t process = v->only == SIZE_MAX ? v->newest : v->only;
    for (size_t i = first_shown(v); i < process; i++)
        row += rows_of(v, i);
    return row + (process < v->count ? v->processes[process].count : 0);
}

static void settle(struct calls *v, int body_rows)
{
    size_t n = row_count(v), height = body_rows > 0 ? (size_t)body_rows : 1;
    v->body_rows = (int)height;
    if (v->follow)
        v->cursor = newest_row(v);
    if (v->cursor >= n)
        v->cursor = n > 0 ? n - 1 : 0;
    if (v->cursor < v->top)
        v->top = v->cursor;
    if (v->cursor >= v->top + height)
        v->top = v->cursor + 1 - height;
    if (v->top + height > n)
        v->top = n > height ? n - height : 0;
}

/* ---- commands --------------------------------------------------------------------------- */

static enum view_answer move_to(struct calls *v, size_t row)
{
    size_t n = row_count(v);
    v->cursor = row < n ? row : n > 0 ? n - 1 : 0;
    v->follow = false;
    v->pane.skip = 0;
    return VIEW_REDRAW;
}

static enum view_answer move_by(struct calls *v, int rows)
{
    struct place p;
    size_t away = (size_t)abs(rows);
    size_t to = rows > 0 ? v->cursor + away : v->cursor > away ? v->cursor - away : 0;
    if (place_of(v, to, &p) && p.blank)
        to += rows > 0 ? 1 : 0 - (size_t)1;
    return move_to(v, to);
}

/* Show one process, or all (SIZE_MAX), from its first call. */
static enum view_answer show(struct calls *v, size_t only)
{
    v->only = only;
    v->cursor = v->top = 0;
    v->pane.skip = 0;
    return VIEW_REDRAW;
}

static enum view_answer step_process(struct calls *v, int by)
{
    size_t n = v->count;
    if (n == 0)
        return VIEW_DONE;
    if (v->only == SIZE_MAX)
        return show(v, by > 0 ? 0 : n - 1);
    return show(v, (v->only + (by > 0 ? 1 : n - 1)) % n);
}

/* To the next call that blocked. */
static enum view_answer move_to_blocked(struct calls *v, int by)
{
    struct place at;
    for (size_t row = v->cursor; by > 0 || row > 0;) {
        row = by > 0 ? row + 1 : row - 1;
        if (!place_of(v, row, &at))
            return VIEW_DONE;
        const struct process *p = &v->processes[at.process];
        if (!at.blank && at.call != SIZE_MAX &&
            blocked_ns(v, p, call_of(v, p->events[at.call])) >= 1000000)
            return move_to(v, row);
    }
    return VIEW_DONE;
}

static enum view_answer set_follow(struct calls *v, bool follow)
{
    v->follow = follow;
    return VIEW_REDRAW;
}

static enum view_answer next_time(struct calls *v)
{
    v->time = (v->time + 1) % TIME_FORMAT_COUNT;
    return VIEW_REDRAW;
}

static enum view_answer calls_command(void *view, enum command c)
{
    struct calls *v = view;
    int page = v->body_rows > 1 ? v->body_rows - 1 : 1;
    switch (c) {
    case COMMAND_UP: return move_by(v, -1);
    case COMMAND_DOWN: return move_by(v, 1);
    case COMMAND_PAGE_UP: return move_by(v, -page);
    case COMMAND_PAGE_DOWN: return move_by(v, page);
    case COMMAND_FIRST: return move_to(v, 0);
    case COMMAND_LAST: return move_to(v, SIZE_MAX);
    case COMMAND_PREVIOUS_SEGMENT: return move_to_blocked(v, -1);
    case COMMAND_NEXT_SEGMENT: return move_to_blocked(v, 1);
    case COMMAND_FOLLOW: return set_follow(v, !v->follow);
    case COMMAND_TIME: return next_time(v);
    case COMMAND_NEXT_FLOW: return step_process(v, 1);
    case COMMAND_PREVIOUS_FLOW: return step_process(v, -1);
    case COMMAND_ALL_FLOWS: return show(v, SIZE_MAX);
    default: return pane_command(&v->pane, c);
    }
}

/* ---- drawing ---------------------------------------------------------------------------- */

static enum role role_of_host(char host)
{
    return host == 'S' ? ROLE_HOST_S : ROLE_HOST_C;
}

static void heading_words(const struct calls *v, const struct process *p, struct text *out)
{
    text_format(out, "%c ", p->host ? p->host : '?');
    if (p->program)
        text_safe_str(out, p->program);
    text_format(out, "%sprocess %d", p->program ? "  " : "", p->pid);
    if (p->ended != TRACE_NONE) {
        text_add(out, "  ");
        label_note(trace_note(v->trace, p->ended), out);
    }
}

static void draw_heading(const struct calls *v, const struct process *p, struct grid *g,
                         struct area a)
{
    struct text words = {0}, sum = {0};
    int64_t all = 0;
    for (size_t i = 0; i < p->count; i++)
        all += blocked_ns(v, p, call_of(v, p->events[i]));
    text_format(&sum, "%zu call%s, ", p->count, p->count == 1 ? "" : "s");
    label_span(all, &sum);
    int cols = grid_width_of(text_str(&sum));
    heading_words(v, p, &words);
    grid_write(g, a.row, a.col, a.cols - cols - 2, text_str(&words), role_of_host(p->host));
    if (a.cols > cols)
        grid_write_right(g, a.row, a.col + a.cols - cols - 1, cols, text_str(&sum), ROLE_DIM);
    text_free(&words);
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
    return c->exit_ns < 0 || blocked_ns(v, p, c) >= LONG_NS ? ROLE_CALL_BLOCKED : ROLE_CALL;
}

static void draw_blocked(const struct calls *v, const struct process *p, const struct call *c,
                         struct grid *g, struct area a)
{
    int64_t ns = blocked_ns(v, p, c);
    bool still = c->exit_ns < 0;
    enum role role = role_of_call(v, p, c);
    int cells = bar_cells(ns), bar = a.cols >= BAR_COLS + SPAN_COLS + 5 ? BAR_COLS + 1 : 0;
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
        grid_write(g, a.row, a.col + bar + SPAN_COLS, 4, p->ended == TRACE_NONE ? " ..." : " end",
                   role);
    text_free(&words);
}

static void call_time(const struct calls *v, const struct process *p, size_t i, struct text *out)
{
    const struct call *c = call_of(v, p->events[i]);
    if (v->time == TIME_CLOCK)
        label_clock(c->enter_ns, out);
    else if (v->time == TIME_SINCE_LAST)
        text_char(out, '+'),
            label_seconds(i > 0 ? c->enter_ns - call_of(v, p->events[i - 1])->enter_ns : 0, out);
    else
        label_seconds(c->enter_ns - trace_event(v->trace, 0)->time_ns, out);
}

static int time_cols(const struct calls *v, int cols)
{
    static const int wide[TIME_FORMAT_COUNT] = {8, 15, 10};
    int n = wide[v->time];
    if (cols < 64)
        return 0;
    if (v->time == TIME_SINCE_START && trace_event_count(v->trace) > 0)
        for (int64_t limit = 10000000000;
             now_ns(v) - trace_event(v->trace, 0)->time_ns >= limit && n < 14; limit *= 10)
            n++;
    return n + 1;
}

static void draw_call(const struct calls *v, const struct process *p, size_t i, struct grid *g,
                      struct area a)
{
    const struct call *c = call_of(v, p->events[i]);
    int time = time_cols(v, a.cols), blocked = SPAN_COLS + 5 + (a.cols < 64 ? 0 : BAR_COLS + 1);
    int cols = a.cols - time - 2 - blocked;
    struct text words = {0};
    if (time > 0) {
        call_time(v, p, i, &words);
        grid_write_right(g, a.row, a.col, time - 1, text_str(&words), ROLE_TIME);
        text_clear(&words);
    }
    if (c->exit_ns < 0 || blocked_ns(v, p, c) >= LONG_NS)
        grid_put(g, a.row, a.col + time, c->exit_ns < 0 ? '>' : '!', role_of_call(v, p, c));
    label_call(v->trace, c, c->exit_ns < 0 ? CALL_ENTERED : CALL_WHOLE, cols, &words);
    grid_write(g, a.row, a.col + time + 2, cols, text_str(&words), role_of_call(v, p, c));
    draw_blocked(v, p, c, g, (struct area){a.row, a.col + a.cols - blocked + 1, 1, blocked - 1});
    grid_target(g, a, p->events[i]);
    text_free(&words);
}

static void draw_body(const struct calls *v, struct grid *g, struct area a)
{
    struct place at;
    for (int row = 0; row < a.rows && place_of(v, v->top + (size_t)row, &at); row++) {
        const struct process *p = &v->processes[at.process];
        struct area line = {a.row + row, a.col, 1, a.cols};
        if (!at.blank && at.call == SIZE_MAX)
            draw_heading(v, p, g, line);
        else if (!at.blank)
            draw_call(v, p, at.call, g, line);
        if (v->top + (size_t)row == v->cursor && (!v->follow || v->pane.open))
            grid_select(g, line);
    }
}

static void explain(const struct calls *v, struct lines *out)
{
    struct place at;
    uint32_t event = TRACE_NONE;
    if (place_of(v, v->cursor, &at) && !at.blank && at.call != SIZE_MAX)
        event = v->processes[at.process].events[at.call];
    detail_of_event(v->trace, event, out);
}

static void draw_none(const struct calls *v, struct grid *g, struct area a)
{
    struct lines lines = {0};
    lines_add(&lines, NULL,
              trace_session(v->trace)->present
                  ? "No program has made a socket call yet."
                  : "A capture of packets holds no socket calls. A session does: "
                    "tcplab trace -w FILE -- PROGRAM writes one, tcpladder -r FILE shows it.",
              ROLE_DIM);
    lines_draw(&lines, 0, g, (struct area){a.row + 1, a.col + 2, a.rows - 1, a.cols - 4});
    lines_free(&lines);
}

static void calls_draw(void *view, struct grid *g, struct area a)
{
    struct calls *v = view;
    if (a.cols < LEAST_COLS || a.rows < LEAST_ROWS) {
        grid_write(g, a.row, a.col, a.cols, "too small: 40x10 at least", ROLE_ERROR);
        return;
    }
    if (v->count == 0) {
        draw_none(v, g, a);
        return;
    }
    int pane = pane_rows(&v->pane, a.rows);
    settle(v, a.rows - pane);
    draw_body(v, g, (struct area){a.row, a.col, a.rows - pane, a.cols});
    if (pane > 0) {
        struct lines lines = {0};
        explain(v, &lines);
        pane_draw(&v->pane, &lines, g, (struct area){a.row + a.rows - pane, a.col, pane, a.cols});
        lines_free(&lines);
    }
}

static void calls_status(const void *view, struct text *out)
{
    const struct calls *v = view;
    if (v->only != SIZE_MAX)
        text_format(out, "process %zu of %zu  ", v->only + 1, v->count);
    if (v->time != TIME_SINCE_START)
        text_format(out, "time: %s  ", time_format_name(v->time));
    text_add(out, "calls");
    if (v->follow)
        text_add(out, "  following");
}

const struct view_type calls_view = {
    .name = "calls",
    .help = "Each process' socket calls and how long they blocked: ! for 100 ms and more, > where "
            "one blocks still; Left and Right go to those that blocked, [ and ] show one process.",
    .open = calls_open,
    .close = calls_close,
    .update = calls_update,
    .draw = calls_draw,
    .command = calls_command,
    .status = calls_status,
};
