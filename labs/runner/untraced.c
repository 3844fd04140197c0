#include "labs/runner/untraced.h"

#include "tracer/base/inherit.h"
#include "tracer/session/annotation.h"
#include "tracer/session/stream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MARK_MS = 10 };

struct untraced {
    const struct calls_options *o;
    struct stream_writer *out; /* (owned) */
    pid_t pid;                 /* 0 before it was started */
    bool over;                 /* no order comes any more */
};

static _Noreturn void be_program(const struct calls_options *o)
{
    struct error e;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
    ioctl(o->tty_fd, TIOCSCTTY, 0);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (dup2(o->tty_fd, fd) < 0)
            _exit(127);
    if ((o->directory && chdir(o->directory) != 0) ||
        (o->prepare && o->prepare(o->prepare_arg, &e)))
        _exit(127);
    inherit_close_on_exec(STDERR_FILENO + 1);
    inherit_no_signals();
    execvp(o->argv[0], o->argv);
    _exit(127);
}

static void tell(struct untraced *u, enum process_event event, int status)
{
    struct annotation a = {.type = ANNOTATION_PROCESS, .host = u->o->host};
    a.process.event = event;
    a.process.pid = u->pid;
    a.process.status = status;
    a.process.program = u->o->argv[0];
    stream_annotate(u->out, session_now_ns(), &a);
}

/* Nothing stamped before now comes later. */
static void mark(struct untraced *u)
{
    struct annotation a = {.type = ANNOTATION_MARK, .host = u->o->host};
    stream_annotate(u->out, session_now_ns(), &a);
    stream_flush(u->out, false);
}

static int start(struct untraced *u, struct error *e)
{
    u->pid = fork();
    if (u->pid == 0)
        be_program(u->o);
    if (u->pid < 0)
        return error_exit(e, EXIT_MACHINE, "Cannot start a process: %s.", strerror(errno));
    tell(u, PROCESS_STARTED, 0);
    return 0;
}

static int obey(struct untraced *u, struct error *e)
{
    char order = 'k';
    ssize_t n = read(u->o->control_fd, &order, 1);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    u->over = n <= 0;
    if (order == 'g' && u->pid == 0)
        return start(u, e);
    if (u->pid > 0 && (order == 't' || order == 'k'))
        kill(u->pid, order == 't' ? SIGTERM : SIGKILL);
    return 0;
}

/* Whether it has ended, which is told. */
static bool has_ended(struct untraced *u)
{
    int status;
    if (u->pid <= 0 || waitpid(u->pid, &status, WNOHANG) != u->pid)
        return false;
    if (WIFSIGNALED(status))
        tell(u, PROCESS_KILLED, WTERMSIG(status));
    else
        tell(u, PROCESS_EXITED, WEXITSTATUS(status));
    return true;
}

int untraced_run(const struct calls_options *o, struct error *e)
{
    struct untraced u = {.o = o, .out = stream_writer_new(o->out_fd, false)};
    int result = 0;
    signal(SIGCHLD, SIG_DFL);
    while (result == 0 && !has_ended(&u) && !(u.over && u.pid == 0)) {
        struct pollfd control = {.fd = u.over ? -1 : o->control_fd, .events = POLLIN};
        mark(&u);
        if (poll(&control, 1, MARK_MS) > 0)
            result = obey(&u, e);
    }
    mark(&u);
    stream_flush(u.out, true);
    stream_writer_free(u.out);
    return result;
}
