/* The dotted lines of the ladder: from a segment down to the one that repeats it, in the lane
 * column beside the sender's rail.
 *
 *   │┌ [P.] seq 7:12, ack 9, len 5 ─────╲
 *   │·                              lost ×
 *   │└ [P.] seq 7:12, ack 9, len 5 again ─╲
 */
#ifndef TRACER_VIEW_TRACK_H
#define TRACER_VIEW_TRACK_H

#include "tracer/view/again.h"
#include "tracer/view/grid.h"

enum { TRACK_ROWS = 512 }; /* rows below are drawn without */

struct track {
    const struct layout *layout; /* (borrowed) */
    struct again_memory *memory; /* (borrowed) */
    size_t first;                /* the layout's row that is the first in sight */
    uint8_t part[HOST_COUNT][TRACK_ROWS];
};

/* Find the lines among `rows` rows from `first` on. Of two that would lie over each other the
 * cursor's has the place, else the upper one. */
void track_find(struct track *k, const struct layout *l, struct again_memory *memory, size_t first,
                int rows, size_t cursor);

/* Whether a line ends on row `r` of the layout, at the sender's margin. */
bool track_ends(const struct track *k, size_t r, int host);

/* Draw them into the lanes `a`, over what is there but letters. */
void track_draw(const struct track *k, struct grid *g, struct area a);

#endif
