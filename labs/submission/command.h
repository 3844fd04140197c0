/* A command that is run to its end, with what it says: a compiler, make. */
#ifndef LABS_SUBMISSION_COMMAND_H
#define LABS_SUBMISSION_COMMAND_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdint.h>

enum { COMMAND_SAYS_MOST = 65536 };

struct command {
    char *const *argv;
    const char *folder;              /* where it runs */
    int (*prepare)(struct error *e); /* called before its exec; NULL for nothing */
    int limit_s;                     /* then it is killed, with all of its process group */
    uint64_t memory_bytes; /* as where it takes more than this, with all that it starts; 0: any */
};

/* Run it, without input. What it says is appended to `said`, up to COMMAND_SAYS_MOST bytes. The
 * exit status, 128 + signal where it was killed, 124 where its time was over, 125 where it
 * took too much memory, 130 where a signal came that is to end us; or -1 with the sentence where it
 * cannot be run at all. */
int command_run(const struct command *c, struct text *said, struct error *e);

#endif
