#include "tracer/view/findings.h"

#include "tracer/base/alloc.h"
#include "tracer/base/search.h"
#include "tracer/base/words.h"
#include "tracer/view/scroll.h"
#include "tracer/view/slice.h"

#include <stdlib.h>

enum { ALL_KINDS = -1 };

static void *findings_open(const struct trace *trace)
{
    struct findings *v = xcalloc(1, sizeof *v);
    *v = (struct findings){.trace = trace, .kind = ALL_KINDS, .body_rows = 1};
    return v;
}

static void findings_close(void *view)
{
    struct findings *v = view;
    free(v->shown);
    free(v);
}

/* ---- rows ------------------------------------------------------------------------------- */

static bool is_filtered(const struct findings *v)
{
    return v->kind != ALL_KINDS || v->only_faults;
}

static bool is_fault(int kind)
{
    return finding_severity((enum finding_kind)kind) == FINDING_FAULT;
}

static void show_if_wanted(struct findings *v, size_t i)
{
    int kind = trace_finding(v->trace, i)->kind;
    if (!is_filtered(v) || (v->kind != ALL_KINDS && kind != v->kind) ||
        (v->only_faults && !is_fault(kind)))
        return;
    xgrow(&v->shown, &v->shown_cap, v->shown_count, sizeof *v->shown);
    v->shown[v->shown_count++] = (uint32_t)i;
}

static bool findings_update(void *view)
{
    struct findings *v = view;
    size_t n = trace_finding_count(v->trace);
    bool any = v->taken < n;
    struct slice slice = slice_begin(SLICE_NS);
    any = any || v->known < n;
    v->known = n;
    for (; v->taken < n && !slice_over(&slice); v->taken++) {
        int kind = trace_finding(v->trace, v->taken)->kind;
        v->counts[kind]++;
        v->faults += is_fault(kind);
        show_if_wanted(v, v->taken);
    }
    return any;
}

size_t findings_rows(const struct findings *v)
{
    return is_filtered(v) ? v->shown_count : v->known;
}

static bool findings_busy(const void *view)
{
    const struct findings *v = view;
    return v->taken < trace_finding_count(v->trace);
}

static size_t finding_of_row(const struct findings *v, size_t row)
{
    return is_filtered(v) ? v->shown[row] : row;
}

const struct finding *findings_at(const struct findings *v, size_t row)
{
    return trace_finding(v->trace, finding_of_row(v, row));
}

static bool is_row_before(const void *view, size_t row, int64_t finding)
{
    return finding_of_row(view, row) < (size_t)finding;
}

/* The first row whose finding is not before the one of this index; behind the last where all are.
 */
static size_t row_of_finding(const struct findings *v, size_t finding)
{
    return search_first(findings_rows(v), is_row_before, v, (int64_t)finding);
}

void findings_settle(struct findings *v, int body_rows)
{
    size_t n = findings_rows(v), height = body_rows > 0 ? (size_t)body_rows : 1;
    v->body_rows = (int)height;
    if (v->cursor >= n || v->follow)
        v->cursor = n > 0 ? n - 1 : 0;
    v->top = scroll_top(v->top, v->cursor, n, height);
}

/* ---- commands --------------------------------------------------------------------------- */

static enum view_answer move_to(struct findings *v, size_t row)
{
    size_t n = findings_rows(v);
    v->cursor = row < n ? row : n > 0 ? n - 1 : 0;
    v->follow = false;
    return VIEW_REDRAW;
}

static enum view_answer move_by(struct findings *v, int rows)
{
    size_t away = (size_t)abs(rows);
    return move_to(v, rows > 0 ? v->cursor + away : v->cursor > away ? v->cursor - away : 0);
}

/* Show these alone; the cursor stays at the finding it was at, or comes to the next. */
static enum view_answer show_only(struct findings *v, int kind, bool only_faults)
{
    size_t at = findings_rows(v) > 0 ? finding_of_row(v, v->cursor) : 0;
    v->kind = kind;
    v->only_faults = only_faults;
    v->shown_count = 0;
    for (size_t i = 0; i < v->taken; i++)
        show_if_wanted(v, i);
    return move_to(v, row_of_finding(v, at));
}

/* From kind to kind of those that were found; past the last, all of them again. */
static enum view_answer step_kind(struct findings *v, int by)
{
    int kind = v->kind;
    do {
        kind += by;
        if (kind < ALL_KINDS)
            kind = FINDING_KIND_COUNT - 1;
        if (kind == FINDING_KIND_COUNT)
            kind = ALL_KINDS;
    } while (kind != ALL_KINDS && v->counts[kind] == 0);
    return show_only(v, kind, false);
}

static enum view_answer set_follow(struct findings *v, bool follow)
{
    v->follow = follow;
    return VIEW_REDRAW;
}

static void findings_set_time(void *view, enum time_format format)
{
    struct findings *v = view;
    v->time = format;
}

/* Segments stand among the events in their own order: halve, and look on for the next segment. */
static uint32_t event_of_segment(const struct trace *t, uint32_t segment)
{
    size_t low = 0, high = trace_event_count(t);
    while (low < high) {
        size_t middle = low + (high - low) / 2, i = middle;
        struct trace_event e = {0};
        for (; i < high; i++) {
            e = trace_event(t, i);
            if (e.kind == TRACE_SEGMENT)
                break;
        }
        if (i < high && e.index == segment)
            return (uint32_t)i;
        if (i < high && e.index < segment)
            low = i + 1;
        else
            high = middle;
    }
    return TRACE_NONE;
}

