#include "tracer/view/stream.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/view/slice.h"

#include <stdlib.h>

static void *stream_open(const struct trace *trace)
{
    struct stream *v = xcalloc(1, sizeof *v);
    *v = (struct stream){
        .trace = trace, .wanted = TRACE_NONE, .follow = true, .body_rows = 1, .block.cols = 60};
    stream_log_init(&v->log, trace, TRACE_NONE);
    return v;
}

static void stream_close(void *view)
{
    struct stream *v = view;
    stream_log_free(&v->log);
    stream_block_free(&v->block);
    free(v);
}

/* Frames are a form of WebSockets alone. */
static void settle_form(struct stream *v)
{
    bool socket = websocket_is(&v->log.socket);
    enum stream_form form = v->block.form;
    if (!v->form_chosen)
        form = socket ? STREAM_FRAMES : STREAM_TEXT;
    else if (form == STREAM_FRAMES && !socket)
        form = STREAM_TEXT;
    if (form != v->block.form)
        stream_block_forget(&v->block);
    v->block.form = form;
}

enum stream_form stream_form_after(const struct stream *v)
{
    int forms = websocket_is(&v->log.socket) ? STREAM_FORM_COUNT : STREAM_FRAMES;
    return (enum stream_form)(((int)v->block.form + 1) % forms);
}

static void show_flow(struct stream *v, uint32_t flow)
{
    stream_log_free(&v->log);
    stream_log_init(&v->log, v->trace, flow);
    stream_log_update(&v->log, SLICE_NS);
    stream_block_forget(&v->block);
    settle_form(v);
    v->pane.skip = 0;
    v->wanted = TRACE_NONE;
}

static bool stream_busy(const void *view)
{
    const struct stream *v = view;
    return v->log.flow != TRACE_NONE && v->log.taken < trace_event_count(v->trace);
}

/* ---- moving ----------------------------------------------------------------------------- */

static bool before(struct spot a, struct spot b)
{
    return a.piece < b.piece || (a.piece == b.piece && a.at < b.at);
}

static struct spot spot_of(struct stream *v, size_t row)
{
    return stream_block_spot(&v->block, &v->log, row);
}

/* The first byte of the row that a spot is on. */
static struct spot row_start(struct stream *v, struct spot s)
{
    if (v->log.count == 0)
        return (struct spot){0, 0};
    if (s.piece >= v->log.count)
        s = (struct spot){v->log.count - 1, UINT32_MAX};
    stream_block_load(&v->block, &v->log, s.piece);
    return spot_of(v, stream_block_row(&v->block, &v->log, s));
}

bool stream_step(struct stream *v, struct spot *s, int by)
{
    if (v->log.count == 0)
        return false;
    stream_block_load(&v->block, &v->log, s->piece);
    size_t row = stream_block_row(&v->block, &v->log, *s), end = v->block.first + v->block.count;
    if (by > 0 && row + 1 < v->block.row_count) {
        *s = spot_of(v, row + 1);
    } else if (by < 0 && row > 0) {
        *s = spot_of(v, row - 1);
    } else if (by > 0 && end < v->log.count) {
        *s = (struct spot){end, 0};
    } else if (by < 0 && v->block.first > 0) {
        stream_block_load(&v->block, &v->log, v->block.first - 1);
        *s = spot_of(v, v->block.row_count - 1);
    } else {
        return false;
    }
    return true;
}

void stream_settle(struct stream *v)
{
    struct spot *cursor = &v->log.spots[SPOT_CURSOR], *top = &v->log.spots[SPOT_TOP];
    if (v->follow)
        cursor->piece = SIZE_MAX;
    *cursor = row_start(v, *cursor);
    *top = row_start(v, *top);
    if (before(*cursor, *top))
        *top = *cursor;
    struct spot last = *top;
    int rows = 1; /* from the top to the last row in sight */
    while (rows < v->body_rows && stream_step(v, &last, 1))
        rows++;
    if (before(last, *cursor)) {
        *top = *cursor;
        rows = 1;
    }
    while (rows < v->body_rows && stream_step(v, top, -1))
        rows++;
}

