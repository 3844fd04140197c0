/* All figures of the two sides of a connection, a row a figure; and the columns that the summary's
 * texts stand in. */
#ifndef TRACER_PRINT_SUMMARY_FIGURES_H
#define TRACER_PRINT_SUMMARY_FIGURES_H

#include "tracer/base/text.h"
#include "tracer/tcp/summary.h"

#include <stddef.h>
#include <stdint.h>

/* Append the rows of connection `c`, which lasted `us` microseconds; the analysis knows its
 * windows' scales. */
void summary_figures(const struct connection_summary *c, const struct flow *flow,
                     const struct analysis_connection *analysis, uint64_t us, struct text *out);

/* What was appended since `from`, at the right or the left end of a column of `width`. */
void column_right(struct text *out, size_t from, size_t width);
void column_left(struct text *out, size_t from, size_t width);

/* A number of thousandths (3 digits) or millionths (6), as "12.345". */
void column_fraction(struct text *out, uint64_t v, unsigned digits);

#endif
