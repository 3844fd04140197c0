/* A console: the pseudo-terminal at which a host's program sits. */
#ifndef LABS_RUNNER_CONSOLE_H
#define LABS_RUNNER_CONSOLE_H

#include "tracer/base/error.h"

struct console {
    int ours;     /* what the program prints is read here, and what is typed is written here */
    int programs; /* the program's standard input, output and error */
};

/* Open one, without echo and without output processing, so that text passes as it is. Both
 * descriptors are the caller's to close. 0, or -1 with the sentence. */
int console_open(struct console *c, struct error *e);

#endif
