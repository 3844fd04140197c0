/* How much of a lab this machine allows: the tiers, tried from the best down. */
#ifndef LABS_RUNNER_TIERS_H
#define LABS_RUNNER_TIERS_H

#include "labs/runner/crew.h"
#include "tracer/base/text.h"
#include "tracer/capture/source.h"

/* Start the crew in the best tier that works, none below `least`. What was refused on the way, and
 * what is missing because of it, is appended to `announcement`, a sentence a line: nothing where
 * nothing was refused. 0; or -1 with the sentence of the last refusal, those before it in
 * `announcement`. */
int tiers_start(struct crew *crew, const struct run_spec *spec, enum sandbox_tier least,
                struct text *announcement, struct error *e);

/* Capture this machine's loopback, as the tier of that name does. NULL with the sentence, which
 * names `tcplab WORDS` as what to run with more rights. */
struct source *tiers_open_loopback(const char *words, struct error *e);

#endif
