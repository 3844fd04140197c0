#include "tracer/view/track.h"

#include "tracer/view/glyph.h"

#include <string.h>

enum { PART_BEGIN = 1, PART_BETWEEN = 2, PART_END = 4 };

/* Whether nothing else goes down or through from row `from` to row `to`, in rows in sight. */
static bool is_free(const struct track *k, int host, size_t from, size_t to)
{
    bool open = !(k->part[host][from] & (PART_BEGIN | PART_BETWEEN)) &&
                !(k->part[host][to] & (PART_END | PART_BETWEEN));
    for (size_t r = from + 1; r < to && open; r++)
        open = k->part[host][r] == 0;
    return open;
}

static void take(struct track *k, int host, size_t from, size_t to)
{
    k->part[host][from] |= PART_BEGIN;
    k->part[host][to] |= PART_END;
    for (size_t r = from + 1; r < to; r++)
        k->part[host][r] |= PART_BETWEEN;
}

static void find_line(struct track *k, size_t row)
{
    uint32_t sent = layout_row(k->layout, row).sent;
    if (sent == TRACE_NONE)
        return;
    struct segment s = trace_segment(k->layout->trace, sent);
    if (!s.again)
        return;
    const struct again *again = again_find(k->memory, k->layout, sent, row);
    int host = layout_host(k->layout->trace, s.flow, s.side);
    if (again->row == SIZE_MAX || again->row < k->first)
        return;
    if (is_free(k, host, again->row - k->first, row - k->first))
        take(k, host, again->row - k->first, row - k->first);
}

void track_find(struct track *k, const struct layout *l, struct again_memory *memory, size_t first,
                int rows, size_t cursor)
{
    k->layout = l;
    k->memory = memory;
    k->first = first;
    memset(k->part, 0, sizeof k->part);
    size_t last = first + (size_t)(rows < TRACK_ROWS ? rows > 0 ? rows : 0 : TRACK_ROWS);
    last = last < l->count ? last : l->count;
    if (cursor >= first && cursor < last)
        find_line(k, cursor);
    for (size_t r = first; r < last; r++)
        if (r != cursor)
            find_line(k, r);
}

bool track_ends(const struct track *k, size_t r, int host)
{
    return r >= k->first && r - k->first < TRACK_ROWS && k->part[host][r - k->first] & PART_END;
}

static uint32_t glyph_of(uint8_t part, int host)
{
    bool left = host == HOST_LEFT;
    switch (part) {
    case PART_BEGIN: return left ? GLYPH_ENTER_RIGHT : GLYPH_ENTER_LEFT;
    case PART_END: return left ? GLYPH_EXIT_RIGHT : GLYPH_EXIT_LEFT;
    case PART_BEGIN | PART_END: return left ? GLYPH_BRANCH_RIGHT : GLYPH_BRANCH_LEFT;
    default: return GLYPH_DOT;
    }
}

void track_draw(const struct track *k, struct grid *g, struct area a)
{
    for (int h = 0; h < HOST_COUNT; h++)
        for (int i = 0; i < a.rows && i < TRACK_ROWS; i++) {
            int row = a.row + i, col = h == HOST_LEFT ? a.col : a.col + a.cols - 1;
            const struct cell *c = grid_cell(g, row, col);
            bool line = c && (c->glyph == ' ' || c->glyph == GLYPH_ACROSS || c->glyph == '-');
            if (k->part[h][i] && line)
                grid_put(g, row, col, glyph_of(k->part[h][i], h), ROLE_AGAIN);
        }
}
