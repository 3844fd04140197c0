/* What the analysis found in segments, by name. Inside tracer/select only. */
#ifndef TRACER_SELECT_FINDINGS_H
#define TRACER_SELECT_FINDINGS_H

#include "tracer/select/moment.h"

#include <stdbool.h>
#include <stddef.h>

/* The kind of this name, "tcp.analysis." before it or not; false where there is none. */
bool select_finding(const char *name, size_t n, enum finding_kind *kind);

/* The finding of a kind in the segment of this moment (borrowed), or NULL. */
const struct finding *select_found(const struct moment *m, enum finding_kind kind);

#endif
