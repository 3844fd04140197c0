/* tcplab vary: what is another for each student. */
#ifndef LABS_APP_VARY_H
#define LABS_APP_VARY_H

#include "labs/app/options.h"
#include "tracer/base/error.h"

/* Read labs from now on as the student that the options name has them, if they do. 0 or -1. */
int vary_open(struct options *o, struct error *e);

/* The key and the values of a student, in one lab or in all that vary. The result is an exit
 * status, and where it is not EXIT_DONE the sentence is set. */
int vary(const struct options *o, char **words, struct error *e);

#endif
