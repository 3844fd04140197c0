/* The caller's side of a sandbox.
 *
 *      caller ── warden ── init (process 1) ─┬─ tcplab-wire      in the wire's network
 *         │      makes the   builds network, ├─ tcplab-calls-C   on host C
 *         │      namespaces  starts and reaps └─ tcplab-calls-S   on host S
 *         └───── reports ──────┘
 *
 * Each process is killed by the kernel when its parent dies, and init's end is the end of every
 * process in its pid namespace. Besides, init ends when the caller's end of the report socket or
 * the warden's pipe closes, which covers the moments before the kernel was asked. Without hosts the
 * warden is itself the init. The caller's thread that starts a sandbox must live as long as it. */
#include "labs/sandbox/sandbox.h"

#include "labs/sandbox/denial.h"
#include "labs/sandbox/idmap.h"
#include "labs/sandbox/netlink.h"
#include "labs/sandbox/process.h"
#include "tracer/base/alloc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STOP_TRIES = 2000 }; /* of a millisecond each */

struct sandbox {
    int report_fd;
    pid_t warden;
    struct got got;
    pid_t init; /* 0 where the warden is the init, or until it has been named */
};

static void sleep_1ms(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static bool warden_ended(const struct sandbox *s)
{
    pid_t pid = waitpid(s->warden, NULL, WNOHANG);
    return pid == s->warden || (pid < 0 && errno == ECHILD);
}

/* Left by a warden that was killed, init is our child. */
static bool init_ended(const struct sandbox *s)
{
    pid_t pid = s->init > 0 ? waitpid(s->init, NULL, WNOHANG) : -1;
    return pid == s->init || (pid < 0 && (s->init <= 0 || kill(s->init, 0) < 0));
}

int sandbox_fd(const struct sandbox *s)
{
    return s->report_fd;
}

const struct got *sandbox_got(const struct sandbox *s)
{
    return &s->got;
}

int sandbox_reap(struct sandbox *s, size_t *index, int *wait_status)
{
    struct report report;
    int got;
    while ((got = report_receive(s->report_fd, MSG_DONTWAIT, &report)) > 0) {
        if (report.type == REPORT_INIT) /* may come after the last process is running */
            s->init = report.pid;
        if (report.type != REPORT_ENDED)
            continue;
        *index = report.index;
        *wait_status = report.wait_status;
        return 1;
    }
    return got;
}

void sandbox_stop(struct sandbox *s)
{
    if (!s)
        return;
    size_t index;
    int wait_status;
    while (sandbox_reap(s, &index, &wait_status) > 0) { /* init may not have been named yet */
    }
    close(s->report_fd);
    bool ended = warden_ended(s);
    for (int i = 0; i < STOP_TRIES && !ended; i++) {
        sleep_1ms();
        ended = warden_ended(s);
    }
    if (!ended) { /* someone has stopped it with a signal: no one can stop this one */
        kill(s->warden, SIGKILL);
        waitpid(s->warden, NULL, 0);
    }
    /* A warden that was killed leaves an init that is being killed. */
    for (int i = 0; i < STOP_TRIES && !init_ended(s); i++)
        sleep_1ms();
    free(s);
}

static void explain(const struct failure *f, struct error *e)
{
    denial_explain(f, "", e);
}

/* Follow the start by its reports, up to the last process running. */
static int follow_start(struct sandbox *s, const struct plan *plan, struct failure *f)
{
    size_t running = 0;
    bool built = false;
    while (!built || running < plan->count) {
        struct report report;
        if (report_receive(s->report_fd, 0, &report) <= 0) {
            errno = ECHILD;
            return failed(f, STAGE_FORK, "the lab's first process was killed; starting it");
        }
        switch (report.type) {
        case REPORT_NEEDS_MAP:
            if (idmap_write(s->warden, f) < 0)
                return -1;
            if (report_answer(s->report_fd) < 0)
                return failed(f, STAGE_FORK, "answering the lab's first process");
            break;
        case REPORT_INIT: s->init = report.pid; break;
        case REPORT_FAILED: *f = report.failure; return -1;
        case REPORT_BUILT:
            s->got = report.got;
            built = true;
            break;
        case REPORT_RUNNING: running++; break;
        case REPORT_ENDED: break; /* never before our answer */
        }
    }
    if (report_answer(s->report_fd) < 0)
        return failed(f, STAGE_FORK, "answering the lab's first process");
    return 0;
}

static int check_tier(enum sandbox_tier tier, struct error *e)
{
    bool hosts = tier == TIER_HOSTS || tier == TIER_ROOT_HOSTS;
    if (hosts && !netlink_built_in()) {
        error_exit(e, EXIT_MACHINE,
                   "The lab's two hosts could not be made: this tcplab was built without libmnl. "
                   "Build it again after:");
        return error_mend(e, "sudo apt-get install libmnl-dev");
    }
    if (tier == TIER_ROOT_HOSTS && geteuid() != 0)
        return error_exit(e, EXIT_MACHINE,
                          "The lab's two hosts could not be made without a user namespace: that "
                          "takes root. Run it as root: sudo tcplab ...");
    return 0;
}

struct sandbox *sandbox_start(enum sandbox_tier tier, const struct profile *profile,
                              const struct sandbox_process *processes, size_t count,
                              struct error *e)
{
    enum stage unused;
    return sandbox_try(tier, profile, processes, count, &unused, e);
}

struct sandbox *sandbox_try(enum sandbox_tier tier, const struct profile *profile,
                            const struct sandbox_process *processes, size_t count,
                            enum stage *refused_at, struct error *e)
{
    struct failure f;
    int ends[2];
    *refused_at = STAGE_FORK;
    if (check_tier(tier, e) < 0)
        return NULL;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        failed(&f, STAGE_FORK, "making a socket pair");
        explain(&f, e);
        return NULL;
    }
    struct plan plan = {tier, profile, processes, count, ends[1]};
    struct sandbox *s = xcalloc(1, sizeof *s);
    pid_t caller = getpid();
    s->report_fd = ends[0];
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* or the machine's process 1 reaps init, when it likes */
    s->warden = fork();
    if (s->warden == 0) {
        close(ends[0]);
        warden_main(&plan, caller);
    }
    int err = errno;
    close(ends[1]);
    errno = err;
    if (s->warden < 0) {
        failed(&f, STAGE_FORK, "starting a process");
        explain(&f, e);
        close(s->report_fd);
        free(s);
        return NULL;
    }
    if (follow_start(s, &plan, &f) < 0) {
        *refused_at = f.stage;
        explain(&f, e);
        sandbox_stop(s);
        return NULL;
    }
    return s;
}
