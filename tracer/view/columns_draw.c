/* Theory of operation. An arrow lies between two cells of a row: the lifelines of its ends, or the
 * edge beyond which the end's column is out of sight. Between the cells, from left to right:
 *
 *   │34567 ───── [P.] 1:7, len 6 ────▶ 9502│
 *    left  line      label       head  right
 *   │34567 ───── [S] J ─── held ×3 ▐  9502│
 *                            held
 *
 * The words at the two ends are the ports, or the whole endpoint of one that is out of sight. Where
 * there is no room for them the connection's port goes into the label. */
#include "tracer/view/columns.h"

#include "tracer/base/words.h"
#include "tracer/view/glyph.h"
#include "tracer/view/label.h"
#include "tracer/view/lanes.h"

#include <string.h>

struct sheet {
    const struct columns_set *c;
    const struct layout *l;
    const struct trace *t;
    struct again_memory *memory;
    struct grid *g;
    struct area a;
};

struct span {
    struct segment s;
    int from, to;  /* cells of the sender and the receiver; -1 and a.cols are out of sight */
    int low, high; /* the same from left to right */
    enum role role;
    bool held; /* on the wire, by hand, now */
};

/* How the ends are named, from the fullest way to the shortest. */
enum naming { NAME_ENDS, NAME_AWAY, NAME_PORT, NAME_NOTHING, NAME_COUNT };

struct words {
    struct text left, label, held, right;
};

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int cell_of(const struct sheet *h, uint32_t flow, int side)
{
    int column = columns_of(h->c, h->t, flow, side);
    if (column < 0 || column >= columns_end(h->c))
        return h->a.cols;
    return column < h->c->first ? -1 : columns_cell(h->c, column, h->a.cols);
}

static bool in_sight(const struct sheet *h, int cell)
{
    return cell >= 0 && cell < h->a.cols;
}

static struct span span_of(const struct sheet *h, uint32_t segment)
{
    struct span p = {.s = trace_segment(h->t, segment)};
    p.from = cell_of(h, p.s.flow, p.s.side);
    p.to = cell_of(h, p.s.flow, !p.s.side);
    p.low = least(p.from, p.to);
    p.high = p.from < p.to ? p.to : p.from;
    p.role = label_role(&p.s);
    p.held = label_held(h->t, &p.s, NULL);
    return p;
}

/* ---- words ------------------------------------------------------------------------------- */

static const struct endpoint *end_at(const struct sheet *h, const struct span *p, int cell)
{
    int side = cell == p->from ? p->s.side : !p->s.side;
    return &trace_flow(h->t, p->s.flow)->ends[side];
}

static void name_end(const struct sheet *h, const struct span *p, int cell, enum naming naming,
                     struct text *out)
{
    const struct endpoint *e = end_at(h, p, cell);
    bool away = !in_sight(h, cell);
    if (naming == NAME_ENDS && away)
        endpoint_text(e, out);
    else if (naming == NAME_ENDS)
        text_u64(out, e->port);
    else if (naming == NAME_AWAY && away)
        address_text(&e->address, out);
}

static void write_label(const struct sheet *h, const struct span *p, size_t row, enum naming naming,
                        int form, bool again, struct text *out)
{
    if (naming == NAME_AWAY || naming == NAME_PORT) {
        text_u64(out, trace_flow(h->t, p->s.flow)->ends[SIDE_INITIATOR].port);
        text_char(out, ' ');
    }
    label_segment(h->t, &p->s, form, out);
    if (again) {
        text_add(out, ", ");
        again_words(h->t, &p->s, again_find(h->memory, h->l, p->s.index, row), out);
    }
}

/* " held ×3 ", for one that a hand holds. */
static void write_held(const struct sheet *h, const struct span *p, struct text *out)
{
    if (!p->held)
        return;
    text_char(out, ' ');
    label_held(h->t, &p->s, out);
    text_char(out, ' ');
}

static int width_of(const struct text *t)
{
    return grid_width_of(text_str(t));
}

/* A blank at each end of the label there must be, a head, and some of the line. */
static bool words_fit(const struct words *w, int room)
{
    int others = (w->left.len > 0) + (w->right.len > 0); /* each has a blank, too */
    others += width_of(&w->left) + width_of(&w->right) + width_of(&w->held);
    return others + width_of(&w->label) + 5 <= room;
}

/* A short label that fits, where the end that is out of sight lies behind an edge too near for
 * words: they stand on the other side of the lifeline. */
static void choose_inner(const struct sheet *h, const struct span *p, int room, struct text *out)
{
    bool away_sends = !in_sight(h, p->from);
    const struct endpoint *e = end_at(h, p, away_sends ? p->from : p->to);
    for (int shorter = 0; shorter < 4; shorter++) {
        text_clear(out);
        label_segment(h->t, &p->s, LABEL_FORMS - (shorter < 2 ? 2 : 1), out);
        if (shorter < 3)
            text_add(out, away_sends ? _(" from ") : _(" to "));
        if (shorter == 0)
            endpoint_text(e, out);
        else if (shorter < 3)
            address_text(&e->address, out);
        if (width_of(out) <= room)
            return;
    }
}

