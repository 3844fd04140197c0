/* What the kinds of plot draw with: a walk over the items in sight, pens that draw no dot twice (so
 * that a million items cost little), and the marks. */
#ifndef TRACER_VIEW_PLOTS_PEN_H
#define TRACER_VIEW_PLOTS_PEN_H

#include "tracer/view/plots.h"

struct sight {
    struct series_walk walk;
    int64_t origin, to;
    struct series_state before; /* where lines come in from the left */
};

/* Look at what is in sight, or from a time to another; the next item, its time from the trace's
 * first moment. */
struct sight plots_sight(const struct plots *v);
struct sight plots_sight_from(const struct plots *v, int64_t from, int64_t to);
bool sight_next(struct sight *s, struct series_point *p);

/* Where a time and a value are on the canvas. */
int plots_x(const struct plots *v, int64_t time_ns);
int plots_y(const struct plots *v, int64_t value);

/* Where a line ends that holds until the next item: at the last one, or on the right. */
int plots_line_end(const struct plots *v);

/* Widen a span by a value, if it is known. */
void plots_stretch(struct plot_span *s, int64_t v);

/* Where a line has come to, and what of its column is drawn already. */
struct pen {
    int x, y, low, high;
    bool down;
};

/* Draw a bar, or go on with a stepped line. */
void pen_bar(struct plots *v, struct pen *pen, int x, int low, int high, int ink);
void pen_step(struct plots *v, struct pen *pen, int x, int y, int ink);

/* Whether that part of the column is drawn already; note that it is now. */
bool pen_covered(const struct pen *pen, int x, int low, int high);
void pen_cover(struct pen *pen, int x, int low, int high);

/* Note for the legend that an ink is used. */
void plots_see(struct plots *v, int ink);

/* Lay a glyph over a dot; the one that an item bears, by what is gravest in it, at its lower or its
 * upper end. */
void plots_glyph(struct plots *v, int x, int y, uint32_t glyph, int ink);
void plots_mark(struct plots *v, const struct series_point *p, int x, int low, int high);

#endif
