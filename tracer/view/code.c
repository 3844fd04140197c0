/* The source view: the program's own text, with the line lit that made a call. */
#include "tracer/view/code.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <stdlib.h>
#include <string.h>

static void *code_open(const struct trace *trace)
{
    struct code_view *v = xcalloc(1, sizeof *v);
    *v = (struct code_view){.trace = trace, .follow = true, .body_rows = 1};
    return v;
}

static void code_close(void *view)
{
    struct code_view *v = view;
    source_file_free(&v->file);
    free(v->events);
    free(v);
}

static const struct call *call_of(const struct code_view *v, size_t at)
{
    return trace_call(v->trace, trace_event(v->trace, v->events[at]).index);
}

const struct call *code_call(const struct code_view *v)
{
    return v->at < v->count ? call_of(v, v->at) : NULL;
}

/* ---- the call and its file -------------------------------------------------------------- */

static void show_call(struct code_view *v, size_t at)
{
    v->at = at;
    const struct call *c = code_call(v);
    if (!c)
        return;
    if (!v->name || strcmp(v->name, c->file) != 0) {
        source_file_free(&v->file);
        source_file_read(&v->file, v->trace, c->file);
        v->name = c->file;
        v->top = 0;
    }
    size_t line = (size_t)c->line - 1;
    v->cursor = line < v->file.lines ? line : v->file.lines > 0 ? v->file.lines - 1 : 0;
}

static bool code_update(void *view)
{
    struct code_view *v = view;
    size_t n = trace_event_count(v->trace), before = v->count;
    for (; v->taken < n; v->taken++) {
        struct trace_event e = trace_event(v->trace, v->taken);
        if (e.kind != TRACE_CALL_ENTER || !trace_call(v->trace, e.index)->file)
            continue;
        xgrow(&v->events, &v->cap, v->count, sizeof *v->events);
        v->events[v->count++] = (uint32_t)v->taken;
    }
    if (v->count > before && (v->follow || before == 0))
        show_call(v, v->follow ? v->count - 1 : 0);
    return v->count > before;
}

void code_settle(struct code_view *v, int body_rows)
{
    size_t height = body_rows > 0 ? (size_t)body_rows : 1, n = v->file.lines;
    v->body_rows = (int)height;
    if (v->cursor < v->top || v->cursor >= v->top + height)
        v->top = v->cursor > height / 2 ? v->cursor - height / 2 : 0;
    if (v->top + height > n)
        v->top = n > height ? n - height : 0;
}

/* ---- commands --------------------------------------------------------------------------- */

static enum view_answer go_to_call(struct code_view *v, size_t at)
{
    if (v->count == 0)
        return VIEW_DONE;
    v->follow = false;
    show_call(v, at < v->count ? at : v->count - 1);
    return VIEW_REDRAW;
}

static enum view_answer go_to_line(struct code_view *v, size_t line)
{
    size_t n = v->file.lines;
    v->cursor = line < n ? line : n > 0 ? n - 1 : 0;
    v->follow = false;
    return VIEW_REDRAW;
}

static enum view_answer set_follow(struct code_view *v, bool follow)
{
    v->follow = follow;
    if (follow && v->count > 0)
        show_call(v, v->count - 1);
    return VIEW_REDRAW;
}

static size_t back(size_t from, int by)
{
    return from > (size_t)by ? from - (size_t)by : 0;
}

static enum view_answer code_command(void *view, enum command c)
{
    struct code_view *v = view;
    int page = v->body_rows > 1 ? v->body_rows - 1 : 1;
    switch (c) {
    case COMMAND_UP: return go_to_line(v, back(v->cursor, 1));
    case COMMAND_DOWN: return go_to_line(v, v->cursor + 1);
    case COMMAND_PAGE_UP: return go_to_line(v, back(v->cursor, page));
    case COMMAND_PAGE_DOWN: return go_to_line(v, v->cursor + (size_t)page);
    case COMMAND_PREVIOUS_SEGMENT: return go_to_call(v, back(v->at, 1));
    case COMMAND_NEXT_SEGMENT: return go_to_call(v, v->at + 1);
    case COMMAND_FIRST: return go_to_call(v, 0);
    case COMMAND_LAST: return go_to_call(v, SIZE_MAX);
    case COMMAND_FOLLOW: return set_follow(v, !v->follow);
    case COMMAND_OPEN: return v->count > 0 ? VIEW_OPEN : VIEW_DONE;
    default: return VIEW_NOT_MINE;
    }
}

