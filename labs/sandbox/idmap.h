/* Which users and groups a user namespace knows. */
#ifndef LABS_SANDBOX_IDMAP_H
#define LABS_SANDBOX_IDMAP_H

#include "labs/sandbox/report.h"

/* Map each id to itself in the new user namespace of `pid`, from outside: every id that we know
 * where we may (as root, so that tcpdump can still give up root for its own user), our own alone
 * otherwise. 0, or -1 with the failure. */
int idmap_write(pid_t pid, struct failure *f);

#endif
