/* What a lab's folder promises, proved by running it: reference/ meets every expectation, each
 * broken/NAME/ misses just the one that its file `fails` names, and starter/ is not right yet. */
#ifndef LABS_MARKING_PROOF_H
#define LABS_MARKING_PROOF_H

#include "labs/lesson/lesson.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stddef.h>

struct proof {
    size_t programs, runs, faults; /* so far */
};

/* Prove each of the labs, every program `runs` times, `jobs` at a time. A line is appended for each
 * fault. 0; or -1 with the sentence where nothing can be run here, or it was interrupted. */
int proof_run(const struct lesson *lessons, size_t count, size_t runs, size_t jobs,
              struct proof *proof, struct text *out, struct error *e);

#endif
