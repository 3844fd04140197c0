/* A cell: what a submission is built and run in. It sees the system's programs and libraries
 * read-only, its own folder, and nothing else of the machine; it has its own process ids, no
 * capabilities, a list of system calls that it may not make, and limits. Its network is that of who
 * starts it, or none. */
#ifndef LABS_CELL_CELL_H
#define LABS_CELL_CELL_H

#include "tracer/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct cell {
    const char *folder;  /* it finds this at CELL_FOLDER, and runs there */
    const char *scratch; /* and this at /tmp, where it may write */
    const char *shared;  /* and this at /dev/shm, likewise; NULL: nothing is there */
    bool writable;       /* it may write in its folder too: a build */
    bool offline;        /* no network at all */
    const char *hidden;  /* a folder of the system that is shown empty; NULL: none */
};
#define CELL_FOLDER "/submission"

/* What all of a submission's processes may have together: each has a limit of its own. */
#define CELL_MEMORY_BYTES ((uint64_t)2560 << 20)

/* The command that runs `argv` in a cell; the process that execs it calls cell_enter() first, and
 * leaves the descriptors that it opened open. Freed by cell_words_free(). */
char **cell_words(const struct cell *c, char *const *argv);
void cell_words_free(char **words);

/* Become fit for a cell: an ordinary user where we are root, under its limits, with its list of
 * system calls at hand. 0, or -1 with the sentence. */
int cell_enter(struct error *e);

/* Where no cell is to be had, less than one: become an ordinary user, under the same limits and
 * with the same list of system calls, but in plain sight of the machine and on its network. For
 * root. 0, or -1 with the sentence. */
int cell_leave(struct error *e);

/* Whether that can be: we are root, and there is another user whom we may become. */
bool cell_may_leave(void);

/* Be the user that cell_leave() makes of root, and no more: whoever traces such a program. Have
 * this process hidden (calls.h) from that program. */
int cell_be_nobody(struct error *e);

/* Turn `folder`, which is there, into a file system of its own, small and in memory, which only
 * this process and its children see, and which ends with them. 0, or -1 with the sentence. */
int cell_space(const char *folder, struct error *e);

/* Let a cell read and write all below a folder that is ours. */
int cell_give(const char *folder, struct error *e);

/* Whether cells are to be had here, found out by running `true` in one, in a process of its own and
 * in an empty folder that is ours: 0, or -1 with the sentence that says what mends it
 * (EXIT_MACHINE). */
int cell_allowed(const char *folder, struct error *e);

#endif
