/* Programs tried in their labs, several beside each other, each until its run can be judged. */
#ifndef LABS_MARKING_TRYOUT_H
#define LABS_MARKING_TRYOUT_H

#include "labs/grade/grade.h"
#include "labs/marking/assignment.h"
#include "labs/submission/room.h"
#include "tracer/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRYOUT_TRIES = 4 };

struct tryout {
    struct assignment *assignment; /* (borrowed, as all that is given) */
    bool contained; /* the submission is built and run in a cell; it has to be one that is built */
    bool as_nobody; /* it is not, but has no more than an ordinary user's rights: for root */
    bool loopback;  /* this machine's own loopback will do, where it gives no hosts */
    uint64_t seed;  /* what assignment_vary() is given; 0: nothing is varied */
    const char *from;   /* the submission, a folder or a file: it is built first; NULL: it is a */
    char *const *words; /* whole command line, which runs */
    const char *folder; /* there; NULL: here */
    const char *save;   /* the session's file; NULL: it is thrown away */
    void *owner;        /* the caller's own */

    int tries;  /* how often it was run: more than once where a run was void */
    int status; /* EXIT_DONE where it was judged, EXIT_VOID where none of the tries could be; else
                   what kept it from being run, with the sentence: */
    struct error error;
    struct grade grade; /* (owned) where it was judged, could not be built, or is void */
    bool unbuilt;       /* it was to blame: the error tells */
    struct text said;   /* (owned) what the compiler said: foreign text */
};

/* Called as each of them has been settled, in whatever order. */
typedef void tryout_done(struct tryout *t, void *arg);

/* Try all of them, `jobs` at a time. A run that is void is run again, TRYOUT_TRIES times in all,
 * each time after a longer pause. 0, or -1 with the sentence where it was interrupted. Free each
 * with tryout_free(). */
int tryouts_run(struct tryout *tryouts, size_t count, size_t jobs, const struct room *room,
                tryout_done *done, void *arg, struct error *e);
void tryout_free(struct tryout *t);

/* Try the lab's own reference as `like` was tried, in `t`; on loopback where that will do too. 0,
 * or -1 as tryouts_run(). Free `t` with tryout_free() either way. */
int tryout_reference(const struct tryout *like, bool loopback, const struct room *room,
                     struct tryout *t, struct error *e);

/* As many as keep this machine busy: a run mostly waits. */
size_t tryouts_jobs(void);

#endif
