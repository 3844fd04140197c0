#include "tracer/view/canvas.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { BRAILLE = 0x2800, ACROSS = 2, DOWN = 4 }; /* dots a cell */

struct canvas_cell {
    uint32_t mark; /* the glyph over it, or 0 */
    uint8_t dots;  /* braille's pattern; in ASCII the character */
    int8_t ink;    /* of the dots; -1: none */
    int8_t mark_ink;
};

void canvas_begin(struct canvas *c, int rows, int cols, bool ascii, const struct canvas_ink *inks)
{
    rows = rows > 0 ? rows : 0;
    cols = cols > 0 ? cols : 0;
    if (rows != c->rows || cols != c->cols || !c->cells) {
        free(c->cells);
        c->cells = xcalloc((size_t)rows * (size_t)cols + 1, sizeof *c->cells);
    }
    c->inks = inks;
    c->rows = rows;
    c->cols = cols;
    c->braille = !ascii;
    c->width = ascii ? cols : cols * ACROSS;
    c->height = ascii ? rows : rows * DOWN;
    for (size_t i = 0; i < (size_t)rows * (size_t)cols; i++)
        c->cells[i] = (struct canvas_cell){.ink = -1, .mark_ink = -1};
}

void canvas_free(struct canvas *c)
{
    free(c->cells);
    *c = (struct canvas){0};
}

static struct canvas_cell *cell_of(const struct canvas *c, int x, int y)
{
    if (x < 0 || y < 0 || x >= c->width || y >= c->height)
        return NULL;
    int down = c->height - 1 - y;
    int row = c->braille ? down / DOWN : down, col = c->braille ? x / ACROSS : x;
    return &c->cells[row * c->cols + col];
}

/* Set one dot; `shape` is what stands for it in ASCII. */
static void put(struct canvas *c, int x, int y, int ink, char shape)
{
    static const uint8_t bits[DOWN][ACROSS] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    struct canvas_cell *cell = cell_of(c, x, y);
    if (!cell)
        return;
    if (c->braille)
        cell->dots |= bits[(c->height - 1 - y) % DOWN][x % ACROSS];
    else if (ink >= cell->ink)
        cell->dots = (uint8_t)shape;
    if (ink > cell->ink)
        cell->ink = (int8_t)ink;
}

void canvas_dot(struct canvas *c, int x, int y, int ink)
{
    put(c, x, y, ink, c->inks[ink].dot);
}

static int within(int v, int most)
{
    return v < -1 ? -1 : v > most ? most : v;
}

static void order(int *low, int *high)
{
    int was = *low;
    if (was <= *high)
        return;
    *low = *high;
    *high = was;
}

void canvas_bar(struct canvas *c, int x, int y0, int y1, int ink)
{
    order(&y0, &y1);
    if (x < 0 || x >= c->width)
        return;
    y0 = within(y0, c->height);
    y1 = within(y1, c->height);
    for (int y = y0; y <= y1; y++)
        if (!c->inks[ink].dotted || !c->braille || y % 2 == 0)
            put(c, x, y, ink, c->inks[ink].down);
}

void canvas_across(struct canvas *c, int x0, int x1, int y, int ink)
{
    order(&x0, &x1);
    x0 = within(x0, c->width);
    x1 = within(x1, c->width);
    for (int x = x0; x <= x1; x++)
        if (!c->inks[ink].dotted || x % (c->braille ? 4 : 2) == 0)
            put(c, x, y, ink, c->inks[ink].across);
}

void canvas_line(struct canvas *c, int x0, int y0, int x1, int y1, int ink)
{
    int across = abs(x1 - x0), up = abs(y1 - y0), steps = across > up ? across : up;
    char shape = up == 0 ? c->inks[ink].across : across == 0 ? c->inks[ink].down : c->inks[ink].dot;
    for (int i = 0; i <= steps; i++) {
        double part = steps > 0 ? (double)i / steps : 0;
        put(c, x0 + (int)((x1 - x0) * part + (x1 >= x0 ? 0.5 : -0.5)),
            y0 + (int)((y1 - y0) * part + (y1 >= y0 ? 0.5 : -0.5)), ink, shape);
    }
}

void canvas_step(struct canvas *c, int x0, int y0, int x1, int y1, int ink)
{
    canvas_across(c, x0, x1, y0, ink);
    if (y1 != y0)
        canvas_bar(c, x1, y0, y1, ink);
}

void canvas_mark(struct canvas *c, int x, int y, uint32_t glyph, int ink)
{
    struct canvas_cell *cell = cell_of(c, x, y);
    if (!cell || ink < cell->mark_ink)
        return;
    cell->mark = glyph;
    cell->mark_ink = (int8_t)ink;
}

void canvas_draw(const struct canvas *c, struct grid *g, int row, int col)
{
    for (int r = 0; r < c->rows; r++)
        for (int k = 0; k < c->cols; k++) {
            const struct canvas_cell *cell = &c->cells[r * c->cols + k];
            bool marked = cell->mark && cell->mark_ink >= cell->ink;
            int ink = marked ? cell->mark_ink : cell->ink;
            uint32_t glyph = marked       ? cell->mark
                             : c->braille ? BRAILLE + (uint32_t)cell->dots
                                          : cell->dots;
            if (ink >= 0)
                grid_put(g, row + r, col + k, glyph, c->inks[ink].role);
        }
}
