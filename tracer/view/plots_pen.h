/* What the kinds of plot draw with: a walk over the items in sight, pens that draw no dot twice (so
 * that a million items cost little), and the marks. */
#ifndef TRACER_VIEW_PLOTS_PEN_H
#define TRACER_VIEW_PLOTS_PEN_H

#include "tracer/view/plots.h"

struct sight {
    struct series_walk walk;
    int64_t origin;
    struct series_columns columns;
    struct series_state before; /* where lines come in from the left */
};

/* Look at what is in sight as a whole, by the canvas's columns, or from a time on by exact steps.
 * The next items, their times from the trace's first moment. */
struct sight plots_survey(const struct plots *v);
struct sight plots_sight(const struct plots *v);
struct sight plots_sight_from(const struct plots *v, int64_t from, int64_t to, double each_ns);
bool sight_next(struct sight *s, struct series_span *span);

/* Where a time, a span and a value are on the canvas. */
int plots_x(const struct plots *v, int64_t time_ns);
int plots_span_x(const struct plots *v, const struct series_span *span);
int plots_y(const struct plots *v, int64_t value);

/* Where a line ends that holds until the next item: at the last one, or on the right. */
int plots_line_end(const struct plots *v);

/* Widen an extent by a value, if it is known, or by another extent. */
void plots_stretch(struct series_extent *e, int64_t v);
void plots_stretch_by(struct series_extent *e, struct series_extent by);

/* Where a line has come to, and what of its column is drawn already. */
struct pen {
    int x, y, low, high;
    bool down;
};

/* Draw a bar, or go on with a stepped line: to a height, or through all of an extent (in values) to
 * the one that it has at the end. */
void pen_bar(struct plots *v, struct pen *pen, int x, int low, int high, int ink);
void pen_step(struct plots *v, struct pen *pen, int x, int y, int ink);
void pen_through(struct plots *v, struct pen *pen, int x, struct series_extent e, int64_t end,
                 int ink);

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
