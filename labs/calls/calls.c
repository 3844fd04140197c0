#include "labs/calls/calls.h"

#include "labs/calls/denied.h"
#include "labs/calls/further.h"
#include "labs/calls/tracer.h"
#include "tracer/base/alloc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WATCH_SIGNAL, WATCH_CONTROL, WATCH_LAUNCH, WATCH_OUT, WATCH_COUNT };

enum {
    TICK_US = 4000,
    GATHER_BYTES = 32768, /* of what is told, before it is written in the middle of a tick */
};

struct stop {
    pid_t tid;
    int wait_status;
};

struct run {
    struct tracer tracer;
    const struct calls_options *options;
    int signal_fd;
    int control_fd; /* -1 once it has ended */
    bool prepared, go, gone;
    struct further further;
    struct stop *stops; /* (owned) */
    size_t stop_count, stop_cap;
};

/* ---- what comes in -------------------------------------------------------------------------- */

static void go_when_prepared(struct run *r)
{
    if (r->prepared && r->go && !r->gone) {
        launch_go(&r->tracer.launch);
        r->gone = true;
    }
}

static void hear_control(struct run *r)
{
    char words[16];
    ssize_t n = read(r->control_fd, words, sizeof words);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        r->control_fd = -1;
        tracer_kill(&r->tracer);
        return;
    }
    for (ssize_t i = 0; i < n; i++) {
        switch (words[i]) {
        case 'g': r->go = true; break;
        case 'h': tracer_hold(&r->tracer); break;
        case 's': tracer_step(&r->tracer); break;
        case 'c': tracer_let_go(&r->tracer); break;
        case 't':
            tracer_let_go(&r->tracer); /* it is to hear it */
            kill(r->tracer.launch.pid, SIGTERM);
            further_signal(&r->further, SIGTERM);
            further_give_up(&r->further);
            break;
        case 'n': further_start(&r->further); break;
        case 'x': further_give_up(&r->further); break;
        case 'k': tracer_kill(&r->tracer); break;
        default: break;
        }
    }
    go_when_prepared(r);
}

static void hear_launch(struct run *r)
{
    struct tracer *tr = &r->tracer;
    bool filtered = false;
    switch (launch_listen(&tr->launch, &filtered, &tr->failure)) {
    case LAUNCH_PREPARED:
        tr->all_calls = !filtered;
        if (!r->prepared)
            report_mark(&tr->report); /* ready */
        r->prepared = true;
        go_when_prepared(r);
        break;
    case LAUNCH_GONE: launch_close(&tr->launch); break;
    case LAUNCH_FAILED:
    case LAUNCH_WAITING: break;
    }
}

/* Take one more stop; false where there is none. `*more` is false once there is nothing left to
 * wait for. */
static bool take_stop(struct run *r, int flags, bool *more)
{
    int status;
    pid_t tid = waitpid(-1, &status, __WALL | flags);
    *more = tid >= 0 || errno == EINTR;
    if (tid <= 0)
        return false;
    xgrow(&r->stops, &r->stop_cap, r->stop_count, sizeof *r->stops);
    r->stops[r->stop_count++] = (struct stop){.tid = tid, .wait_status = status};
    return true;
}

/* True where marks and orders are due meanwhile. */
static bool handle_stops(struct run *r)
{
    bool due = false;
    for (size_t i = 0; i < r->stop_count; i++) {
        tracer_handle(&r->tracer, r->stops[i].tid, r->stops[i].wait_status);
        due |= report_mark_if_due(&r->tracer.report);
    }
    r->stop_count = 0;
    return due;
}

/* All are taken before the first goes on: waitpid() looks at threads in one order always, and a
 * busy one at its front would have every turn. */
static bool hear_stops(struct run *r)
{
    struct signalfd_siginfo info;
    bool more;
    while (read(r->signal_fd, &info, sizeof info) > 0)
        continue;
    while (take_stop(r, WNOHANG, &more))
        continue;
    handle_stops(r);
    return more;
}

/* Hear all that is not a stop, and have written what waits. */
static void attend(struct run *r)
{
    struct pollfd fds[] = {{.fd = r->control_fd, .events = POLLIN},
                           {.fd = r->tracer.launch.channel, .events = POLLIN}};
    if (poll(fds, 2, 0) > 0) {
        if (fds[1].revents)
            hear_launch(r);
        if (fds[0].revents)
            hear_control(r);
    }
    report_mark_if_due(&r->tracer.report);
    tracer_release_early(&r->tracer);
    stream_flush(r->tracer.report.out, false);
}

static void do_nothing(int signal)
{
    (void)signal;
}

/* While programs run their stops are waited for in waitpid() itself, which costs them less than
 * poll() and a signal's descriptor do; a tick breaks it off. */
static void begin_ticks(struct itimerval *tick, struct sigaction *old)
{
    struct sigaction action = {.sa_handler = do_nothing};
    sigset_t heard;
    sigemptyset(&heard);
    sigaddset(&heard, SIGALRM);
    sigaddset(&heard, SIGCHLD); /* by default it is thrown away: the cheapest there is */
    sigaction(SIGALRM, &action, old);
    sigprocmask(SIG_UNBLOCK, &heard, NULL);
    *tick =
        (struct itimerval){.it_interval = {.tv_usec = TICK_US}, .it_value = {.tv_usec = TICK_US}};
    setitimer(ITIMER_REAL, tick, NULL);
}

static void end_ticks(struct itimerval *tick, const struct sigaction *old)
{
    *tick = (struct itimerval){0};
    setitimer(ITIMER_REAL, tick, NULL);
    sigaction(SIGALRM, old, NULL);
}

