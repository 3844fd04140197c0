/* The labs as a list, and the start screen: one is chosen, taken, and the next one offered. */
#ifndef LABS_APP_START_H
#define LABS_APP_START_H

#include "labs/app/options.h"
#include "tracer/base/error.h"

/* Print the labs and how far the student has come. The result is an exit status. */
int start_list(struct error *e);

/* Let labs be chosen and taken on the terminal until the student leaves. As start_list() otherwise.
 */
int start_labs(const struct options *o, struct error *e);

/* Take the lab that was left in the middle last, else the next that the student has not gone
 * through; or with a name that one. */
int start_one(const struct options *o, const char *name, struct error *e);

#endif
