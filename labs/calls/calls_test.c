/* Calls of programs on loopback, as the session is told of them. */
#include "labs/calls/trial_test.h"
#include "tracer/session/readable_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

/* ---- the programs --------------------------------------------------------------------------- */

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return in;
}

/* A listening socket on a free port of loopback. */
static int listener(int *port)
{
    struct sockaddr_in in = loopback(0);
    socklen_t n = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof in) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&in, &n) != 0)
        return -1;
    *port = ntohs(in.sin_port);
    return fd;
}

static int do_connect(int type, int port)
{
    struct sockaddr_in in = loopback(port);
    int fd = socket(AF_INET, type, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&in, sizeof in) != 0 && errno != EINPROGRESS)
        return -1;
    return fd;
}

static int role_client(int port)
{
    char reply[64];
    int fd = do_connect(SOCK_STREAM, port);
    if (fd < 0)
        return 1;
    if (send(fd, "say \"hello\"\r\n", 13, 0) != 13 || shutdown(fd, SHUT_WR) != 0)
        return 2;
    ssize_t n = read(fd, reply, sizeof reply);
    return n == 3 && close(fd) == 0 ? 7 : 3;
}

static int role_server(int port)
{
    char request[64];
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in in = loopback(port), from;
    socklen_t n = sizeof from;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&in, sizeof in) != 0 || listen(fd, 5) != 0)
        return 1;
    int c = accept(fd, (struct sockaddr *)&from, &n);
    if (c < 0 || recv(c, request, sizeof request, 0) != 2)
        return 2;
    return write(c, "ok", 2) == 2 ? 0 : 3;
}

static int role_refused(int port)
{
    return do_connect(SOCK_STREAM, port) < 0 && errno == ECONNREFUSED ? 0 : 1;
}

static int role_nonblocking(int port)
{
    int fd = do_connect(SOCK_STREAM | SOCK_NONBLOCK, port), error = -1;
    socklen_t n = sizeof error;
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    if (poll(&p, 1, 5000) != 1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0)
        return 1;
    return error == 0 && write(fd, "x", 1) == 1 ? 0 : 2;
}

static int role_files(int port)
{
    char bytes[16];
    (void)port;
    int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    for (int i = 0; i < 100; i++)
        if (read(fd, bytes, sizeof bytes) != (ssize_t)sizeof bytes)
            return 1;
    return close(fd);
}

/* Data that takes more room than all that was told of the call at its entry. */
static int role_long(int port)
{
    char bytes[32];
    int pair[2];
    (void)port;
    memset(bytes, 1, sizeof bytes);
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && send(pair[0], bytes, 32, 0) == 32 &&
                   recv(pair[1], bytes, 32, 0) == 32
               ? 0
               : 1;
}

static int role_forty_two(int port)
{
    (void)port;
    return 42;
}

static int role_many(int port)
{
    for (int i = 0; i < 1000; i++) {
        int fd = do_connect(SOCK_STREAM, port);
        if (fd < 0 || write(fd, "x", 1) != 1 || close(fd) != 0)
            return 1;
    }
    return 0;
}

static int role_addresses(int port)
{
    struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP), off = 0;
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &in.sin6_addr);
    return connect(fd, (struct sockaddr *)&in, sizeof in);
}

static int role_environment(int port)
{
    (void)port;
    const char *asan = getenv("ASAN_OPTIONS");
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return asan && strcmp(asan, "halt_on_error=1:detect_leaks=0") == 0 && lowest == 3 &&
                   !sigismember(&mask, SIGCHLD) && getsid(0) == getpid()
               ? 0
               : 1;
}

static const struct {
    const char *name;
    int (*run)(int port);
} roles[] = {
    {"client", role_client}, {"server", role_server},           {"refused", role_refused},
    {"files", role_files},   {"nonblocking", role_nonblocking}, {"forty-two", role_forty_two},
    {"many", role_many},     {"addresses", role_addresses},     {"environment", role_environment},
    {"long", role_long},
};

/* ---- what is told of them ------------------------------------------------------------------- */

static void check_call(const struct trial *t, enum call_phase phase, const char *name,
                       const char *args, int64_t ret, const char *error)
{
    const struct told *told = trial_call(t, phase, name, 0);
    assert_non_null(told);
    assert_string_equal(told->a.call.args, args);
    if (phase == CALL_ENTER)
        return;
    assert_int_equal(told->a.call.ret, ret);
    if (error)
        assert_string_equal(told->a.call.error, error);
    else
        assert_null(told->a.call.error);
}

static char *port_text(int port, const char *format)
{
    static char text[2][80];
    static int turn;
    turn = !turn;
    snprintf(text[turn], sizeof text[turn], format, port);
    return text[turn];
}

static void start_role(struct trial *t, const char *role, int port)
{
    char number[16];
    snprintf(number, sizeof number, "%d", port);
    trial_run_self(t, role, number);
}

