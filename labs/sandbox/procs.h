/* The machine's processes, as /proc lists them. */
#ifndef LABS_SANDBOX_PROCS_H
#define LABS_SANDBOX_PROCS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
    pid_t pid, parent;
    char name[16]; /* the kernel's: as ps -o comm shows it */
    char state;    /* 'R', 'S', 'Z' for one that has ended and not been waited for, ... */
    uint64_t start_ticks;
    uint64_t resident_pages;
};

/* Call `visit` for each process; a visit that answers false ends the walk. False where /proc cannot
 * be read. Processes that end meanwhile are passed over. */
bool procs_each(bool (*visit)(const struct proc *p, void *arg), void *arg);

/* The bytes of memory that all have together which a process has started, and those that they have:
 * what they share is counted for each. 0 where /proc cannot be read. */
uint64_t procs_resident_below(pid_t pid);

/* Read what /proc/PID/stat says; false where it is no such line. */
bool procs_parse(const char *line, struct proc *p);

#endif
