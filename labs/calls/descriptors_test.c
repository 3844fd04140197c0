/* What stands at a descriptor: remembered, and forgotten in each of the ways in which it can
 * change. */
#include "labs/calls/descriptors.h"
#include "labs/calls/trial_test.h"
#include "tracer/session/readable_test.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* ---- the table ------------------------------------------------------------------------------- */

static void what_is_kept_is_found_and_what_is_forgotten_is_not(void **state)
{
    (void)state;
    struct descriptors d = {0};
    assert_int_equal(descriptors_find(&d, 3), 0);
    assert_int_equal(descriptors_find(&d, -1), 0);
    for (int fd = 0; fd < 300; fd++)
        descriptors_keep(&d, fd, 1000 + (uint64_t)fd);
    descriptors_keep(&d, 5, 0); /* no socket: nothing to remember */
    descriptors_keep(&d, -1, 7);
    descriptors_keep(&d, DESCRIPTORS_MOST, 7);
    assert_int_equal(descriptors_find(&d, DESCRIPTORS_MOST), 0);
    for (int fd = 0; fd < 300; fd++)
        assert_int_equal(descriptors_find(&d, fd), 1000 + fd);
    descriptors_forget(&d, 4, 4);
    descriptors_forget(&d, 290, UINT32_MAX);
    assert_int_equal(descriptors_find(&d, 3), 1003);
    assert_int_equal(descriptors_find(&d, 4), 0);
    assert_int_equal(descriptors_find(&d, 5), 1005);
    assert_int_equal(descriptors_find(&d, 289), 1289);
    assert_int_equal(descriptors_find(&d, 290), 0);
    assert_int_equal(descriptors_find(&d, 299), 0);
    descriptors_hide(&d);
    descriptors_keep(&d, 3, 1003);
    assert_int_equal(descriptors_find(&d, 3), 0);
    descriptors_free(&d);
}

/* ---- the programs: a socket is used, then a file stands in its place, and is written to
 * ---------- */

static int a_socket(void)
{
    int pair[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 ? pair[0] : -1;
}

static int a_file(void)
{
    return open("/dev/null", O_WRONLY | O_CLOEXEC);
}

static int by_close(int fd)
{
    close(fd);
    return a_file() == fd ? 0 : -1;
}

static int by_dup2(int fd)
{
    return dup2(a_file(), fd);
}

static int by_dup3(int fd)
{
    return dup3(a_file(), fd, O_CLOEXEC);
}

static int by_range(int fd)
{
    if (syscall(SYS_close_range, fd, fd, 0) != 0)
        return -1;
    return a_file() == fd ? 0 : -1;
}

static void *close_there(void *fd)
{
    return by_close(*(int *)fd) < 0 ? fd : NULL;
}

static int by_thread(int fd)
{
    pthread_t thread;
    void *failed = &fd;
    if (pthread_create(&thread, NULL, close_there, &fd) != 0)
        return -1;
    pthread_join(thread, &failed);
    return failed ? -1 : 0;
}

static int in_a_child(void *fd)
{
    return dup2(a_file(), *(int *)fd) < 0;
}

static int by_child(int fd)
{
    static _Alignas(16) char stack[65536];
    int status;
    pid_t pid = clone(in_a_child, stack + sizeof stack, CLONE_FILES | SIGCHLD, &fd);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

/* High, where the loader of the new program opens and closes nothing. */
static int by_exec(int fd)
{
    char number[16];
    int high = fcntl(fd, F_DUPFD_CLOEXEC, 20);
    if (send(high, "socket", 6, 0) != 6)
        return -1;
    snprintf(number, sizeof number, "%d", high);
    execl("/proc/self/exe", "/proc/self/exe", "after-exec", number, (char *)NULL);
    return -1;
}

static const struct way {
    const char *name;
    int (*change)(int fd);
} ways[] = {
    {"close", by_close},   {"dup2", by_dup2},   {"dup3", by_dup3}, {"range", by_range},
    {"thread", by_thread}, {"child", by_child}, {"exec", by_exec},
};

static int change(const struct way *way)
{
    int fd = a_socket();
    if (write(fd, "socket", 6) != 6 || way->change(fd) < 0)
        return 1;
    return write(fd, "file", 4) == 4 ? 0 : 2;
}

static int after_exec(int fd)
{
    int file;
    while ((file = a_file()) >= 0 && file < fd)
        continue;
    return file == fd && write(fd, "file", 4) == 4 ? 0 : 2;
}

static int towards(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    return connect(fd, (struct sockaddr *)&to, sizeof to) == 0 ? fd : -1;
}

static int another_socket(void)
{
    int one = towards(9), other = towards(13);
    if (write(one, "1", 1) != 1 || dup2(other, one) < 0)
        return 1;
    return write(one, "2", 1) == 1 || errno == ECONNREFUSED ? 0 : 2;
}

/* ---- what is told of them
 * ------------------------------------------------------------------------ */

static void test_a_file_in_a_sockets_place_is_not_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct trial t;
        trial_run_self(&t, "change", ways[i].name);
        trial_finish(&t);
        if (t.outcome.exit_status != 0 || trial_count(&t, CALL_ENTER, "write") != 1)
            fail_msg("%s: exit %d, %zu writes are told", ways[i].name, t.outcome.exit_status,
                     trial_count(&t, CALL_ENTER, "write"));
        assert_string_equal(trial_call(&t, CALL_ENTER, "write", 0)->a.call.args,
                            trial_call(&t, CALL_EXIT, "write", 0)->a.call.args);
        trial_check_pairs(&t);
        trial_free(&t);
    }
}

static void test_another_socket_in_its_place_is_told_as_that(void **state)
{
    (void)state;
    struct trial t;
    trial_run_self(&t, "another", NULL);
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 0);
    assert_string_equal(trial_call(&t, CALL_ENTER, "write", 0)->a.call.remote, "127.0.0.1:9");
    assert_string_equal(trial_call(&t, CALL_ENTER, "write", 1)->a.call.remote, "127.0.0.1:13");
    trial_free(&t);
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "after-exec") == 0)
        return after_exec(atoi(argv[2]));
    if (argc > 1 && strcmp(argv[1], "another") == 0)
        return another_socket();
    for (size_t i = 0; argc > 2 && i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(argv[2], ways[i].name) == 0)
            return change(&ways[i]);
    const struct CMUnitTest table[] = {
        cmocka_unit_test(what_is_kept_is_found_and_what_is_forgotten_is_not),
    };
    const struct CMUnitTest traced[] = {
        cmocka_unit_test(test_a_file_in_a_sockets_place_is_not_told),
        cmocka_unit_test(test_another_socket_in_its_place_is_told_as_that),
    };
    int failed = cmocka_run_group_tests(table, NULL, NULL);
    if (!annotations_or_skip() || !trial_allowed())
        return failed ? failed : 77;
    return failed + cmocka_run_group_tests(traced, NULL, NULL);
}