static struct view_target findings_target(const void *view)
{
    const struct findings *v = view;
    struct view_target t = {.type = &ladder_view, .flow = TRACE_NONE, .event = TRACE_NONE};
    if (v->cursor >= findings_rows(v))
        return t;
    uint32_t segment = findings_at(v, v->cursor)->segment;
    int side;
    t.flow = trace_segment_flow(v->trace, segment, &side);
    t.event = event_of_segment(v->trace, segment);
    return t;
}

/* To the first finding in a segment from the event on. */
static void findings_show(void *view, const struct view_target *target)
{
    struct findings *v = view;
    size_t n = trace_event_count(v->trace), first;
    if (target->event == TRACE_NONE)
        return;
    for (size_t i = target->event; i < n; i++) {
        struct trace_event e = trace_event(v->trace, i);
        if (e.kind != TRACE_SEGMENT)
            continue;
        trace_findings_of(v->trace, e.index, &first);
        move_to(v, row_of_finding(v, first));
        return;
    }
    move_to(v, SIZE_MAX);
}

static void findings_seek(void *view, uint32_t event)
{
    struct view_target t = {.type = &findings_view, .flow = TRACE_NONE, .event = event};
    findings_show(view, &t);
}

/* ---- lines ------------------------------------------------------------------------------ */

static struct view_position findings_position(const void *view)
{
    const struct findings *v = view;
    return (struct view_position){v->cursor, 0, TRACE_NONE};
}

static bool findings_step(void *view, struct view_position *p, int by)
{
    const struct findings *v = view;
    size_t n = findings_rows(v);
    if (n == 0 || (by < 0 && p->row == 0) || (by > 0 && p->row + 1 >= n))
        return false;
    p->row = by > 0 ? p->row + 1 : by < 0 ? p->row - 1 : p->row;
    p->row = p->row < n ? p->row : n - 1;
    p->part = 0;
    return true;
}

static void findings_go(void *view, struct view_position p)
{
    move_to(view, (size_t)p.row);
}

static enum view_answer findings_command(void *view, enum command c)
{
    struct findings *v = view;
    int page = v->body_rows > 1 ? v->body_rows - 1 : 1;
    switch (c) {
    case COMMAND_UP: return move_by(v, -1);
    case COMMAND_DOWN: return move_by(v, 1);
    case COMMAND_PAGE_UP: return move_by(v, -page);
    case COMMAND_PAGE_DOWN: return move_by(v, page);
    case COMMAND_FIRST: return move_to(v, 0);
    case COMMAND_LAST: return move_to(v, SIZE_MAX);
    case COMMAND_FOLLOW: return set_follow(v, !v->follow);
    case COMMAND_NEXT_FLOW: return step_kind(v, 1);
    case COMMAND_PREVIOUS_FLOW: return step_kind(v, -1);
    case COMMAND_ALL_FLOWS: return show_only(v, ALL_KINDS, false);
    case COMMAND_FORM: return show_only(v, ALL_KINDS, !v->only_faults);
    case COMMAND_OPEN: return findings_rows(v) > 0 ? VIEW_OPEN : VIEW_DONE;
    case COMMAND_CLOSE: return is_filtered(v) ? show_only(v, ALL_KINDS, false) : VIEW_NOT_MINE;
    default: return VIEW_NOT_MINE;
    }
}

static bool findings_follows(const void *view)
{
    const struct findings *v = view;
    return v->follow;
}

static void findings_status(const void *view, struct text *out)
{
    const struct findings *v = view;
    if (v->kind != ALL_KINDS)
        text_format(out, _("only %s  "), finding_title((enum finding_kind)v->kind));
    else if (v->only_faults)
        text_add(out, _("only faults  "));
    if (v->time != TIME_SINCE_START)
        text_format(out, _("time: %s  "), _(time_format_name(v->time)));
    text_add(out, _("findings"));
    if (v->follow)
        text_add(out, _("  following"));
}

static const struct command_bar_item bar[] = {
    BAR_ITEM(HELP, "help"),
    BAR_ITEM(CLOSE, "back"),
    BAR_ITEM(OPEN, "ladder"),
    BAR_PAIR(NEXT_FLOW, PREVIOUS_FLOW, "kind"),
    BAR_ITEM(ALL_FLOWS, "all"),
    BAR_ITEM(FORM, "faults"),
    BAR_ITEM(SEARCH, "search"),
    BAR_ITEM(TIME, "time"),
    BAR_ITEM(NEXT_VIEW, "view"),
    BAR_ITEM(QUIT, "quit"),
    BAR_END,
};

const struct view_type findings_view = {
    .name = N_("findings"),
    .help =
        N_("What the analysis finds, a line each, ! for a fault, and why; [ and ] show one kind, "
           "x the faults, a all. Enter shows the segment in the ladder."),
    .open = findings_open,
    .close = findings_close,
    .update = findings_update,
    .draw = findings_draw,
    .command = findings_command,
    .status = findings_status,
    .follows = findings_follows,
    .target = findings_target,
    .show = findings_show,
    .bar = bar,
    .position = findings_position,
    .go = findings_go,
    .step = findings_step,
    .row_text = findings_row_text,
    .seek = findings_seek,
    .busy = findings_busy,
    .set_time = findings_set_time,
};
