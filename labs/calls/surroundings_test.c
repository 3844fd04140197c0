/* The tracer where the machine, the user or the program is not the usual one. */
#include "labs/calls/trial_test.h"
#include "tracer/session/readable_test.h"

#include <arpa/inet.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

/* ---- the programs --------------------------------------------------------------------------- */

static int role_talks(void)
{
    char bytes[4];
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || write(pair[0], "abc", 3) != 3)
        return 1;
    return read(pair[1], bytes, sizeof bytes) == 3 ? 0 : 2;
}

static void do_nothing(int signal)
{
    (void)signal;
}

static int role_interrupted(void)
{
    int pair[2];
    char byte;
    struct sigaction action = {.sa_handler = do_nothing};
    sigaction(SIGALRM, &action, NULL);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 1;
    alarm(1);
    return recv(pair[0], &byte, 1, 0) == -1 && errno == EINTR ? 0 : 2;
}

/* Number 20 is getpid() for a 32-bit program and writev() for a 64-bit one. */
static int role_thirty_two_bit(void)
{
#if defined(__x86_64__)
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L), "b"(0L), "c"(0L), "d"(0L) : "memory");
    return result == getpid() ? 0 : 1;
#else
    return 0;
#endif
}

static void *busy(void *arg)
{
    int *pair = arg;
    char byte;
    while (write(pair[0], "x", 1) == 1 && read(pair[1], &byte, 1) == 1)
        continue;
    return NULL;
}

/* A thread that talks without pause must not keep the others from their turn. */
static int role_crowd(void)
{
    static int pairs[3][2];
    pthread_t thread;
    for (int i = 0; i < 3; i++)
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]) != 0 ||
            pthread_create(&thread, NULL, busy, pairs[i]) != 0)
            return 1;
    for (int i = 0; i < 100; i++)
        close(socket(AF_INET, SOCK_STREAM, 0));
    return 0;
}

/* 2^8 processes, deaf to SIGTERM. */
static int role_multiplies(void)
{
    signal(SIGTERM, SIG_IGN);
    for (int i = 0; i < 8; i++)
        if (fork() < 0)
            return 1;
    close(socket(AF_INET, SOCK_STREAM, 0));
    sleep(60);
    return 0;
}

static int role_console(void)
{
    bool ours = isatty(0) && isatty(1) && isatty(2) && tcgetpgrp(0) == getpid() &&
                getsid(0) == getpid() && open("/dev/tty", O_RDWR | O_CLOEXEC) == 3;
    printf(ours ? "mine\n" : "not mine\n");
    fflush(stdout);
    return pause();
}

static const struct {
    const char *name;
    int (*run)(void);
} roles[] = {
    {"talks", role_talks},
    {"interrupted", role_interrupted},
    {"thirty-two", role_thirty_two_bit},
    {"console", role_console},
    {"crowd", role_crowd},
    {"multiplies", role_multiplies},
};

/* ---- no filter: every system call stops ------------------------------------------------------ */

/* Makes the kernel refuse further seccomp filters, as a machine without them would. */
static int refuse_filters(void *arg, struct error *e)
{
    (void)arg;
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof instructions / sizeof instructions[0],
                                 .filter = instructions};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return error_set(e, "No seccomp here.");
    return 0;
}

static void run_unfiltered(struct trial *t, const char *role)
{
    char *argv[] = {(char *)(uintptr_t) "/proc/self/exe", (char *)(uintptr_t)role, NULL};
    trial_start(t, (struct calls_options){.argv = argv, .tty_fd = -1, .prepare = refuse_filters});
    trial_finish(t);
    trial_check_pairs(t);
    assert_int_equal(t->outcome.result, 0);
    assert_int_equal(t->outcome.exit_status, 0);
}

static void test_without_filter(void **state)
{
    (void)state;
    struct trial t;
    run_unfiltered(&t, "talks");
    assert_string_equal(trial_call(&t, CALL_EXIT, "socketpair", 0)->a.call.args,
                        "AF_UNIX, SOCK_STREAM, 0, [3, 4]");
    assert_string_equal(trial_call(&t, CALL_EXIT, "read", 0)->a.call.args, "4, \"abc\", 4");
    assert_int_equal(t.count, 8);
    trial_free(&t);

    run_unfiltered(&t, "interrupted");
    assert_string_equal(trial_call(&t, CALL_EXIT, "recv", 0)->a.call.error, "EINTR");
    assert_int_equal(t.count, 6);
    trial_free(&t);

    run_unfiltered(&t, "thirty-two");
    assert_int_equal(t.count, 2);
    trial_free(&t);
}

