/* The detail view: a packet's fields as a tree, explained, and its bytes beside it. */
#include "tracer/view/detail_view.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <stdlib.h>

static void *detail_open(const struct trace *trace)
{
    struct detail_view *v = xcalloc(1, sizeof *v);
    *v = (struct detail_view){.trace = trace,
                              .flow = TRACE_NONE,
                              .event = TRACE_NONE,
                              .segment = TRACE_NONE,
                              .syn_flow = TRACE_NONE,
                              .stream = {.flow = TRACE_NONE},
                              .tree_rows = 1,
                              .row_bytes = 16,
                              .byte_rows = 1};
    return v;
}

static void detail_close(void *view)
{
    struct detail_view *v = view;
    fields_free(&v->fields);
    stream_log_free(&v->stream);
    free(v->bytes);
    free(v);
}

static bool detail_update(void *view)
{
    struct detail_view *v = view;
    size_t n = trace_event_count(v->trace);
    bool more = n != v->events; /* what became of the packet may be among them */
    v->events = n;
    more = detail_read_on(v) || more;
    return v->event != TRACE_NONE ? more : detail_take_first(v);
}

static void detail_show(void *view, const struct view_target *target)
{
    struct detail_view *v = view;
    v->flow = target->flow;
    if (target->event != TRACE_NONE)
        detail_take(v, target->event);
}

static struct view_target detail_target(const void *view)
{
    const struct detail_view *v = view;
    return (struct view_target){.type = &detail_view, .flow = v->flow, .event = v->event};
}

/* ---- in the tree ------------------------------------------------------------------------ */

static enum view_answer select_field(struct detail_view *v, size_t field)
{
    if (field == FIELD_NONE)
        return VIEW_DONE;
    v->cursor = field;
    if (v->fields.field[field].bytes > 0)
        v->byte = v->fields.field[field].from;
    return VIEW_REDRAW;
}

static enum view_answer fold_or_out(struct detail_view *v)
{
    if (detail_is_branch(v, v->cursor) && !detail_folded(v, v->cursor)) {
        detail_fold(v, v->cursor, true);
        return VIEW_REDRAW;
    }
    return select_field(v, field_parent(&v->fields, v->cursor));
}

static enum view_answer unfold_or_in(struct detail_view *v)
{
    if (!detail_is_branch(v, v->cursor))
        return VIEW_DONE;
    if (!detail_folded(v, v->cursor))
        return select_field(v, v->cursor + 1);
    detail_fold(v, v->cursor, false);
    return VIEW_REDRAW;
}

static enum view_answer toggle_fold(struct detail_view *v)
{
    if (!detail_is_branch(v, v->cursor))
        return VIEW_DONE;
    detail_fold(v, v->cursor, !detail_folded(v, v->cursor));
    return VIEW_REDRAW;
}

static enum view_answer tree_command(struct detail_view *v, enum command c)
{
    int page = v->tree_rows > 1 ? v->tree_rows - 1 : 1;
    switch (c) {
    case COMMAND_UP: return select_field(v, detail_field_by(v, v->cursor, -1));
    case COMMAND_DOWN: return select_field(v, detail_field_by(v, v->cursor, 1));
    case COMMAND_PAGE_UP: return select_field(v, detail_field_by(v, v->cursor, -page));
    case COMMAND_PAGE_DOWN: return select_field(v, detail_field_by(v, v->cursor, page));
    case COMMAND_FIRST: return select_field(v, 0);
    case COMMAND_LAST: return select_field(v, detail_field_by(v, v->cursor, INT32_MAX));
    case COMMAND_PREVIOUS_SEGMENT: return fold_or_out(v);
    case COMMAND_NEXT_SEGMENT: return unfold_or_in(v);
    case COMMAND_OPEN: return toggle_fold(v);
    default: return VIEW_NOT_MINE;
    }
}

/* ---- in the bytes ----------------------------------------------------------------------- */

static enum view_answer select_byte(struct detail_view *v, int64_t at)
{
    int64_t last = (int64_t)v->captured_bytes - 1;
    v->byte = (uint32_t)(at < 0 ? 0 : at > last ? last : at);
    detail_follow_byte(v);
    return VIEW_REDRAW;
}

static enum view_answer bytes_command(struct detail_view *v, enum command c)
{
    int64_t at = v->byte, row = v->row_bytes, page = row * v->byte_rows;
    switch (c) {
    case COMMAND_UP: return at >= row ? select_byte(v, at - row) : VIEW_DONE;
    case COMMAND_DOWN: return at + row < v->captured_bytes ? select_byte(v, at + row) : VIEW_DONE;
    case COMMAND_PAGE_UP: return select_byte(v, at - page);
    case COMMAND_PAGE_DOWN: return select_byte(v, at + page);
    case COMMAND_FIRST: return select_byte(v, 0);
    case COMMAND_LAST: return select_byte(v, v->captured_bytes);
    case COMMAND_PREVIOUS_SEGMENT: return select_byte(v, at - 1);
    case COMMAND_NEXT_SEGMENT: return select_byte(v, at + 1);
    default: return VIEW_NOT_MINE;
    }
}

