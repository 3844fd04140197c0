#include "tracer/base/inherit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* Run `check` in a child of its own, and tell whether it answered true. */
static bool in_child(bool (*check)(const int fds[4]), const int fds[4])
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(check(fds) ? 0 : 1);
    int status = -1;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool keeps_those_named(const int fds[4])
{
    inherit_only((const int[]){fds[3], -1, fds[1]}, 3);
    return is_open(fds[1]) && is_open(fds[3]) && !is_open(fds[0]) && !is_open(fds[2]) &&
           is_open(STDERR_FILENO) && !is_open(STDIN_FILENO) && !is_open(STDOUT_FILENO);
}

static bool keeps_standard_error_alone(const int fds[4])
{
    inherit_only(NULL, 0);
    return is_open(STDERR_FILENO) && !is_open(STDOUT_FILENO) && !is_open(fds[0]) &&
           !is_open(fds[3]);
}

static bool marks_from_the_first_on(const int fds[4])
{
    for (int i = 0; i < 4; i++)
        if (fcntl(fds[i], F_SETFD, 0) < 0)
            return false;
    inherit_close_on_exec(fds[1]);
    return fcntl(fds[0], F_GETFD) == 0 && fcntl(fds[1], F_GETFD) == FD_CLOEXEC &&
           fcntl(fds[3], F_GETFD) == FD_CLOEXEC && fcntl(STDERR_FILENO, F_GETFD) == 0;
}

static bool signals_are_fresh(const int fds[4])
{
    (void)fds;
    sigset_t all, now;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    signal(SIGPIPE, SIG_IGN);
    inherit_no_signals();
    struct sigaction pipe_action;
    return sigprocmask(SIG_BLOCK, NULL, &now) == 0 && sigismember(&now, SIGTERM) == 0 &&
           sigaction(SIGPIPE, NULL, &pipe_action) == 0 && pipe_action.sa_handler == SIG_DFL;
}

static void with_descriptors(bool (*check)(const int fds[4]))
{
    int fds[4];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(pipe(fds + 2), 0); /* four, each above the one before */
    assert_true(in_child(check, fds));
    for (int i = 0; i < 4; i++)
        close(fds[i]);
}

static void only_the_named_descriptors_stay(void **state)
{
    (void)state;
    with_descriptors(keeps_those_named);
}

static void without_names_standard_error_stays(void **state)
{
    (void)state;
    with_descriptors(keeps_standard_error_alone);
}

static void descriptors_are_marked_from_the_first_on(void **state)
{
    (void)state;
    with_descriptors(marks_from_the_first_on);
}

static void no_signal_stays_blocked_or_ignored(void **state)
{
    (void)state;
    with_descriptors(signals_are_fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_named_descriptors_stay),
        cmocka_unit_test(without_names_standard_error_stays),
        cmocka_unit_test(descriptors_are_marked_from_the_first_on),
        cmocka_unit_test(no_signal_stays_blocked_or_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
