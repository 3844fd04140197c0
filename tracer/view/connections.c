#include "tracer/view/connections.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

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
    text_free(&v->filter);
    text_free(&v->words);
    text_free(&v->said);
    free(v);
}

static bool connections_update(void *view)
{
    return connections_count(view);
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

static enum view_answer start_typing(struct connections *v)
{
    v->typing = true;
    return VIEW_REDRAW;
}

static enum view_answer clear_filter(struct connections *v)
{
    if (!v->typing && v->filter.len == 0)
        return VIEW_NOT_MINE;
    v->typing = false;
    text_clear(&v->filter);
    connections_reorder(v);
    return VIEW_REDRAW;
}

static enum view_answer erase(struct connections *v)
{
    if (v->filter.len == 0)
        return VIEW_DONE;
    v->filter.len--;
    text_commit(&v->filter, 0);
    connections_reorder(v);
    return VIEW_REDRAW;
}

/* What can stand in a row is ASCII. */
static enum view_answer type_letter(struct connections *v, uint32_t key)
{
    if (key > '~' || v->filter.len >= CONNECTION_FILTER_MAX)
        return VIEW_DONE;
    text_char(&v->filter, (char)(key >= 'A' && key <= 'Z' ? key - 'A' + 'a' : key));
    connections_reorder(v);
    return VIEW_REDRAW;
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
        text_format(&v->said, "Enter opens %d at a time: the first %d of those tagged.",
                    VIEW_FLOWS_MOST, VIEW_FLOWS_MOST);
    return move_by(v, 1);
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
        text_format(&v->said, "%d of the %zu tagged are shown: more do not stand side by side.",
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
    struct view_target t = {.type = &ladder_view, .flow = v->selected, .event = TRACE_NONE};
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
    case COMMAND_FILTER: return start_typing(v);
    case COMMAND_TAG: return tag(v);
    case COMMAND_UNTAG_ALL: return untag_all(v);
    case COMMAND_OPEN: return open_selected(v);
    case COMMAND_CLOSE: return clear_filter(v);
    default: return VIEW_NOT_MINE;
    }
}

/* While the filter is being typed, letters are its own, and arrows still move in the list. */
static enum view_answer connections_key(void *view, uint32_t key)
{
    struct connections *v = view;
    if (!v->typing)
        return key == ' ' ? connections_command(v, COMMAND_TAG) : VIEW_NOT_MINE;
    switch (key) {
    case KEY_CODE_ENTER: v->typing = false; return VIEW_REDRAW;
    case KEY_CODE_ESCAPE:
    case KEY_CONTROL('c'): return clear_filter(v);
    case KEY_CODE_BACKSPACE: return erase(v);
    case KEY_CONTROL('u'):
        text_clear(&v->filter);
        connections_reorder(v);
        return VIEW_REDRAW;
    default: return key < ' ' || key >= KEY_CODE_UP ? VIEW_NOT_MINE : type_letter(v, key);
    }
}

static void connections_status(const void *view, struct text *out)
{
    const struct connections *v = view;
    if (v->column != COLUMN_NUMBER || v->falling)
        text_format(out, "by %s, %s", column_types[v->column].words,
                    v->falling ? "falling" : "rising");
    if (v->tagged > 0)
        text_format(out, "%s%zu tagged", out->len > 0 ? "  " : "", v->tagged);
    if (v->pin == PIN_LAST)
        text_add(out, "  following");
}

static const struct view_bar_item bar[] = {
    {"?", "help"},  {"Enter", "ladder"}, {"Space", "tag"}, {"/", "filter"},  {"<>", "sort by"},
    {"p", "pause"}, {"q", "back"},       {"Q", "quit"},    {"R", "reverse"}, {NULL, NULL},
};

const struct view_type connections_view = {
    .name = "connections",
    .help = "A line each, from the side that opened it; sorted, filtered and added up.",
    .open = connections_open,
    .close = connections_close,
    .update = connections_update,
    .draw = connections_draw,
    .command = connections_command,
    .status = connections_status,
    .target = connections_target,
    .said = connections_said,
    .key = connections_key,
    .bar = bar,
};
