/* Frames from a source to a file and to standard output, until there are no more. */
#ifndef TRACER_APP_PUMP_H
#define TRACER_APP_PUMP_H

#include "tracer/app/options.h"
#include "tracer/app/output.h"
#include "tracer/capture/sink.h"
#include "tracer/capture/source.h"

struct pump {
    struct source *source;           /* (borrowed) */
    struct sink *sink;               /* (borrowed) or NULL */
    const struct output_ops *output; /* or NULL: nothing is shown */
    void *output_state;
    uint64_t frames;  /* passed so far */
    bool unheard;     /* standard output takes nothing more */
    bool reader_gone; /* since its reader went away: no fault */
};

/* Run until the source ends, `o->count` frames have passed, or something fails. Text never stays
 * unwritten while the source has nothing more. 0, or -1 with the sentence. */
int pump_run(struct pump *p, const struct options *o, struct error *e);

#endif
