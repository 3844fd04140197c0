/* What is typed to the hosts' programs: lines from the viewer's keyboard, and the runner's standard
 * input where it stands for host C's. A console takes a few kilobytes ahead of its program; what it
 * has not taken waits here, and nothing more is read from standard input meanwhile. */
#ifndef LABS_RUNNER_TYPING_H
#define LABS_RUNNER_TYPING_H

#include "tracer/base/text.h"

#include <stdbool.h>

struct conductor;

/* A console's side of it. */
struct typing {
    struct text waiting;
    bool mid_line; /* what was taken last ended within a line */
    int ends;      /* end-of-file characters still to be typed, behind `waiting` */
};

/* Read lines from the viewer, and a piece of standard input, and type them. */
void typing_from_viewer(struct conductor *c);
void typing_from_input(struct conductor *c);

/* Whether something waits for a host's console; give it what it takes. */
bool typing_waits(const struct conductor *c, int host);
void typing_flush(struct conductor *c, int host);

#endif
