/* Theory of operation. Everything is computed from the sender's side: column 0 is at the sender's
 * rail, column width - 1 at the receiver's, and only place() knows which of the two is on the left.
 *
 *      0        label            bend     end   width - 1
 *      ──[S] seq J=2927179378 ─────╲                       row on which it was sent
 *                                   ╲
 *                                    ╲──────▶              row on which it arrived
 *
 * The bend lies close to the receiver, at one place for all arrows of one length, so that a row's
 * label has the sender's side for itself, and what crosses it is only the thin slope of an arrow
 * that comes the other way. Labels are laid where nothing crosses, in the fullest form that fits.
 */
#include "tracer/view/lanes.h"

#include "tracer/base/words.h"
#include "tracer/view/glyph.h"
#include "tracer/view/label.h"

#include <string.h>

enum { LANES_AT_80_COLUMNS = 33 };

struct lane {
    const struct layout *l;
    const struct track *track;
    struct grid *g;
    struct area a;
    size_t first;
    bool ports;
};

struct arrow {
    struct segment s;
    struct segment_rows rows;
    bool leftwards;
    bool straight; /* no fate is known nor will be: one row, rail to rail */
    int rise;      /* rows from its sending to its end */
    int bend, end; /* columns on its first and last row */
    enum role role;
    bool held; /* on the wire, by hand, now */
};

