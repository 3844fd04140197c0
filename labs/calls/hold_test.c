/* Programs held at their calls and stepped: what is told, that nothing happens meanwhile, and that
 * they run as they would without. */
#include "labs/calls/trial_test.h"
#include "tracer/session/readable_test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>

/* ---- the programs ---------------------------------------------------------------------------- */

static int role_calls(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return listen(fd, 1) == 0 && shutdown(fd, SHUT_RDWR) == 0 ? 7 : 1;
}

static void *answers(void *arg)
{
    const int *fd = arg;
    char byte;
    for (int i = 0; i < 3; i++)
        if (recv(*fd, &byte, 1, 0) != 1 || send(*fd, &byte, 1, 0) != 1)
            exit(3);
    return NULL;
}

/* Two threads that wait for each other, in a process and in one that it forks. */
static int role_talk(void)
{
    pthread_t thread;
    int fds[2];
    char byte = 'x';
    pid_t child = fork();
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0 ||
        pthread_create(&thread, NULL, answers, &fds[1]) != 0)
        return 1;
    for (int i = 0; i < 3; i++)
        if (send(fds[0], &byte, 1, 0) != 1 || recv(fds[0], &byte, 1, 0) != 1)
            return 2;
    pthread_join(thread, NULL);
    int status = 0;
    if (child > 0 && (waitpid(child, &status, 0) != child || status != 0))
        return 4;
    return 0;
}

static void on_alarm(int signal)
{
    (void)signal;
}

/* A call that a signal breaks off, and one that is restarted behind it. */
static int role_interrupted(void)
{
    int fds[2];
    char byte;
    const struct itimerval soon = {.it_value = {.tv_usec = 60000}};
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return 1;
    setitimer(ITIMER_REAL, &soon, NULL);
    return recv(fds[0], &byte, 1, 0) == -1 && errno == EINTR ? 0 : 2;
}

static const struct {
    const char *name;
    int (*run)(void);
} roles[] = {{"calls", role_calls}, {"talk", role_talk}, {"interrupted", role_interrupted}};

static void begin(struct trial *t, const char *role)
{
    char *argv[] = {(char *)(uintptr_t) "/proc/self/exe", (char *)(uintptr_t)role, NULL};
    trial_start_by(t, (struct calls_options){.argv = argv, .tty_fd = -1}, "hg");
}

static void orders(struct trial *t, const char *order)
{
    assert_int_equal(write(t->control_fd, order, 1), 1);
}

/* ---- what is told ---------------------------------------------------------------------------- */

/* The nth hold, or the nth end of one. */
static const struct told *nth_waits(const struct trial *t, bool over, size_t nth)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->told[i].a.type == ANNOTATION_WAITS && t->told[i].a.waits.over == over && nth-- == 0)
            return &t->told[i];
    return NULL;
}

static void comes_to(struct trial *t, size_t nth, const char *name, enum waits_at at)
{
    while (!nth_waits(t, false, nth))
        assert_true(trial_pump(t));
    const struct annotation *a = &nth_waits(t, false, nth)->a;
    assert_string_equal(a->waits.name, name);
    assert_int_equal(a->waits.at, at);
    assert_int_equal(a->host, 'C');
    assert_true(a->waits.pid > 0 && a->waits.tid == a->waits.pid);
}

/* For a while nothing but marks comes. */
static void stands_still(struct trial *t)
{
    size_t count = t->count, marks = t->marks;
    while (t->marks < marks + 20)
        assert_true(trial_pump(t));
    assert_int_equal(t->count, count);
}

static void test_from_call_to_call(void **state)
{
    (void)state;
    static const char *const names[] = {"socket", "listen", "shutdown"};
    struct trial t;
    begin(&t, "calls");
    for (size_t i = 0; i < 3; i++) {
        comes_to(&t, 2 * i, names[i], WAITS_ENTRY);
        assert_non_null(trial_call(&t, CALL_ENTER, names[i], 0)); /* told before it is made */
        stands_still(&t);
        assert_null(trial_call(&t, CALL_EXIT, names[i], 0));
        orders(&t, "s");
        comes_to(&t, 2 * i + 1, names[i], WAITS_RETURN);
        const struct annotation *exit = &trial_call(&t, CALL_EXIT, names[i], 0)->a;
        assert_true(exit->call.id == nth_waits(&t, false, 2 * i + 1)->a.waits.id);
        stands_still(&t);
        orders(&t, "s");
    }
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 7);
    assert_null(nth_waits(&t, false, 6));
    assert_non_null(nth_waits(&t, true, 5));
    trial_check_pairs(&t);
    trial_free(&t);
}

static void test_arguments_are_those_of_the_call(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, "calls");
    comes_to(&t, 0, "socket", WAITS_ENTRY);
    assert_string_equal(nth_waits(&t, false, 0)->a.waits.args, "AF_INET, SOCK_STREAM, 0");
    orders(&t, "c");
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 7);
    assert_null(nth_waits(&t, false, 1)); /* let go, it is held no more */
    trial_free(&t);
}

/* Held again in the middle of its run. */
static void test_held_again(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, "calls");
    comes_to(&t, 0, "socket", WAITS_ENTRY);
    assert_int_equal(write(t.control_fd, "ch", 2), 2);
    comes_to(&t, 1, "listen", WAITS_ENTRY); /* not at the return of what it was let go from */
    orders(&t, "c");
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 7);
    trial_free(&t);
}

/* Each is stepped as it comes to be held: all goes as it would by itself. */
static void test_stepped_to_the_end(void **state)
{
    (void)state;
    static const char *const names[] = {"talk", "interrupted", "calls"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct trial t;
        size_t steps = 0;
        begin(&t, names[i]);
        while (trial_pump(&t))
            for (; nth_waits(&t, false, steps); steps++)
                orders(&t, "s");
        trial_finish(&t);
        assert_int_equal(t.outcome.exit_status, i == 2 ? 7 : 0);
        assert_non_null(nth_waits(&t, true, steps - 1));
        assert_null(nth_waits(&t, true, steps));
        trial_check_pairs(&t);
        trial_free(&t);
    }
}

/* What is held can still be ended, in each of the ways. */
static void test_ended_while_held(void **state)
{
    (void)state;
    static const struct {
        const char *order; /* NULL: the control pipe ends; "": a kill from outside */
        int signal;
    } rows[] = {{"t", SIGTERM}, {"k", SIGKILL}, {NULL, SIGKILL}, {"", SIGKILL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        begin(&t, "calls");
        comes_to(&t, 0, "socket", WAITS_ENTRY);
        if (!rows[i].order) {
            close(t.control_fd);
            t.control_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        } else if (rows[i].order[0] == '\0') {
            kill(nth_waits(&t, false, 0)->a.waits.pid, SIGKILL);
        } else {
            orders(&t, rows[i].order);
        }
        trial_finish(&t);
        assert_int_equal(t.outcome.exit_status, 128 + rows[i].signal);
        assert_non_null(nth_waits(&t, true, 0));
        assert_int_equal(trial_process(&t, PROCESS_KILLED, 0)->a.process.status, rows[i].signal);
        trial_free(&t);
    }
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(argv[1], roles[i].name) == 0)
            return roles[i].run();
    if (!annotations_or_skip() || !trial_allowed())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_call_to_call),
        cmocka_unit_test(test_arguments_are_those_of_the_call),
        cmocka_unit_test(test_held_again),
        cmocka_unit_test(test_stepped_to_the_end),
        cmocka_unit_test(test_ended_while_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
