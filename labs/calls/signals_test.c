/* What signals, threads, forks and deaths do to the calls that the session is told of. */
#include "labs/calls/trial_test.h"
#include "tracer/session/readable_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

extern char **environ;

/* ---- the programs --------------------------------------------------------------------------- */

static int listener(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&in, sizeof in) != 0 || listen(fd, 8) != 0)
        exit(99);
    return fd;
}

/* A connection to a listener of ours; its other end at *peer. */
static int connected_pair(int *peer)
{
    struct sockaddr_in in;
    socklen_t n = sizeof in;
    int l = listener(), fd = socket(AF_INET, SOCK_STREAM, 0);
    if (getsockname(l, (struct sockaddr *)&in, &n) != 0 ||
        connect(fd, (struct sockaddr *)&in, n) != 0 || (*peer = accept(l, NULL, NULL)) < 0)
        exit(98);
    close(l);
    return fd;
}

static int signal_fd = -1; /* the handler sends a byte here: a traced call of its own */
static sigjmp_buf back;

static void on_alarm(int signal)
{
    (void)signal;
    if (signal_fd >= 0 && send(signal_fd, "!", 1, 0) != 1)
        _exit(97);
}

static void on_alarm_jump(int signal)
{
    (void)signal;
    siglongjmp(back, 1);
}

static void alarm_soon(void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(SIGALRM, &action, NULL);
    const struct itimerval soon = {.it_value = {.tv_usec = 60000}};
    setitimer(ITIMER_REAL, &soon, NULL);
}

static int role_interrupted(void)
{
    int l = listener();
    alarm_soon(on_alarm, 0);
    return accept(l, NULL, NULL) == -1 && errno == EINTR ? 0 : 1;
}

/* The handler itself makes what the call waits for come. */
static int role_restarted(void)
{
    char byte;
    int peer, fd = connected_pair(&peer);
    signal_fd = peer;
    alarm_soon(on_alarm, SA_RESTART);
    return recv(fd, &byte, 1, 0) == 1 && byte == '!' ? 0 : 1;
}

static int role_jumps_out(void)
{
    static volatile int tries;
    int l = listener();
    if (sigsetjmp(back, 1) == 0)
        tries = 0;
    if (tries++ == 2)
        return 0;
    alarm_soon(on_alarm_jump, 0);
    accept(l, NULL, NULL);
    return 1;
}

static int role_waits(void)
{
    return accept(listener(), NULL, NULL) < 0;
}

static void *serve(void *arg)
{
    int *l = arg;
    char byte;
    int c = accept(*l, NULL, NULL);
    return read(c, &byte, 1) == 1 ? arg : NULL;
}

static int role_threads(void)
{
    pthread_t threads[4];
    struct sockaddr_in in;
    socklen_t n = sizeof in;
    int l = listener();
    getsockname(l, (struct sockaddr *)&in, &n);
    for (int i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, serve, &l) != 0)
            return 1;
    for (int i = 0; i < 4; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&in, n) != 0 || write(fd, "x", 1) != 1)
            return 2;
    }
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        if (!result)
            return 3;
    }
    return 0;
}

/* The leader ends first, and its threads go on talking. */
static void *talk(void *arg)
{
    int *fd = arg;
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    if (send(*fd, "late", 4, 0) != 4)
        exit(1);
    return NULL;
}

static int role_leader_leaves(void)
{
    static int peer, fd;
    pthread_t thread;
    fd = connected_pair(&peer);
    if (pthread_create(&thread, NULL, talk, &fd) != 0)
        return 1;
    pthread_exit(NULL);
}

static void *exec_true(void *arg)
{
    (void)arg;
    execlp("true", "true", (char *)NULL);
    return NULL;
}

static int role_thread_execs(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, exec_true, NULL) != 0)
        return 1;
    pause();
    return 2;
}