/* The host whose program an event is about: of a segment, its sender's; 0 where it is no one's. */
static char host_of(const struct trace *t, uint32_t event)
{
    struct trace_event e = trace_event(t, event);
    int side;
    uint32_t flow;
    switch (e.kind) {
    case TRACE_CALL_ENTER:
    case TRACE_CALL_EXIT: return trace_call(t, e.index)->host;
    case TRACE_SEGMENT:
    case TRACE_DELIVERED:
    case TRACE_DROPPED:
        flow = trace_segment_flow(t, e.index, &side);
        return trace_host_of(t, flow, side);
    case TRACE_STATE: return trace_state(t, e.index).host;
    default: return 0;
    }
}

/* The entry of the call that an event is the return of; else the event itself. */
static uint32_t entry_of(const struct trace *t, uint32_t event)
{
    struct trace_event e = trace_event(t, event);
    if (e.kind == TRACE_CALL_EXIT)
        return trace_event_of(t, TRACE_CALL_ENTER, e.index);
    return event;
}

/* The call that the event is, or the last one that its host's program had made by then. */
static void code_seek(void *view, uint32_t event)
{
    struct code_view *v = view;
    if (event == TRACE_NONE || event >= trace_event_count(v->trace) || v->count == 0)
        return;
    char host = host_of(v->trace, event);
    uint32_t until = entry_of(v->trace, event);
    size_t at = v->count;
    while (at > 0 && (v->events[at - 1] > until || (host && call_of(v, at - 1)->host != host)))
        at--;
    go_to_call(v, at > 0 ? at - 1 : 0);
}

static void code_show(void *view, const struct view_target *target)
{
    code_seek(view, target->event);
}

static struct view_target code_target(const void *view)
{
    const struct code_view *v = view;
    struct view_target t = {.type = &detail_view, .flow = TRACE_NONE, .event = TRACE_NONE};
    if (v->at < v->count)
        t.event = v->events[v->at];
    return t;
}

/* ---- its lines, for marks and searching ------------------------------------------------- */

static struct view_position code_position(const void *view)
{
    const struct code_view *v = view;
    return (struct view_position){v->cursor, 0, TRACE_NONE};
}

static void code_go(void *view, struct view_position p)
{
    go_to_line(view, (size_t)p.row);
}

static bool code_step(void *view, struct view_position *p, int by)
{
    const struct code_view *v = view;
    size_t n = v->file.lines;
    if (n == 0 || (by < 0 && p->row == 0) || (by > 0 && p->row + 1 >= n))
        return false;
    p->row = by > 0 ? p->row + 1 : by < 0 ? p->row - 1 : p->row;
    p->row = p->row < n ? p->row : n - 1;
    p->part = 0;
    return true;
}

static void code_row_text(void *view, struct view_position p, struct text *out)
{
    const struct code_view *v = view;
    source_file_line(&v->file, (size_t)p.row + 1, out);
}

static void code_status(const void *view, struct text *out)
{
    const struct code_view *v = view;
    if (v->count > 0)
        text_format(out, _("call %zu of %zu"), v->at + 1, v->count);
    else
        text_add(out, _("source"));
    if (v->follow)
        text_add(out, _("  following"));
}

static const struct command_bar_item bar[] = {
    BAR_ITEM(HELP, "help"),
    BAR_ITEM(CLOSE, "back"),
    BAR_PAIR(NEXT_SEGMENT, PREVIOUS_SEGMENT, "call"),
    BAR_ITEM(OPEN, "detail"),
    BAR_ITEM(LADDER, "ladder"),
    BAR_ITEM(SEARCH, "search"),
    BAR_ITEM(FOLLOW, "follow"),
    BAR_END,
};

const struct view_type code_view = {
    .name = N_("source"),
    .help = N_("The program's source with the line lit that made a socket call: Left and Right go "
               "from call to call, Up and Down through the file, Enter explains the call."),
    .open = code_open,
    .close = code_close,
    .update = code_update,
    .draw = code_draw,
    .command = code_command,
    .status = code_status,
    .target = code_target,
    .show = code_show,
    .bar = bar,
    .position = code_position,
    .go = code_go,
    .step = code_step,
    .row_text = code_row_text,
    .seek = code_seek,
};
