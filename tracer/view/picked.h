/* The events of a trace that a selector picks, one bit each, found out a slice at a time so that a
 * screen stays quick with millions of them. What is picked at a segment's end (its delivery, its
 * loss) or a call's return is shown from its beginning: that event is picked with it. */
#ifndef TRACER_VIEW_PICKED_H
#define TRACER_VIEW_PICKED_H

#include "tracer/select/selector.h"
#include "tracer/trace/trace.h"

struct picked;

/* Nothing is looked at yet. `s` is owned from now on, the trace borrowed. Freed by picked_free().
 */
struct picked *picked_new(const struct trace *trace, struct selector *s);
void picked_free(struct picked *p);

/* Look at more events, for `budget_ns` or so; true where any were. What asks for the last of
 * something is looked at all over when the trace has grown. */
bool picked_update(struct picked *p, int64_t budget_ns);

/* How many events have been looked at, the first ones, and whether there are more. */
size_t picked_count(const struct picked *p);
bool picked_busy(const struct picked *p);

/* Whether event `i`, which was looked at, is picked. */
bool picked_has(const struct picked *p, uint32_t i);

/* The earliest event that was picked late, when those behind it had been looked at already, since
 * this was asked last; SIZE_MAX for none. */
size_t picked_late(struct picked *p);

/* The selector as it was written (borrowed). */
const char *picked_words(const struct picked *p);

#endif