static int role_fork_server(void)
{
    struct sockaddr_in in;
    socklen_t n = sizeof in;
    int l = listener(), status;
    char byte;
    getsockname(l, (struct sockaddr *)&in, &n);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    connect(fd, (struct sockaddr *)&in, n);
    int c = accept(l, NULL, NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(send(c, "c", 1, 0) == 1 ? 5 : 6);
    close(c);
    waitpid(pid, &status, 0);
    return recv(fd, &byte, 1, 0) == 1 && WEXITSTATUS(status) == 5 ? 0 : 1;
}

static int role_spawns(void)
{
    char *argv[] = {(char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
                    (char *)(uintptr_t) "/bin/true; exit 3", NULL};
    pid_t pid, forked = vfork();
    int status, first;
    if (forked == 0) {
        execlp("true", "true", (char *)NULL);
        _exit(127);
    }
    waitpid(forked, &first, 0);
    if (posix_spawnp(&pid, "sh", NULL, NULL, argv, environ) != 0)
        return 1;
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status) == 3 && first == 0 ? 0 : 2;
}

static int role_half_closes(void)
{
    char word[8];
    int peer, fd = connected_pair(&peer);
    close(fd);
    alarm(10); /* the end must reach us while we live, and while we are traced */
    return recv(peer, word, sizeof word, 0) == 0 ? 0 : 1;
}

static int role_orphans(void)
{
    if (fork() == 0) {
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
        close(listener());
        _exit(9);
    }
    return 4;
}

static int role_wants_ptrace(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1 && errno == EPERM ? 0 : 1;
}

static int role_pair(void)
{
    int pair[2], peer, fd = connected_pair(&peer);
    struct iovec parts[2] = {{(char *)(uintptr_t) "GET ", 4}, {(char *)(uintptr_t) "/\n", 2}};
    struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};
    char long_one[40];
    memset(long_one, 'a', sizeof long_one);
    memcpy(long_one + 31, "\xc3\xa9", 2); /* stands across the place where it is cut */
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && writev(fd, parts, 2) == 6 &&
                   sendmsg(fd, &m, MSG_NOSIGNAL) == 6 &&
                   send(fd, long_one, sizeof long_one, MSG_DONTWAIT) == 40
               ? 0
               : 1;
}

static const struct {
    const char *name;
    int (*run)(void);
} roles[] = {
    {"interrupted", role_interrupted},
    {"restarted", role_restarted},
    {"jumps-out", role_jumps_out},
    {"waits", role_waits},
    {"threads", role_threads},
    {"leader-leaves", role_leader_leaves},
    {"thread-execs", role_thread_execs},
    {"fork-server", role_fork_server},
    {"spawns", role_spawns},
    {"half-closes", role_half_closes},
    {"orphans", role_orphans},
    {"wants-ptrace", role_wants_ptrace},
    {"pair", role_pair},
};

/* ---- what is told of them ------------------------------------------------------------------- */

static void run_role(struct trial *t, const char *role, int exit_status)
{
    trial_run_self(t, role, NULL);
    trial_finish(t);
    trial_check_pairs(t);
    assert_int_equal(t->outcome.result, 0);
    assert_int_equal(t->outcome.exit_status, exit_status);
}

static void test_interrupted(void **state)
{
    (void)state;
    struct trial t;
    run_role(&t, "interrupted", 0);
    assert_int_equal(trial_count(&t, CALL_ENTER, "accept"), 1);
    assert_int_equal(trial_count(&t, CALL_EXIT, "accept"), 1);
    const struct told *exit = trial_call(&t, CALL_EXIT, "accept", 0);
    assert_string_equal(exit->a.call.error, "EINTR");
    assert_int_equal(exit->a.call.ret, -1);
    trial_free(&t);
}

static void test_restarted(void **state)
{
    (void)state;
    struct trial t;
    run_role(&t, "restarted", 0);
    assert_int_equal(trial_count(&t, CALL_ENTER, "recv"), 1);
    assert_int_equal(trial_count(&t, CALL_EXIT, "recv"), 1);
    const struct told *entered = trial_call(&t, CALL_ENTER, "recv", 0);
    const struct told *returned = trial_call(&t, CALL_EXIT, "recv", 0);
    const struct told *handlers = trial_call(&t, CALL_ENTER, "send", 0);
    assert_string_equal(returned->a.call.args, "4, \"!\", 1");
    assert_true(entered->time_ns < handlers->time_ns && handlers->time_ns < returned->time_ns);
    trial_free(&t);
}

