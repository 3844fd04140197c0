/* How a series is kept; shared by its walks (series.c) and its growth (series_take.c) alone. */
#ifndef TRACER_VIEW_SERIES_STORE_H
#define TRACER_VIEW_SERIES_STORE_H

#include "tracer/view/series.h"

enum {
    CHUNK_ITEMS = 4096, /* allocated at once */
    BLOCK_ITEMS = 512,  /* at most, from one beginning of a walk to the next */
    FLAG_BITS = 8,      /* of an item's `bits`; above them a length, or a window */
};

struct series_item {
    uint32_t delta_ns; /* since its block began */
    uint32_t event;    /* of the trace */
    uint32_t at;       /* relative sequence or acknowledgement number, modulo 2^32 */
    uint32_t bits;     /* sent: length in sequence numbers; ACK: window as it stood. Flags below */
};

struct series_sacked {
    uint32_t item, bytes;
};

struct series_block {
    int64_t base_ns;
    uint32_t first; /* item */
    struct series_state before;
    struct series_span all; /* its items together */
};

static inline struct series_item *series_item_at(const struct series *s, uint32_t i)
{
    return &s->chunks[i / CHUNK_ITEMS][i % CHUNK_ITEMS];
}

/* The number near the last one that is `at` modulo 2^32. */
static inline int64_t series_unwrap(const struct series_state *st, uint32_t at)
{
    return st->around + (int32_t)(at - (uint32_t)st->around);
}

/* Begin a span; add an item to it, or only its sign where that has changed. */
void series_span_begin(struct series_span *span);
void series_span_add(struct series_span *span, const struct series_point *p);
void series_span_sign(struct series_span *span, const struct series_point *p);

/* The last block that begins at or before an item. */
size_t series_block_of(const struct series *s, uint32_t item);

#endif
