#include "labs/runner/run.h"

#include "labs/calls/calls.h"
#include "labs/runner/conduct.h"
#include "labs/runner/console.h"
#include "labs/runner/present.h"
#include "labs/runner/tiers.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"
#include "tracer/base/words.h"
#include "tracer/session/annotation.h"

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
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an answer of write() */
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd >= 0 ? fd : error_set(e, "Cannot watch for signals: %s.", strerror(errno));
}

/* Wait for the viewer, which stays as long as its user likes. A signal to us ends it too, and then
 * *ended is true. */
static int wait_viewer(pid_t pid, int signal_fd, bool *ended)
{
    struct signalfd_siginfo signal;
    struct pollfd ready[] = {
        {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN},
        {.fd = signal_fd, .events = POLLIN},
    };
    while (ready[0].fd >= 0 && ready[0].revents == 0) {
        int n = poll(ready, 2, -1);
        if (n < 0 && errno != EINTR)
            break;
        if (n > 0 && ready[1].revents && read(signal_fd, &signal, sizeof signal) > 0) {
            *ended = true;
            kill(pid, SIGTERM);
            kill(pid, SIGCONT); /* it may have been stopped */
        }
        if (n < 0)
            ready[0].revents = 0;
    }
    if (ready[0].fd >= 0)
        close(ready[0].fd);
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return EXIT_FELL_SHORT;
    return present_ended(status);
}

static const char ended_early[] = N_("The run was ended before it was over.");

