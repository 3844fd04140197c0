/* What comes in: the members' streams, the consoles, the sandbox's word that a member was killed.
 * All of it that belongs to the session goes into the merge. */
#ifndef LABS_RUNNER_HEAR_H
#define LABS_RUNNER_HEAR_H

#include "labs/runner/conductor.h"

/* Read what has come from a member of the crew, up to its end. */
void hear_member(struct conductor *c, int who);

/* Read what a host's program has printed; its console is closed when nobody is left at it. */
void hear_console(struct conductor *c, int host);

/* Ask whether a member was killed, and let the run fail where one was. */
void hear_losses(struct conductor *c);

#endif
