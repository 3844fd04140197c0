#include "tracer/view/grid.h"

#include "tracer/base/alloc.h"
#include "tracer/base/utf8.h"
#include "tracer/view/glyph.h"

#include <stdlib.h>
#include <string.h>

static const struct cell empty_cell = {.glyph = ' ', .target = GRID_NO_TARGET};

void grid_clear(struct grid *g)
{
    for (size_t i = 0; i < (size_t)g->rows * (size_t)g->cols; i++)
        g->cells[i] = empty_cell;
    g->has_cursor = false;
}

void grid_resize(struct grid *g, int rows, int cols)
{
    g->rows = rows > 0 ? rows : 0;
    g->cols = cols > 0 ? cols : 0;
    g->cells = xreallocarray(g->cells, (size_t)g->rows * (size_t)g->cols, sizeof *g->cells);
    grid_clear(g);
}

void grid_free(struct grid *g)
{
    free(g->cells);
    *g = (struct grid){.ascii = g->ascii};
}

struct cell *grid_cell(const struct grid *g, int row, int col)
{
    if (row < 0 || col < 0 || row >= g->rows || col >= g->cols)
        return NULL;
    return &g->cells[(size_t)row * (size_t)g->cols + (size_t)col];
}

/* Overwriting one half of a wide glyph leaves a blank in the other. */
static void split_wide(struct grid *g, int row, int col)
{
    struct cell *c = grid_cell(g, row, col), *left = grid_cell(g, row, col - 1),
                *right = grid_cell(g, row, col + 1);
    if (c && c->glyph == 0 && left)
        left->glyph = ' ', left->mark = 0;
    if (c && right && right->glyph == 0)
        right->glyph = ' ';
}

static void set_cell(struct grid *g, int row, int col, uint32_t glyph, enum role role)
{
    struct cell *c = grid_cell(g, row, col);
    if (!c)
        return;
    split_wide(g, row, col);
    c->glyph = glyph;
    c->mark = 0;
    c->role = (uint8_t)role;
}

static void add_mark(struct grid *g, int row, int col, uint32_t mark)
{
    struct cell *c = grid_cell(g, row, col - 1);
    if (c && c->glyph == 0)
        c = grid_cell(g, row, col - 2);
    if (c)
        c->mark = mark;
}

/* A wide glyph, or blanks of its width where it has no room. */
static void put_wide(struct grid *g, int row, int col, uint32_t glyph, enum role role)
{
    bool fits = !g->ascii && grid_cell(g, row, col) && grid_cell(g, row, col + 1);
    set_cell(g, row, col, fits ? glyph : g->ascii ? '?' : ' ', role);
    set_cell(g, row, col + 1, ' ', role);
    if (fits) {
        grid_cell(g, row, col)->glyph = glyph;
        grid_cell(g, row, col + 1)->glyph = 0;
    }
}

int grid_put(struct grid *g, int row, int col, uint32_t glyph, enum role role)
{
    if (!utf8_is_safe(glyph))
        glyph = GLYPH_UNKNOWN;
    int width = glyph_width(glyph);
    if (width == 0 && !g->ascii)
        add_mark(g, row, col, glyph);
    if (width == 1)
        set_cell(g, row, col, g->ascii ? (uint32_t)(unsigned char)glyph_ascii(glyph) : glyph, role);
    if (width == 2)
        put_wide(g, row, col, glyph, role);
    return width;
}

void grid_across(struct grid *g, int row, int col, int n, uint32_t glyph, enum role role)
{
    for (int i = 0; i < n && col + i < g->cols; i++)
        grid_put(g, row, col + i, glyph, role);
}

void grid_down(struct grid *g, int row, int col, int n, uint32_t glyph, enum role role)
{
    for (int i = 0; i < n && row + i < g->rows; i++)
        grid_put(g, row + i, col, glyph, role);
}

/* The next code point of *s; broken bytes come out one by one as U+FFFD. */
static uint32_t next_code_point(const char **s)
{
    uint32_t v = GLYPH_UNKNOWN;
    size_t n = utf8_read((const uint8_t *)*s, strlen(*s) < 4 ? strlen(*s) : 4, &v);
    *s += n > 0 ? n : 1;
    return n > 0 ? v : GLYPH_UNKNOWN;
}

int grid_width_of(const char *s)
{
    int width = 0;
    while (*s)
        width += glyph_width(next_code_point(&s));
    return width;
}

int grid_write(struct grid *g, int row, int col, int cols, const char *s, enum role role)
{
    if (cols <= 0)
        return 0;
    bool cut = grid_width_of(s) > cols;
    int room = cut ? cols - 1 : cols, used = 0;
    while (*s) {
        uint32_t v = next_code_point(&s);
        if (used + glyph_width(v) > room)
            break;
        used += grid_put(g, row, col + used, v, role);
    }
    if (cut)
        used += grid_put(g, row, col + used, GLYPH_CUT, role);
    return used;
}

int grid_write_foreign(struct grid *g, int row, int col, int cols, const char *s, enum role role)
{
    struct text safe = {0};
    text_safe_str(&safe, s);
    int used = grid_write(g, row, col, cols, text_str(&safe), role);
    text_free(&safe);
    return used;
}

int grid_write_right(struct grid *g, int row, int col, int cols, const char *s, enum role role)
{
    int width = grid_width_of(s);
    if (cols <= 0)
        return 0;
    if (width <= cols)
        return grid_write(g, row, col + cols - width, width, s, role);
    for (int room = cols - 1; width > room;)
        width -= glyph_width(next_code_point(&s));
    grid_put(g, row, col + cols - width - 1, GLYPH_CUT, role);
    return 1 + grid_write(g, row, col + cols - width, width, s, role);
}

void grid_target(struct grid *g, struct area a, uint32_t target)
{
    for (int r = a.row; r < a.row + a.rows; r++)
        for (int c = a.col; c < a.col + a.cols; c++)
            if (grid_cell(g, r, c))
                grid_cell(g, r, c)->target = target;
}

void grid_role(struct grid *g, struct area a, enum role role)
{
    for (int r = a.row; r < a.row + a.rows; r++)
        for (int c = a.col; c < a.col + a.cols; c++)
            if (grid_cell(g, r, c))
                grid_cell(g, r, c)->role = (uint8_t)role;
}

void grid_select(struct grid *g, struct area a)
{
    for (int r = a.row; r < a.row + a.rows; r++)
        for (int c = a.col; c < a.col + a.cols; c++)
            if (grid_cell(g, r, c))
                grid_cell(g, r, c)->selected = true;
}

void grid_place_cursor(struct grid *g, int row, int col)
{
    g->has_cursor = grid_cell(g, row, col) != NULL;
    g->cursor_row = row;
    g->cursor_col = col;
}

static void add_glyph(struct text *out, uint32_t v)
{
    char bytes[4];
    text_bytes(out, bytes, utf8_write(v, bytes));
}

void grid_text(const struct grid *g, struct text *out)
{
    for (int row = 0; row < g->rows; row++) {
        int last = g->cols - 1;
        while (last >= 0 && grid_cell(g, row, last)->glyph == ' ')
            last--;
        for (int col = 0; col <= last; col++) {
            const struct cell *c = grid_cell(g, row, col);
            if (c->glyph != 0)
                add_glyph(out, c->glyph);
            if (c->mark != 0)
                add_glyph(out, c->mark);
        }
        text_char(out, '\n');
    }
}
