/* The viewer of a run, a process of its own: its stall or death is not the run's. */
#ifndef LABS_RUNNER_PRESENT_H
#define LABS_RUNNER_PRESENT_H

#include "labs/guide/guide.h"
#include "labs/lesson/lesson.h"
#include "labs/runner/run.h"
#include "tracer/base/error.h"

#include <stdbool.h>

struct present_options {
    int fd;             /* the session, a capture file as it is written; -1 to read `file` */
    const char *file;   /* a recorded session */
    int typed_fd;       /* lines typed for the consoles go here; -1 for none */
    const char *folder; /* where the programs run, and their sources are; NULL: the present one */
    const char *title;  /* one line */
    const struct lesson *lesson; /* (borrowed) the lab to be guided through; NULL for none */
    const struct place *place;   /* (borrowed) where to go on in it; NULL: nothing is remembered */
    const struct run_play *play; /* lines are typed and done; or NULL */
    const char *preface;         /* said before the lab; NULL for nothing */
    struct guide_end end;        /* and behind it */
    bool text;                   /* the walk-through, not the screen */
    bool ascii;
};

/* Show the session until it ends (text) or the user quits (screen). The result is an exit status;
 * where it is not EXIT_DONE the sentence is set. */
int present(const struct present_options *options, struct error *e);

/* The same, but no more than what ran: fork it and return its process id, or -1 with the sentence.
 * The child keeps the standard descriptors and those of the options alone. */
int present_fork(const struct present_options *options, struct error *e);

/* What a forked viewer's wait status comes to as an exit status. One that was killed with the
 * terminal in its hands has it given back. */
int present_ended(int wait_status);

#endif
