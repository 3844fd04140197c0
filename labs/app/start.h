/* The labs as a list, and the start screen: one is chosen, taken, and the next one offered. */
#ifndef LABS_APP_START_H
#define LABS_APP_START_H

#include "labs/app/options.h"
#include "labs/lesson/lesson.h"
#include "tracer/base/error.h"

/* Print the labs and how far the student has come. The result is an exit status. */
int start_list(struct error *e);

/* Takes a lab; `next` is the one to name at its end (NULL: none). The result is an exit status, and
 * where it is not EXIT_DONE the sentence is set. */
typedef int start_take(const struct options *o, const struct lesson *l, const char *next,
                       struct error *e);

/* Let labs be chosen and taken on the terminal until the student leaves. As start_list() otherwise.
 */
int start_labs(const struct options *o, start_take *take, struct error *e);

/* Take the next lab that the student has not gone through, or with a name that one. */
int start_one(const struct options *o, const char *name, start_take *take, struct error *e);

#endif
