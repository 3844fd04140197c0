/* Expectations: what should have happened, written in selectors, and whether it did
 * (docs/expectations.md). Checking is deterministic, and every miss is explained. */
#ifndef TRACER_SELECT_EXPECT_H
#define TRACER_SELECT_EXPECT_H

#include "tracer/base/text.h"
#include "tracer/select/fault.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct expectations;

/* Parse a text of expectations. NULL with the fault set where it is none. Freed by
 * expectations_free(). */
struct expectations *expectations_parse(const char *text, size_t n, struct select_fault *fault);
void expectations_free(struct expectations *e);
size_t expectations_count(const struct expectations *e);

/* The words of expectations besides those of selectors, the list ending with NULL: for help and
 * completion. */
const char *const *expectation_words(void);

/* What is written above an expectation (borrowed). */
struct expectation_head {
    const char *name;
    const char *hint; /* NULL: none */
    int64_t points;
    int line; /* of the text, from 1 */
};
struct expectation_head expectations_head(const struct expectations *e, size_t i);

enum expect_result {
    EXPECT_MET,
    EXPECT_MISSED,
    EXPECT_NOT_JUDGED, /* what it needs was not met */
    EXPECT_UNDECIDED,  /* it can be matched in too many ways: the search was ended */
    EXPECT_RESULT_COUNT,
};

struct expect_outcome {
    enum expect_result result;
    int line;        /* of the text: the line that was missed; 0 where none */
    size_t event;    /* the nearest event; SIZE_MAX where nothing is near */
    struct text why; /* (owned) sentences: why it was missed */
};

/* Check all of them against a whole trace: an outcome each, in their order. Freed by
 * expect_outcomes_free(). Time and memory grow with the trace and not faster: the search of one
 * expectation ends after EXPECT_STEPS, and EXPECT_STEPS_A_LINE more for each of its lines and each
 * event; of the events that lines select so many are kept for all expectations together. */
enum { EXPECT_STEPS = 20000, EXPECT_STEPS_A_LINE = 4, EXPECT_CANDIDATES = 1 << 25 };
struct expect_outcome *expectations_check(const struct expectations *e, const struct trace *t);
void expect_outcomes_free(struct expect_outcome *o, size_t n);

/* Append the report for people: a line an expectation, each miss with its reason, the ladder around
 * it and the hint, and the sum of points. */
void expectations_report(const struct expectations *e, const struct trace *t,
                         const struct expect_outcome *outcomes, struct text *out);

#endif
