/* The connections of a capture as a table, a row each and a line of totals; and all figures of each
 * side, connection by connection. */
#ifndef TRACER_PRINT_SUMMARY_TEXT_H
#define TRACER_PRINT_SUMMARY_TEXT_H

#include "tracer/base/text.h"
#include "tracer/tcp/summary.h"

/* Append the table, or with `verbose` a paragraph a connection; then the totals. */
void summary_text(const struct summary *s, bool verbose, struct text *out);

#endif
