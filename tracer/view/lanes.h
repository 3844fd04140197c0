/* The lanes between the two hosts: arrows that leave a rail on the row where a segment was sent and
 * reach the other on the row where it arrived. */
#ifndef TRACER_VIEW_LANES_H
#define TRACER_VIEW_LANES_H

#include "tracer/view/grid.h"
#include "tracer/view/layout.h"
#include "tracer/view/track.h"

/* Draw the lanes of rows first .. first + a.rows - 1 into `a`, which lies between the rails, with
 * the lines of `track`. With `ports`, each label begins with the port of the side that opened the
 * connection. */
void lanes_draw(const struct layout *l, const struct track *track, size_t first, bool ports,
                struct grid *g, struct area a);

/* Whether the session's wire reports what becomes of the segment: without a word it is on its way.
 */
bool lanes_fate_comes(const struct trace *t, const struct segment *s);

#endif
