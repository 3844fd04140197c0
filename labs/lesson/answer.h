/* What a student types, held against what the run says. Pure functions of a question and a trace.
 */
#ifndef LABS_LESSON_ANSWER_H
#define LABS_LESSON_ANSWER_H

#include "labs/lesson/part.h"
#include "tracer/base/text.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>

enum judgement {
    ANSWER_RIGHT,
    ANSWER_WRONG,
    ANSWER_UNREAD, /* nothing was typed, or not what such a question is answered with */
};

/* Append the right answer as it is shown: "2927179379", "[S.]", "the kernel". False where this run
 * has none; what is appended then says why. */
bool answer_shown(const struct ask *ask, const struct trace *t, struct text *out);

/* Judge what was typed: flags in any form people use (SYN, [S], syn, SYN-ACK), numbers with
 * separators, in hex, or as J+1, times with a unit or in seconds, states and calls in any case and
 * with any hyphens, a choice by its number, letter or words. What is to be said of it is appended
 * as Markdown, its values filled in: the foreseen explanation of a wrong answer, what the lab says
 * of the right one, how to write one that could not be read; nothing where there is nothing. A
 * question that this run has no answer to has no wrong one. */
enum judgement answer_judge(const struct ask *ask, const struct trace *t, const char *typed,
                            struct text *says);

/* Append Markdown with each {value} of it put in, those in code excepted: {J}, {ack of first S > C
 * [S.]}. `\{` is a brace. A value that the trace has not becomes "(not seen)". */
void answer_fill(const char *markdown, const struct trace *t, struct text *out);

/* Whether all that the question says and is judged by, or every value in the Markdown, is in the
 * trace, and will not be another when more has come. */
bool answer_ask_settled(const struct ask *ask, const struct trace *t);
bool answer_fill_settled(const char *markdown, const struct trace *t);

/* Whether every value in the Markdown can be read; the fault's line counts from 1 in it. */
bool answer_fill_check(const char *markdown, struct select_fault *fault);

#endif
