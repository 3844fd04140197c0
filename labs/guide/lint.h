/* A lab held against its own recorded session, before any student meets it. */
#ifndef LABS_GUIDE_LINT_H
#define LABS_GUIDE_LINT_H

#include "labs/lesson/lesson.h"
#include "tracer/base/text.h"

#include <stddef.h>

/* Append a sentence a line for each thing that is wrong with the lab, `lab.md:12: ...`, and return
 * how many there are. What is looked at: every value in the text can be read; its recorded session
 * comes to every step; every question has an answer in it, and at least three wrong ones explained,
 * none of which is right; every expectation is met; the lab in the other language has the same
 * steps, questions and expectations. */
size_t lint_lesson(const struct lesson *l, struct text *out);

#endif
