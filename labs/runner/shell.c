#include "labs/runner/run.h"

#include "labs/runner/conduct.h"
#include "labs/runner/tiers.h"
#include "labs/sandbox/sandbox.h"
#include "tracer/base/error.h"
#include "tracer/base/inherit.h"
#include "tracer/session/annotation.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* A shell has the terminal; the hosts and the wire are kept by the runner behind it. The tracers
 * are there to hold the hosts open: they are never told to start their programs. */

static char *const never_started[] = {"true", NULL};

static int join(char host, const char *command, int *status, struct error *e)
{
    char *shell = getenv("SHELL");
    if (!shell || !shell[0] || access(shell, X_OK) != 0)
        shell = "/bin/sh";
    char *const interactive[] = {shell, NULL};
    char *const one[] = {"/bin/sh", "-c", (char *)(uintptr_t)command, NULL};
    return sandbox_join(host, command ? one : interactive, status, e);
}

/* The process in front: the shell on the new host. Its end, however it comes, closes hold_fd. */
static _Noreturn void be_shell(char host, const char *command)
{
    struct error e;
    int status = EXIT_MACHINE;
    inherit_no_signals();
    int joined = join(host, command, &status, &e);
    if (joined == 0)
        error_exit(&e, EXIT_MACHINE, "The host went away before the shell could enter it.");
    if (joined != 1)
        error_tell("tcplab", e.text);
    _exit(joined == 1 ? status : EXIT_MACHINE);
}

static int keep_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGINT, SIG_IGN); /* Ctrl-C is for the shell */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Hold the hosts until the shell has ended; its exit status, or -1 with the sentence. */
static int hold(struct crew *crew, const struct run_spec *spec, char host, const char *command,
                struct error *e)
{
    int held[2];
    struct sink *file;
    struct error unused;
    if (conduct_open_file(spec, &file, e) != 0) {
        crew_stop(crew);
        return -1;
    }
    int signal_fd = keep_signals();
    if (signal_fd < 0 || pipe2(held, O_CLOEXEC) != 0) {
        error_set(e, "Cannot start a shell: %s.", strerror(errno));
        sink_close(file, &unused);
        if (signal_fd >= 0)
            close(signal_fd);
        crew_stop(crew);
        return -1;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(held[0]);
        fcntl(held[1], F_SETFD, 0); /* the shell itself keeps it open */
        be_shell(host, command);
    }
    close(held[1]);
    struct conduct_options options = {
        .crew = crew,
        .spec = spec,
        .file = file,
        .viewer_fd = -1,
        .typed_fd = -1,
        .hold_fd = held[0],
        .signal_fd = signal_fd,
    };
    struct conduct_result result = {0};
    int status = pid < 0 ? error_set(e, "Cannot start a shell: %s.", strerror(errno))
                         : conduct(&options, &result, e);
    int ended;
    if (pid < 0)
        sink_close(file, &unused);
    if (pid > 0 && result.interrupted)
        kill(pid, SIGHUP);
    crew_stop(crew);
    while (pid > 0 && waitpid(pid, &ended, 0) < 0 && errno == EINTR)
        ;
    if (status == 0 && pid > 0)
        status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
    free(result.reason);
    close(held[0]);
    close(signal_fd);
    return status;
}

int run_shell(char host, const char *command, const char *save, const struct run_network *network,
              bool *failed, struct error *e)
{
    int status = 0;
    int joined = join(host, command, &status, e);
    *failed = joined < 0;
    if (joined == 1 && save) {
        error_set(e,
                  "%.300s was not written: the lab was running already, and the terminal that "
                  "started it keeps the session, where -w was given there.",
                  save);
        error_tell("tcplab", e->text);
    }
    if (joined != 0)
        return joined == 1 ? status : e->status;

    struct run_spec spec = {
        .lab = "shell",
        .programs = {never_started, never_started},
        .network = network,
        .save = save,
    };
    struct crew crew;
    struct text announcement = {0};
    bool up = annotation_readable(e) == 0 &&
              tiers_start(&crew, &spec, TIER_ROOT_HOSTS, &announcement, e) == 0;
    if (announcement.len > 0)
        error_tell("tcplab", text_str(&announcement));
    text_free(&announcement);
    if (!up) {
        *failed = true;
        return e->status;
    }
    if (!command)
        fprintf(stderr,
                "Host %c is %s, host %c is %s. `exit` ends both; `tcplab shell %c` in another "
                "terminal enters the other one.\n",
                host, sandbox_address(crew.tier, host == 'S'), host == 'C' ? 'S' : 'C',
                sandbox_address(crew.tier, host == 'C'), host == 'C' ? 'S' : 'C');
    status = hold(&crew, &spec, host, command, e);
    *failed = status < 0;
    return status < 0 ? e->status : status;
}
