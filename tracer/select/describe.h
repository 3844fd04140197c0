/* Events in a line of text each, for explanations. */
#ifndef TRACER_SELECT_DESCRIBE_H
#define TRACER_SELECT_DESCRIBE_H

#include "tracer/base/text.h"
#include "tracer/trace/trace.h"

#include <stddef.h>
#include <stdint.h>

/* Append an event: "C > S  [S] seq J=2927179378, win 64240, mss 1460", "C enters connect(3, ...)".
 * ASCII, and safe for a terminal. */
void describe_event(const struct trace *t, size_t event, struct text *out);

/* Append when it was, in seconds since the trace's first event. */
void describe_time(const struct trace *t, size_t event, struct text *out);

/* Append the ladder around an event: it and those of its connection before and behind it, a line
 * each, the event itself marked. `indent` blanks stand before each line. */
void describe_around(const struct trace *t, size_t event, int indent, struct text *out);

#endif
