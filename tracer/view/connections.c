#include "tracer/view/connections.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/view/slice.h"

#include <stdlib.h>
#include <string.h>

static void *connections_open(const struct trace *trace)
{
    struct connections *v = xcalloc(1, sizeof *v);
    *v = (struct connections){
        .trace = trace, .selected = TRACE_NONE, .pin = PIN_FIRST, .body_rows = 1};
    return v;
}

static void connections_close(void *view)
{
    struct connections *v = view;
    free(v->rows);
    free(v->order);
    free(v->changed);
    free(v->moved);
    connections_choose(v, NULL);
    text_free(&v->filter);
    text_free(&v->words);
    text_free(&v->said);
    free(v);
}

static bool connections_update(void *view)
{
    struct connections *v = view;
    bool counted = connections_count(v, SLICE_NS);
    return connections_look(v) || counted;
}

static bool connections_busy(const void *view)
{
    const struct connections *v = view;
    return v->taken < trace_event_count(v->trace) || connections_choosing(v);
}

/* ---- moving ------------------------------------------------------------------------------ */

static enum view_answer move_to(struct connections *v, size_t position)
{
    connections_arrange(v);
    size_t n = v->shown;
    v->cursor = position < n ? position : n > 0 ? n - 1 : 0;
    v->selected = n > 0 ? v->order[v->cursor].row : TRACE_NONE;
    v->pin = v->cursor == 0 ? PIN_FIRST : PIN_NONE; /* at the top, it stays at the top */
    return VIEW_REDRAW;
}

static enum view_answer move_by(struct connections *v, int rows)
{
    connections_arrange(v);
    size_t up = rows < 0 ? (size_t)-rows : 0;
    if (up > 0)
        return move_to(v, v->cursor > up ? v->cursor - up : 0);
    return move_to(v, v->cursor + (size_t)rows);
}

static enum view_answer follow(struct connections *v)
{
    v->pin = v->pin == PIN_LAST ? PIN_NONE : PIN_LAST;
    connections_arrange(v);
    if (v->pin == PIN_LAST && v->shown > 0) {
        v->cursor = v->shown - 1;
        v->selected = v->order[v->cursor].row;
    }
    return VIEW_REDRAW;
}

/* ---- sorting ----------------------------------------------------------------------------- */

static enum view_answer sort_by(struct connections *v, int step)
{
    int column = ((int)v->column + step + COLUMN_COUNT) % COLUMN_COUNT;
    v->column = (enum connection_column)column;
    v->falling = column_types[column].falling;
    connections_reorder(v);
    return VIEW_REDRAW;
}

static enum view_answer reverse(struct connections *v)
{
    v->falling = !v->falling;
    connections_reorder(v);
    return VIEW_REDRAW;
}

/* ---- the filter -------------------------------------------------------------------------- */

static int connections_filter(void *view, const char *words, struct error *e)
{
    struct connections *v = view;
    struct selector *s;
    if (connections_parse(words, &s, e) < 0)
        return -1;
    if (s && v->chosen && strcmp(words, text_str(&v->filter)) == 0) {
        selector_free(s); /* as it was typed already */
        return 0;
    }
    text_clear(&v->filter);
    text_add(&v->filter, words);
    if (!s)
        connections_lower(&v->filter, 0);
    connections_choose(v, s);
    connections_reorder(v);
    return 0;
}

static enum view_answer clear_filter(struct connections *v)
{
    if (v->filter.len == 0)
        return VIEW_NOT_MINE;
    connections_filter(v, "", NULL);
    return VIEW_REDRAW;
}

static bool connections_shows(const void *view, uint32_t flow)
{
    const struct connections *v = view;
    if (flow == TRACE_NONE || flow >= v->count)
        return v->filter.len == 0;
    return connections_match(v, flow);
}

/* ---- lines ------------------------------------------------------------------------------- */

static struct view_position connections_position(const void *view)
{
    const struct connections *v = view;
    return (struct view_position){v->cursor, 0, v->selected};
}

