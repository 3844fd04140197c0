/* RFC 9293's state diagram (figure 5) as a table of boxes and edges, and its drawing in cells. Each
 * edge is a row of the state table (tracer/tcp/state.c), drawn; a test holds it to that.
 *
 * Places are those of a drawing of 80 x 15 cells; a wider and higher one stretches them. */
#ifndef TRACER_VIEW_DIAGRAM_H
#define TRACER_VIEW_DIAGRAM_H

#include "tracer/tcp/state.h"
#include "tracer/view/grid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As in the RFC's figure CLOSED stands there twice: where an end begins, and where it ends. */
enum diagram_place {
    PLACE_CLOSED_AGAIN = TCP_STATE_COUNT, /* below it, a place is an enum tcp_state */
    PLACE_COUNT,
};

struct diagram_box {
    unsigned place;
    int x, y; /* its left end; boxes are DIAGRAM_BOX_COLS wide */
};

struct diagram_point {
    int x, y;
};

enum { DIAGRAM_COLS = 80, DIAGRAM_BOX_COLS = 18, DIAGRAM_POINTS = 4 };

/* The row of the edge that leads to CLOSED from any state has this for its `from`. */
#define DIAGRAM_ANY ((enum tcp_state)TCP_STATE_COUNT)

struct diagram_edge {
    enum tcp_state from;
    enum tcp_event event;
    unsigned to; /* a place */
    const char *label;
    struct diagram_point label_at;
    int label_shift; /* 0: centred there; else it begins (or, negative, ends) so far from there */
    int points;
    struct diagram_point path[DIAGRAM_POINTS]; /* from within one box to within the other */
};

extern const struct diagram_box diagram_boxes[];
extern const size_t diagram_box_count;
extern const struct diagram_edge diagram_edges[];
extern const size_t diagram_edge_count;

/* The edge that an end in `from` takes on `event`, or -1 where none is drawn. */
int diagram_edge_of(enum tcp_state from, enum tcp_event event);

/* What is marked in the diagram. */
struct diagram_marks {
    char sign[2];              /* a letter for each end; it stands in the box of its state */
    unsigned now[2];           /* the place of each end; STATE_UNKNOWN: nowhere */
    bool been[2][PLACE_COUNT]; /* it was there: the letter in small */
    uint32_t walked;           /* a bit an edge: an end has gone along it */
    int lit;                   /* the edge last taken, or -1 */
    int lit_end;               /* by which end */
};

/* Rows of the drawing that suits this room, the transitions below it included; 0 where there is no
 * room for one. */
int diagram_rows(struct area room);

/* Draw it in an area of that many rows. */
void diagram_draw(const struct diagram_marks *m, struct grid *g, struct area a);

#endif
