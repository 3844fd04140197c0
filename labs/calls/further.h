/* Further programs of a host: each is a process that waits from the start on, under trace as the
 * first one is, until it is its turn to become its program. */
#ifndef LABS_CALLS_FURTHER_H
#define LABS_CALLS_FURTHER_H

#include "labs/calls/tracer.h"

/* All zero is none. */
struct further {
    struct launch *launches; /* (owned) */
    size_t count;
    size_t next; /* the first that has not been started */
};

/* Fork all of options->further. 0, or -1 with the sentence. */
int further_fork(struct further *f, struct tracer *tr, const struct calls_options *options,
                 const struct calls_filter *filter, struct error *e);

/* Start the next, if there is one; end those that have not been started. */
void further_start(struct further *f);
void further_give_up(struct further *f);

/* Send a signal to those that were started. */
void further_signal(const struct further *f, int signal);

/* At the end: why one of them could not be started, if one could not; and free. */
void further_close(struct further *f, struct error *failure);

#endif
