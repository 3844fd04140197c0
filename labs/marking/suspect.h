/* Where no run of a program could be judged, somebody has to look: at the machine, or at the
 * program, which may want it so. The lab's own reference says at which. */
#ifndef LABS_MARKING_SUSPECT_H
#define LABS_MARKING_SUSPECT_H

#include "labs/grade/grade.h"
#include "labs/marking/tryout.h"
#include "labs/submission/room.h"
#include "tracer/base/error.h"

/* Run the reference as the program was run by the tryout `like`, and have the reason of a void
 * grade say what came of it. Nothing where the grade is not void. 0, or -1 with the sentence where
 * it was interrupted. */
int suspect_judge(const struct tryout *like, const struct room *room, struct grade *g,
                  struct error *e);

#endif
