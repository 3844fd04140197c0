/* The ladder with many lifelines: a column for each host, or a pair of columns for each of a few
 * connections, and every segment an arrow between two of them.
 *
 *               10.0.0.1           10.0.0.2           10.0.0.77
 *            ───────┬───────    ───────┬───────    ───────┬───────
 *   0.000000        │─ 34567 [S] J ───▶│                  │
 *   0.000211        │                  │◀─── 40000 [S] J ─│
 *
 * Of the hosts of a capture only a few are known here: all of them where there are no more than
 * COLUMNS_MOST, else those of the rows in sight, each of which keeps its column while it is seen.
 */
#ifndef TRACER_VIEW_COLUMNS_H
#define TRACER_VIEW_COLUMNS_H

#include "tracer/view/again.h"
#include "tracer/view/grid.h"
#include "tracer/view/layout.h"

enum { COLUMNS_MOST = 64 };

enum columns_kind { COLUMNS_HOSTS, COLUMNS_PAIRS };

/* A column is named by an end that it stands for: a flow's index, times two, and the side. */
struct columns_set {
    enum columns_kind kind;
    uint32_t ends[COLUMNS_MOST]; /* from left to right */
    int count;
    bool many;            /* there are more hosts than these */
    uint32_t flows_taken; /* flows whose hosts are counted */
    int first, fit;       /* the columns in sight */
    size_t followed;      /* the row that the columns in sight were chosen for */
    bool moved;           /* by hand, since */
};

/* Begin with the connections that a layout shows. */
void columns_begin(struct columns_set *c, const struct layout *l, enum columns_kind kind);

/* Take in the hosts of connections that came since. */
void columns_update(struct columns_set *c, const struct layout *l);

/* Choose the columns for `rows` rows from `first` on, `cols` wide, so that those of the row
 * `cursor` are among them. */
void columns_arrange(struct columns_set *c, const struct layout *l, size_t first, int rows,
                     size_t cursor, int cols);

/* Go sideways by one column, or by one pair; false where there is no further one. */
bool columns_move(struct columns_set *c, int step);

/* The column of an end, -1 where it has none. */
int columns_of(const struct columns_set *c, const struct trace *t, uint32_t flow, int side);

/* The cell of a column that is in sight, from the left end of `cols` cells. */
int columns_cell(const struct columns_set *c, int column, int cols);

/* The columns in sight: `first` is the first of them, this the one behind the last. */
int columns_end(const struct columns_set *c);

/* Append "hosts 1-4 of 12". */
void columns_status(const struct columns_set *c, struct text *out);

/* How many columns there is room for. */
int columns_fit(const struct columns_set *c, int cols);

/* The rows that the headings take; draw them, with the states after row `cursor` of the layout. */
int columns_heading_rows(struct columns_set *c, const struct trace *t, int cols);
void columns_draw_heading(const struct columns_set *c, const struct layout *l, size_t cursor,
                          struct grid *g, struct area a);

/* Draw the rows from `first` on, as many as `a` has. */
void columns_draw(const struct columns_set *c, const struct layout *l, struct again_memory *memory,
                  size_t first, struct grid *g, struct area a);

#endif