static bool connections_step(void *view, struct view_position *p, int by)
{
    struct connections *v = view;
    connections_arrange(v);
    if (v->shown == 0 || (by < 0 && p->row == 0) || (by > 0 && p->row + 1 >= v->shown))
        return false;
    p->row = by > 0 ? p->row + 1 : by < 0 ? p->row - 1 : p->row;
    p->row = p->row < v->shown ? p->row : v->shown - 1;
    p->part = 0;
    p->flow = v->order[p->row].row;
    return true;
}

/* To its connection, wherever that stands by now. */
static void connections_go(void *view, struct view_position p)
{
    struct connections *v = view;
    connections_arrange(v);
    move_to(v, connections_place(v, p.flow, p.row < v->shown ? p.row : 0));
}

static void connections_show(void *view, const struct view_target *target)
{
    struct connections *v = view;
    while (target->flow != TRACE_NONE && target->flow >= v->count && connections_update(v)) {
    }
    connections_arrange(v);
    if (target->flow != TRACE_NONE)
        move_to(v, connections_place(v, target->flow, v->cursor));
}

static void connections_row_text(void *view, struct view_position p, struct text *out)
{
    struct connections *v = view;
    uint32_t row = v->order[p.row].row;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (i > 0)
            text_add(out, "  ");
        column_text(v, &v->rows[row], row, (enum connection_column)i, out);
    }
}

/* To the connection of the event. */
static void connections_seek(void *view, uint32_t event)
{
    struct connections *v = view;
    size_t best = 0;
    connections_arrange(v);
    uint32_t segment = trace_event_segment(v->trace, event), flow = TRACE_NONE;
    int side;
    if (segment != TRACE_NONE)
        flow = trace_segment_flow(v->trace, segment, &side);
    for (size_t i = 0; i < v->shown; i++)
        if (v->order[i].row == flow ||
            (flow == TRACE_NONE && v->rows[v->order[i].row].first_event <= event &&
             v->rows[v->order[i].row].first_event >= v->rows[v->order[best].row].first_event))
            best = i;
    move_to(v, best);
}

/* A click on a heading sorts by its column; on that of the column sorted by, the other way round.
 */
static enum view_answer connections_click(void *view, int row, int col)
{
    struct connections *v = view;
    if (row != 0)
        return VIEW_NOT_MINE;
    for (int i = 0; i < COLUMN_COUNT; i++)
        if (v->drawn[i].cols > 0 && col >= v->drawn[i].col &&
            col < v->drawn[i].col + v->drawn[i].cols)
            return (int)v->column == i ? reverse(v) : sort_by(v, i - (int)v->column);
    return VIEW_DONE;
}

/* ---- tags -------------------------------------------------------------------------------- */

static enum view_answer tag(struct connections *v)
{
    connections_arrange(v);
    if (v->selected == TRACE_NONE)
        return VIEW_DONE;
    struct connection *c = &v->rows[v->selected];
    c->tagged = !c->tagged;
    v->tagged = c->tagged ? v->tagged + 1 : v->tagged - 1;
    if (c->tagged && v->tagged == VIEW_FLOWS_MOST + 1)
        text_format(&v->said, _("Enter opens %d at a time: the first %d of those tagged."),
                    VIEW_FLOWS_MOST, VIEW_FLOWS_MOST);
    return move_by(v, 1);
}

bool connections_has_tag(const struct connections *v, uint32_t flow)
{
    return flow < v->count && v->rows[flow].tagged;
}

static enum view_answer untag_all(struct connections *v)
{
    for (size_t i = 0; i < v->count; i++)
        v->rows[i].tagged = false;
    v->tagged = 0;
    return VIEW_REDRAW;
}

/* Those tagged in the order of their numbers, the first few of them. */
static void take_tagged(const struct connections *v, struct view_target *t)
{
    for (uint32_t i = 0; i < v->count && t->flow_count < VIEW_FLOWS_MOST; i++)
        if (v->rows[i].tagged)
            t->flows[t->flow_count++] = i;
}

/* ---- commands ---------------------------------------------------------------------------- */

