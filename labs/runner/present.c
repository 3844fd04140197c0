#include "labs/runner/present.h"

#include "labs/guide/plain.h"
#include "labs/guide/screen.h"
#include "labs/play/show.h"
#include "tracer/base/error.h"
#include "tracer/base/inherit.h"
#include "tracer/base/text.h"
#include "tracer/capture/source.h"
#include "tracer/print/walk.h"
#include "tracer/trace/trace.h"
#include "tracer/tui/tui.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* Write all of `t` and forget it. */
static int put(struct text *t, struct error *e)
{
    for (size_t at = 0; at < t->len;) {
        ssize_t n = write(STDOUT_FILENO, t->s + at, t->len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(e, "Cannot write the walk-through: %s.", strerror(errno));
        at += (size_t)n;
    }
    text_clear(t);
    return 0;
}

/* A call that has been entered is held back for a moment: most return at once, and are then one
 * line. */
enum { HOLD_MS = 60 };

static int walk_session(const struct present_options *o, struct source *source, struct error *e)
{
    struct trace *trace = trace_new();
    struct walk *walk = walk_new(trace, o->ascii);
    struct text out = {0};
    struct capture_frame frame;
    enum source_result got = SOURCE_FRAME;
    int result = 0;
    while (result == 0 && (got == SOURCE_FRAME || got == SOURCE_WAIT)) {
        got = source_next(source, false, &frame, e);
        if (got == SOURCE_FRAME) {
            trace_add(trace, &frame);
            continue;
        }
        bool last = got != SOURCE_WAIT;
        walk_more(walk, last, &out);
        result = put(&out, e);
        struct pollfd fd = {.fd = source_fd(source), .events = POLLIN};
        if (result == 0 && got == SOURCE_WAIT && poll(&fd, 1, HOLD_MS) == 0) {
            walk_more(walk, true, &out);
            result = put(&out, e);
            poll(&fd, 1, -1);
        }
    }
    text_free(&out);
    walk_free(walk);
    trace_free(trace);
    return result == 0 && got != SOURCE_ERROR ? EXIT_DONE : e->status;
}

static int present_play(const struct present_options *o, struct source *source, struct error *e)
{
    struct play_show show = {
        .script = o->play->script,
        .alone = o->play->alone,
        .ends = o->play->ends,
        .title = o->title,
        .sources = o->folder,
        .ascii = o->ascii,
        .typed_fd = o->typed_fd,
    };
    return o->text ? play_text(source, &show, e) : play_screen(source, &show, e);
}

static int guide_session(const struct present_options *o, struct source *source, struct error *e)
{
    struct plain_options plain = {
        .lesson = o->lesson,
        .source = source,
        .place = o->place,
        .preface = o->preface,
        .in_fd = STDIN_FILENO,
        .out_fd = STDOUT_FILENO,
        .end = o->end,
        .ascii = o->ascii,
    };
    return plain_guide(&plain, e) == 0 ? EXIT_DONE : e->status;
}

int present(const struct present_options *o, struct error *e)
{
    struct source_options options = {.file = o->file, .fd = o->fd};
    struct source *source = source_open(&options, e);
    if (!source)
        return e->status;
    int result;
    if (o->play) {
        result = present_play(o, source, e);
    } else if (o->text && o->lesson) {
        result = guide_session(o, source, e);
    } else if (o->text) {
        result = walk_session(o, source, e);
    } else {
        struct guide_screen *guide =
            o->lesson ? guide_screen_new(o->lesson, o->place, o->preface, &o->end) : NULL;
        struct tui_options screen = {
            .source = source,
            .title = o->title,
            .sources = o->folder ? o->folder : ".",
            .sources_anywhere = !o->file,
            .ascii = o->ascii,
            .console_fd = o->typed_fd,
            .companion = guide ? guide_screen_companion(guide) : NULL,
        };
        result = tui_run(&screen, e) == 0 ? EXIT_DONE : e->status;
        guide_screen_free(guide);
    }
    source_close(source);
    return result;
}

/* The terminal before the viewer took it. */
static struct termios before;
static bool lent;

int present_ended(int wait_status)
{
    if (WIFSIGNALED(wait_status) && lent)
        tui_give_back(&before);
    lent = false;
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : EXIT_FELL_SHORT;
}

int present_fork(const struct present_options *o, struct error *e)
{
    fflush(NULL);
    lent = !o->text && tcgetattr(STDIN_FILENO, &before) == 0;
    pid_t runner = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return error_set(e, "Cannot start the viewer: %s.", strerror(errno));
    if (pid > 0)
        return pid;
    inherit_only((const int[]){STDIN_FILENO, STDOUT_FILENO, o->fd, o->typed_fd}, 4);
    /* The walk-through goes on to the session's last word: Ctrl-C ends the run, and so the session.
     * The viewer of a runner that was killed has nothing left to wait for. */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (o->text)
        signal(SIGINT, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != runner)
        _exit(EXIT_FELL_SHORT);
    struct error failure;
    int status = present(o, &failure);
    if (status != EXIT_DONE)
        error_tell("tcplab", failure.text);
    exit(status);
}