static void test_client(void **state)
{
    (void)state;
    int port;
    int fd = listener(&port);
    struct trial t;
    char request[64];
    start_role(&t, "client", port);
    int c = accept(fd, NULL, NULL);
    while (read(c, request, sizeof request) > 0)
        continue;
    assert_int_equal(write(c, "bye", 3), 3);
    close(c);
    trial_finish(&t);
    trial_check_pairs(&t);
    assert_int_equal(t.outcome.result, 0);
    assert_int_equal(t.outcome.exit_status, 7);

    check_call(&t, CALL_ENTER, "socket", "AF_INET, SOCK_STREAM, 0", 0, NULL);
    check_call(&t, CALL_EXIT, "socket", "AF_INET, SOCK_STREAM, 0", 3, NULL);
    check_call(&t, CALL_EXIT, "connect", port_text(port, "3, 127.0.0.1:%d"), 0, NULL);
    check_call(&t, CALL_ENTER, "send", "3, \"say \\\"hello\\\"\\r\\n\", 13", 0, NULL);
    check_call(&t, CALL_EXIT, "send", "3, \"say \\\"hello\\\"\\r\\n\", 13", 13, NULL);
    check_call(&t, CALL_EXIT, "shutdown", "3, SHUT_WR", 0, NULL);
    check_call(&t, CALL_ENTER, "read", "3, buf, 64", 0, NULL);
    check_call(&t, CALL_EXIT, "read", "3, \"bye\", 64", 3, NULL);
    check_call(&t, CALL_EXIT, "close", "3", 0, NULL);

    const struct told *entered = trial_call(&t, CALL_ENTER, "connect", 0);
    const struct told *connected = trial_call(&t, CALL_EXIT, "connect", 0);
    const struct told *sent = trial_call(&t, CALL_ENTER, "send", 0);
    assert_null(entered->a.call.local); /* its port is chosen within the call */
    assert_string_equal(entered->a.call.remote, port_text(port, "127.0.0.1:%d"));
    assert_string_equal(connected->a.call.remote, port_text(port, "127.0.0.1:%d"));
    assert_memory_equal(connected->a.call.local, "127.0.0.1:", 10);
    assert_string_equal(sent->a.call.local, connected->a.call.local);
    assert_int_equal(sent->a.call.fd, 3);
    assert_int_equal(sent->a.host, 'C');

    const struct told *end = trial_process(&t, PROCESS_EXITED, 0);
    assert_int_equal(end->a.process.status, 7);
    assert_string_equal(end->a.process.program, "/proc/self/exe");
    assert_int_equal(trial_process(&t, PROCESS_STARTED, 0)->a.process.pid, end->a.process.pid);
    assert_ptr_equal(end, &t.told[t.count - 1]);
    trial_free(&t);
    close(fd);
}

static void test_server_blocks_in_accept(void **state)
{
    (void)state;
    int port;
    close(listener(&port)); /* a port that was free just now */
    struct trial t;
    char reply[8];
    start_role(&t, "server", port);
    const struct told *waiting = trial_until(&t, CALL_ENTER, "accept", 0);
    assert_string_equal(waiting->a.call.args, "3");
    assert_string_equal(waiting->a.call.local, port_text(port, "127.0.0.1:%d"));
    assert_null(waiting->a.call.remote);
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    assert_null(trial_call(&t, CALL_EXIT, "accept", 0));

    int fd = do_connect(SOCK_STREAM, port);
    struct sockaddr_in us;
    socklen_t n = sizeof us;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&us, &n), 0);
    assert_int_equal(write(fd, "hi", 2), 2);
    assert_int_equal(read(fd, reply, sizeof reply), 2);
    trial_finish(&t);
    close(fd);
    trial_check_pairs(&t);

    check_call(&t, CALL_EXIT, "setsockopt", "3, SOL_SOCKET, SO_REUSEADDR, 1", 0, NULL);
    check_call(&t, CALL_EXIT, "bind", port_text(port, "3, 127.0.0.1:%d"), 0, NULL);
    check_call(&t, CALL_EXIT, "listen", "3, 5", 0, NULL);
    check_call(&t, CALL_EXIT, "accept", port_text(ntohs(us.sin_port), "3, 127.0.0.1:%d"), 4, NULL);
    check_call(&t, CALL_ENTER, "recv", "4, buf, 64", 0, NULL);
    check_call(&t, CALL_EXIT, "recv", "4, \"hi\", 64", 2, NULL);
    check_call(&t, CALL_EXIT, "write", "4, \"ok\", 2", 2, NULL);
    const struct told *accepted = trial_call(&t, CALL_EXIT, "accept", 0);
    const struct told *received = trial_call(&t, CALL_ENTER, "recv", 0);
    assert_string_equal(accepted->a.call.local, port_text(port, "127.0.0.1:%d"));
    assert_string_equal(accepted->a.call.remote, port_text(ntohs(us.sin_port), "127.0.0.1:%d"));
    assert_string_equal(received->a.call.remote, accepted->a.call.remote);
    assert_true(accepted->time_ns - trial_call(&t, CALL_ENTER, "accept", 0)->time_ns > 50000000);
    trial_free(&t);
}

