/* Selectors at work on a trace: each event is taken once, in order, so that a trace may be followed
 * while it grows and the work is the same however long it is.
 *
 * To wait for one thing after the other while a lab runs (`until C enters connect()`, then `until S
 * > C [S.]`): parse each selector, refuse those that selector_is_known_at_once() does not hold for,
 * add them all to one run, and ask select_run_until() for the slot of the present step whenever the
 * trace has grown. When it has been met, the next step begins behind that event.
 *
 * What a growing trace says of an event is what the whole one says, but for one thing: a call
 * belongs to a connection once that is known, for connect() and accept() at their return. */
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

/* Take events up to the first that the selector of a slot selects. False where none of those that
 * the trace has by now is: all of them have been taken, and those that trace_add() brings will be
 * by the next call. */
bool select_run_until(struct select_run *r, size_t slot, size_t *event);

/* The segment that the event taken last is a moment of, and its connection; or TRACE_NONE. */
uint32_t select_run_segment(const struct select_run *r);
uint32_t select_run_flow(const struct select_run *r);

#endif
