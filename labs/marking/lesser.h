/* Where this machine gives a lab no hosts of its own, only some of it can be judged: what the lab's
 * own reference reaches here. */
#ifndef LABS_MARKING_LESSER_H
#define LABS_MARKING_LESSER_H

#include "labs/grade/grade.h"
#include "labs/marking/tryout.h"
#include "labs/submission/room.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"

/* Have `g`, the grade of tryouts such as `like`, judged by no more than that, and append a sentence
 * that says so. Nothing where it ran on hosts. 0, or -1 with the sentence where the reference
 * cannot be run. */
int lesser_judge(const struct tryout *like, const struct room *room, struct grade *g,
                 struct text *said, struct error *e);

#endif