bool lanes_fate_comes(const struct trace *t, const struct segment *s)
{
    const struct trace_session *session = trace_session(t);
    if (!session->present || trace_host_of(t, s->flow, s->side) == 0)
        return false;
    return session->tier && strstr(session->tier, "hosts") != NULL;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

static struct arrow arrow_between(const struct lane *lane, uint32_t index, struct segment_rows rows)
{
    const struct trace *t = lane->l->trace;
    struct arrow w = {.s = trace_segment(t, index), .rows = rows};
    w.leftwards = layout_host(t, w.s.flow, w.s.side) == HOST_RIGHT;
    w.role = label_role(&w.s);
    w.held = label_held(t, &w.s, NULL);
    w.straight = w.rows.ended == TRACE_NONE && !lanes_fate_comes(t, &w.s);
    w.rise = w.rows.ended == TRACE_NONE ? 0 : (int)(w.rows.ended - w.rows.sent);
    int width = lane->a.cols;
    int spare = most(0, width - LANES_AT_80_COLUMNS);
    int tail = 1 + spare / 3;
    int run = least(w.rise, width / 4);
    w.end = most(0, width - 1 - tail);
    if (w.s.fate == FATE_DROPPED && !w.s.corrupted)
        w.end = most(0, least(w.end, width * 5 / 6));
    w.bend = w.straight ? width - 1 : most(0, w.end - run);
    return w;
}

/* The arrow of a segment, which leaves on `row` where it has no row to arrive on. */
static struct arrow arrow_of(const struct lane *lane, uint32_t index, size_t row)
{
    struct segment_rows rows = layout_segment(lane->l, index);
    if (rows.sent == TRACE_NONE)
        rows.sent = (uint32_t)row;
    return arrow_between(lane, index, rows);
}

/* The arrow of a copy that arrives on `row`. */
static struct arrow arrow_of_copy(const struct lane *lane, uint32_t index, size_t row)
{
    struct segment_rows rows = layout_segment(lane->l, index);
    rows.ended = (uint32_t)row;
    return arrow_between(lane, index, rows);
}

/* The column of the slope `down` rows below the row of sending. */
static int slope_at(const struct arrow *w, int down)
{
    if (w->rise == 0)
        return w->bend;
    int64_t across = (int64_t)(w->end - w->bend) * down + w->rise / 2;
    return w->bend + (int)(across / w->rise);
}

static uint32_t turned(uint32_t glyph)
{
    switch (glyph) {
    case GLYPH_FALL_RIGHT: return GLYPH_FALL_LEFT;
    case GLYPH_HEAD_RIGHT: return GLYPH_HEAD_LEFT;
    default: return glyph;
    }
}

/* Put a glyph at column `x` from the sender on row `row` of the layout, where that is in sight. */
static void place(const struct lane *lane, const struct arrow *w, size_t row, int x, uint32_t glyph)
{
    if (row < lane->first || row >= lane->first + (size_t)lane->a.rows || x < 0 ||
        x >= lane->a.cols)
        return;
    int col = w->leftwards ? lane->a.cols - 1 - x : x;
    grid_put(lane->g, lane->a.row + (int)(row - lane->first), lane->a.col + col,
             w->leftwards ? turned(glyph) : glyph, w->role);
}

static void draw_end(const struct lane *lane, const struct arrow *w)
{
    size_t row = w->rows.ended;
    if (w->s.fate == FATE_DROPPED && !w->s.corrupted) {
        place(lane, w, row, w->end, GLYPH_LOST);
        return;
    }
    for (int x = w->end + 1; x < lane->a.cols - 1; x++)
        place(lane, w, row, x, GLYPH_ACROSS);
    place(lane, w, row, lane->a.cols - 1, w->s.corrupted ? GLYPH_LOST : GLYPH_HEAD_RIGHT);
}

/* All of an arrow but its first row, which is drawn with its label. */
static void draw_slope(const struct lane *lane, const struct arrow *w)
{
    size_t sent = w->rows.sent, top = lane->first, end = top + (size_t)most(0, lane->a.rows);
    int down = top > sent + 1 ? (int)(top - sent) : 1; /* only what is in sight */
    for (; down <= w->rise && sent + (size_t)down < end; down++) {
        int x = slope_at(w, down), above = slope_at(w, down - 1);
        place(lane, w, w->rows.sent + (size_t)down, x, x > above ? GLYPH_FALL_RIGHT : GLYPH_DOWN);
    }
    if (w->rise > 0)
        draw_end(lane, w);
}

static bool free_at(const struct lane *lane, const struct arrow *w, int grid_row, int x)
{
    int col = lane->a.col + (w->leftwards ? lane->a.cols - 1 - x : x);
    const struct cell *c = grid_cell(lane->g, grid_row, col);
    return !c || c->glyph == ' ';
}

/* The first column, from the sender, at which `n` cells and `pad` beside each end are free before
 * the bend; -1 where there is none. */
static int free_place(const struct lane *lane, const struct arrow *w, int grid_row, int n, int pad)
{
    int run = 0;
    for (int x = 0; x < w->bend; x++) {
        run = free_at(lane, w, grid_row, x) ? run + 1 : 0;
        if (run >= n + 2 * pad)
            return x + 1 - n - pad;
    }
    return -1;
}

/* The forms of a label, the fullest first: those with the finding's words, then those without. */
enum { WORDED_FORMS = LABEL_FORMS - 1, LANE_FORMS = WORDED_FORMS + LABEL_FORMS };

/* False where this form says the same as a later one. */
static bool label_of(const struct lane *lane, const struct arrow *w, int form, struct text *out)
{
    const struct trace *t = lane->l->trace;
    bool worded = form < WORDED_FORMS;
    text_clear(out);
    if (lane->ports) {
        text_u64(out, trace_flow(t, w->s.flow)->ends[SIDE_INITIATOR].port);
        text_char(out, ' ');
    }
    label_segment(t, &w->s, worded ? form : form - WORDED_FORMS, out);
    size_t before = out->len;
    if (worded)
        label_finding(t, &w->s, out);
    return !worded || out->len > before;
}

/* What a segment repeats, where no line leads there; false where there is nothing to say. */
static bool add_again(const struct lane *lane, const struct arrow *w, struct text *out)
{
    size_t row = w->rows.sent;
    if (!w->s.again || track_ends(lane->track, row, w->leftwards))
        return false;
    size_t before = out->len;
    text_add(out, ", ");
    again_words(lane->l->trace, &w->s, again_find(lane->track->memory, lane->l, w->s.index, row),
                out);
    if (out->len > before + 2)
        return true;
    out->len = before;
    return false;
}

/* A free place for the label, with a blank at each end where there is room; -1 where there is none.
 */
static int place_label(const struct lane *lane, const struct arrow *w, int grid_row,
                       struct text *out)
{
    int x = free_place(lane, w, grid_row, (int)out->len, 2);
    if (x < 0)
        return free_place(lane, w, grid_row, (int)out->len, 1);
    text_char(out, ' ');
    memmove(out->s + 1, out->s, out->len - 1);
    out->s[0] = ' ';
    text_char(out, ' ');
    return x - 1;
}

/* The fullest form of the numbers that finds a free place with what the segment repeats behind
 * them; -1 where there is nothing to say, or no place. */
static int choose_again(const struct lane *lane, const struct arrow *w, int grid_row,
                        struct text *out)
{
    for (int form = WORDED_FORMS; form < LANE_FORMS; form++) {
        label_of(lane, w, form, out);
        if (!add_again(lane, w, out))
            return -1;
        int x = place_label(lane, w, grid_row, out);
        if (x >= 0)
            return x;
    }
    return -1;
}

/* Choose the fullest label that finds a free place; where none does, the fullest that fits over
 * what crosses; else the shortest, cut. What a segment repeats, or the analysis finds in it, is
 * worth more than its numbers. Returns its column from the sender. */
static int choose_label(const struct lane *lane, const struct arrow *w, int grid_row,
                        struct text *out)
{
    int x = choose_again(lane, w, grid_row, out);
    for (int form = 0; x < 0 && form < LANE_FORMS; form++)
        if (label_of(lane, w, form, out))
            x = place_label(lane, w, grid_row, out);
    if (x >= 0)
        return x;
    for (int form = WORDED_FORMS; form < LANE_FORMS; form++) {
        label_of(lane, w, form, out);
        if ((int)out->len + 2 <= w->bend)
            return 1;
    }
    return 1;
}

/* Before the mark of a segment that is held: that it is, and how often it was sent. */
static void draw_held(const struct lane *lane, const struct arrow *w, int grid_row)
{
    struct text word = {0};
    text_char(&word, ' ');
    label_held(lane->l->trace, &w->s, &word);
    text_char(&word, ' ');
    int n = grid_width_of(text_str(&word)), from_sender = w->bend - n;
    int col = lane->a.col + (w->leftwards ? lane->a.cols - from_sender - n : from_sender);
    if (from_sender > 0)
        grid_write(lane->g, grid_row, col, n, text_str(&word), ROLE_NOTE);
    text_free(&word);
}

/* The row on which the segment left: its line under whatever crosses it, and its label on top. */
static void draw_start(const struct lane *lane, const struct arrow *w)
{
    int grid_row = lane->a.row + (int)(w->rows.sent - lane->first);
    struct text label = {0};
    if (w->held)
        draw_held(lane, w, grid_row);
    int at = choose_label(lane, w, grid_row, &label);
    int n = least((int)label.len, most(0, w->bend - at));
    for (int x = 0; x < w->bend; x++)
        if (free_at(lane, w, grid_row, x))
            place(lane, w, w->rows.sent, x, GLYPH_ACROSS);
    place(lane, w, w->rows.sent, w->bend,
          w->held       ? GLYPH_HELD
          : w->straight ? GLYPH_HEAD_RIGHT
                        : GLYPH_FALL_RIGHT);
    if (w->held)
        draw_held(lane, w, grid_row);
    int col = lane->a.col + (w->leftwards ? lane->a.cols - at - n : at);
    grid_write(lane->g, grid_row, col, n, text_str(&label), w->role);
    text_free(&label);
}

/* "lost" stands on the sender's side of the cross, and so do words for other ends than arrival. */
static void draw_end_word(const struct lane *lane, const struct arrow *w, const char *word)
{
    int grid_row = lane->a.row + (int)(w->rows.ended - lane->first), n = (int)strlen(word);
    int from_sender = w->end - 1 - n;
    int col = lane->a.col + (w->leftwards ? lane->a.cols - from_sender - n : from_sender);
    if (from_sender >= 0)
        grid_write(lane->g, grid_row, col, n, word, w->role);
}

static void draw_word_of_end(const struct lane *lane, const struct ladder_row *row, size_t r)
{
    struct arrow w = row->copy ? arrow_of_copy(lane, row->ended, r) : arrow_of(lane, row->ended, r);
    if (row->copy)
        draw_end_word(lane, &w, _("copy"));
    else if (w.s.fate == FATE_DROPPED)
        draw_end_word(lane, &w, label_lost(lane->l->trace, &w.s));
}

/* A copy's arrow begins where the segment's does, and ends on a row of its own. */
static void draw_copies(const struct lane *lane, size_t last)
{
    const struct layout *l = lane->l;
    for (size_t r = lane->first; r < l->count && r < last + l->longest; r++) {
        struct ladder_row row = layout_row(l, r);
        if (!row.copy)
            continue;
        struct arrow w = arrow_of_copy(lane, row.ended, r);
        if (w.rows.sent < last)
            draw_slope(lane, &w);
    }
}

/* A segment that left above the first row in sight arrives in sight, or below. */
static bool reaches(const struct layout *l, uint32_t segment, size_t first)
{
    uint32_t ended = layout_segment(l, segment).ended;
    return ended != TRACE_NONE && ended >= first;
}

void lanes_draw(const struct layout *l, const struct track *track, size_t first, bool ports,
                struct grid *g, struct area a)
{
    struct lane lane = {.l = l, .track = track, .g = g, .a = a, .first = first, .ports = ports};
    size_t last = first + (size_t)most(0, a.rows);
    last = last < l->count ? last : l->count;
    for (size_t r = first > l->longest ? first - l->longest : 0; r < last; r++) {
        uint32_t sent = layout_sent(l, r);
        if (sent == TRACE_NONE || (r < first && !reaches(l, sent, first)))
            continue;
        struct arrow w = arrow_of(&lane, sent, r);
        if (w.rows.sent + (size_t)w.rise >= first)
            draw_slope(&lane, &w);
    }
    if (l->has_copies)
        draw_copies(&lane, last);
    for (size_t r = first; r < last; r++) {
        struct ladder_row row = layout_row(l, r);
        if (row.sent != TRACE_NONE) {
            struct arrow w = arrow_of(&lane, row.sent, r);
            draw_start(&lane, &w);
        }
        if (row.ended != TRACE_NONE)
            draw_word_of_end(&lane, &row, r);
    }
    track_draw(track, g, a);
}
