#include "tracer/view/companion.h"

#include "tracer/view/glyph.h"

/* Side by side from WIDE columns on. Below that a ladder of 80 columns keeps its width. */
enum {
    WIDE = 120,
    BESIDE_MOST = 72,
    LOW = 20, /* rows under which there is room for one alone */
    BELOW_PART = 45,
};

void companion_place(int rows, int cols, bool focused, struct area *viewer, struct area *companion)
{
    struct area all = {0, 0, rows, cols}, none = {0};
    if (cols >= WIDE) {
        int width = cols * 2 / 5 < BESIDE_MOST ? cols * 2 / 5 : BESIDE_MOST;
        *viewer = (struct area){0, 0, rows, cols - width - 1};
        *companion = (struct area){0, cols - width, rows, width};
    } else if (rows >= LOW) {
        int height = rows * BELOW_PART / 100;
        *viewer = (struct area){0, 0, rows - height - 1, cols};
        *companion = (struct area){rows - height, 0, height, cols};
    } else {
        *viewer = focused ? none : all;
        *companion = focused ? all : none;
    }
}

void companion_copy(const struct grid *from, struct grid *to, struct area a)
{
    for (int row = 0; row < a.rows && row < from->rows; row++)
        for (int col = 0; col < a.cols && col < from->cols; col++) {
            struct cell *cell = grid_cell(to, a.row + row, a.col + col);
            if (cell)
                *cell = *grid_cell(from, row, col);
        }
    if (from->has_cursor)
        grid_place_cursor(to, a.row + from->cursor_row, a.col + from->cursor_col);
}

void companion_line(struct grid *g, struct area viewer, struct area companion)
{
    if (companion.col > 0)
        grid_down(g, 0, companion.col - 1, g->rows, GLYPH_DOWN, ROLE_DIM);
    else if (companion.row > 0 && viewer.rows > 0)
        grid_across(g, companion.row - 1, 0, g->cols, GLYPH_ACROSS, ROLE_DIM);
}
