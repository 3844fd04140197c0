/* The bytes of one connection, both directions as they arrive:
 *
 *   C> 10.0.0.1:34567  11 bytes                                   S> 10.0.0.2:9502  8 bytes
 *   ── text: x shows hex ───────────────────────────────────────────────────────────────────
 *   0.210040 C> hello
 *   0.213010 S> welcome
 *            C> [gap of 5 bytes]
 */
#include "tracer/view/stream.h"

#include "tracer/base/words.h"
#include "tracer/view/detail.h"
#include "tracer/view/glyph.h"

enum { HEADER_ROWS = 2, SIGN_COLS = 3, LEAST_ROWS = 6, LEAST_COLS = 40 };

/* C and S as the session names its hosts; without names the side that connects is C. */
static char sign_of(const struct stream *v, int side)
{
    char host = trace_host_of(v->trace, v->log.flow, side);
    return host ? host : "CS"[side];
}

static enum role role_of(const struct stream *v, int side)
{
    return sign_of(v, side) == 'C' ? ROLE_HOST_C : ROLE_HOST_S;
}

static void end_words(const struct stream *v, int side, struct text *out)
{
    uint64_t n = v->log.bytes[side];
    text_format(out, "%c> ", sign_of(v, side));
    endpoint_text(&trace_flow(v->trace, v->log.flow)->ends[side], out);
    text_add(out, "  ");
    text_format(out, n == 1 ? _("%llu byte") : _("%llu bytes"), (unsigned long long)n);
}

/* The policy on overlap, where there was any. */
static void draw_twice(const struct stream *v, struct grid *g, struct area a)
{
    struct text words = {0};
    if (v->log.twice == 0)
        return;
    text_char(&words, ' ');
    text_format(&words,
                v->log.twice == 1 ? _("%llu byte came twice: the first stands")
                                  : _("%llu bytes came twice: the first stands"),
                (unsigned long long)v->log.twice);
    text_char(&words, ' ');
    grid_write_right(g, a.row + 1, a.col + a.cols / 2, a.cols - a.cols / 2 - 2, text_str(&words),
                     ROLE_DIM);
    text_free(&words);
}

static void draw_header(const struct stream *v, struct grid *g, struct area a)
{
    struct text words = {0};
    enum stream_form next = stream_form_after(v);
    for (int side = 0; side < SIDE_COUNT; side++) {
        int half = a.cols / 2 - 1;
        text_clear(&words);
        end_words(v, side, &words);
        if (sign_of(v, side) == 'C')
            grid_write(g, a.row, a.col + 1, half - 1, text_str(&words), role_of(v, side));
        else
            grid_write_right(g, a.row, a.col + a.cols - half, half - 1, text_str(&words),
                             role_of(v, side));
    }
    text_clear(&words);
    text_char(&words, ' ');
    text_format(&words, _("%s: x shows %s"), _(stream_form_name(v->block.form)),
                next == STREAM_ESCAPED ? _("escapes") : _(stream_form_name(next)));
    text_char(&words, ' ');
    grid_across(g, a.row + 1, a.col, a.cols, GLYPH_ACROSS, ROLE_DIM);
    draw_twice(v, g, a);
    grid_write(g, a.row + 1, a.col + 2, a.cols - 4, text_str(&words), ROLE_DIM);
    text_free(&words);
}

static int time_cols(const struct stream *v, int cols)
{
    static const int wide[TIME_FORMAT_COUNT] = {8, 15, 9};
    if (cols < 64)
        return 0;
    int n = wide[v->time];
    size_t events = trace_event_count(v->trace);
    if (v->time != TIME_CLOCK && events > 0) {
        int64_t all = trace_time(v->trace, events - 1) - trace_time(v->trace, 0);
        for (int64_t limit = 10000000000; all >= limit && n < 14; limit *= 10)
            n++;
    }
    return n + 1;
}

/* The piece before that has a time of its own; SIZE_MAX where there is none. */
static size_t timed_before(const struct stream *v, size_t piece)
{
    while (piece-- > 0)
        if (v->log.pieces[piece].event != TRACE_NONE)
            return piece;
    return SIZE_MAX;
}

static void draw_time(const struct stream *v, size_t piece, struct grid *g, int row, struct area a,
                      int cols)
{
    uint32_t event = v->log.pieces[piece].event;
    if (event == TRACE_NONE || cols == 0)
        return;
    struct text words = {0};
    int64_t at = trace_time(v->trace, event);
    if (v->time == TIME_CLOCK) {
        label_clock(at, &words);
    } else if (v->time == TIME_SINCE_LAST) {
        size_t last = timed_before(v, piece);
        int64_t from = last == SIZE_MAX ? at : trace_time(v->trace, v->log.pieces[last].event);
        if (at >= from)
            text_char(&words, '+');
        label_seconds(at - from, &words);
    } else {
        label_seconds(at - trace_time(v->trace, 0), &words);
    }
    grid_write_right(g, row, a.col, cols - 1, text_str(&words), ROLE_TIME);
    text_free(&words);
}

