/* The line of the program's source that a socket call was made from.
 *
 * At a call's entry the thread's stack is unwound, out of the C library and all other libraries, to
 * the first frame of the program that has debug information (DWARF, as `cc -g` writes it). What a
 * return address stands for is looked up once. A program without debug information, or one that
 * interprets other programs, is not unwound at all.
 *
 * Only what the program's own files hold is read: no debug information elsewhere is looked for, on
 * this machine or any other. */
#ifndef LABS_CALLS_CALLER_H
#define LABS_CALLS_CALLER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct caller {
    const char
        *file; /* relative to the folder that the program was started in where it lies in it */
    const char *function; /* or NULL */
    unsigned line;
};

/* What is known of one address space: from exec to exec, shared by what is forked off. */
struct image;

/* One more process has it: returns `image`, which may be NULL. */
struct image *image_share(struct image *image);

/* One process less has it. */
void image_release(struct image *image);

/* Where a call is made, as far as the tracer knows already. */
struct caller_place {
    uint64_t pc, stack; /* the thread's */
    const char *folder; /* absolute: where the program was started; or NULL */
};

/* From where thread `tid` of process `pid`, which is stopped at a system call's entry, makes the
 * call; NULL where nobody knows. `*of` is NULL before the first time. Borrowed from the image. */
const struct caller *caller_find(struct image **of, pid_t pid, pid_t tid,
                                 const struct caller_place *at);

#endif