static void clear_words(struct words *w)
{
    text_clear(&w->left);
    text_clear(&w->label);
    text_clear(&w->held);
    text_clear(&w->right);
}

/* Choose the fullest words that fit; false where none do. */
static bool choose_words(const struct sheet *h, const struct span *p, size_t row, struct words *w)
{
    int room = p->high - p->low - 1;
    bool known = p->s.again && again_find(h->memory, h->l, p->s.index, row)->original != TRACE_NONE;
    int naming = h->c->kind == COLUMNS_PAIRS ? NAME_NOTHING : NAME_ENDS;
    for (; naming < NAME_COUNT; naming++)
        for (int again = known; again >= 0; again--)
            for (int form = 0; form < LABEL_FORMS - (naming < NAME_PORT); form++) {
                clear_words(w);
                name_end(h, p, p->low, (enum naming)naming, &w->left);
                name_end(h, p, p->high, (enum naming)naming, &w->right);
                write_label(h, p, row, (enum naming)naming, form, again, &w->label);
                write_held(h, p, &w->held);
                if (words_fit(w, room))
                    return true;
            }
    return false;
}

/* ---- arrows ------------------------------------------------------------------------------ */

/* The end of a line on the row on which its segment left: a head where it arrives at once, a bend
 * where it does later, a bar while it is held, nothing while it is on its way. */
static uint32_t end_glyph(const struct sheet *h, const struct span *p)
{
    bool right = p->to > p->from;
    if (p->held)
        return GLYPH_HELD;
    if (layout_segment(h->l, p->s.index).ended != TRACE_NONE)
        return right ? GLYPH_FALL_RIGHT : GLYPH_FALL_LEFT;
    if (lanes_fate_comes(h->t, &p->s))
        return ' ';
    return right ? GLYPH_HEAD_RIGHT : GLYPH_HEAD_LEFT;
}

/* "held" before the mark at the line's end, where there is room; how many cells it takes. */
static int draw_held(const struct sheet *h, const struct span *p, int row, int col, int room,
                     const struct words *w)
{
    int held = width_of(&w->held);
    if (held == 0 || held + width_of(&w->label) + 3 > room)
        return 0;
    grid_write(h->g, row, p->to > p->from ? col + room - 1 - held : col + 1, held,
               text_str(&w->held), ROLE_NOTE);
    return held;
}

static void draw_words(const struct sheet *h, const struct span *p, int row, const struct words *w)
{
    int col = h->a.col + p->low + 1, room = p->high - p->low - 1;
    int left = width_of(&w->left), right = width_of(&w->right), label = width_of(&w->label);
    if (left > 0) {
        grid_write(h->g, row, col, left, text_str(&w->left), ROLE_DIM);
        col += left + 1;
        room -= left + 1;
    }
    if (right > 0) {
        grid_write(h->g, row, col + room - right, right, text_str(&w->right), ROLE_DIM);
        room -= right + 1;
    }
    grid_across(h->g, row, col, room, GLYPH_ACROSS, p->role);
    grid_put(h->g, row, p->to > p->from ? col + room - 1 : col, end_glyph(h, p), p->role);
    int end = 1 + draw_held(h, p, row, col, room, w);
    int body = p->to > p->from ? col : col + end, most = room - end;
    label = least(label, most > 2 ? most - 2 : 0);
    int at = body + (most - label - 2) / 2;
    grid_put(h->g, row, at, ' ', p->role);
    grid_write(h->g, row, at + 1, label, text_str(&w->label), p->role);
    grid_put(h->g, row, at + 1 + label, ' ', p->role);
}

/* An arrow to an edge that is too near for words, which stand on the other side of the lifeline. */
static void draw_stub(const struct sheet *h, const struct span *p, int row)
{
    struct text t = {0};
    bool right = p->high >= h->a.cols; /* the edge */
    int x = right ? p->low : p->high, from = right ? x + 1 : 0;
    int cells = right ? h->a.cols - from : x;
    grid_across(h->g, row, h->a.col + from, cells, GLYPH_ACROSS, p->role);
    grid_put(h->g, row, h->a.col + (p->to > p->from ? from + cells - 1 : from), end_glyph(h, p),
             p->role);
    int lane =
        columns_cell(h->c, h->c->first + 1, h->a.cols) - columns_cell(h->c, h->c->first, h->a.cols);
    choose_inner(h, p, lane - 3, &t);
    int width = least(width_of(&t), lane - 3);
    grid_write(h->g, row, h->a.col + (right ? x - 1 - width : x + 2), width, text_str(&t), p->role);
    text_free(&t);
}

/* Both ends at one side of what is in sight: words at that edge, without an arrow. */
static void draw_away(const struct sheet *h, const struct span *p, int row)
{
    struct text t = {0};
    const struct endpoint *ends = trace_flow(h->t, p->s.flow)->ends;
    bool right = p->to > 0;
    if (!right)
        text_add(&t, "\xe2\x97\x80 ");
    endpoint_text(&ends[p->s.side], &t);
    text_add(&t, " > ");
    endpoint_text(&ends[!p->s.side], &t);
    text_char(&t, ' ');
    label_segment(h->t, &p->s, LABEL_FORMS - 2, &t);
    write_held(h, p, &t);
    if (right)
        text_add(&t, " \xe2\x96\xb6");
    int width = least(width_of(&t), h->a.cols - 2);
    int col = right ? h->a.col + h->a.cols - width : h->a.col;
    if (right)
        grid_write_right(h->g, row, col, width, text_str(&t), ROLE_DIM);
    else
        grid_write(h->g, row, col, width, text_str(&t), ROLE_DIM);
    text_free(&t);
}