static enum role role_of_piece(const struct stream *v, const struct piece *p)
{
    switch (p->kind) {
    case PIECE_GAP: return ROLE_LOST;
    case PIECE_UNCAPTURED: return ROLE_DIM;
    case PIECE_FIN: return ROLE_FIN;
    case PIECE_RST: return ROLE_RST;
    default: return role_of(v, p->side);
    }
}

static void draw_row(struct stream *v, struct spot s, bool timed, struct grid *g, int row,
                     struct area a)
{
    int time = time_cols(v, a.cols);
    const struct piece *p = &v->log.pieces[s.piece];
    stream_block_load(&v->block, &v->log, s.piece);
    size_t r = stream_block_row(&v->block, &v->log, s);
    char sign[3] = {sign_of(v, p->side), v->block.rows[r].goes_on ? '+' : '>', '\0'};
    struct text words = {0};
    stream_block_words(&v->block, &v->log, r, &words);
    if (timed)
        draw_time(v, s.piece, g, row, a, time);
    grid_write(g, row, a.col + time, 2, sign, role_of(v, p->side));
    grid_write(g, row, a.col + time + SIGN_COLS, a.cols - time - SIGN_COLS, text_str(&words),
               role_of_piece(v, p));
    text_free(&words);
    if (p->event != TRACE_NONE)
        grid_target(g, (struct area){row, a.col, 1, a.cols}, p->event);
}

static void draw_body(struct stream *v, struct grid *g, struct area a)
{
    struct spot s = v->log.spots[SPOT_TOP], cursor = v->log.spots[SPOT_CURSOR];
    uint32_t last = TRACE_NONE;
    if (v->log.count == 0) {
        grid_write(g, a.row + 1, a.col + 2, a.cols - 4,
                   _("No byte of data has arrived in this connection yet."), ROLE_DIM);
        return;
    }
    for (int row = 0; row < a.rows; row++) {
        uint32_t event = v->log.pieces[s.piece].event;
        draw_row(v, s, event != last, g, a.row + row, a);
        last = event;
        if (s.piece == cursor.piece && s.at == cursor.at && (!v->follow || v->pane.open))
            grid_select(g, (struct area){a.row + row, a.col, 1, a.cols});
        if (!stream_step(v, &s, 1))
            return;
    }
}

static void explain(struct stream *v, struct lines *out)
{
    out->lead_cols = 9;
    size_t at = v->log.spots[SPOT_CURSOR].piece;
    const struct piece *p = at < v->log.count ? &v->log.pieces[at] : NULL;
    if (!p)
        lines_add(out, NULL, _("Nothing to explain yet: no line is selected."), ROLE_DIM);
    else if (p->event != TRACE_NONE)
        detail_of_event(v->trace, p->event, out);
    else
        lines_add(
            out, "gap",
            _("These bytes have not arrived, though later ones have: they were lost or are on "
              "their way, or the capture missed them. Should they come, they stand here."),
            ROLE_NORMAL);
}

void stream_draw(void *view, struct grid *g, struct area a)
{
    struct stream *v = view;
    if (a.cols < LEAST_COLS || a.rows < LEAST_ROWS) {
        grid_write(g, a.row, a.col, a.cols, _("too small: 40x10 at least"), ROLE_ERROR);
        return;
    }
    if (v->log.flow == TRACE_NONE) {
        grid_write(g, a.row + 1, a.col + 2, a.cols - 4, _("No connection yet."), ROLE_DIM);
        return;
    }
    int pane = pane_rows(&v->pane, a.rows - HEADER_ROWS);
    v->body_rows = a.rows - HEADER_ROWS - pane;
    v->block.cols = a.cols - time_cols(v, a.cols) - SIGN_COLS;
    v->block.ascii = g->ascii;
    stream_block_forget(&v->block);
    stream_settle(v);
    draw_header(v, g, a);
    draw_body(v, g, (struct area){a.row + HEADER_ROWS, a.col, v->body_rows, a.cols});
    if (pane > 0) {
        struct lines lines = {0};
        explain(v, &lines);
        pane_draw(&v->pane, &lines, g, (struct area){a.row + a.rows - pane, a.col, pane, a.cols});
        lines_free(&lines);
    }
}
