/* Selectors at work on a trace: each event is taken once, in order, so that a trace may be followed
 * while it grows and the work is the same however long it is. */
#ifndef TRACER_SELECT_RUN_H
#define TRACER_SELECT_RUN_H

#include "tracer/select/selector.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct select_run;

/* Follow a trace (borrowed) from its first event. Freed by select_run_free(). */
struct select_run *select_run_new(const struct trace *t);
void select_run_free(struct select_run *r);

/* Add a selector (borrowed) before the first event is taken; its slot, from 0. */
size_t select_run_add(struct select_run *r, const struct selector *s);

/* Take the next event; false where the trace has no more yet. A selector that asks for the last of
 * something looks at the whole trace when the first event is taken. */
bool select_run_next(struct select_run *r, size_t *event);

/* Whether the selector of a slot selects the event taken last. */
bool select_run_matches(struct select_run *r, size_t slot);

/* The segment that the event taken last is a moment of, or TRACE_NONE. */
uint32_t select_run_segment(const struct select_run *r);

#endif
