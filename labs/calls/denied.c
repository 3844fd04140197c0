#include "labs/calls/denied.h"

#include "labs/calls/calls.h"
#include "labs/calls/tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define REFUSED "This machine refuses to let socket calls be watched (ptrace)"

/* One errno has several causes, each given away by a number in a file. The first that fits speaks:
 * the surest signs come first. */
static const struct {
    const char *file;
    const char *label; /* the number stands behind it; NULL where the file is the number */
    long least;        /* the number must be this or more; 0 where the file need only be there */
    const char *sentence;
    const char *mend; /* the command that ends the sentence; NULL where there is none */
} causes[] = {
    {"/proc/self/status", "\nTracerPid:", 1,
     REFUSED ": tcplab itself runs under a debugger or strace, which keeps its programs to itself. "
             "Run it without.",
     NULL},
    {"/proc/sys/kernel/yama/ptrace_scope", NULL, 3,
     REFUSED
     ": kernel.yama.ptrace_scope is 3, which holds until the next start of the machine. Set "
     "it to 1 where /etc/sysctl.conf or /etc/sysctl.d sets it, and restart.",
     NULL},
    {"/proc/sys/kernel/yama/ptrace_scope", NULL, 2,
     REFUSED ": kernel.yama.ptrace_scope is 2. To allow it:",
     "sudo sysctl -w kernel.yama.ptrace_scope=1"},
    {"/.dockerenv", NULL, 0, REFUSED ". Start the container with:",
     "docker run --cap-add=SYS_PTRACE --security-opt seccomp=unconfined"},
    {"/run/.containerenv", NULL, 0, REFUSED ". Start the container with:",
     "podman run --cap-add=SYS_PTRACE --security-opt seccomp=unconfined"},
    {"/proc/self/status", "\nSeccomp:", 2,
     REFUSED ": a seccomp filter around this shell forbids it. Run tcplab outside of it.", NULL},
};

static bool shows(size_t row, const char *root)
{
    char path[4096], text[4096];
    snprintf(path, sizeof path, "%s%s", root, causes[row].file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return causes[row].least == 0 && access(path, F_OK) == 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *label = causes[row].label;
    const char *number = label ? strstr(text, label) : text;
    return causes[row].least == 0 ||
           (number && strtol(number + (label ? strlen(label) : 0), NULL, 10) >= causes[row].least);
}

int denied_explain(int err, const char *root, struct error *e)
{
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if ((err != EPERM && err != EACCES) || !shows(i, root))
            continue;
        error_exit(e, EXIT_MACHINE, "%s", causes[i].sentence);
        return causes[i].mend ? error_mend(e, causes[i].mend) : -1;
    }
    if (err == ENOSYS)
        return error_exit(e, EXIT_MACHINE,
                          REFUSED ": its kernel has no such call, as gVisor and other emulations "
                                  "do not. Run tcplab on Linux itself, or in a virtual machine.");
    error_exit(e, EXIT_MACHINE, REFUSED ": %s. As root it may be allowed:", strerror(err));
    return error_mend(e, "sudo tcplab ...");
}

/* Trace a child that does nothing; the errno of the refusal, or 0. */
static int try_ptrace(struct error *e)
{
    pid_t pid = fork();
    if (pid < 0)
        return error_exit(e, EXIT_MACHINE, "Cannot start a process: %s.", strerror(errno));
    if (pid == 0)
        for (;;)
            pause();
    int err = ptrace(PTRACE_SEIZE, pid, NULL, tracer_options) == 0 ? 0 : errno;
    kill(pid, SIGKILL);
    int status; /* once traced it stops on its way out */
    while (waitpid(pid, &status, __WALL) == pid ? WIFSTOPPED(status) : errno == EINTR)
        ptrace(PTRACE_CONT, pid, NULL, NULL);
    return err;
}

int calls_allowed(struct error *e)
{
    int err = try_ptrace(e);
    if (err <= 0)
        return err;
    return denied_explain(err, "", e);
}
