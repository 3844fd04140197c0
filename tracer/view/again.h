/* A segment whose bytes had been sent before, and the one that it repeats. */
#ifndef TRACER_VIEW_AGAIN_H
#define TRACER_VIEW_AGAIN_H

#include "tracer/view/layout.h"

/* The last segment before `segment` of the same sender that shares a sequence number with it,
 * TRACE_NONE where there is none among the thousands before (a few milliseconds of a busy capture,
 * minutes of a quiet one). */
uint32_t again_of(const struct trace *t, uint32_t segment);

struct again {
    uint32_t segment;  /* the one that repeats, and one: 0 is an empty slot */
    uint32_t original; /* TRACE_NONE where it was not found */
    size_t row;        /* the original left on it; SIZE_MAX where that is not known */
};

/* What was found in one layout, so that a frame is drawn without searching again. All zero is
 * empty. */
enum { AGAIN_SLOTS = 256 };
struct again_memory {
    struct again slot[AGAIN_SLOTS];
};

/* What `segment` repeats, which leaves on `row` of the layout; borrowed until the next call. */
const struct again *again_find(struct again_memory *m, const struct layout *l, uint32_t segment,
                               size_t row);

/* Append "213 ms after line 57" for what was found of segment `s`; nothing where nothing was. */
void again_words(const struct trace *t, const struct segment *s, const struct again *again,
                 struct text *out);

#endif
