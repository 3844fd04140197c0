/* The commands of a run, each as two steps: inside labs/runner/direct*.c only. */
#ifndef LABS_RUNNER_DIRECT_PARTS_H
#define LABS_RUNNER_DIRECT_PARTS_H

#include "labs/runner/direct.h"

enum direct_state { DIRECT_DONE, DIRECT_WAITS, DIRECT_FAILED };

struct direct_task {
    struct conductor *conductor;
    struct director *director;
    const struct control *control;
    struct text *answer; /* what there is to say, where it is done */
    struct error *error; /* why not, where it has failed */
};

/* Begin the command; go on with it, again and again, where it waits. */
enum direct_state direct_start(const struct direct_task *t);
enum direct_state direct_go_on(const struct direct_task *t);

#endif
