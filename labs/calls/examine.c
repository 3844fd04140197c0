/* A trial of all that the call tracer asks of the kernel, on a process that makes two calls. */
#include "labs/calls/calls.h"

#include "labs/calls/denied.h"
#include "labs/calls/filter.h"
#include "labs/calls/tracer.h"
#include "tracer/base/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct trial {
    pid_t pid;
    int socket_fd; /* of the process's bind(), once it has entered it; else -1 */
    bool returned; /* from it */
    struct calls_ability *ability;
};

/* The process: one socket, which gets a port of its own. */
static _Noreturn void be_watched(int word_fd, const struct calls_filter *filter)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    char word;
    inherit_no_signals();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (read(word_fd, &word, 1) != 1)
        _exit(EXIT_FELL_SHORT);
    calls_filter_install(filter); /* where it cannot be, every call stops */
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    _exit(bind(fd, (struct sockaddr *)&any, sizeof any) == 0 ? EXIT_DONE : EXIT_FELL_SHORT);
}

static void learn(struct trial *t)
{
    struct sockets *sockets = sockets_new();
    uint64_t inode = sockets_inode(sockets, t->pid, t->pid, t->socket_fd);
    const struct socket_ends *ends =
        sockets_learn(sockets, t->pid, t->pid, t->socket_fd, inode, NULL);
    t->ability->descriptors = ends->local[0] != '\0';
    sockets_free(sockets);
}

static void look_at_stop(struct trial *t)
{
    struct __ptrace_syscall_info info = {0};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof info, &info) <= 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_SECCOMP)
        t->ability->filtered = true;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_bind)
        t->socket_fd = (int)info.entry.args[0];
    if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->socket_fd >= 0 && !t->returned) {
        t->returned = true;
        learn(t);
    }
}

/* Every stop of it, to its end. */
static void watch(struct trial *t)
{
    int status;
    for (;;) {
        pid_t pid = waitpid(t->pid, &status, __WALL);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid != t->pid || !WIFSTOPPED(status))
            return;
        look_at_stop(t);
        ptrace(PTRACE_SYSCALL, t->pid, NULL, NULL);
    }
}

static int seize(struct trial *t, int word_fd, struct error *e)
{
    int err = ptrace(PTRACE_SEIZE, t->pid, NULL, tracer_options) == 0 ? 0 : errno;
    if (err == 0 && ptrace(PTRACE_INTERRUPT, t->pid, NULL, NULL) != 0)
        err = errno;
    if (err == 0 && write(word_fd, "g", 1) != 1)
        err = errno;
    if (err != 0)
        kill(t->pid, SIGKILL);
    watch(t);
    if (err != 0)
        return denied_explain(err, "", e);
    if (!t->returned)
        return error_exit(e, EXIT_MACHINE,
                          "A program can be traced, but its calls are not seen: that takes Linux "
                          "5.3 or a later one, and no emulation of it.");
    return 0;
}

int calls_examine(struct calls_ability *a, struct error *e)
{
    struct trial t = {.socket_fd = -1, .ability = a};
    struct calls_filter filter;
    int word[2];
    *a = (struct calls_ability){0};
    if (pipe2(word, O_CLOEXEC) != 0)
        return error_exit(e, EXIT_MACHINE, "Cannot make a pipe: %s.", strerror(errno));
    calls_filter_build(&filter);
    t.pid = fork();
    if (t.pid == 0) {
        close(word[1]);
        be_watched(word[0], &filter);
    }
    int err = errno;
    calls_filter_free(&filter);
    close(word[0]);
    int result = t.pid < 0
                     ? error_exit(e, EXIT_MACHINE, "Cannot start a process: %s.", strerror(err))
                     : seize(&t, word[1], e);
    close(word[1]);
    return result;
}