static void test_refused(void **state)
{
    (void)state;
    int port;
    close(listener(&port));
    struct trial t;
    start_role(&t, "refused", port);
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 0);
    check_call(&t, CALL_EXIT, "connect", port_text(port, "3, 127.0.0.1:%d"), -1, "ECONNREFUSED");
    assert_string_equal(trial_call(&t, CALL_EXIT, "connect", 0)->a.call.remote,
                        port_text(port, "127.0.0.1:%d"));
    trial_free(&t);
}

static void test_nonblocking(void **state)
{
    (void)state;
    int port;
    int fd = listener(&port);
    struct trial t;
    start_role(&t, "nonblocking", port);
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 0);
    check_call(&t, CALL_EXIT, "socket", "AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0", 3, NULL);
    check_call(&t, CALL_EXIT, "connect", port_text(port, "3, 127.0.0.1:%d"), -1, "EINPROGRESS");
    check_call(&t, CALL_EXIT, "getsockopt", "3, SOL_SOCKET, SO_ERROR, 0", 0, NULL);
    const struct told *begun = trial_call(&t, CALL_EXIT, "connect", 0);
    const struct told *wrote = trial_call(&t, CALL_ENTER, "write", 0);
    assert_memory_equal(begun->a.call.local, "127.0.0.1:", 10);
    assert_string_equal(begun->a.call.remote, port_text(port, "127.0.0.1:%d"));
    assert_string_equal(wrote->a.call.local, begun->a.call.local);
    trial_free(&t);
    close(fd);
}

static void test_ipv4_in_ipv6_clothes(void **state)
{
    (void)state;
    int port;
    int fd = listener(&port);
    struct trial t;
    start_role(&t, "addresses", port);
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 0);
    check_call(&t, CALL_EXIT, "socket", "AF_INET6, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP", 3, NULL);
    check_call(&t, CALL_EXIT, "setsockopt", "3, IPPROTO_IPV6, IPV6_V6ONLY, 0", 0, NULL);
    check_call(&t, CALL_EXIT, "connect", port_text(port, "3, 127.0.0.1:%d"), 0, NULL);
    assert_string_equal(trial_call(&t, CALL_EXIT, "connect", 0)->a.call.remote,
                        port_text(port, "127.0.0.1:%d"));
    trial_free(&t);
    close(fd);
}

static void test_files_are_not_told(void **state)
{
    (void)state;
    struct trial t;
    start_role(&t, "files", 0);
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 0);
    assert_int_equal(t.count, 2); /* started, exited */
    trial_free(&t);
}

static void test_more_at_the_exit_than_at_the_entry(void **state)
{
    (void)state;
    struct trial t;
    char wanted[256] = "4, \"";
    start_role(&t, "long", 0);
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 0);
    for (int i = 0; i < 32; i++)
        strcat(wanted, "\\x01");
    strcat(wanted, "\", 32");
    check_call(&t, CALL_ENTER, "recv", "4, buf, 32", 0, NULL);
    check_call(&t, CALL_EXIT, "recv", wanted, 32, NULL);
    trial_free(&t);
}

static void test_exit_status_and_surroundings(void **state)
{
    (void)state;
    struct trial t;
    start_role(&t, "forty-two", 0);
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 42);
    assert_int_equal(trial_process(&t, PROCESS_EXITED, 0)->a.process.status, 42);
    trial_free(&t);

    setenv("ASAN_OPTIONS", "halt_on_error=1", 1);
    start_role(&t, "environment", 0);
    trial_finish(&t);
    unsetenv("ASAN_OPTIONS");
    assert_int_equal(t.outcome.exit_status, 0);
    trial_free(&t);
}

/* A listener whose queue takes them all, drained by a thread of the test's own: a fork. */
static void test_thousand_connections(void **state)
{
    (void)state;
    int port;
    int fd = listener(&port);
    pid_t peer = fork();
    if (peer == 0) {
        for (int i = 0; i < 1000; i++)
            close(accept(fd, NULL, NULL));
        _exit(0);
    }
    struct trial t;
    start_role(&t, "many", port);
    trial_finish(&t);
    kill(peer, SIGKILL);
    waitpid(peer, NULL, 0);
    assert_int_equal(t.outcome.exit_status, 0);
    assert_int_equal(trial_count(&t, CALL_EXIT, "connect"), 1000);
    assert_int_equal(trial_count(&t, CALL_EXIT, "close"), 1000);
    assert_true(t.marks > 2);
    trial_free(&t);
    close(fd);
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(argv[1], roles[i].name) == 0)
            return roles[i].run(argc > 2 ? atoi(argv[2]) : 0);
    if (!annotations_or_skip() || !trial_allowed())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client),
        cmocka_unit_test(test_server_blocks_in_accept),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_nonblocking),
        cmocka_unit_test(test_ipv4_in_ipv6_clothes),
        cmocka_unit_test(test_files_are_not_told),
        cmocka_unit_test(test_more_at_the_exit_than_at_the_entry),
        cmocka_unit_test(test_exit_status_and_surroundings),
        cmocka_unit_test(test_thousand_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
