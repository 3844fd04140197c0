/* What the files of the call tracer share: one trace, and the handling of its stops. */
#ifndef LABS_CALLS_TRACER_H
#define LABS_CALLS_TRACER_H

#include "labs/calls/launch.h"
#include "labs/calls/report.h"
#include "labs/calls/sockets.h"
#include "labs/calls/tracee.h"

#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/types.h>

struct tracer {
    struct report report;
    struct sockets *sockets;
    struct tracees tracees;
    struct launch launch;
    const char *program;
    char *folder;   /* (owned) where the program starts; NULL where that cannot be told */
    bool all_calls; /* no filter: every system call stops, not those of the table alone */
    bool started;   /* the program's exec has happened */
    bool killing;   /* whatever still starts is killed at once */
    bool ended;     /* the program itself has ended, and how: */
    int wait_status;
    struct error failure; /* why it could not be started */
};

/* What ptrace is to tell, and that no traced program outlives us. */
extern const int tracer_options;

/* Deal with one stop or end that waitpid() reported, and let the thread go on. */
void tracer_handle(struct tracer *tr, pid_t tid, int wait_status);

/* Let new threads go on that wait in vain for their maker's word. Call it now and then. */
void tracer_release_early(struct tracer *tr);

/* Kill everything under trace, now and whatever it still starts. */
void tracer_kill(struct tracer *tr);

/* A stop at the entry of a system call: true where its exit is wanted too. */
bool syscall_entered(struct tracer *tr, struct tracee *t, const struct __ptrace_syscall_info *info,
                     uint64_t number, const uint64_t args[CALL_ARGUMENTS]);

/* A stop at its exit. */
void syscall_returned(struct tracer *tr, struct tracee *t,
                      const struct __ptrace_syscall_info *info);

#endif
