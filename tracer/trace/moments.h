/* The order in which things happened, in under three bytes a moment: its kind alone is written
 * down. Items of one class come in the order of their index, so the index of a moment is how many
 * of its class stand before it; that is counted once every few moments, and from there on each time
 * it is asked. Only the fates of segments and the returns of calls, which come in any order, have
 * their index written beside. */
#ifndef TRACER_TRACE_MOMENTS_H
#define TRACER_TRACE_MOMENTS_H

#include "tracer/trace/trace.h"

struct moments;

struct moments *moments_new(void);
void moments_free(struct moments *m);

/* Append one. Where the kind's items come in order, `index` must be the next. */
void moments_add(struct moments *m, enum trace_kind kind, uint32_t index);

size_t moments_count(const struct moments *m);

/* Moment `i`, which there is. To go through them forwards takes the same short time for each. */
struct trace_event moments_at(const struct moments *m, size_t i);

/* How many moments of the kind's class (for notes, all three kinds) stand before moment `i`, which
 * may be the end. */
uint32_t moments_before(const struct moments *m, enum trace_kind kind, size_t i);

/* Where the item `index` of a kind stands; TRACE_NONE where there is none. Quick where the kind's
 * items come in order. */
uint32_t moments_find(const struct moments *m, enum trace_kind kind, uint32_t index);

#endif