/* From the tree to the bytes of the field, and back to the field of the byte. */
static enum view_answer change_side(struct detail_view *v)
{
    if (v->captured_bytes == 0)
        return VIEW_DONE;
    if (v->in_bytes)
        detail_reveal(v);
    v->in_bytes = !v->in_bytes;
    return VIEW_REDRAW;
}

/* ---- both ------------------------------------------------------------------------------- */

static enum view_answer scroll_story(struct detail_view *v, enum command c)
{
    int by = c == COMMAND_UP ? -1 : c == COMMAND_DOWN ? 1 : 0;
    if (by == 0)
        return VIEW_NOT_MINE;
    v->skip += by; /* kept within what there is where it is drawn */
    return VIEW_REDRAW;
}

static enum view_answer detail_command(void *view, enum command c)
{
    struct detail_view *v = view;
    switch (c) {
    case COMMAND_PANE_DOWN:
    case COMMAND_NEXT_FLOW: return detail_step(v, 1) ? VIEW_REDRAW : VIEW_DONE;
    case COMMAND_PANE_UP:
    case COMMAND_PREVIOUS_FLOW: return detail_step(v, -1) ? VIEW_REDRAW : VIEW_DONE;
    case COMMAND_NEXT_PANE: return change_side(v);
    default: break;
    }
    if (v->fields.count == 0)
        return scroll_story(v, c);
    return v->in_bytes ? bytes_command(v, c) : tree_command(v, c);
}

/* A place is the moment whose packet is shown, and the field. */
static struct view_position detail_position(const void *view)
{
    const struct detail_view *v = view;
    return (struct view_position){v->event, v->cursor, v->flow};
}

static void detail_go(void *view, struct view_position p)
{
    struct detail_view *v = view;
    v->flow = p.flow;
    if (p.row < trace_event_count(v->trace) && p.row != v->event)
        detail_take(v, (uint32_t)p.row);
    if (p.part >= v->fields.count)
        return;
    select_field(v, (size_t)p.part);
    detail_reveal(v);
}

/* Its lines are the fields of the packet shown, folded or not. */
static bool detail_step_line(void *view, struct view_position *p, int by)
{
    const struct detail_view *v = view;
    size_t n = v->fields.count;
    p->row = v->event;
    if (n == 0 || (by < 0 && p->part == 0) || (by > 0 && p->part + 1 >= n))
        return false;
    p->part = by > 0 ? p->part + 1 : by < 0 ? p->part - 1 : p->part;
    p->part = p->part < n ? p->part : n - 1;
    return true;
}

static void detail_row_text(void *view, struct view_position p, struct text *out)
{
    const struct detail_view *v = view;
    const struct field *f = &v->fields.field[p.part];
    const char *value = field_value(&v->fields, (size_t)p.part);
    text_add(out, _(f->name));
    if (*value)
        text_add(out, ": ");
    text_safe_str(out, value);
}

static void detail_seek(void *view, uint32_t event)
{
    detail_take(view, event);
}

static void detail_status(const void *view, struct text *out)
{
    const struct detail_view *v = view;
    if (v->frame > 0)
        text_format(out, _("packet %llu"), (unsigned long long)v->frame);
    else
        text_add(out, _("detail"));
}

static const struct command_bar_item bar[] = {
    BAR_ITEM(HELP, "help"),
    BAR_ITEM(CLOSE, "back"),
    BAR_ITEM(NEXT_PANE, "pane"),
    BAR_PAIR(PANE_DOWN, PANE_UP, "packet"),
    BAR_PAIR(DOWN, UP, "field"),
    BAR_PAIR(NEXT_SEGMENT, PREVIOUS_SEGMENT, "fold"),
    BAR_ITEM(SEARCH, "search"),
    BAR_ITEM(TAG, "tag"),
    BAR_ITEM(SAVE, "save"),
    BAR_ITEM(QUIT, "quit"),
    BAR_END,
};

const struct view_type detail_view = {
    .name = N_("detail"),
    .help =
        N_("A packet's fields as a tree, each explained below, and its bytes: what is selected in "
           "one is marked in the other. Left and Right fold and unfold, Tab changes between tree "
           "and bytes, J and K go to the next and the previous packet."),
    .open = detail_open,
    .close = detail_close,
    .update = detail_update,
    .draw = detail_view_draw,
    .command = detail_command,
    .status = detail_status,
    .target = detail_target,
    .show = detail_show,
    .bar = bar,
    .position = detail_position,
    .go = detail_go,
    .step = detail_step_line,
    .row_text = detail_row_text,
    .seek = detail_seek,
};