static enum view_answer move_to(struct stream *v, struct spot s)
{
    v->log.spots[SPOT_CURSOR] = row_start(v, s);
    v->follow = false;
    v->wanted = TRACE_NONE;
    v->pane.skip = 0;
    return VIEW_REDRAW;
}

/* To the bytes that the event brought, or else those that came next; where they are not taken in
 * yet, when they are. */
static void go_to_event(struct stream *v, uint32_t event)
{
    size_t i = 0;
    while (i < v->log.count &&
           (v->log.pieces[i].event == TRACE_NONE || v->log.pieces[i].event < event))
        i++;
    bool there = i < v->log.count || !stream_busy(v);
    v->follow = false;
    if (there)
        move_to(v, (struct spot){i, 0});
    v->wanted = there ? TRACE_NONE : event;
}

static enum view_answer move_to_end(struct stream *v)
{
    go_to_event(v, TRACE_NONE - 1);
    return VIEW_REDRAW;
}

static bool stream_update(void *view)
{
    struct stream *v = view;
    if (v->log.flow == TRACE_NONE && trace_flow_count(v->trace) > 0)
        show_flow(v, 0);
    else if (v->log.flow == TRACE_NONE || !stream_log_update(&v->log, SLICE_NS))
        return false;
    stream_block_forget(&v->block);
    settle_form(v);
    if (v->wanted != TRACE_NONE)
        go_to_event(v, v->wanted);
    return true;
}

static enum view_answer move_by(struct stream *v, int rows)
{
    struct spot s = v->log.spots[SPOT_CURSOR];
    for (int i = 0; i < abs(rows) && stream_step(v, &s, rows); i++) {
    }
    return move_to(v, s);
}

/* To the next row on which another segment's bytes begin. */
static enum view_answer move_to_segment(struct stream *v, int by)
{
    struct spot s = v->log.spots[SPOT_CURSOR];
    size_t from = s.piece;
    while (s.piece == from && stream_step(v, &s, by)) {
    }
    return move_to(v, s);
}

static enum view_answer step_flow(struct stream *v, int by)
{
    uint32_t n = trace_flow_count(v->trace);
    if (n == 0)
        return VIEW_DONE;
    show_flow(v, v->log.flow == TRACE_NONE ? 0 : (v->log.flow + (by > 0 ? 1 : n - 1)) % n);
    return VIEW_REDRAW;
}

static struct view_target stream_target(const void *view)
{
    const struct stream *v = view;
    size_t at = v->log.spots[SPOT_CURSOR].piece;
    uint32_t event = at < v->log.count ? v->log.pieces[at].event : TRACE_NONE;
    return (struct view_target){.type = &detail_view, .flow = v->log.flow, .event = event};
}

static void stream_show(void *view, const struct view_target *target)
{
    struct stream *v = view;
    if (target->flow != TRACE_NONE)
        show_flow(v, target->flow);
    if (target->event != TRACE_NONE)
        go_to_event(v, target->event);
}

static void stream_seek(void *view, uint32_t event)
{
    stream_show(view,
                &(struct view_target){.type = &stream_view, .flow = TRACE_NONE, .event = event});
}

/* ---- lines ------------------------------------------------------------------------------ */

static struct view_position position_of(const struct stream *v, struct spot s)
{
    return (struct view_position){s.piece, s.at, v->log.flow};
}

static struct view_position stream_position(const void *view)
{
    const struct stream *v = view;
    return position_of(v, v->log.spots[SPOT_CURSOR]);
}

static void stream_go(void *view, struct view_position p)
{
    struct stream *v = view;
    if (p.flow != v->log.flow) {
        show_flow(v, p.flow);
        stream_log_update(&v->log, SLICE_WHOLE); /* a position is a piece */
    }
    move_to(v, (struct spot){(size_t)p.row, (uint32_t)p.part});
}

static bool stream_step_line(void *view, struct view_position *p, int by)
{
    struct stream *v = view;
    struct spot s = {(size_t)p->row, p->part < UINT32_MAX ? (uint32_t)p->part : UINT32_MAX};
    if (v->log.count == 0)
        return false;
    s = row_start(v, s);
    if (by != 0 && !stream_step(v, &s, by))
        return false;
    *p = position_of(v, s);
    return true;
}

