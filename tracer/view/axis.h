/* A plot's axis: a range of values, the places of its ticks at 1, 2 or 5 times a power of ten, and
 * their labels in the units that people use. */
#ifndef TRACER_VIEW_AXIS_H
#define TRACER_VIEW_AXIS_H

#include "tracer/base/text.h"

#include <stdint.h>

enum axis_unit { AXIS_NANOSECONDS, AXIS_BYTES, AXIS_BYTES_PER_SECOND, AXIS_UNIT_COUNT };

struct axis {
    int64_t from, to; /* to > from */
    int64_t step;     /* from tick to tick */
    enum axis_unit unit;
    int64_t scale; /* what one of the label's unit is worth */
    int decimals;  /* that a label needs */
};

/* An axis over [from, to], widened by one where that is a single value, with at most `ticks` ticks
 * (two at least). Values are within INT64_MAX / 2 of zero. */
struct axis axis_make(enum axis_unit unit, int64_t from, int64_t to, int ticks);

/* The first tick at or after the beginning; the others follow every step. */
int64_t axis_first_tick(const struct axis *a);

/* A tick as all of the axis's are written, "1.5 ms"; any value by itself, with three digits that
 * count: "1.52 ms", "64.2 kB", "1.20 MB/s". */
void axis_label(const struct axis *a, int64_t value, struct text *out);
void axis_value(enum axis_unit unit, int64_t value, struct text *out);

/* The smallest of 1, 2 or 5 times a power of ten that is not below `v` (1 where v < 1). */
int64_t axis_nice(int64_t v);

/* An axis laid over a number of dots; the one that a value falls on, beyond either end where it is
 * outside, but not far. */
struct axis_scale {
    int64_t from;
    int dots;
    double dots_each; /* for one of the axis's unit */
};
struct axis_scale axis_over(const struct axis *a, int dots);

static inline int axis_dot(const struct axis_scale *s, int64_t value)
{
    double at = (double)(value - s->from) * s->dots_each, most = 2.0 * s->dots;
    at = at < -s->dots ? -s->dots : at > most ? most : at;
    return (int)(at + s->dots + 0.5) - s->dots;
}

#endif
