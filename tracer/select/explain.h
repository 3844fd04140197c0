/* Why a moment is not what a selector selects. Inside tracer/select only. */
#ifndef TRACER_SELECT_EXPLAIN_H
#define TRACER_SELECT_EXPLAIN_H

#include "tracer/select/node.h"

#include <stdbool.h>

/* How near the moment is to what the selector selects: 0 or less has nothing in common with it. */
int nearness(const struct selector *s, struct moment *m, const bool *hits);

/* Append the terms that do not hold, with both values each, joined by semicolons; how many. */
int explain_selector(const struct selector *s, struct moment *m, const bool *hits,
                     struct text *out);

/* Append a sentence where the selector asks for what this capture cannot tell of. */
void explain_capture(const struct selector *s, const struct trace *t, struct text *out);

#endif
