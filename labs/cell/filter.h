/* The system calls that nothing in a cell may make. */
#ifndef LABS_CELL_FILTER_H
#define LABS_CELL_FILTER_H

#include "tracer/base/error.h"

enum { FILTER_FD = 200 }; /* where bubblewrap finds it */

/* Have the list at FILTER_FD, as bubblewrap reads it. 0, or -1 with the sentence. */
int filter_open(struct error *e);

/* Have it hold for this process from now on, which cannot gain any rights then either. */
int filter_load(struct error *e);

#endif
