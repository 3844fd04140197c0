#include "labs/calls/launch.h"

#include "tracer/base/inherit.h"
#include "tracer/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct message {
    enum launch_state state;
    bool filtered;
    struct error error;
};

/* ---- in the child --------------------------------------------------------------------------- */

static void say(int channel, const struct message *m)
{
    while (write(channel, m, sizeof *m) < 0 && errno == EINTR)
        ;
}

/* False where our tracer is gone. */
static bool hear(int channel)
{
    char word;
    ssize_t n;
    while ((n = read(channel, &word, 1)) < 0 && errno == EINTR)
        ;
    return n == 1;
}

static int take_console(const struct calls_options *o, struct error *e)
{
    if (setsid() < 0 && setpgid(0, 0) < 0)
        return error_set(e, "Cannot give the program a session of its own: %s.", strerror(errno));
    if (o->tty_fd < 0)
        return 0;
    if (!o->shares_tty && isatty(o->tty_fd) && ioctl(o->tty_fd, TIOCSCTTY, 0) != 0)
        return error_set(e, "Cannot make the console the program's terminal: %s.", strerror(errno));
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fd == o->tty_fd ? fcntl(fd, F_SETFD, 0) < 0 : dup2(o->tty_fd, fd) < 0)
            return error_set(e, "Cannot give the program its console: %s.", strerror(errno));
    }
    return 0;
}

/* The leak checker stops threads by ptrace itself and refuses to run traced; the last setting of an
 * option is the one that counts. */
static int set_environment(struct error *e)
{
    static const char option[] = "detect_leaks=0";
    const char *old = getenv("ASAN_OPTIONS");
    struct text t = {0};
    if (old && old[0] != '\0')
        text_format(&t, "%s:", old);
    text_add(&t, option);
    int failed = setenv("ASAN_OPTIONS", text_str(&t), 1);
    text_free(&t);
    return failed ? error_set(e, "Cannot set ASAN_OPTIONS: %s.", strerror(errno)) : 0;
}

static int prepare(const struct calls_options *o, struct error *e)
{
    if (take_console(o, e) != 0)
        return -1;
    if (o->directory && chdir(o->directory) != 0)
        return error_set(e, "Cannot enter the folder %s: %s.", o->directory, strerror(errno));
    if (set_environment(e) != 0)
        return -1;
    /* The program starts with its console alone: its first socket is 3, as in every book. What it
     * is given besides, it is given here. */
    inherit_close_on_exec(STDERR_FILENO + 1);
    if (o->prepare && o->prepare(o->prepare_arg, e) != 0)
        return -1;
    return 0;
}

static void explain_exec(const char *program, int number, struct error *e)
{
    struct text name = {0};
    text_safe(&name, program, strnlen(program, 300));
    const char *s = text_str(&name);
    bool there = strchr(program, '/') && access(program, F_OK) == 0;
    if (number == ENOENT && there)
        error_exit(e, EXIT_WRONG_USAGE,
                   "Cannot run %s: the interpreter that it names (after #!, or as its loader) is "
                   "not on this machine. Install that, or build the program here.",
                   s);
    else if (number == ENOENT)
        error_exit(e, EXIT_WRONG_USAGE,
                   "Cannot run %s: there is no such program. Check its name; one in the present "
                   "folder is written ./NAME, and a C program must be compiled first.",
                   s);
    else if (number == EACCES)
        error_exit(e, EXIT_WRONG_USAGE,
                   "Cannot run %s: permission denied. Check that it is a file that you may execute "
                   "(chmod +x), in folders that you may enter.",
                   s);
    else
        error_exit(e, EXIT_WRONG_USAGE, "Cannot run %s: %s.", s, strerror(number));
    text_free(&name);
}

static _Noreturn void child(int channel, const struct calls_options *o,
                            const struct calls_filter *filter)
{
    struct message m = {.state = LAUNCH_PREPARED, .filtered = filter->instructions != NULL};
    int high = fcntl(channel, F_DUPFD_CLOEXEC, STDERR_FILENO + 1); /* out of the console's way */
    if (high < 0 || !hear(high))
        _exit(127);
    m.error = (struct error){.status = EXIT_FELL_SHORT};
    if (prepare(o, &m.error) != 0)
        m.state = LAUNCH_FAILED;
    say(high, &m);
    if (m.state == LAUNCH_FAILED || !hear(high))
        _exit(127);
    inherit_no_signals();
    if (m.filtered && !calls_filter_install(filter)) {
        m.filtered = false;
        say(high, &m);
    }
    execvp(o->argv[0], o->argv);
    m.state = LAUNCH_FAILED;
    explain_exec(o->argv[0], errno, &m.error);
    say(high, &m);
    _exit(127);
}

/* ---- in the tracer -------------------------------------------------------------------------- */

int launch_fork(struct launch *l, const struct calls_options *options,
                const struct calls_filter *filter, struct error *e)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set(e, "Cannot talk to the program's process: %s.", strerror(errno));
    l->pid = fork();
    if (l->pid == 0) {
        close(ends[0]);
        child(ends[1], options, filter);
    }
    int number = errno;
    close(ends[1]);
    if (l->pid > 0) {
        l->channel = ends[0];
        return 0;
    }
    close(ends[0]);
    return error_exit(e, EXIT_MACHINE, "Cannot start a process: %s.", strerror(number));
}

static void send_word(const struct launch *l)
{
    while (send(l->channel, "", 1, MSG_NOSIGNAL) < 0 && errno == EINTR)
        ;
}

void launch_prepare(const struct launch *l)
{
    send_word(l);
}

void launch_go(const struct launch *l)
{
    send_word(l);
}

enum launch_state launch_listen(struct launch *l, bool *filtered, struct error *e)
{
    struct message m;
    ssize_t n = l->channel < 0 ? 0 : recv(l->channel, &m, sizeof m, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return LAUNCH_WAITING;
    if (n != (ssize_t)sizeof m)
        return LAUNCH_GONE;
    *filtered = m.filtered;
    if (m.state == LAUNCH_FAILED && e)
        *e = m.error;
    return m.state;
}

void launch_close(struct launch *l)
{
    if (l->channel >= 0)
        close(l->channel);
    l->channel = -1;
}