/* The program runs, or what it has started does. */
static void follow(struct run *r)
{
    struct itimerval tick;
    struct sigaction old;
    bool more = true, due = false;
    begin_ticks(&tick, &old);
    while (more) {
        bool stopped = take_stop(r, 0, &more);
        if (stopped && r->tracer.tracees.count + r->tracer.tracees.early_count > 1)
            while (take_stop(r, WNOHANG, &more))
                continue;
        due = handle_stops(r);
        if (due || !stopped)
            attend(r);
    }
    end_ticks(&tick, &old);
}

/* Until the program's exec. */
static void prepare(struct run *r)
{
    bool going = true;
    while (going && !r->tracer.started) {
        struct pollfd fds[WATCH_COUNT] = {
            [WATCH_SIGNAL] = {.fd = r->signal_fd, .events = POLLIN},
            [WATCH_CONTROL] = {.fd = r->control_fd, .events = POLLIN},
            [WATCH_LAUNCH] = {.fd = r->tracer.launch.channel, .events = POLLIN},
            [WATCH_OUT] = {.fd = stream_pending(r->tracer.report.out) > 0 ? r->options->out_fd : -1,
                           .events = POLLOUT},
        };
        int n = poll(fds, WATCH_COUNT, report_mark_due_ms(&r->tracer.report));
        if (n > 0 && fds[WATCH_LAUNCH].revents)
            hear_launch(r);
        if (n > 0 && fds[WATCH_SIGNAL].revents)
            going = hear_stops(r);
        if (n > 0 && fds[WATCH_CONTROL].revents)
            hear_control(r);
        if (r->prepared)
            report_mark_if_due(&r->tracer.report);
        tracer_release_early(&r->tracer);
        stream_flush(r->tracer.report.out, false);
    }
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static int refuse(const struct launch *l, int why, struct error *e)
{
    kill(l->pid, SIGKILL);
    while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return denied_explain(why, "", e);
}

static int start(struct run *r, const struct calls_filter *filter, struct error *e)
{
    struct tracer *tr = &r->tracer;
    if (launch_fork(&tr->launch, r->options, filter, e) != 0)
        return -1;
    if (ptrace(PTRACE_SEIZE, tr->launch.pid, NULL, tracer_options) != 0)
        return refuse(&tr->launch, errno, e);
    tracee_add(&tr->tracees, tr->launch.pid,
               process_add(&tr->tracees, tr->launch.pid, r->options->argv[0]));
    if (further_fork(&r->further, tr, r->options, filter, e) != 0)
        return -1;
    if (r->options->hidden) /* and not before: a process that is not to be looked into is not to be
                               traced either, and neither are those that it forks */
        prctl(PR_SET_DUMPABLE, 0);
    launch_prepare(&tr->launch);
    return 0;
}

static int conclude(struct run *r, int *exit_status, struct error *e)
{
    struct tracer *tr = &r->tracer;
    bool unused;
    while (launch_listen(&tr->launch, &unused, &tr->failure) == LAUNCH_PREPARED)
        continue;
    if (tr->failure.text[0] != '\0')
        return error_exit(e, tr->failure.status, "%s", tr->failure.text);
    if (!tr->started && !WIFSIGNALED(tr->wait_status))
        return error_set(e, "The program's process ended before it could start the program.");
    *exit_status = WIFSIGNALED(tr->wait_status) ? 128 + WTERMSIG(tr->wait_status)
                                                : WEXITSTATUS(tr->wait_status);
    return 0;
}

static int trace(struct run *r, int *exit_status, struct error *e)
{
    struct tracer *tr = &r->tracer;
    struct calls_filter filter;
    calls_filter_build(&filter);
    int result = start(r, &filter, e);
    calls_filter_free(&filter);
    if (result == 0) {
        prepare(r);
        follow(r);
        report_mark(&tr->report);
        stream_flush(tr->report.out, true);
        further_close(&r->further, &tr->failure);
        result = conclude(r, exit_status, e);
    }
    further_close(&r->further, NULL);
    launch_close(&tr->launch);
    tracees_free(&tr->tracees);
    free(r->stops);
    return result;
}

int calls_run(const struct calls_options *options, int *exit_status, struct error *e)
{
    struct run r = {.options = options, .control_fd = options->control_fd};
    sigset_t child_signal, before;
    r.tracer.launch.channel = -1;
    sigemptyset(&child_signal);
    sigaddset(&child_signal, SIGCHLD);
    struct sigaction plain = {.sa_handler = SIG_DFL}, old; /* ignored, children end unseen */
    sigprocmask(SIG_BLOCK, &child_signal, &before);
    sigaction(SIGCHLD, &plain, &old);
    int result = -1;
    r.signal_fd = signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK);
    if (r.signal_fd < 0) {
        error_set(e, "Cannot wait for programs: %s.", strerror(errno));
    } else {
        r.tracer.report.out = stream_writer_new(options->out_fd, false);
        stream_gather(r.tracer.report.out, GATHER_BYTES);
        r.tracer.report.host = options->host;
        r.tracer.sockets = sockets_new();
        r.tracer.folder = realpath(options->directory ? options->directory : ".", NULL);
        result = trace(&r, exit_status, e);
        sockets_free(r.tracer.sockets);
        free(r.tracer.folder);
        stream_writer_free(r.tracer.report.out);
        close(r.signal_fd);
    }
    sigaction(SIGCHLD, &old, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return result;
}
