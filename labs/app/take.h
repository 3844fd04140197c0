/* A lab that is taken by a student: run, or gone on with where it was left. */
#ifndef LABS_APP_TAKE_H
#define LABS_APP_TAKE_H

#include "labs/app/options.h"
#include "labs/lesson/lesson.h"
#include "tracer/base/error.h"

/* Take it; `next` is the lab to name at its end (NULL: none). The result is an exit status, and
 * where it is not EXIT_DONE the sentence is set. */
int take_lab(const struct options *o, const struct lesson *l, const char *next, struct error *e);

#endif
