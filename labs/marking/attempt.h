/* One try of a program in its lab. */
#ifndef LABS_MARKING_ATTEMPT_H
#define LABS_MARKING_ATTEMPT_H

#include "labs/cell/group.h"
#include "labs/marking/tryout.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <sys/types.h>

struct attempt {
    const struct tryout *tryout;  /* (borrowed, as the others) */
    const char *session, *folder; /* its own: a file and a folder that are not there yet */
    const struct group *group;    /* limits for all that it starts, where they are to be had */
};

/* How it went: written to a descriptor as it is. */
struct attempt_told {
    bool unbuilt; /* the submission is to blame: */
    struct error error;
};

/* Build and run it, in this process, which is nobody else's and ends with it. It ends with its
 * parent, too. */
_Noreturn void attempt_make(const struct attempt *a, int told_fd, pid_t parent);

/* Append the path of the file that holds what the compiler said, if it said anything. */
void attempt_said(const struct attempt *a, struct text *path);

#endif