static void test_jumped_out_of(void **state)
{
    (void)state;
    struct trial t;
    run_role(&t, "jumps-out", 0);
    assert_int_equal(trial_count(&t, CALL_ENTER, "accept"), 2);
    assert_int_equal(trial_count(&t, CALL_EXIT, "accept"), 0);
    trial_free(&t);
}

static void test_stopped_and_continued(void **state)
{
    (void)state;
    struct trial t;
    trial_run_self(&t, "waits", NULL);
    pid_t pid = trial_until(&t, CALL_ENTER, "accept", 0)->a.call.pid;
    for (int i = 0; i < 3; i++) {
        char path[64], line[256] = "";
        kill(pid, SIGSTOP);
        nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
        snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_true(read(fd, line, sizeof line - 1) > 0);
        close(fd);
        assert_int_equal(strrchr(line, ')')[2], 't'); /* stays stopped */
        kill(pid, SIGCONT);
        nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    }
    kill(pid, SIGTERM);
    trial_finish(&t);
    assert_int_equal(trial_count(&t, CALL_ENTER, "accept"), 1);
    assert_int_equal(trial_count(&t, CALL_EXIT, "accept"), 0);
    assert_int_equal(trial_process(&t, PROCESS_KILLED, 0)->a.process.status, SIGTERM);
    assert_int_equal(t.outcome.exit_status, 128 + SIGTERM);
    trial_free(&t);
}

static void test_killed(void **state)
{
    (void)state;
    struct trial t;
    trial_run_self(&t, "waits", NULL);
    kill(trial_until(&t, CALL_ENTER, "accept", 0)->a.call.pid, SIGKILL);
    trial_finish(&t);
    assert_int_equal(trial_process(&t, PROCESS_KILLED, 0)->a.process.status, SIGKILL);
    assert_int_equal(t.outcome.exit_status, 128 + SIGKILL);
    trial_free(&t);
}

static void test_control(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int signal;
    } rows[] = {{"t", SIGTERM}, {"k", SIGKILL}, {NULL, SIGKILL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        trial_run_self(&t, "waits", NULL);
        trial_until(&t, CALL_ENTER, "accept", 0);
        if (rows[i].word) {
            assert_int_equal(write(t.control_fd, rows[i].word, 1), 1);
        } else {
            close(t.control_fd);
            t.control_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        }
        trial_finish(&t);
        assert_int_equal(t.outcome.exit_status, 128 + rows[i].signal);
        trial_free(&t);
    }
}

static void test_tracer_killed(void **state)
{
    (void)state;
    struct trial t;
    int status;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    trial_run_self(&t, "waits", NULL);
    pid_t pid = trial_until(&t, CALL_ENTER, "accept", 0)->a.call.pid;
    kill(t.tracer, SIGKILL);
    assert_int_equal(waitpid(t.tracer, NULL, 0), t.tracer);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    trial_free(&t);
}

static void test_threads(void **state)
{
    (void)state;
    struct trial t;
    run_role(&t, "threads", 0);
    assert_int_equal(trial_count(&t, CALL_EXIT, "accept"), 4);
    for (size_t i = 0; i < 4; i++) {
        const struct annotation *a = &trial_call(&t, CALL_EXIT, "accept", i)->a;
        assert_int_not_equal(a->call.tid, a->call.pid);
        assert_non_null(a->call.remote);
    }
    assert_null(trial_process(&t, PROCESS_STARTED, 1));
    assert_null(trial_process(&t, PROCESS_EXITED, 1));
    trial_free(&t);

    run_role(&t, "leader-leaves", 0);
    const struct told *late = trial_call(&t, CALL_EXIT, "send", 0);
    assert_int_equal(late->a.call.ret, 4);
    assert_non_null(late->a.call.remote);
    assert_ptr_equal(trial_process(&t, PROCESS_EXITED, 0), &t.told[t.count - 1]);
    trial_free(&t);

    run_role(&t, "thread-execs", 0);
    assert_string_equal(trial_process(&t, PROCESS_STARTED, 1)->a.process.program, "true");
    assert_non_null(trial_process(&t, PROCESS_EXITED, 0));
    assert_null(trial_process(&t, PROCESS_EXITED, 1));
    trial_free(&t);
}

