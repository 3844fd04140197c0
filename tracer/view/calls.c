#include "tracer/view/calls.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/view/scroll.h"

#include <stdlib.h>

enum { WORTH_A_STOP_NS = 1000000 }; /* Left and Right pass over calls that blocked for less */

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

static void take_return(struct calls *v, const struct call *c)
{
    v->processes[process_of(v, c->host, c->pid)].returned_ns += c->exit_ns - c->enter_ns;
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
        struct trace_event e = trace_event(v->trace, v->taken);
        if (e.kind == TRACE_CALL_ENTER)
            take_call(v, (uint32_t)v->taken, trace_call(v->trace, e.index));
        else if (e.kind == TRACE_CALL_EXIT)
            take_return(v, trace_call(v->trace, e.index));
        else if (e.kind == TRACE_PROCESS)
            take_process(v, e.index);
    }
    return any;
}

int64_t calls_now_ns(const struct calls *v)
{
    size_t n = trace_event_count(v->trace);
    return n > 0 ? trace_time(v->trace, n - 1) : 0;
}

const struct call *calls_call_of(const struct calls *v, uint32_t event)
{
    return trace_call(v->trace, trace_event(v->trace, event).index);
}

int64_t calls_blocked_ns(const struct calls *v, const struct process *p, const struct call *c)
{
    int64_t end = c->exit_ns >= 0 ? c->exit_ns : calls_now_ns(v);
    if (c->exit_ns < 0 && p->ended != TRACE_NONE)
        end = trace_note(v->trace, p->ended)->time_ns;
    return end > c->enter_ns ? end - c->enter_ns : 0;
}

/* ---- rows ------------------------------------------------------------------------------- */

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

bool calls_place_of(const struct calls *v, size_t row, struct place *out)
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

void calls_settle(struct calls *v, int body_rows)
{
    size_t n = row_count(v), height = body_rows > 0 ? (size_t)body_rows : 1;
    v->body_rows = (int)height;
    if (v->follow)
        v->cursor = newest_row(v);
    if (v->cursor >= n)
        v->cursor = n > 0 ? n - 1 : 0;
    v->top = scroll_top(v->top, v->cursor, n, height);
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
    if (calls_place_of(v, to, &p) && p.blank)
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
        if (!calls_place_of(v, row, &at))
            return VIEW_DONE;
        const struct process *p = &v->processes[at.process];
        if (!at.blank && at.call != SIZE_MAX &&
            calls_blocked_ns(v, p, calls_call_of(v, p->events[at.call])) >= WORTH_A_STOP_NS)
            return move_to(v, row);
    }
    return VIEW_DONE;
}

static struct view_target calls_target(const void *view)
{
    const struct calls *v = view;
    struct view_target t = {.type = &detail_view, .flow = TRACE_NONE, .event = TRACE_NONE};
    struct place at;
    if (!calls_place_of(v, v->cursor, &at) || at.blank || at.call == SIZE_MAX)
        return t;
    t.event = v->processes[at.process].events[at.call];
    return t;
}

/* To the call that the event enters, or else the one entered last before it. */
static void calls_show(void *view, const struct view_target *target)
{
    struct calls *v = view;
    size_t row = 0, found = 0;
    uint32_t latest = 0;
    if (target->event == TRACE_NONE)
        return;
    for (size_t i = 0; i < v->count; row += rows_of(v, i), i++)
        for (size_t c = 0; c < v->processes[i].count; c++) {
            uint32_t event = v->processes[i].events[c];
            if (event > target->event || event < latest)
                continue;
            latest = event;
            found = row + 1 + c;
        }
    move_to(v, found);
}

static void calls_seek(void *view, uint32_t event)
{
    calls_show(view,
               &(struct view_target){.type = &calls_view, .flow = TRACE_NONE, .event = event});
}

static struct view_position calls_position(const void *view)
{
    const struct calls *v = view;
    return (struct view_position){v->cursor, 0, TRACE_NONE};
}

static bool calls_step(void *view, struct view_position *p, int by)
{
    const struct calls *v = view;
    size_t n = row_count(v);
    struct place at;
    if (n == 0 || (by < 0 && p->row == 0) || (by > 0 && p->row + 1 >= n))
        return false;
    p->row = by > 0 ? p->row + 1 : by < 0 ? p->row - 1 : p->row;
    p->row = p->row < n ? p->row : n - 1;
    p->part = 0;
    if (calls_place_of(v, p->row, &at) && at.blank) /* between two processes, never at an end */
        p->row = by > 0 ? p->row + 1 : p->row - 1;
    return true;
}

static void calls_go(void *view, struct view_position p)
{
    move_to(view, p.row);
}

static enum view_answer set_follow(struct calls *v, bool follow)
{
    v->follow = follow;
    return VIEW_REDRAW;
}

static void calls_set_time(void *view, enum time_format format)
{
    struct calls *v = view;
    v->time = format;
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
    case COMMAND_NEXT_FLOW: return step_process(v, 1);
    case COMMAND_PREVIOUS_FLOW: return step_process(v, -1);
    case COMMAND_ALL_FLOWS: return show(v, SIZE_MAX);
    default: return pane_command(&v->pane, c);
    }
}

static bool calls_follows(const void *view)
{
    const struct calls *v = view;
    return v->follow;
}

static void calls_status(const void *view, struct text *out)
{
    const struct calls *v = view;
    if (v->only != SIZE_MAX)
        text_format(out, _("process %zu of %zu  "), v->only + 1, v->count);
    if (v->time != TIME_SINCE_START)
        text_format(out, _("time: %s  "), _(time_format_name(v->time)));
    text_add(out, _("calls"));
    if (v->follow)
        text_add(out, _("  following"));
}

static const struct command_bar_item bar[] = {
    BAR_ITEM(HELP, "help"),
    BAR_ITEM(CLOSE, "back"),
    BAR_ITEM(OPEN, "detail"),
    BAR_PAIR(NEXT_SEGMENT, PREVIOUS_SEGMENT, "blocked"),
    BAR_ITEM(NEXT_FLOW, "process"),
    BAR_ITEM(SEARCH, "search"),
    BAR_ITEM(ALL_FLOWS, "all"),
    BAR_ITEM(TIME, "time"),
    BAR_ITEM(NEXT_VIEW, "view"),
    BAR_ITEM(QUIT, "quit"),
    BAR_END,
};

const struct view_type calls_view = {
    .name = N_("calls"),
    .help =
        N_("Each process' socket calls and how long they blocked: ! for 100 ms and more, > where "
           "one blocks still; Left and Right go to those that blocked, [ and ] show one process."),
    .open = calls_open,
    .close = calls_close,
    .update = calls_update,
    .draw = calls_draw,
    .command = calls_command,
    .status = calls_status,
    .follows = calls_follows,
    .target = calls_target,
    .show = calls_show,
    .bar = bar,
    .position = calls_position,
    .go = calls_go,
    .step = calls_step,
    .row_text = calls_row_text,
    .seek = calls_seek,
    .set_time = calls_set_time,
};
