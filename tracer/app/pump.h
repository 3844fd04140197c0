/* Frames from a source to a file and to standard output, until there are no more. */
#ifndef TRACER_APP_PUMP_H
#define TRACER_APP_PUMP_H

#include "tracer/app/expecting.h"
#include "tracer/app/options.h"
#include "tracer/app/output.h"
#include "tracer/app/selecting.h"
#include "tracer/app/vantage.h"
#include "tracer/capture/sink.h"
#include "tracer/capture/source.h"

struct pump {
    struct source *source;           /* (borrowed) */
    struct sink *sink;               /* (borrowed) or NULL */
    const struct output_ops *output; /* or NULL: nothing is shown */
    void *output_state;
    struct selecting *selecting; /* (borrowed) shows and keeps in place of both, or NULL */
    struct expecting *expecting; /* (borrowed) takes the frames, or NULL */
    struct vantage *vantage;     /* (borrowed) what the frames are seen from, or NULL */
    uint64_t frames;             /* passed so far */
    bool unheard;                /* standard output takes nothing more */
    bool reader_gone;            /* since its reader went away: no fault */
};

/* Run until the source ends, `o->count` frames have passed (or been selected), or something fails.
 * Text never stays unwritten while the source has nothing more. 0, or -1 with the sentence. */
int pump_run(struct pump *p, const struct options *o, struct error *e);

#endif