static enum view_answer open_selected(struct connections *v)
{
    connections_arrange(v);
    if (v->tagged > VIEW_FLOWS_MOST)
        text_format(&v->said, _("%d of the %zu tagged are shown: more do not stand side by side."),
                    VIEW_FLOWS_MOST, v->tagged);
    return v->selected == TRACE_NONE ? VIEW_DONE : VIEW_OPEN;
}

static const char *connections_said(void *view)
{
    struct connections *v = view;
    return v->said.len > 0 ? text_str(&v->said) : NULL;
}

static struct view_target connections_target(const void *view)
{
    const struct connections *v = view;
    uint32_t flow = v->selected;
    if (flow == TRACE_NONE && v->shown == 0 && v->count > 0 && v->filter.len == 0)
        flow = 0; /* not drawn yet: it will be the first */
    struct view_target t = {.type = &ladder_view, .flow = flow, .event = TRACE_NONE};
    take_tagged(v, &t);
    return t;
}

static enum view_answer connections_command(void *view, enum command c)
{
    struct connections *v = view;
    int page = v->body_rows > 1 ? v->body_rows - 1 : 1;
    text_clear(&v->said);
    switch (c) {
    case COMMAND_UP: return move_by(v, -1);
    case COMMAND_DOWN: return move_by(v, 1);
    case COMMAND_PAGE_UP: return move_by(v, -page);
    case COMMAND_PAGE_DOWN: return move_by(v, page);
    case COMMAND_FIRST: return move_to(v, 0);
    case COMMAND_LAST: return move_to(v, SIZE_MAX);
    case COMMAND_FOLLOW: return follow(v);
    case COMMAND_SORT_PREVIOUS: return sort_by(v, -1);
    case COMMAND_SORT_NEXT: return sort_by(v, 1);
    case COMMAND_SORT_REVERSE: return reverse(v);
    case COMMAND_TAG: return tag(v);
    case COMMAND_UNTAG_ALL: return untag_all(v);
    case COMMAND_OPEN: return open_selected(v);
    case COMMAND_CLOSE: return clear_filter(v);
    default: return VIEW_NOT_MINE;
    }
}

static void connections_status(const void *view, struct text *out)
{
    const struct connections *v = view;
    struct text column = {0};
    column_words(v->column, &column);
    if (v->column != COLUMN_NUMBER || v->falling)
        text_format(out, v->falling ? _("by %s, falling") : _("by %s, rising"), text_str(&column));
    text_free(&column);
    if (v->tagged > 0)
        text_format(out, _("%s%zu tagged"), out->len > 0 ? "  " : "", v->tagged);
    if (v->pin == PIN_LAST)
        text_add(out, _("  following"));
}

static const struct command_bar_item bar[] = {
    BAR_ITEM(HELP, "help"),
    BAR_ITEM(CLOSE, "back"),
    BAR_ITEM(OPEN, "ladder"),
    BAR_ITEM(TAG, "tag"),
    BAR_ITEM(FILTER, "filter"),
    BAR_PAIR(SORT_NEXT, SORT_PREVIOUS, "sort"),
    BAR_ITEM(SORT_REVERSE, "reverse"),
    BAR_ITEM(NEXT_VIEW, "view"),
    BAR_ITEM(SEARCH, "search"),
    BAR_ITEM(SAVE, "save"),
    BAR_ITEM(PAUSE, "pause"),
    BAR_ITEM(LINE, "command"),
    BAR_ITEM(QUIT, "quit"),
    BAR_END,
};

const struct view_type connections_view = {
    .name = N_("connections"),
    .help = N_("A line each, from the side that opened it; sorted, filtered and added up."),
    .open = connections_open,
    .close = connections_close,
    .update = connections_update,
    .draw = connections_draw,
    .command = connections_command,
    .status = connections_status,
    .target = connections_target,
    .show = connections_show,
    .said = connections_said,
    .bar = bar,
    .position = connections_position,
    .go = connections_go,
    .step = connections_step,
    .row_text = connections_row_text,
    .seek = connections_seek,
    .filter = connections_filter,
    .busy = connections_busy,
    .shows = connections_shows,
    .click = connections_click,
};
