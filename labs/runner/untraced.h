/* Runs a program at its console where nobody watches its calls: what stands for the call tracer of
 * a prompt that speaks to real hosts, on a machine that refuses ptrace. */
#ifndef LABS_RUNNER_UNTRACED_H
#define LABS_RUNNER_UNTRACED_H

#include "labs/calls/calls.h"

/* As calls_run(), but that only the program's start and end are told, not its calls, and what it
 * starts itself is not waited for. */
int untraced_run(const struct calls_options *options, struct error *e);

#endif
