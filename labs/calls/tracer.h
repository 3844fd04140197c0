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
    bool holding;   /* programs stop at their calls' entries */
    uint64_t holds; /* so far */
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

/* Let a stopped thread go on, up to its next stop, with a signal or 0. */
void tracer_go_on(const struct tracer *tr, struct tracee *t, int signal);

/* Hold all programs at the entries of their calls from now on; let one that is held make its call
 * and come to its return, or go on from there: that which was held first; let all go, and hold none
 * any more. */
void tracer_hold(struct tracer *tr);
void tracer_step(struct tracer *tr);
void tracer_let_go(struct tracer *tr);

/* Whether the thread is to be held now: it has entered or (`returned`, with its result) left the
 * call `c`. It is told, and stays stopped. */
bool tracer_holds(struct tracer *tr, struct tracee *t, const struct call *c,
                  const int64_t *returned);

/* A held thread goes on, or is gone. */
void tracer_held_no_more(struct tracer *tr, struct tracee *t);

/* A stop at the entry of a system call: true where its exit is wanted too. */
bool syscall_entered(struct tracer *tr, struct tracee *t, const struct __ptrace_syscall_info *info,
                     uint64_t number, const uint64_t args[CALL_ARGUMENTS]);

/* A stop at its exit: true where the thread is held there. */
bool syscall_returned(struct tracer *tr, struct tracee *t,
                      const struct __ptrace_syscall_info *info);

#endif