static void test_fork_server(void **state)
{
    (void)state;
    struct trial t;
    run_role(&t, "fork-server", 0);
    const struct told *accepted = trial_call(&t, CALL_EXIT, "accept", 0);
    const struct told *sent = trial_call(&t, CALL_ENTER, "send", 0);
    assert_int_not_equal(sent->a.call.pid, accepted->a.call.pid);
    assert_string_equal(sent->a.call.remote, accepted->a.call.remote);
    const struct told *child = trial_process(&t, PROCESS_EXITED, 0);
    assert_int_equal(child->a.process.pid, sent->a.call.pid);
    assert_int_equal(child->a.process.status, 5);
    assert_int_equal(trial_process(&t, PROCESS_EXITED, 1)->a.process.status, 0);
    trial_free(&t);
}

static void test_spawns(void **state)
{
    (void)state;
    struct trial t;
    run_role(&t, "spawns", 0);
    size_t started = 0, ended = 0;
    for (; trial_process(&t, PROCESS_STARTED, started); started++)
        continue;
    for (; trial_process(&t, PROCESS_EXITED, ended); ended++)
        continue;
    assert_int_equal(ended, 4);   /* this program, true, sh, and sh's own child */
    assert_int_equal(started, 7); /* three of them as children first, then by exec */
    trial_free(&t);
}

static void test_close_is_seen_while_the_program_lives(void **state)
{
    (void)state;
    struct trial t;
    run_role(&t, "half-closes", 0);
    assert_int_equal(trial_call(&t, CALL_EXIT, "recv", 0)->a.call.ret, 0);
    trial_free(&t);
}

static void test_orphans_are_traced_to_their_end(void **state)
{
    (void)state;
    struct trial t;
    run_role(&t, "orphans", 4);
    assert_non_null(trial_call(&t, CALL_EXIT, "close", 0));
    assert_int_equal(trial_process(&t, PROCESS_EXITED, 1)->a.process.status, 9);
    assert_true(t.marks > 20 && t.longest_gap_ns < 1000000000); /* busy machines */
    trial_free(&t);
}

static void test_wants_ptrace(void **state)
{
    (void)state;
    struct trial t;
    run_role(&t, "wants-ptrace", 0);
    trial_free(&t);
}

static void test_data_as_text(void **state)
{
    (void)state;
    struct trial t;
    run_role(&t, "pair", 0);
    assert_string_equal(trial_call(&t, CALL_EXIT, "socketpair", 0)->a.call.args,
                        "AF_UNIX, SOCK_STREAM, 0, [3, 6]");
    assert_string_equal(trial_call(&t, CALL_EXIT, "writev", 0)->a.call.args,
                        "4, \"GET /\\n\", 6 in 2 buffers");
    assert_string_equal(trial_call(&t, CALL_EXIT, "sendmsg", 0)->a.call.args,
                        "4, \"GET /\\n\", 6 in 2 buffers, MSG_NOSIGNAL");
    assert_string_equal(trial_call(&t, CALL_EXIT, "send", 0)->a.call.args,
                        "4, \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"..., 40, MSG_DONTWAIT");
    trial_free(&t);
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(argv[1], roles[i].name) == 0)
            return roles[i].run();
    if (!annotations_or_skip() || !trial_allowed())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_restarted),
        cmocka_unit_test(test_jumped_out_of),
        cmocka_unit_test(test_stopped_and_continued),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_control),
        cmocka_unit_test(test_tracer_killed),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_fork_server),
        cmocka_unit_test(test_spawns),
        cmocka_unit_test(test_close_is_seen_while_the_program_lives),
        cmocka_unit_test(test_orphans_are_traced_to_their_end),
        cmocka_unit_test(test_wants_ptrace),
        cmocka_unit_test(test_data_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
