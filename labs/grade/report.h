/* A grade as the formats that people, graders and course systems read: one table of formats, each
 * made from the same struct grade. */
#ifndef LABS_GRADE_REPORT_H
#define LABS_GRADE_REPORT_H

#include "labs/grade/grade.h"
#include "tracer/base/text.h"

#include <stdbool.h>

/* Append the report for people: a line an expectation, each miss with its reason, the ladder around
 * it and the hint, how the program ended, and the sum of points. */
void report_text(const struct grade *g, bool hints, struct text *out);

#endif
