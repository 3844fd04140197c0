#include "labs/runner/run.h"

#include "labs/runner/conduct.h"
#include "labs/runner/present.h"
#include "tracer/base/alloc.h"
#include "tracer/base/text.h"
#include "tracer/capture/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The signals that end a run, taken from a descriptor so that nothing is left half done. */
static int catch_signals(struct error *e)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGQUIT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd >= 0 ? fd : error_set(e, "Cannot watch for signals: %s.", strerror(errno));
}

/* Whether loopback can be captured here, found out by doing it. */
static bool may_capture(struct error *e)
{
    struct source_options options = {.interface = "lo", .fd = -1};
    struct source *lo = source_open(&options, e);
    if (lo)
        source_close(lo);
    return lo != NULL;
}

/* Try the tiers from the best down, and say of each why it was not to be had. */
static int start_best(struct crew *crew, const struct run_spec *spec, struct text *fallback,
                      struct error *e)
{
    for (int tier = TIER_HOSTS; tier < TIER_COUNT; tier++) {
        if (tier == TIER_ROOT_HOSTS && geteuid() != 0)
            continue;
        if ((tier != TIER_LOOPBACK || may_capture(e)) &&
            crew_start(crew, spec, (enum sandbox_tier)tier, e) == 0)
            return 0;
        if (e->status == EXIT_WRONG_USAGE || tier + 1 == TIER_COUNT)
            return -1;
        text_format(fallback, "%s%s", fallback->len > 0 ? "\n" : "", e->text);
    }
    return -1;
}

static void announce(const struct crew *crew, struct text *fallback)
{
    if (fallback->len == 0)
        return;
    text_format(fallback, "\n%s", sandbox_tier_sentence(crew->tier));
    fprintf(stderr, "tcplab: %s\n", text_str(fallback));
}

/* Wait until the viewer ends. A signal that would have ended the run ends the viewer instead; but
 * Ctrl-C at a walk-through in a pipeline is meant for its reader. */
static int wait_viewer(pid_t pid, bool text, int signal_fd)
{
    int status;
    struct signalfd_siginfo signal;
    struct pollfd fds[] = {
        {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN},
        {.fd = signal_fd, .events = POLLIN},
    };
    while (fds[0].fd >= 0 && (poll(fds, 2, -1) < 0 || !fds[0].revents))
        if (read(signal_fd, &signal, sizeof signal) > 0 && !(text && signal.ssi_signo == SIGINT)) {
            kill(pid, SIGTERM);
            kill(pid, SIGCONT);
        }
    if (fds[0].fd >= 0)
        close(fds[0].fd);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return EXIT_FELL_SHORT;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FELL_SHORT;
}

/* What the whole run comes to. */
static int judge(const struct conduct_result *result, int viewer, struct error *e)
{
    const char *reason = result->reason ? result->reason : "";
    if (result->member_failed)
        return error_exit(e, result->status, "%s", reason), result->status;
    if (result->interrupted)
        return error_set(e, "The run was ended before it was over."), EXIT_FELL_SHORT;
    if (result->dropped_frames > 0 || result->clock_stepped)
        return error_exit(e, EXIT_VOID, "%s", reason), EXIT_VOID;
    if (viewer != EXIT_DONE)
        return error_exit(e, viewer, "The viewer could not show the run."), viewer;
    return EXIT_DONE;
}

struct pipes {
    int session[2];
    int typed[2];
};

static int open_pipes(struct pipes *p, struct error *e)
{
    if (pipe2(p->session, O_CLOEXEC) != 0)
        return error_set(e, "Cannot make a pipe: %s.", strerror(errno));
    if (pipe2(p->typed, O_CLOEXEC) == 0)
        return 0;
    error_set(e, "Cannot make a pipe: %s.", strerror(errno));
    close(p->session[0]);
    close(p->session[1]);
    return -1;
}

/* The crew is up: show and conduct the run. */
static int perform(struct crew *crew, const struct run_spec *spec, const char *fallback,
                   int signal_fd, struct error *e)
{
    struct pipes p;
    if (open_pipes(&p, e) != 0)
        return EXIT_FELL_SHORT;
    struct present_options show = {
        .fd = p.session[0],
        .typed_fd = spec->text ? -1 : p.typed[1],
        .title = spec->title,
        .prose = spec->prose,
        .text = spec->text,
        .ascii = spec->ascii,
    };
    pid_t viewer = present_fork(&show, e);
    close(p.session[0]);
    close(p.typed[1]);
    struct conduct_options options = {
        .crew = crew,
        .spec = spec,
        .fallback = fallback,
        .viewer_fd = p.session[1],
        .typed_fd = p.typed[0],
        .hold_fd = -1,
        .signal_fd = signal_fd,
    };
    struct conduct_result result = {0};
    int status = EXIT_FELL_SHORT;
    if (viewer >= 0) {
        int conducted = conduct(&options, &result, e);
        crew_stop(crew);
        close(p.session[1]);
        if (result.interrupted && !spec->text)
            kill(viewer, SIGTERM);
        int shown = wait_viewer(viewer, spec->text, signal_fd);
        status = conducted == 0 ? judge(&result, shown, e) : e->status;
    } else {
        close(p.session[1]);
    }
    close(p.typed[0]);
    free(result.reason);
    return status;
}

/* Where nothing can be captured, the recorded session tells what the segments would have been. */
static int show_recorded(const struct run_spec *spec, int signal_fd, struct error *e)
{
    fprintf(stderr, "tcplab: Here is the lab as it was recorded on another machine:\n");
    struct present_options show = {
        .fd = -1,
        .file = spec->recorded,
        .typed_fd = -1,
        .title = spec->title,
        .text = spec->text,
        .ascii = spec->ascii,
    };
    pid_t viewer = present_fork(&show, e);
    return viewer < 0 ? EXIT_FELL_SHORT : wait_viewer(viewer, spec->text, signal_fd);
}

int run(const struct run_spec *spec, struct error *e)
{
    struct crew crew;
    struct text fallback = {0};
    int signal_fd = catch_signals(e);
    if (signal_fd < 0)
        return EXIT_FELL_SHORT;
    int status;
    if (start_best(&crew, spec, &fallback, e) != 0) {
        status = e->status;
    } else {
        announce(&crew, &fallback);
        bool calls_alone = crew.tier == TIER_CALLS;
        struct run_spec shown = *spec;
        shown.text = spec->text || calls_alone;
        crew.spec = &shown;
        status =
            perform(&crew, &shown, fallback.len > 0 ? text_str(&fallback) : NULL, signal_fd, e);
        crew_stop(&crew);
        if (calls_alone && spec->recorded && status != EXIT_FELL_SHORT)
            status = show_recorded(spec, signal_fd, e);
    }
    text_free(&fallback);
    close(signal_fd);
    return status;
}
