/* One event explained, line by line: what each field holds and one plain sentence on it. */
#ifndef TRACER_VIEW_DETAIL_H
#define TRACER_VIEW_DETAIL_H

#include "tracer/trace/trace.h"
#include "tracer/view/lines.h"

/* Append the lines for a trace event; for TRACE_NONE, a word that nothing is selected. */
void detail_of_event(const struct trace *t, uint32_t event, struct lines *out);

/* Append the lines for a segment; for a packet's bytes, in hex and ASCII. */
void detail_of_segment(const struct trace *t, uint32_t segment, struct lines *out);
void detail_bytes(const struct frame *frame, struct lines *out);

/* Append a line built in `body`, which is emptied for the next. */
void detail_line(struct lines *out, const char *lead, struct text *body, enum role role);

#endif
