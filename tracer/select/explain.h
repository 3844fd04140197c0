/* Why a moment is not what a selector selects. Inside tracer/select only. */
#ifndef TRACER_SELECT_EXPLAIN_H
#define TRACER_SELECT_EXPLAIN_H

#include "tracer/select/node.h"

#include <stdbool.h>

/* How near the moment is to what the selector selects: 0 has nothing in common with it. */
int nearness(const struct selector *s, struct moment *m, const bool *hits);

/* Append the terms that do not hold, with both values each, joined by semicolons. */
void explain_selector(const struct selector *s, struct moment *m, const bool *hits,
                      struct text *out);

/* Whether the selector asks for calls, of which only a session tells. */
bool selector_asks_for_calls(const struct selector *s);

#endif
