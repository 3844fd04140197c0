/* Which socket stood at which descriptor of a process when it was last asked: so that /proc is
 * asked once a descriptor, not once a call.
 *
 * That holds while all that changes the table of descriptors stops before it does so: close(),
 * dup2() and the like are traced, and a new descriptor takes a number that was free. It is not
 * tried where another thread or process works on the same table at the same time, or an io_uring
 * does. */
#ifndef LABS_CALLS_DESCRIPTORS_H
#define LABS_CALLS_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DESCRIPTORS_MOST = 65536 }; /* higher ones are not remembered */

/* All zero knows none. */
struct descriptors {
    bool hidden;      /* they change unseen: nothing is remembered */
    uint64_t *inodes; /* (owned) by descriptor; 0: not known */
    size_t count;
};

void descriptors_free(struct descriptors *d);

/* The inode of the socket at `fd`; 0 where that is not known. */
uint64_t descriptors_find(const struct descriptors *d, int fd);

/* Remember a socket. */
void descriptors_keep(struct descriptors *d, int fd, uint64_t inode);

/* What stands at the descriptors from `first` to `last` is about to change. */
void descriptors_forget(struct descriptors *d, unsigned first, unsigned last);

/* From now on they change unseen. */
void descriptors_hide(struct descriptors *d);

#endif
