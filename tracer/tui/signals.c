#include "tracer/tui/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int caught[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT};
static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
enum {
    CAUGHT_COUNT = sizeof caught / sizeof caught[0],
    CRASH_COUNT = sizeof crashes / sizeof crashes[0],
};

static struct sigaction before_caught[CAUGHT_COUNT], before_crash[CRASH_COUNT], before_pipe;
static int ends[2] = {-1, -1};
static void (*give_terminal_back)(void);

static void tell(int number)
{
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t n = write(ends[1], &byte, 1);
    (void)n; /* a full pipe has enough to tell already */
    errno = saved;
}

/* The crash goes on as it would have without us: to a sanitizer's handler, or to a core dump. */
static void crash(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (give_terminal_back)
        give_terminal_back();
    for (int i = 0; i < CRASH_COUNT; i++)
        if (crashes[i] == number)
            sigaction(number, &before_crash[i], NULL);
    if (info->si_code <= 0) /* sent, not met: it will not happen again by itself */
        raise(number);
}

static int open_pipe(struct error *e)
{
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0)
        return 0;
    return error_set(e, "No pipe for signals could be made: %s.", strerror(errno));
}

int signals_catch(void (*give_back)(void), struct error *e)
{
    if (open_pipe(e) != 0)
        return -1;
    give_terminal_back = give_back;
    struct sigaction action = {.sa_handler = tell};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < CAUGHT_COUNT; i++)
        sigaction(caught[i], &action, &before_caught[i]);
    struct sigaction on_crash = {.sa_sigaction = crash, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigemptyset(&on_crash.sa_mask);
    for (int i = 0; i < CRASH_COUNT; i++)
        sigaction(crashes[i], &on_crash, &before_crash[i]);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, &before_pipe);
    return 0;
}

void signals_release(void)
{
    if (ends[0] < 0)
        return;
    for (int i = 0; i < CAUGHT_COUNT; i++)
        sigaction(caught[i], &before_caught[i], NULL);
    for (int i = 0; i < CRASH_COUNT; i++)
        sigaction(crashes[i], &before_crash[i], NULL);
    sigaction(SIGPIPE, &before_pipe, NULL);
    close(ends[0]);
    close(ends[1]);
    ends[0] = ends[1] = -1;
    give_terminal_back = NULL;
}

int signals_fd(void)
{
    return ends[0];
}

int signals_next(void)
{
    unsigned char byte;
    return read(ends[0], &byte, 1) == 1 ? byte : 0;
}

void signals_stop(int group)
{
    struct sigaction ours, plain = {.sa_handler = SIG_DFL};
    sigemptyset(&plain.sa_mask);
    sigaction(SIGTSTP, &plain, &ours);
    if (group)
        kill(0, SIGTSTP);
    else
        raise(SIGTSTP);
    sigaction(SIGTSTP, &ours, NULL);
}