static void test_thirty_two_bit_call(void **state)
{
    (void)state;
    struct trial t;
    trial_run_self(&t, "thirty-two", NULL);
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 0);
    assert_int_equal(t.count, 2);
    trial_free(&t);
}

/* ---- its console ----------------------------------------------------------------------------- */

static void test_console(void **state)
{
    (void)state;
    struct trial t;
    char said[64] = "";
    int console = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(console >= 0 && grantpt(console) == 0 && unlockpt(console) == 0);
    int tty = open(ptsname(console), O_RDWR | O_NOCTTY | O_CLOEXEC);
    char *argv[] = {(char *)(uintptr_t) "/proc/self/exe", (char *)(uintptr_t) "console", NULL};
    trial_start(&t, (struct calls_options){.argv = argv, .tty_fd = tty});
    assert_true(read(console, said, sizeof said - 1) > 0);
    assert_string_equal(said, "mine\r\n");
    assert_int_equal(write(console, "\x03", 1), 1); /* Ctrl-C reaches it, and it alone */
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 128 + SIGINT);
    trial_free(&t);
    close(tty);
    close(console);
}

/* ---- crowds ---------------------------------------------------------------------------------- */

static void test_every_thread_has_its_turn(void **state)
{
    (void)state;
    struct trial t;
    trial_run_self(&t, "crowd", NULL);
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 0);
    size_t told = 0;
    for (size_t i = 0; i < t.count; i++)
        told += t.told[i].a.type == ANNOTATION_CALL;
    assert_true(trial_count(&t, CALL_EXIT, "socket") == 100);
    assert_true(told < 40000); /* each of the others had not many turns to one of ours */
    trial_free(&t);
}

/* One that its parent has yet to take notice of no longer runs. */
static bool runs(pid_t pid)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, line, sizeof line - 1);
    close(fd);
    const char *state = strrchr(line, ')');
    return n > 0 && state && strchr("ZX", state[2]) == NULL;
}

static void test_kill_reaches_all(void **state)
{
    (void)state;
    struct trial t;
    trial_run_self(&t, "multiplies", NULL);
    trial_until(&t, CALL_ENTER, "socket", 0);
    assert_int_equal(write(t.control_fd, "k", 1), 1);
    trial_finish(&t);
    assert_int_equal(t.outcome.exit_status, 128 + SIGKILL);
    size_t started = 0, ended = 0;
    for (size_t i = 0; i < t.count; i++) {
        const struct annotation *a = &t.told[i].a;
        if (a->type == ANNOTATION_PROCESS && a->process.event == PROCESS_STARTED)
            started++;
        else if (a->type == ANNOTATION_PROCESS)
            ended++;
        if (a->type == ANNOTATION_PROCESS)
            assert_false(runs(a->process.pid));
    }
    assert_true(started > 1);
    assert_int_equal(started, ended);
    trial_free(&t);
}

/* ---- a program that nobody wrote for us --------------------------------------------------------
 */

static const char http_client[] =
    "import sys, urllib.request\n"
    "u = 'http://127.0.0.1:' + sys.argv[1] + '/hello'\n"
    "sys.exit(0 if urllib.request.urlopen(u).read() == b'hi' else 1)\n";

static void answer_http(int l)
{
    char request[4096] = "";
    size_t n = 0;
    int c = accept(l, NULL, NULL);
    while (!strstr(request, "\r\n\r\n")) {
        ssize_t got = read(c, request + n, sizeof request - 1 - n);
        assert_true(got > 0);
        n += (size_t)got;
    }
    static const char reply[] = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    assert_int_equal(write(c, reply, sizeof reply - 1), sizeof reply - 1);
    close(c);
}

