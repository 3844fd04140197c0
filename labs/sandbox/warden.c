#include "labs/sandbox/process.h"

#include "tracer/base/inherit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

static _Noreturn void give_up(const struct plan *plan, enum stage stage, const char *what)
{
    struct report report = {.type = REPORT_FAILED};
    failed(&report.failure, stage, "%s", what);
    report_send(plan->report_fd, &report);
    _exit(EXIT_MACHINE);
}

/* Within a user namespace an ordinary user may make all the others. Its ids are mapped by the
 * caller, who may do more outside of it than we may inside. */
static void make_namespaces(const struct plan *plan)
{
    if (plan->tier == TIER_HOSTS) {
        struct report report = {.type = REPORT_NEEDS_MAP};
        if (unshare(CLONE_NEWUSER) < 0)
            give_up(plan, STAGE_USER_NS, "making a user namespace");
        if (report_send(plan->report_fd, &report) < 0 || report_await_answer(plan->report_fd) < 0)
            _exit(EXIT_DONE);
    }
    if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
        give_up(plan, STAGE_NAMESPACES, "making pid, network, mount, ipc and uts namespaces");
}

/* Tells init by an end-of-file that we are gone. It is told by a signal too, but that may be asked
 * for too late, and a process in its pid namespace cannot ask who its parent is. */
static void make_lifeline(const struct plan *plan, int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) < 0)
        give_up(plan, STAGE_FORK, "making a pipe");
}

static _Noreturn void wait_for(pid_t init)
{
    int wait_status = 0;
    while (waitpid(init, &wait_status, 0) < 0 && errno == EINTR) {
    }
    _exit(WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : EXIT_MACHINE);
}

void warden_main(const struct plan *plan, pid_t caller)
{
    setsid(); /* no Ctrl-C on the caller's terminal is meant for us */
    inherit_no_signals();
    if (!plan_has_hosts(plan))
        init_main(plan, -1, caller);
    process_bind(caller, SIGKILL);
    prctl(PR_SET_NAME, "tcplab-warden");

    make_namespaces(plan);
    process_bind(caller, SIGKILL); /* again: new credentials may have undone it */
    int lifeline[2];
    make_lifeline(plan, lifeline);
    pid_t init = fork();
    if (init < 0)
        give_up(plan, STAGE_FORK, "starting the sandbox's first process");
    if (init == 0) {
        close(lifeline[1]);
        init_main(plan, lifeline[0], 0);
    }
    struct report report = {.type = REPORT_INIT, .pid = init};
    report_send(plan->report_fd, &report);
    inherit_only(&lifeline[1], 1);
    wait_for(init);
}