/* A host that talks to itself: words beside its lifeline, on the side where there is more room. */
static void draw_self(const struct sheet *h, const struct span *p, int row)
{
    struct text t = {0};
    const struct endpoint *ends = trace_flow(h->t, p->s.flow)->ends;
    bool right = p->to <= h->a.cols / 2;
    int room = right ? h->a.cols - p->to - 1 : p->to;
    text_format(&t, "%s%u > %u ", right ? "\xe2\x97\x80\xe2\x94\x80 " : "", ends[p->s.side].port,
                ends[!p->s.side].port);
    label_segment(h->t, &p->s, LABEL_FORMS - 2, &t);
    write_held(h, p, &t);
    if (!right)
        text_add(&t, " \xe2\x94\x80\xe2\x96\xb6");
    int width = least(width_of(&t), room);
    if (right)
        grid_write(h->g, row, h->a.col + p->to + 1, width, text_str(&t), p->role);
    else
        grid_write_right(h->g, row, h->a.col + p->to - width, width, text_str(&t), p->role);
    text_free(&t);
}

static void draw_sent(const struct sheet *h, uint32_t segment, size_t r, int row)
{
    struct span p = span_of(h, segment);
    struct words w = {0};
    if (p.from == p.to && in_sight(h, p.to))
        draw_self(h, &p, row);
    else if (p.from == p.to)
        draw_away(h, &p, row);
    else if (choose_words(h, &p, r, &w) || (in_sight(h, p.from) && in_sight(h, p.to)))
        draw_words(h, &p, row, &w);
    else
        draw_stub(h, &p, row);
    text_free(&w.left);
    text_free(&w.label);
    text_free(&w.held);
    text_free(&w.right);
}

/* The head on the receiver's lifeline, or the cross where it was lost, on a row of its own. */
static void draw_ended(const struct sheet *h, uint32_t segment, int row)
{
    struct span p = span_of(h, segment);
    bool right = p.to > p.from;
    int col = h->a.col + (right ? p.to - 1 : p.to + 1);
    if (p.from == p.to)
        return;
    if (p.s.fate != FATE_DROPPED) {
        grid_put(h->g, row, right ? col - 1 : col + 1, GLYPH_ACROSS, p.role);
        grid_put(h->g, row, col, right ? GLYPH_HEAD_RIGHT : GLYPH_HEAD_LEFT, p.role);
        return;
    }
    const char *why = label_lost(h->t, &p.s);
    int n = (int)strlen(why);
    grid_put(h->g, row, right ? col - 1 : col + 1, GLYPH_LOST, ROLE_LOST);
    grid_write(h->g, row, right ? col - 2 - n : col + 3, n, why, ROLE_LOST);
}

/* ---- rows -------------------------------------------------------------------------------- */

/* A change of state that no segment on the row made. */
static void draw_state(const struct sheet *h, uint32_t change, int row)
{
    struct state_change s = trace_state(h->t, change);
    int cell = s.flow == TRACE_NONE ? -1 : cell_of(h, s.flow, s.side);
    if (!in_sight(h, cell))
        return;
    const char *name = tcp_state_name(s.to);
    int n = grid_width_of(name);
    bool right = h->c->kind == COLUMNS_HOSTS ? cell + 2 + n <= h->a.cols
                                             : columns_of(h->c, h->t, s.flow, s.side) % 2 == 0;
    grid_write(h->g, row, h->a.col + (right ? cell + 2 : cell - 1 - n), n, name, ROLE_STATE);
}

static void draw_row(const struct sheet *h, size_t r, int row)
{
    struct ladder_row lr = layout_row(h->l, r);
    if (lr.sent != TRACE_NONE)
        draw_sent(h, lr.sent, r, row);
    else if (lr.ended != TRACE_NONE)
        draw_ended(h, lr.ended, row);
    else
        for (int m = 0; m < HOST_COUNT; m++)
            if (lr.margin[m].kind == MARGIN_STATE)
                draw_state(h, lr.margin[m].index, row);
}

void columns_draw(const struct columns_set *c, const struct layout *l, struct again_memory *memory,
                  size_t first, struct grid *g, struct area a)
{
    struct sheet h = {.c = c, .l = l, .t = l->trace, .memory = memory, .g = g, .a = a};
    for (int i = c->first; i < columns_end(c); i++)
        grid_down(g, a.row, a.col + columns_cell(c, i, a.cols), a.rows, GLYPH_DOWN, ROLE_RAIL);
    for (int i = 0; i < a.rows; i++)
        if (first + (size_t)i < l->count)
            draw_row(&h, first + (size_t)i, a.row + i);
}
