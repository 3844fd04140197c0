/* The processes inside a sandbox: the first one, and those that the caller asked for. */
#ifndef LABS_SANDBOX_PROCESS_H
#define LABS_SANDBOX_PROCESS_H

#include "labs/sandbox/report.h"
#include "labs/sandbox/sandbox.h"

/* What the caller asked for, and the socket to report to it. */
struct plan {
    enum sandbox_tier tier;
    const struct profile *profile;
    const struct sandbox_process *processes; /* (borrowed) */
    size_t count;
    int report_fd;
};

/* True for the tiers that have hosts. */
bool plan_has_hosts(const struct plan *plan);

/* The child between the caller and the sandbox: makes the namespaces and waits for the sandbox's
 * first process. Never returns. */
_Noreturn void warden_main(const struct plan *plan, pid_t caller);

/* The sandbox's first process: builds the network, starts the processes, reports their ends. Ends,
 * and with it everything in the sandbox, when the caller or the warden has gone. `warden_fd` reads
 * end-of-file then; -1 where there is no warden between. `parent` is as seen from its own pid
 * namespace: 0 for a process 1. Never returns. */
_Noreturn void init_main(const struct plan *plan, int warden_fd, pid_t parent);

/* Get `signal` when the parent goes; end at once where it has gone already. */
void process_bind(pid_t parent, int signal);

/* Enter the place and become the process `index` of the plan. `net_fd` is its place's namespace,
 * -1 where there are none. Never returns. */
_Noreturn void process_main(const struct plan *plan, size_t index, const int net_fds[PLACE_COUNT],
                            pid_t parent);

#endif