static void stream_row_text(void *view, struct view_position p, struct text *out)
{
    struct stream *v = view;
    struct spot s = {(size_t)p.row, (uint32_t)p.part};
    stream_block_load(&v->block, &v->log, s.piece);
    stream_block_words(&v->block, &v->log, stream_block_row(&v->block, &v->log, s), out);
}

static bool stream_shows(const void *view, uint32_t flow)
{
    const struct stream *v = view;
    return v->log.flow == flow;
}

static enum view_answer next_form(struct stream *v)
{
    v->block.form = stream_form_after(v);
    v->form_chosen = true;
    stream_block_forget(&v->block);
    return VIEW_REDRAW;
}

static void stream_set_time(void *view, enum time_format format)
{
    struct stream *v = view;
    v->time = format;
}

static enum view_answer set_follow(struct stream *v, bool follow)
{
    v->follow = follow;
    return VIEW_REDRAW;
}

static enum view_answer stream_command(void *view, enum command c)
{
    struct stream *v = view;
    int page = v->body_rows > 1 ? v->body_rows - 1 : 1;
    switch (c) {
    case COMMAND_UP: return move_by(v, -1);
    case COMMAND_DOWN: return move_by(v, 1);
    case COMMAND_PAGE_UP: return move_by(v, -page);
    case COMMAND_PAGE_DOWN: return move_by(v, page);
    case COMMAND_FIRST: return move_to(v, (struct spot){0, 0});
    case COMMAND_LAST: return move_to_end(v);
    case COMMAND_PREVIOUS_SEGMENT: return move_to_segment(v, -1);
    case COMMAND_NEXT_SEGMENT: return move_to_segment(v, 1);
    case COMMAND_FOLLOW: return set_follow(v, !v->follow);
    case COMMAND_FORM: return next_form(v);
    case COMMAND_NEXT_FLOW: return step_flow(v, 1);
    case COMMAND_PREVIOUS_FLOW: return step_flow(v, -1);
    default: return pane_command(&v->pane, c);
    }
}

static bool stream_follows(const void *view)
{
    const struct stream *v = view;
    return v->follow;
}

static void stream_status(const void *view, struct text *out)
{
    const struct stream *v = view;
    uint32_t n = trace_flow_count(v->trace);
    if (n > 1 && v->log.flow != TRACE_NONE)
        text_format(out, _("connection %u of %u  "), v->log.flow + 1, n);
    if (v->time != TIME_SINCE_START)
        text_format(out, _("time: %s  "), _(time_format_name(v->time)));
    text_add(out, _("stream"));
    if (v->follow)
        text_add(out, _("  following"));
}

static const struct command_bar_item bar[] = {
    BAR_ITEM(HELP, "help"),
    BAR_ITEM(CLOSE, "back"),
    BAR_ITEM(FORM, "form"),
    BAR_ITEM(OPEN, "detail"),
    BAR_ITEM(SEARCH, "search"),
    BAR_PAIR(NEXT_SEGMENT, PREVIOUS_SEGMENT, "segment"),
    BAR_MANY(NEXT_FLOW, "next"),
    BAR_ITEM(FOLLOW, "follow"),
    BAR_ITEM(TIME, "time"),
    BAR_ITEM(NEXT_VIEW, "view"),
    BAR_ITEM(SAVE, "save"),
    BAR_ITEM(QUIT, "quit"),
    BAR_END,
};

const struct view_type stream_view = {
    .name = N_("stream"),
    .help = N_("The bytes of one connection as they arrive, each once: C> from the client, S> from "
               "the server, + where a line goes on. Those of a WebSocket stand as its frames, "
               "without their masks."),
    .open = stream_open,
    .close = stream_close,
    .update = stream_update,
    .draw = stream_draw,
    .command = stream_command,
    .status = stream_status,
    .follows = stream_follows,
    .target = stream_target,
    .show = stream_show,
    .bar = bar,
    .position = stream_position,
    .go = stream_go,
    .step = stream_step_line,
    .row_text = stream_row_text,
    .seek = stream_seek,
    .busy = stream_busy,
    .shows = stream_shows,
    .set_time = stream_set_time,
};