static void test_python_http_client(void **state)
{
    (void)state;
    if (system("python3 -c pass 2>/dev/null") != 0) {
        printf("skipped: no python3\n");
        skip();
    }
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t n = sizeof in;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(l, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(l, 1), 0);
    assert_int_equal(getsockname(l, (struct sockaddr *)&in, &n), 0);
    char port[16], peer[32];
    snprintf(port, sizeof port, "%d", ntohs(in.sin_port));
    snprintf(peer, sizeof peer, "127.0.0.1:%s", port);
    char *argv[] = {(char *)(uintptr_t) "python3", (char *)(uintptr_t) "-c",
                    (char *)(uintptr_t)http_client, port, NULL};
    struct trial t;
    trial_start(&t, (struct calls_options){.argv = argv, .tty_fd = -1});
    answer_http(l);
    trial_finish(&t);
    trial_check_pairs(&t);
    assert_int_equal(t.outcome.exit_status, 0);
    const struct told *sent = trial_call(&t, CALL_EXIT, "send", 0);
    assert_non_null(strstr(sent->a.call.args, "\"GET /hello HTTP/1.1\\r\\nAccept"));
    assert_string_equal(sent->a.call.remote, peer);
    assert_non_null(trial_call(&t, CALL_EXIT, "recv", 0));
    trial_free(&t);
    close(l);
}

/* ---- what cannot be run --------------------------------------------------------------------- */

static void expect_failure(struct calls_options options, int status, const char *part)
{
    struct trial t;
    options.tty_fd = -1;
    trial_start(&t, options);
    trial_finish(&t);
    assert_int_equal(t.outcome.result, -1);
    assert_int_equal(t.outcome.error.status, status);
    assert_non_null(strstr(t.outcome.error.text, part));
    assert_int_equal(t.count, 0);
    trial_free(&t);
}

static int refuse(void *arg, struct error *e)
{
    (void)arg;
    return error_exit(e, EXIT_MACHINE, "No capabilities here.");
}

static void test_cannot_run(void **state)
{
    (void)state;
    char *missing[] = {(char *)(uintptr_t) "./no-such-program", NULL};
    char *folder[] = {(char *)(uintptr_t) "/tmp", NULL};
    char *fine[] = {(char *)(uintptr_t) "true", NULL};
    expect_failure((struct calls_options){.argv = missing}, EXIT_WRONG_USAGE, "no such program");
    expect_failure((struct calls_options){.argv = folder}, EXIT_WRONG_USAGE, "permission denied");
    expect_failure((struct calls_options){.argv = fine, .directory = "/no/such/folder"},
                   EXIT_FELL_SHORT, "/no/such/folder");
    expect_failure((struct calls_options){.argv = fine, .prepare = refuse}, EXIT_MACHINE,
                   "No capabilities here.");
}

/* Nobody reads: the program runs on to its end all the same. */
static void test_reader_gone(void **state)
{
    (void)state;
    struct trial t;
    trial_run_self(&t, "talks", NULL);
    close(t.stream_fd);
    int status;
    assert_int_equal(read(t.outcome_fd, &t.outcome, sizeof t.outcome), sizeof t.outcome);
    assert_int_equal(waitpid(t.tracer, &status, 0), t.tracer);
    assert_int_equal(t.outcome.exit_status, 0);
    t.stream_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    trial_free(&t);
}

/* ---- another user ------------------------------------------------------------------------------
 */

/* All of this again as a user without rights, where we are root: in a new image of this program,
 * since one that changed its user may not be traced. */
static int again_as_nobody(char **argv)
{
    enum { NOBODY = 65534 };
    int status, self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
            setresuid(NOBODY, NOBODY, NOBODY) != 0)
            _exit(1);
        printf("again as user %d\n", (int)getuid());
        fexecve(self, argv, environ);
        perror("this test, as nobody");
        _exit(1);
    }
    close(self);
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(argv[1], roles[i].name) == 0)
            return roles[i].run();
    if (!annotations_or_skip() || !trial_allowed())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_filter),   cmocka_unit_test(test_thirty_two_bit_call),
        cmocka_unit_test(test_console),          cmocka_unit_test(test_every_thread_has_its_turn),
        cmocka_unit_test(test_kill_reaches_all), cmocka_unit_test(test_python_http_client),
        cmocka_unit_test(test_cannot_run),       cmocka_unit_test(test_reader_gone),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed == 0 && geteuid() == 0 ? again_as_nobody(argv) : failed;
}
