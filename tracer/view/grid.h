/* A grid of cells: what a view draws on, and what a terminal or a test shows. Writes outside of it
 * are clipped; no control character can get in. */
#ifndef TRACER_VIEW_GRID_H
#define TRACER_VIEW_GRID_H

#include "tracer/base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* What a cell means; the terminal layer decides how each looks. */
enum role {
    ROLE_NORMAL,
    ROLE_DIM,
    ROLE_TIME,
    ROLE_HOST_C,
    ROLE_HOST_S,
    ROLE_SYN, /* segments by what they carry */
    ROLE_ACK,
    ROLE_FIN,
    ROLE_RST,
    ROLE_DATA,
    ROLE_AGAIN, /* a retransmission */
    ROLE_LOST,
    ROLE_STATE,
    ROLE_CALL,
    ROLE_CALL_BLOCKED,
    ROLE_CALL_FAILED,
    ROLE_RAIL, /* a host's line down the ladder */
    ROLE_CONSOLE,
    ROLE_NOTE,
    ROLE_HEADING,
    ROLE_TITLE,
    ROLE_KEY, /* a key in the key bar, and the words beside it */
    ROLE_KEYBAR,
    ROLE_ERROR,
    ROLE_MATCH,    /* what a search found */
    ROLE_TAG,      /* the sign of a tagged line */
    ROLE_ACK_LINE, /* in a plot: how far is acknowledged, how far may be sent, what came beyond */
    ROLE_WINDOW,
    ROLE_SACK,
    ROLE_COUNT,
};

#define GRID_NO_TARGET UINT32_MAX

struct cell {
    uint32_t glyph;  /* a code point; ' ' where empty; 0 in the right half of a wide glyph */
    uint32_t mark;   /* a combining code point over it, or 0 */
    uint32_t target; /* the trace event that the cell shows, or GRID_NO_TARGET */
    uint8_t role;    /* enum role */
    bool selected;   /* on the cursor line */
};

/* All zero is an empty grid. */
struct grid {
    int rows, cols;
    struct cell *cells; /* (owned) rows * cols */
    bool ascii;         /* glyphs outside ASCII are replaced as they are written */
    bool has_cursor;    /* something is being typed, at: */
    int cursor_row, cursor_col;
};

/* A rectangle of a grid; parts outside of the grid are clipped. */
struct area {
    int row, col, rows, cols;
};

/* Make the grid rows x cols (either may be 0) and empty it; free it. */
void grid_resize(struct grid *g, int rows, int cols);
void grid_clear(struct grid *g);
void grid_free(struct grid *g);

/* A cell, or NULL outside of the grid. */
struct cell *grid_cell(const struct grid *g, int row, int col);

/* Put one glyph and return the columns it takes (0 for a combining mark, which joins the glyph to
 * its left). A code point that no terminal should be given becomes U+FFFD. */
int grid_put(struct grid *g, int row, int col, uint32_t glyph, enum role role);

/* Put a glyph `n` times to the right, or downwards. */
void grid_across(struct grid *g, int row, int col, int n, uint32_t glyph, enum role role);
void grid_down(struct grid *g, int row, int col, int n, uint32_t glyph, enum role role);

/* Write UTF-8 within `cols` columns, cut with an ellipsis where it is longer. Returns the columns
 * used. Foreign text goes through text_safe() first, or through grid_write_foreign(). */
int grid_write(struct grid *g, int row, int col, int cols, const char *s, enum role role);
int grid_write_foreign(struct grid *g, int row, int col, int cols, const char *s, enum role role);

/* The same, flush to the right end of the `cols` columns; cut on the left where it is longer. */
int grid_write_right(struct grid *g, int row, int col, int cols, const char *s, enum role role);

/* Columns that a UTF-8 string takes. */
int grid_width_of(const char *s);

/* Give the cells of an area a target, a role (keeping what they show), or the cursor line's mark.
 */
void grid_target(struct grid *g, struct area a, uint32_t target);
void grid_role(struct grid *g, struct area a, enum role role);
void grid_select(struct grid *g, struct area a);

/* Show the terminal's cursor in a cell, where that is in the grid. */
void grid_place_cursor(struct grid *g, int row, int col);

/* Append the grid as text, a line a row, without trailing blanks. */
void grid_text(const struct grid *g, struct text *out);

#endif
