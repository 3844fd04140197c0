/* Where the viewer's frames are kept: those of a file stay there, all others go into a spool. */
#ifndef TRACER_TUI_KEEP_H
#define TRACER_TUI_KEEP_H

#include "tracer/trace/trace.h"

struct spool;

/* All zero is closed. */
struct keep {
    struct trace *trace;  /* (borrowed) */
    struct spool *spool;  /* (owned) or NULL */
    uint64_t passed_over; /* frames that are not kept, nor given to the trace */
};

/* To be called before the trace is given its first frame; `limit_bytes` is for a spool, 0 for its
 * own. */
void keep_open(struct keep *k, struct trace *trace, struct source *source, uint64_t limit_bytes);

/* Keep a frame and give it to the trace. -1 with the sentence for the first one that cannot be
 * kept; those after it are passed over. */
int keep_add(struct keep *k, struct capture_frame *frame, struct error *e);

/* To be called when the trace is gone. */
void keep_close(struct keep *k);

#endif
