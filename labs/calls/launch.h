/* The start of the traced program: a child that prepares itself, waits for the word, and execs. */
#ifndef LABS_CALLS_LAUNCH_H
#define LABS_CALLS_LAUNCH_H

#include "labs/calls/calls.h"
#include "labs/calls/filter.h"

#include <stdbool.h>
#include <sys/types.h>

struct launch {
    pid_t pid;
    int channel; /* our end of a socket pair with the child; it closes at the child's exec */
};

/* What the child says on the channel, one message each. */
enum launch_state {
    LAUNCH_WAITING,  /* nothing yet, or nothing more */
    LAUNCH_PREPARED, /* it waits for launch_go() */
    LAUNCH_FAILED,   /* and why */
    LAUNCH_GONE,     /* the channel is closed: it runs the program, or died */
};

/* Fork the child; it does nothing before launch_prepare(), so that it can be seized meanwhile. Its
 * signals are those a program expects to start with. 0, or -1 with the sentence. */
int launch_fork(struct launch *l, const struct calls_options *options,
                const struct calls_filter *filter, struct error *e);

/* Have it prepare itself (console, folder, environment, the hook); then, once prepared, exec. */
void launch_prepare(const struct launch *l);
void launch_go(const struct launch *l);

/* Read the next message, without waiting. `*e` is the child's sentence at LAUNCH_FAILED;
 * `*filtered`, at LAUNCH_PREPARED, whether only the calls of the table will stop. */
enum launch_state launch_listen(struct launch *l, bool *filtered, struct error *e);

/* Close our end. */
void launch_close(struct launch *l);

#endif
