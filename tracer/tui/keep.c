#include "tracer/tui/keep.h"

#include "tracer/capture/spool.h"

static bool again_from_spool(void *place, uint64_t at, struct capture_frame *frame)
{
    return spool_again(place, at, frame);
}

/* Without a spool the trace keeps the frames itself, in memory. */
void keep_open(struct keep *k, struct trace *trace, struct source *source, uint64_t limit_bytes)
{
    struct error why;
    *k = (struct keep){.trace = trace};
    if (source_rereads(source)) {
        trace_rereads_source(trace, source);
        return;
    }
    k->spool = spool_new(limit_bytes, &why);
    if (k->spool)
        trace_rereads(trace, again_from_spool, k->spool);
}

int keep_add(struct keep *k, struct capture_frame *frame, struct error *e)
{
    if (k->passed_over > 0 || (k->spool && spool_put(k->spool, frame, &frame->at, e) != 0))
        return k->passed_over++ == 0 ? -1 : 0;
    trace_add(k->trace, frame);
    return 0;
}

void keep_close(struct keep *k)
{
    spool_free(k->spool);
    k->spool = NULL;
}
