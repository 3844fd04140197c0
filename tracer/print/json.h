/* The trace as JSON, one object a line, for programs that read it: docs/json.md says what each
 * object holds. */
#ifndef TRACER_PRINT_JSON_H
#define TRACER_PRINT_JSON_H

#include "tracer/base/text.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>

struct json;

/* Write out a trace (borrowed) that may still grow. Freed by json_free(). */
struct json *json_new(const struct trace *trace);
void json_free(struct json *j);

/* Append a line for everything that has been added since the last call. To be called after each
 * trace_add(), so that each line tells what was known at its time. */
void json_more(struct json *j, struct text *out);

/* The same after trace_add_decoded() of `p`. Where every frame is told of this way, from the first
 * one on, none needs to be had again. */
void json_after(struct json *j, const struct packet *p, struct text *out);

/* Append the line of the next event alone; false where there is none. */
bool json_next(struct json *j, struct text *out);

#endif
