/* From what failed to why, and to the command that mends it. */
#ifndef LABS_SANDBOX_DENIAL_H
#define LABS_SANDBOX_DENIAL_H

#include "labs/sandbox/report.h"
#include "tracer/base/error.h"

/* Write the sentence for a failure, status EXIT_MACHINE. The machine's own settings are read below
 * `root` ("" for the real ones) to tell apart the causes that share an errno. */
void denial_explain(const struct failure *f, const char *root, struct error *e);

/* The part of such a sentence that says why, without that it was the hosts that were refused. */
const char *denial_reason(const char *sentence);

#endif
