/* One event explained, line by line: what each field holds and one plain sentence on it. */
#ifndef TRACER_VIEW_DETAIL_H
#define TRACER_VIEW_DETAIL_H

#include "tracer/trace/trace.h"
#include "tracer/view/lines.h"

/* Append the lines for a trace event; for TRACE_NONE, a word that nothing is selected. */
void detail_of_event(const struct trace *t, uint32_t event, struct lines *out);

/* Append the lines for a segment, with what both kernels say right after the moment `event`; for a
 * packet's bytes, in hex and ASCII. */
void detail_of_segment(const struct trace *t, uint32_t segment, uint32_t event, struct lines *out);
void detail_bytes(const struct frame *frame, struct lines *out);

/* Append what the kernel of each end of a connection says right after a moment; with `differing`
 * only where it is not what the segments say. */
void detail_of_kernels(const struct trace *t, uint32_t flow, uint32_t event, bool differing,
                       struct lines *out);

/* Append a line built in `body`, which is emptied for the next. */
void detail_line(struct lines *out, const char *lead, struct text *body, enum role role);

#endif
