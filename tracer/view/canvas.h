/* A raster over an area of cells, for plots: dots in braille, two across and four down a cell, or
 * where there is only ASCII one mark a cell. Pure: it knows neither the trace nor the terminal.
 *
 * Dots count from the lower left, as a plot's axes do. What is outside is clipped. */
#ifndef TRACER_VIEW_CANVAS_H
#define TRACER_VIEW_CANVAS_H

#include "tracer/view/grid.h"

#include <stdbool.h>
#include <stdint.h>

/* What is drawn with. A cell takes the role of the most important ink in it: the later in its
 * table, the more important. Where there are no dots the shapes of the lines tell inks apart. */
struct canvas_ink {
    enum role role;
    char dot, across, down; /* in ASCII: a point, and the two ways of a line */
    bool dotted;            /* a line of it has gaps */
};

/* All zero is an empty canvas. */
struct canvas {
    const struct canvas_ink *inks; /* (borrowed) from the least important on */
    int rows, cols;                /* cells */
    int width, height;             /* dots */
    bool braille;
    struct canvas_cell *cells; /* (owned) rows * cols */
};

/* Make the canvas `rows` x `cols` cells large and empty it; free it. */
void canvas_begin(struct canvas *c, int rows, int cols, bool ascii, const struct canvas_ink *inks);
void canvas_free(struct canvas *c);

/* A point; a vertical bar from one height to the other; a horizontal line. */
void canvas_dot(struct canvas *c, int x, int y, int ink);
void canvas_bar(struct canvas *c, int x, int y0, int y1, int ink);
void canvas_across(struct canvas *c, int x0, int x1, int y, int ink);

/* From one point to the other: straight, or as a step (across first, then up or down). */
void canvas_line(struct canvas *c, int x0, int y0, int x1, int y1, int ink);
void canvas_step(struct canvas *c, int x0, int y0, int x1, int y1, int ink);

/* Lay a glyph over the cell of a dot; it is hidden by what is more important there. */
void canvas_mark(struct canvas *c, int x, int y, uint32_t glyph, int ink);

/* Put what is drawn on a grid with its upper left cell at (row, col); empty cells are left alone.
 */
void canvas_draw(const struct canvas *c, struct grid *g, int row, int col);

#endif
