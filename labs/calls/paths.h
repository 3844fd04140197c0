/* The ways on which calls were come by before: of a system call at one place, the return addresses
 * that stood on the stack, and where. The same words in the same places are the same way, so that
 * a call made again and again costs one look at the stack, and no unwinding. */
#ifndef LABS_CALLS_PATHS_H
#define LABS_CALLS_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PATH_WORDS = 24, PATH_STACK_BYTES = 8192 };

struct path_word {
    uint64_t above; /* the stack pointer, in bytes */
    uint64_t value;
};

struct path {
    struct path *next;
    uint64_t pc;
    const void *leads_to; /* (borrowed) may be NULL */
    bool broken;          /* a return address of it was not found on the stack */
    unsigned count;
    struct path_word words[PATH_WORDS];
};

/* All zero holds none. */
struct paths {
    struct path *first; /* (owned) that met last comes first */
    size_t count;
    size_t stack_bytes; /* of the stack that the highest word needs */
};

void paths_free(struct paths *p);

/* The path of thread `tid`, which stands at `pc` with its stack at `stack`; NULL for a new one.
 * Borrowed. */
const struct path *paths_find(struct paths *p, pid_t tid, uint64_t pc, uint64_t stack);

/* One more return address of a path, found `above` the stack pointer. */
void path_add(struct path *path, uint64_t above, uint64_t value);

/* Keep a copy of a path, unless it is broken or there are too many. */
void paths_keep(struct paths *p, const struct path *path);

#endif
