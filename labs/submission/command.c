#include "labs/submission/command.h"

#include "labs/sandbox/procs.h"
#include "labs/submission/interrupt.h"
#include "tracer/base/clock.h"
#include "tracer/base/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STATUS_LATE = 124,
    STATUS_LARGE = 125,
    STATUS_INTERRUPTED = 130,
    STATUS_NO_PROGRAM = 127,
    FILE_MOST_BYTES = 256 << 20
};
static const int64_t WEIGH_NS = 200LL * NS_PER_MS;

static _Noreturn void be_command(const struct command *c, int said_fd)
{
    struct error e;
    const struct rlimit none = {0, 0}, file = {FILE_MOST_BYTES, FILE_MOST_BYTES};
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_FSIZE, &file);
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 || dup2(said_fd, STDOUT_FILENO) < 0 ||
        dup2(said_fd, STDERR_FILENO) < 0 || chdir(c->folder) != 0)
        _exit(STATUS_NO_PROGRAM);
    inherit_close_on_exec(STDERR_FILENO + 1);
    if (c->prepare && c->prepare(&e) != 0) {
        (void)!write(STDERR_FILENO, e.text, strlen(e.text));
        _exit(STATUS_NO_PROGRAM);
    }
    inherit_no_signals();
    execvp(c->argv[0], c->argv);
    static const char sentence[] = "It is not installed, or may not be run.\n";
    if (write(STDERR_FILENO, sentence, sizeof sentence - 1) < 0)
        _exit(STATUS_NO_PROGRAM);
    _exit(STATUS_NO_PROGRAM);
}

/* What has come goes into `said`, as far as there is room; false at its end. */
static bool hear(int fd, struct text *said, size_t most)
{
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    size_t room = said->len < most ? most - said->len : 0;
    text_bytes(said, bytes, (size_t)n < room ? (size_t)n : room);
    return n > 0;
}

/* Looked at now and then: it takes a walk through all of the machine's processes. */
static bool is_large(const struct command *c, pid_t pid, int64_t *looked_ns)
{
    int64_t now_ns = clock_monotonic_ns();
    if (c->memory_bytes == 0 || now_ns - *looked_ns < WEIGH_NS)
        return false;
    *looked_ns = now_ns;
    return procs_resident_below(pid) > c->memory_bytes;
}

/* Until it has ended and nobody is left who could say something, or it has had its share. */
static int follow(const struct command *c, pid_t pid, int fd, struct text *said)
{
    int64_t looked_ns = clock_monotonic_ns();
    int64_t end_ns = looked_ns + c->limit_s * (int64_t)NS_PER_S;
    size_t most = said->len + COMMAND_SAYS_MOST;
    bool going = true, ended = false, large = false;
    int status = 0;
    while ((going || !ended) && !large && clock_monotonic_ns() < end_ns && !interrupt_waits()) {
        struct pollfd ready = {.fd = going ? fd : -1, .events = POLLIN};
        int n = poll(&ready, 1, ended ? 0 : 20);
        if (n > 0)
            going = hear(fd, said, most);
        if (!ended)
            ended = waitpid(pid, &status, WNOHANG) == pid;
        else if (n <= 0)
            going = false; /* what it left running says no more that matters */
        large = !ended && is_large(c, pid, &looked_ns);
    }
    kill(-pid, SIGKILL); /* whatever it left behind */
    if (!ended) {
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
        return interrupt_waits() ? STATUS_INTERRUPTED : large ? STATUS_LARGE : STATUS_LATE;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int command_run(const struct command *c, struct text *said, struct error *e)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_exit(e, EXIT_MACHINE, "Cannot make a pipe: %s.", strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        be_command(c, ends[1]);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return error_exit(e, EXIT_MACHINE, "Cannot start a process: %s.", strerror(errno));
    }
    int status = follow(c, pid, ends[0], said);
    close(ends[0]);
    return status;
}
