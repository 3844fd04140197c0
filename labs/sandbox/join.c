/* A further terminal's way onto a lab host: find a process of the lab, enter its namespaces, and
 * run a program there. A host is known by the processes that live on it: a sandbox_process whose
 * name is "tcplab-...-C" (the call tracer is "tcplab-calls-C") marks host C. */
#include "labs/sandbox/sandbox.h"

#include "tracer/base/error.h"

#include "labs/sandbox/procs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* In the order in which they are entered: the user namespace gives the right to the others. */
static const struct {
    const char *name;
    int type;
} spaces[] = {
    {"user", CLONE_NEWUSER}, {"pid", CLONE_NEWPID}, {"ipc", CLONE_NEWIPC},
    {"uts", CLONE_NEWUTS},   {"net", CLONE_NEWNET}, {"mnt", CLONE_NEWNS},
};
enum { SPACE_COUNT = sizeof spaces / sizeof spaces[0] };

struct search {
    char host;
    pid_t pid; /* 0 until one is found */
    uint64_t start_ticks;
    bool hostless; /* a lab runs, but without hosts */
};

enum whereabouts { HERE, ELSEWHERE, HIDDEN };

/* Whether the process is in another network than we are; hidden where we may not look, which also
 * means that we may not follow. */
static enum whereabouts whereabouts(pid_t pid)
{
    char path[64];
    struct stat theirs, ours;
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
    if (stat(path, &theirs) < 0 || stat("/proc/self/ns/net", &ours) < 0)
        return HIDDEN;
    return theirs.st_ino != ours.st_ino || theirs.st_dev != ours.st_dev ? ELSEWHERE : HERE;
}

static bool ours(pid_t pid)
{
    char path[64];
    struct stat status;
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    return stat(path, &status) == 0 && status.st_uid == geteuid();
}

/* Of several labs, the one that was started last. */
static bool consider(const struct proc *p, void *arg)
{
    struct search *search = arg;
    size_t length = strlen(p->name);
    if (strncmp(p->name, "tcplab-", 7) != 0 || length < 9 || p->name[length - 2] != '-' ||
        p->name[length - 1] != search->host || !ours(p->pid))
        return true;
    enum whereabouts where = whereabouts(p->pid);
    if (where == HERE) {
        search->hostless = true;
    } else if (where == ELSEWHERE && (search->pid == 0 || p->start_ticks >= search->start_ticks)) {
        search->pid = p->pid;
        search->start_ticks = p->start_ticks;
    }
    return true;
}

static void close_all(int fds[SPACE_COUNT])
{
    for (int i = 0; i < SPACE_COUNT; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/* Open all before entering any: from inside they cannot be found any more. -1 for those that we are
 * in already, which may not be entered again. */
static int open_spaces(pid_t pid, int fds[SPACE_COUNT])
{
    int result = 0;
    for (int i = 0; i < SPACE_COUNT; i++) {
        char path[64];
        struct stat own, other;
        snprintf(path, sizeof path, "/proc/self/ns/%s", spaces[i].name);
        fds[i] = -1;
        if (result < 0 || stat(path, &own) < 0)
            continue;
        snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, spaces[i].name);
        if (stat(path, &other) < 0)
            result = -1;
        else if (own.st_ino != other.st_ino)
            result = fds[i] = open(path, O_RDONLY | O_CLOEXEC);
    }
    return result < 0 ? -1 : 0;
}

static int enter_spaces(pid_t pid)
{
    int fds[SPACE_COUNT];
    char directory[PATH_MAX];
    bool known = getcwd(directory, sizeof directory) != NULL;
    int result = open_spaces(pid, fds);
    for (int i = 0; result == 0 && i < SPACE_COUNT; i++)
        if (fds[i] >= 0 && setns(fds[i], spaces[i].type) < 0)
            result = -1;
    int err = errno;
    close_all(fds);
    /* Entering a mount namespace leads to its root; it has the same folders as ours. */
    if (result == 0 && known)
        (void)!chdir(directory);
    errno = err;
    return result;
}

static _Noreturn void run(char *const argv[])
{
    struct error e;
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (sandbox_set_privileges(true, &e) < 0) {
        error_tell("tcplab", e.text);
        _exit(e.status);
    }
    execvp(argv[0], argv);
    int why = errno;
    error_set(&e, "%.300s could not be run: %s. Is it installed, and spelled so?", argv[0],
              strerror(why));
    error_tell("tcplab", e.text);
    _exit(why == ENOENT ? 127 : 126);
}

/* While the program has the terminal, Ctrl-C is meant for it and not for us; and if the lab ends
 * under it, it leaves the terminal as we found it. */
static int run_and_wait(char *const argv[], int *status, struct error *e)
{
    struct termios terminal;
    bool have_terminal = tcgetattr(STDIN_FILENO, &terminal) == 0;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, old_int, old_quit, old_ttou;
    sigaction(SIGINT, &ignore, &old_int);
    sigaction(SIGQUIT, &ignore, &old_quit);
    pid_t child = fork();
    if (child == 0)
        run(argv);
    int wait_status = 0, err = errno;
    if (child > 0)
        while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) {
        }
    sigaction(SIGTTOU, &ignore, &old_ttou);
    if (child > 0 && have_terminal) {
        tcsetpgrp(STDIN_FILENO, getpgrp());
        if (WIFSIGNALED(wait_status))
            tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    }
    sigaction(SIGTTOU, &old_ttou, NULL);
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGQUIT, &old_quit, NULL);
    if (child < 0)
        return error_exit(e, EXIT_MACHINE,
                          "No process could be started on the lab host: %s. Has the lab just "
                          "ended? Start it again in the other terminal.",
                          strerror(err));
    *status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
    return 1;
}

int sandbox_join(char host, char *const argv[], int *status, struct error *e)
{
    struct search search = {.host = host};
    if (!procs_each(consider, &search))
        return error_exit(e, EXIT_MACHINE,
                          "The running lab could not be looked for: /proc cannot be read: %s. "
                          "Mount it: sudo mount -t proc proc /proc",
                          strerror(errno));
    if (search.pid == 0 && search.hostless)
        return error_exit(e, EXIT_MACHINE,
                          "The lab that is running has no hosts of its own: this machine refused "
                          "them. Its segments are on this machine's loopback: sudo tcpdump -i lo");
    if (search.pid == 0)
        return 0;
    if (enter_spaces(search.pid) < 0)
        return error_exit(e, EXIT_MACHINE,
                          "Host %c of the running lab could not be entered: %s. Has the lab just "
                          "ended? Start it again in the other terminal.",
                          host, strerror(errno));
    return run_and_wait(argv, status, e);
}
