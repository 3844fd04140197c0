/* The names of what an analysis finds in segments. Inside tracer/select only. */
#ifndef TRACER_SELECT_FINDINGS_H
#define TRACER_SELECT_FINDINGS_H

#include "tracer/select/moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number of the finding of this name, "tcp.analysis." before it or not. */
bool select_finding(const char *name, size_t n, uint32_t *finding);

/* The name of a number; NULL past the last. */
const char *select_finding_name(size_t finding);

/* Whether the segment of this moment has the finding. */
bool select_found(const struct moment *m, uint32_t finding);

#endif
