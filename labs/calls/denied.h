/* Why ptrace was refused, and the command that mends it. */
#ifndef LABS_CALLS_DENIED_H
#define LABS_CALLS_DENIED_H

#include "tracer/base/error.h"

/* Write the sentence for a ptrace that failed with `err`, status EXIT_MACHINE; returns -1. What
 * gives the cause away is read below `root` ("" for the real machine). */
int denied_explain(int err, const char *root, struct error *e);

#endif