/* What the whole run comes to. */
static int judge(const struct run_spec *spec, const struct conduct_result *result, int viewer,
                 struct error *e)
{
    const char *reason = result->reason ? result->reason : "";
    if (result->member_failed || result->script_failed)
        return error_exit(e, result->status, "%s", words_of(reason)), result->status;
    /* Who leaves a lab comes back to it. */
    if (result->interrupted && spec->place && !spec->text && viewer == EXIT_DONE)
        return EXIT_DONE;
    if (result->interrupted)
        return error_set(e, "%s", _(ended_early)), EXIT_FELL_SHORT;
    if (result->is_void)
        return error_exit(e, EXIT_VOID, "%s", words_of(reason)), EXIT_VOID;
    if (viewer != EXIT_DONE && spec->play) /* which has said why */
        return *e = (struct error){.status = viewer}, viewer;
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

/* The crew is up: conduct the run without a viewer, by a script or by nobody. */
static int perform_unshown(struct crew *crew, const struct run_spec *spec, const char *announcement,
                           int signal_fd, struct error *e)
{
    struct sink *file;
    if (conduct_open_file(spec, &file, e) != 0)
        return EXIT_FELL_SHORT;
    struct conduct_options options = {
        .crew = crew,
        .spec = spec,
        .fallback = announcement,
        .file = file,
        .script = spec->script,
        .viewer_fd = -1,
        .typed_fd = -1,
        .hold_fd = -1,
        .signal_fd = signal_fd,
    };
    struct conduct_result result = {0};
    int conducted = conduct(&options, &result, e);
    int status = conducted == 0 ? judge(spec, &result, EXIT_DONE, e) : e->status;
    free(result.reason);
    return status;
}

/* The crew is up: show and conduct the run. */
static int perform(struct crew *crew, const struct run_spec *spec, const char *announcement,
                   int signal_fd, struct error *e)
{
    struct pipes p;
    struct sink *file;
    struct error unused;
    if (conduct_open_file(spec, &file, e) != 0)
        return EXIT_FELL_SHORT;
    if (open_pipes(&p, e) != 0) {
        sink_close(file, &unused);
        return EXIT_FELL_SHORT;
    }
    struct present_options show = {
        .fd = p.session[0],
        .typed_fd = spec->text && !spec->play ? -1 : p.typed[1],
        .folder = spec->folder,
        .title = spec->title,
        .lesson = spec->lesson,
        .place = spec->place,
        .end = {spec->save, spec->next},
        .play = spec->play,
        .text = spec->text,
        .ascii = spec->ascii,
    };
    pid_t viewer = present_fork(&show, e);
    close(p.session[0]);
    close(p.typed[1]);
    struct conduct_options options = {
        .crew = crew,
        .spec = spec,
        .fallback = announcement,
        .file = file,
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
        int shown = wait_viewer(viewer, signal_fd, &result.interrupted);
        status = conducted == 0 ? judge(spec, &result, shown, e) : e->status;
    } else {
        close(p.session[1]);
        sink_close(file, &unused);
    }
    close(p.typed[0]);
    free(result.reason);
    return status;
}

/* What is said before a lab that is told from the session that it ships. */
static const char *elsewhere(void)
{
    return _(
        "*The lab as it was recorded on another machine.* Its times, addresses and numbers are "
        "those of that run.");
}

static int show_file(const struct run_spec *spec, const char *file, const char *preface,
                     int signal_fd, struct error *e)
{
    struct present_options show = {
        .fd = -1,
        .file = file,
        .typed_fd = -1,
        .folder = spec->folder,
        .title = spec->title,
        .lesson = spec->lesson,
        .place = spec->place,
        .end = {file, spec->next},
        .preface = preface,
        .text = spec->text,
        .ascii = spec->ascii,
    };
    if (spec->text)
        putchar('\n'); /* away from what stands above it */
    pid_t viewer = present_fork(&show, e);
    if (viewer < 0)
        return EXIT_FELL_SHORT;
    bool ended = false;
    int status = wait_viewer(viewer, signal_fd, &ended);
    if (ended)
        error_exit(e, status, "%s", _(ended_early));
    else if (status != EXIT_DONE)
        error_exit(e, status, "The recorded lab could not be shown.");
    return status;
}

/* What this machine does not let us see, the recorded session shows. */
static int show_recorded(const struct run_spec *spec, int signal_fd, struct error *e)
{
    return show_file(spec, spec->recorded, elsewhere(), signal_fd, e);
}

int run_kept(const struct run_spec *spec, const char *file, struct error *e)
{
    int signal_fd = catch_signals(e);
    if (signal_fd < 0)
        return EXIT_FELL_SHORT;
    int status = show_file(spec, file, NULL, signal_fd, e);
    close(signal_fd);
    return status;
}

int run_recorded(const struct run_spec *spec, struct error *e)
{
    if (!spec->recorded)
        return error_exit(e, EXIT_WRONG_USAGE, "The lab '%.60s' has no recorded session.",
                          spec->lab),
               EXIT_WRONG_USAGE;
    int signal_fd = catch_signals(e);
    if (signal_fd < 0)
        return EXIT_FELL_SHORT;
    int status = show_recorded(spec, signal_fd, e);
    close(signal_fd);
    return status;
}

/* Nothing can be run here: say why, and show what was recorded. The lab has not been run, and the
 * exit status says so. */
static int run_nothing(const struct run_spec *spec, const struct text *refused, int signal_fd,
                       struct error *e)
{
    struct error unused;
    if (refused->len > 0)
        error_tell("tcplab", text_str(refused));
    if (spec->recorded) {
        error_tell("tcplab", e->text);
        show_recorded(spec, signal_fd, &unused);
        error_exit(e, e->status, "The lab was not run: what you have seen was recorded.");
    }
    return e->status;
}

/* The run in the tier that was to be had, which the announcement speaks of. */
static int run_crew(struct crew *crew, const struct run_spec *spec, struct text *announcement,
                    int signal_fd, struct error *e)
{
    struct run_spec shown = *spec;
    bool one = spec->play && spec->play->alone;
    bool calls_alone = crew->tier == TIER_CALLS && !one;
    if (crew->tier >= TIER_LOOPBACK && !one && run_network_rules(spec->network))
        text_format(announcement, "%s%s", announcement->len > 0 ? "\n" : "",
                    _("There is no wire between two hosts here: its rules are not followed, and "
                      "nothing is lost, late or sent twice by them."));
    if (calls_alone && spec->recorded && !spec->script)
        text_format(announcement, "\n%s",
                    _("After them comes the lab as it was recorded on another machine."));
    if (announcement->len > 0)
        error_tell("tcplab", text_str(announcement));
    shown.text = spec->text || calls_alone; /* a ladder without segments has no rungs */
    if (calls_alone && spec->recorded)      /* and the lab is taught by what was recorded */
        shown.lesson = NULL;
    crew->spec = &shown;
    int (*const perform_it)(struct crew *, const struct run_spec *, const char *, int,
                            struct error *) = spec->script ? perform_unshown : perform;
    int status = perform_it(crew, &shown, announcement->len > 0 ? text_str(announcement) : NULL,
                            signal_fd, e);
    crew_stop(crew);
    if (calls_alone && !spec->script && spec->recorded && status == EXIT_DONE)
        status = show_recorded(spec, signal_fd, e);
    return status;
}

/* Whether what every tier takes is to be had: to read what the crew tells, and to give programs a
 * console. */
static int check_machine(struct error *e)
{
    struct console console;
    if (annotation_readable(e) != 0 || console_open(&console, e) != 0)
        return -1;
    close(console.ours);
    close(console.programs);
    return 0;
}

/* Start the crew as well as the machine allows. A prompt for real hosts works where programs may
 * not be traced, too. */
static int start_crew(struct crew *crew, struct run_spec *spec, struct text *announcement,
                      struct error *e)
{
    bool one = spec->play && spec->play->alone;
    if (check_machine(e) != 0)
        return -1;
    spec->untraced = calls_allowed(e) != 0;
    if (spec->untraced && !one)
        return -1;
    if (spec->untraced && !spec->text)
        text_format(announcement, "%s\n%s", e->text,
                    _("The calls are made all the same; the picture does not show them."));
    return one ? crew_start(crew, spec, TIER_CALLS, e)
               : tiers_start(crew, spec, TIER_CALLS, announcement, e);
}

int run(const struct run_spec *wanted, struct error *e)
{
    struct run_spec spec = *wanted;
    struct crew crew;
    struct text announcement = {0};
    int signal_fd = catch_signals(e);
    if (signal_fd < 0)
        return EXIT_FELL_SHORT;
    int status;
    if (start_crew(&crew, &spec, &announcement, e) != 0)
        status = run_nothing(&spec, &announcement, signal_fd, e);
    else
        status = run_crew(&crew, &spec, &announcement, signal_fd, e);
    text_free(&announcement);
    close(signal_fd);
    return status;
}

int run_unseen(const struct run_spec *wanted, enum sandbox_tier least, struct error *e)
{
    struct run_spec spec = *wanted;
    struct crew crew;
    struct text announcement = {0};
    int signal_fd = catch_signals(e);
    int status = EXIT_FELL_SHORT;
    if (signal_fd < 0)
        return status;
    spec.text = true;
    if (check_machine(e) != 0 || calls_allowed(e) != 0 ||
        tiers_start(&crew, &spec, least, &announcement, e) != 0) {
        status = e->status;
    } else {
        const char *told = announcement.len > 0 ? text_str(&announcement) : NULL;
        status = perform_unshown(&crew, &spec, told, signal_fd, e);
        crew_stop(&crew);
    }
    text_free(&announcement);
    close(signal_fd);
    return status;
}
