/* A control group (cgroup v2) for one submission: limits on all of its processes together, where
 * this machine lets us have one. */
#ifndef LABS_CELL_GROUP_H
#define LABS_CELL_GROUP_H

#include "tracer/base/error.h"

#include <stdbool.h>

/* All zero is none. */
struct group {
    char *path; /* (owned) its folder; NULL: none */
};

/* Make a group, this process's one of that number, below the one that we are in or one above us,
 * with limits of its own; `root` is "" but in tests. 0, or -1 with the sentence that says why there
 * is none. */
int group_open(const char *root, unsigned number, struct group *g, struct error *e);

/* Enter it, with all that will be started from here. 0 or -1. Nothing where it is none. */
int group_enter(const struct group *g);

/* Whether the kernel had to end a process in it, because all of them together had taken the memory
 * that they may have. */
bool group_ran_out(const struct group *g);

/* End all that is in it, and remove it. */
void group_close(struct group *g);

/* Whether groups are to be had: one is made, with a process in it, and removed. As group_open(). */
int group_allowed(struct error *e);

#endif
