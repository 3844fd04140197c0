/* The inside of a run, shared by the files of this folder. */
#ifndef TRACER_SELECT_RUN_PARTS_H
#define TRACER_SELECT_RUN_PARTS_H

#include "tracer/select/moment.h"
#include "tracer/select/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one counter of a selector has counted, by connection; place 0 is for events of none. */
struct counter {
    uint64_t *by_flow; /* (owned) */
    size_t flows, cap;
};

struct slot {
    const struct selector *selector; /* (borrowed) */
    struct counter *counters;        /* (owned) */
    bool *hits;                      /* (owned) by counter: it counts out the present event */
    bool wild;                       /* terms with variables hold whatever their value */
};

struct select_run {
    const struct trace *trace; /* (borrowed) */
    struct slot *slots;        /* (owned) */
    size_t count, cap;
    struct track *track; /* (owned) NULL until the first event */
    unsigned needs;
    size_t next;
    struct moment moment;
};

#endif
