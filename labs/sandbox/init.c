/* The sandbox's first process. With a pid namespace it is process 1 there, and its end is the end
 * of all; without one it adopts every orphan, and kills its descendants until none is left. */
#include "labs/sandbox/process.h"

#include "labs/sandbox/network.h"
#include "labs/sandbox/procs.h"
#include "tracer/base/alloc.h"
#include "tracer/base/inherit.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

bool plan_has_hosts(const struct plan *plan)
{
    return plan->tier == TIER_HOSTS || plan->tier == TIER_ROOT_HOSTS;
}

struct init {
    const struct plan *plan;
    int warden_fd; /* -1 where there is none */
    int signal_fd; /* for SIGCHLD and SIGTERM */
    pid_t *pids;   /* (owned) of the plan's processes; 0 once one has ended */
};

static bool kill_child(const struct proc *p, void *arg)
{
    const pid_t *self = arg;
    if (p->parent == *self)
        kill(p->pid, SIGKILL);
    return true;
}

/* The grandchildren become children as their parents die. */
static void kill_descendants(void)
{
    pid_t self = getpid();
    while (procs_each(kill_child, &self)) {
        if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
            return;
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
    }
}

static _Noreturn void end_all(const struct init *init, int status)
{
    if (!plan_has_hosts(init->plan))
        kill_descendants();
    _exit(status);
}

static _Noreturn void give_up(const struct init *init, const struct failure *f)
{
    struct report report = {.type = REPORT_FAILED, .failure = *f};
    report_send(init->plan->report_fd, &report);
    end_all(init, EXIT_MACHINE);
}

/* Programs in the sandbox should see its processes, not the machine's. Where a fresh /proc is
 * refused, as in many containers, the old one serves: what is under it is the machine's, but all
 * that the labs need is there. */
static void mount_proc(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
        (void)!mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static void start_processes(struct init *init, const struct network *n)
{
    const struct plan *plan = init->plan;
    pid_t self = getpid();
    for (size_t i = 0; i < plan->count; i++) {
        pid_t pid = fork();
        if (pid == 0)
            process_main(plan, i, n->net_fds, self);
        if (pid < 0) {
            struct failure f;
            failed(&f, STAGE_FORK, "starting %s", plan->processes[i].name);
            give_up(init, &f);
        }
        init->pids[i] = pid;
    }
}

static void report_ended(struct init *init, pid_t pid, int wait_status)
{
    for (size_t i = 0; i < init->plan->count; i++) {
        if (init->pids[i] != pid)
            continue;
        init->pids[i] = 0;
        struct report report = {.type = REPORT_ENDED, .index = i, .wait_status = wait_status};
        report_send(init->plan->report_fd, &report);
    }
}

static void reap(struct init *init)
{
    struct signalfd_siginfo signal;
    while (read(init->signal_fd, &signal, sizeof signal) > 0)
        if (signal.ssi_signo == SIGTERM)
            end_all(init, EXIT_DONE);
    int wait_status;
    pid_t pid;
    while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
        report_ended(init, pid, wait_status);
}

/* Nothing is ever sent to us but the one answer: whatever wakes these two descriptors is an end. */
static _Noreturn void serve(struct init *init)
{
    for (;;) {
        reap(init);
        struct pollfd ready[] = {
            {.fd = init->plan->report_fd, .events = POLLIN},
            {.fd = init->warden_fd, .events = POLLIN},
            {.fd = init->signal_fd, .events = POLLIN},
        };
        if (poll(ready, 3, -1) < 0 && errno != EINTR)
            end_all(init, EXIT_MACHINE);
        if (ready[0].revents || ready[1].revents)
            end_all(init, EXIT_DONE);
    }
}

static int watch_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void init_main(const struct plan *plan, int warden_fd, pid_t parent)
{
    struct failure f;
    struct network network = {.net_fds = {-1, -1, -1}, .listener_fd = -1};
    struct init init = {.plan = plan, .warden_fd = warden_fd, .signal_fd = watch_signals()};
    init.pids = xcalloc(plan->count ? plan->count : 1, sizeof *init.pids);
    /* Process 1 may be killed at once; another must first find all that it has to kill. */
    process_bind(parent, plan_has_hosts(plan) ? SIGKILL : SIGTERM);
    prctl(PR_SET_NAME, "tcplab-init");
    if (init.signal_fd < 0) {
        failed(&f, STAGE_FORK, "watching for the ends of processes");
        give_up(&init, &f);
    }
    if (plan_has_hosts(plan)) {
        mount_proc();
        if (network_build(plan->profile, &network, &f) < 0)
            give_up(&init, &f);
    } else {
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    }
    struct report built = {.type = REPORT_BUILT, .got = network.got};
    report_send(plan->report_fd, &built);
    start_processes(&init, &network);
    if (report_await_answer(plan->report_fd) < 0)
        end_all(&init, EXIT_DONE);
    /* The hosts' networks are kept, so that they last longer than the processes on them. */
    inherit_only((const int[]){plan->report_fd, warden_fd, init.signal_fd,
                               network.net_fds[PLACE_WIRE], network.net_fds[PLACE_C],
                               network.net_fds[PLACE_S]},
                 6);
    serve(&init);
}
