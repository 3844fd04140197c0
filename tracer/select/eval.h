/* Whether a selector selects a moment. Inside tracer/select only. */
#ifndef TRACER_SELECT_EVAL_H
#define TRACER_SELECT_EVAL_H

#include "tracer/select/node.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether node `i` selects the moment: it is about this moment of a segment, and its terms hold.
 * `hits` tells for each counter of the selector whether the moment is the one it counts out. With
 * `wild` terms with variables hold whatever their value, but for those below not, or, first. */
bool eval_node(const struct selector *s, uint32_t i, struct moment *m, const bool *hits, bool wild);

/* The same without asking which moment of a segment it is. */
bool eval_terms(const struct selector *s, uint32_t i, struct moment *m, const bool *hits,
                bool wild);

#endif
