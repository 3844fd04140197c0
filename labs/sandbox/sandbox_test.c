/* Real sandboxes, as whoever runs the tests and, where that is root, once more as nobody. Skips,
 * with the machine's own sentence, where it refuses them. */
#include "labs/sandbox/sandbox.h"

#include "labs/sandbox/family_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static enum sandbox_tier best = TIER_HOSTS;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int pause_for_ever(void *arg)
{
    (void)arg;
    while (pause() < 0) { /* its only result */
    }
    return 0;
}

/* ---- what a process finds in its place ------------------------------------------------------ */

struct look {
    char interfaces[64];
    char host_name[16];
    char name[16];
    char congestion[16];
    char standard_input[64];
    int pid, open_fds;
    unsigned uid, gid;
};

static void read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "r");
    line[0] = '\0';
    if (file && fgets(line, (int)size, file))
        line[strcspn(line, "\n")] = '\0';
    if (file)
        fclose(file);
}

static int count_fds(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count - 3; /* ".", ".." and the folder itself */
}

static int look_around(void *arg)
{
    int fd = *(int *)arg;
    struct look look = {.pid = getpid(), .uid = geteuid(), .gid = getegid()};
    struct if_nameindex *list = if_nameindex();
    for (struct if_nameindex *i = list; i && i->if_index; i++) {
        strncat(look.interfaces, i->if_name, sizeof look.interfaces - 10);
        strcat(look.interfaces, " ");
    }
    if_freenameindex(list);
    gethostname(look.host_name, sizeof look.host_name);
    prctl(PR_GET_NAME, look.name);
    read_line("/proc/sys/net/ipv4/tcp_congestion_control", look.congestion, sizeof look.congestion);
    ssize_t n = readlink("/proc/self/fd/0", look.standard_input, sizeof look.standard_input - 1);
    look.standard_input[n > 0 ? n : 0] = '\0';
    look.open_fds = count_fds();
    return write(fd, &look, sizeof look) == sizeof look ? 7 : 1;
}

static bool has_word(const char *text, const char *word)
{
    char padded[80], padded_word[20];
    snprintf(padded, sizeof padded, " %s", text);
    snprintf(padded_word, sizeof padded_word, " %s ", word);
    return strstr(padded, padded_word) != NULL;
}

static void test_places(void **state)
{
    (void)state;
    int pipes[3][2];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pipe2(pipes[i], O_CLOEXEC), 0);
    const struct sandbox_process processes[] = {
        {"tcplab-wire", PLACE_WIRE, look_around, &pipes[0][1], &pipes[0][1], 1, false},
        {"tcplab-calls-C", PLACE_C, look_around, &pipes[1][1], &pipes[1][1], 1, false},
        {"tcplab-calls-S", PLACE_S, look_around, &pipes[2][1], &pipes[2][1], 1, false},
    };
    struct error e;
    int64_t before = now_ms();
    struct sandbox *s = sandbox_start(best, profile_find("classic"), processes, 3, &e);
    printf("sandbox_start took %d ms\n", (int)(now_ms() - before));
    assert_non_null(s);
    static const char *const own_interface[] = {"c0", "eth0", "eth0"};
    for (int i = 0; i < 3; i++) {
        struct look look;
        assert_int_equal(read(pipes[i][0], &look, sizeof look), sizeof look);
        assert_true(has_word(look.interfaces, own_interface[i]));
        assert_int_equal(has_word(look.interfaces, "s0"), i == 0);
        if (i > 0)
            assert_string_equal(look.host_name, i == 1 ? "C" : "S");
        assert_string_equal(look.name, processes[i].name);
        assert_string_equal(look.congestion, "reno");
        assert_string_equal(look.standard_input, "/dev/null");
        assert_int_equal(look.open_fds, 4); /* 0, 1, 2 and the pipe */
        assert_int_equal(look.uid, geteuid());
        assert_int_equal(look.gid, getegid());
        assert_in_range(look.pid, 2, 20); /* a pid namespace of its own */
    }
    unsigned ended = 0;
    while (ended != 7) {
        struct pollfd ready = {.fd = sandbox_fd(s), .events = POLLIN};
        assert_int_equal(poll(&ready, 1, 2000), 1);
        size_t index;
        int wait_status, got = sandbox_reap(s, &index, &wait_status);
        assert_true(got >= 0);
        if (got == 1) {
            assert_true(WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 7);
            ended |= 1u << index;
        }
    }
    sandbox_stop(s);
    for (int i = 0; i < 3; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
}

/* ---- nothing is left behind ----------------------------------------------------------------- */

static void assert_all_gone(const struct family *family)
{
    int64_t before = now_ms();
    while (first_left(family) && now_ms() - before < 1000)
        usleep(2000);
    const char *left = first_left(family);
    if (left)
        fail_msg("%s is left behind", left);
}

/* A process that leaves its group and its parent, as a daemon does. */
static int run_daemon(void *arg)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            prctl(PR_SET_NAME, "test-daemon");
            signal(SIGTERM, SIG_IGN);
            pause_for_ever(NULL);
        }
        _exit(0);
    }
    return pause_for_ever(arg);
}

/* The runner of a lab: starts the sandbox, stops it when a process of it ends. */
static _Noreturn void be_caller(enum sandbox_tier tier, int ready_fd)
{
    const struct sandbox_process processes[] = {
        {"tcplab-wire", PLACE_WIRE, pause_for_ever, NULL, NULL, 0, false},
        {"tcplab-calls-C", PLACE_C, pause_for_ever, NULL, NULL, 0, false},
        {"tcplab-calls-S", PLACE_S, run_daemon, NULL, NULL, 0, false},
    };
    struct error e;
    struct sandbox *s = sandbox_start(tier, profile_find("classic"), processes, 3, &e);
    if (!s || write(ready_fd, "r", 1) != 1)
        _exit(99);
    size_t index = 9;
    int wait_status, got = 0;
    while (got == 0) {
        struct pollfd ready = {.fd = sandbox_fd(s), .events = POLLIN};
        poll(&ready, 1, -1);
        got = sandbox_reap(s, &index, &wait_status);
    }
    sandbox_stop(s);
    _exit(got < 0 ? 50 : (int)index);
}

static pid_t start_caller(enum sandbox_tier tier, struct family *family)
{
    int ready[2];
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t caller = fork();
    if (caller == 0)
        be_caller(tier, ready[1]);
    close(ready[1]);
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    for (int i = 0; i < 500; i++) {
        gather(family, caller);
        if (member(family, "test-daemon"))
            break;
        usleep(1000);
    }
    assert_non_null(member(family, "tcplab-calls-C"));
    assert_non_null(member(family, "test-daemon"));
    return caller;
}

/* kill -9 of each in turn; what the caller's exit status says it saw. */
static const struct {
    const char *victim; /* NULL: the caller itself */
    int caller_saw;     /* -1: it was killed itself */
} deaths[] = {
    {NULL, -1},         {"tcplab-warden", 50}, {"tcplab-init", 50},
    {"tcplab-wire", 0}, {"tcplab-calls-C", 1}, {"tcplab-calls-S", 2},
};

static void kill_each(enum sandbox_tier tier, bool has_warden)
{
    for (size_t i = 0; i < sizeof deaths / sizeof deaths[0]; i++) {
        if (!has_warden && deaths[i].victim && strcmp(deaths[i].victim, "tcplab-warden") == 0)
            continue;
        struct family family;
        pid_t caller = start_caller(tier, &family);
        pid_t victim = caller;
        if (deaths[i].victim) {
            assert_non_null(member(&family, deaths[i].victim));
            victim = member(&family, deaths[i].victim)->pid;
        }
        kill(victim, SIGKILL);
        int wait_status;
        assert_int_equal(waitpid(caller, &wait_status, 0), caller);
        assert_all_gone(&family);
        if (deaths[i].caller_saw >= 0)
            assert_int_equal(WEXITSTATUS(wait_status), deaths[i].caller_saw);
    }
}

static void test_kill_hosts(void **state)
{
    (void)state;
    kill_each(best, true);
}

/* A sandbox that someone has stopped with a signal is ended all the same. */
static void test_stopped_init(void **state)
{
    (void)state;
    struct family family;
    pid_t caller = start_caller(best, &family);
    kill(member(&family, "tcplab-init")->pid, SIGSTOP);
    kill(caller, SIGKILL);
    waitpid(caller, NULL, 0);
    assert_all_gone(&family);
}

/* ---- the tiers without hosts ---------------------------------------------------------------- */

static void test_no_hosts(void **state)
{
    (void)state;
    struct family family;
    pid_t caller = start_caller(TIER_CALLS, &family);
    kill(member(&family, "tcplab-calls-C")->pid, SIGKILL);
    int wait_status;
    waitpid(caller, &wait_status, 0);
    assert_all_gone(&family);
    assert_int_equal(WEXITSTATUS(wait_status), 1);

    caller = start_caller(TIER_LOOPBACK, &family);
    kill(caller, SIGKILL);
    waitpid(caller, NULL, 0);
    assert_all_gone(&family);
}

/* ---- denials, for real ---------------------------------------------------------------------- */

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
    if (fd >= 0)
        close(fd);
    return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* Be the root of a user namespace of our own, in which limits can be set. */
static int become_limited(const char *limit)
{
    char map[64], path[128];
    unsigned uid = geteuid(), gid = getegid();
    if (unshare(CLONE_NEWUSER) < 0)
        return -1;
    snprintf(map, sizeof map, "0 %u 1", uid);
    snprintf(path, sizeof path, "/proc/sys/user/%s", limit);
    if (write_file("/proc/self/uid_map", map) < 0)
        return -1;
    snprintf(map, sizeof map, "0 %u 1", gid);
    if (write_file("/proc/self/setgroups", "deny") < 0 || write_file("/proc/self/gid_map", map) < 0)
        return -1;
    return write_file(path, "0");
}

static int refuse_unshare(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = 4, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static const struct {
    const char *limit; /* NULL: by seccomp */
    const char *mend;
} refusals[] = {
    {"max_user_namespaces", "sudo sysctl -w user.max_user_namespaces="},
    {"max_net_namespaces", "sudo sysctl -w user.max_net_namespaces="},
    {NULL, "seccomp=unconfined"},
};

static void test_denials(void **state)
{
    (void)state;
    const struct sandbox_process processes[] = {
        {"tcplab-calls-C", PLACE_C, pause_for_ever, NULL, NULL, 0, false}};
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct error e = {0};
            if ((refusals[i].limit ? become_limited(refusals[i].limit) : refuse_unshare()) < 0)
                _exit(77);
            struct sandbox *s =
                sandbox_start(TIER_HOSTS, profile_find("classic"), processes, 1, &e);
            printf("%s\n", e.text);
            fflush(stdout);
            bool alone = waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
            _exit(!s && alone && e.status == EXIT_MACHINE && strstr(e.text, refusals[i].mend) ? 0
                                                                                              : 1);
        }
        int wait_status;
        waitpid(child, &wait_status, 0);
        assert_true(WIFEXITED(wait_status));
        assert_int_equal(WEXITSTATUS(wait_status), 0);
    }
}

/* ---- privileges and the way in from another terminal ----------------------------------------- */

static uint64_t status_capabilities(const char *key)
{
    char line[256];
    uint64_t value = UINT64_MAX;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0)
            value = strtoull(line + strlen(key), NULL, 16);
    if (file)
        fclose(file);
    return value;
}

/* A program that has given all up stays without, whatever it runs. */
static int run_without(void *arg)
{
    (void)arg;
    struct error e;
    if (status_capabilities("CapEff:") == 0 || sandbox_set_privileges(false, &e) < 0)
        return 1;
    if (status_capabilities("CapPrm:") != 0 || status_capabilities("CapAmb:") != 0)
        return 2;
    execl("/bin/sh", "sh", "-c", "grep -q '^CapEff:\t0000000000000000$' /proc/self/status", NULL);
    return 3;
}

static int run_with(void *arg)
{
    (void)arg;
    struct error e;
    if (sandbox_set_privileges(true, &e) < 0)
        return 1;
    execl("/bin/sh", "sh", "-c", "ip addr add 10.9.9.9/32 dev eth0", NULL);
    return 3;
}

static void test_privileges(void **state)
{
    (void)state;
    const struct sandbox_process processes[] = {
        {"tcplab-calls-C", PLACE_C, run_without, NULL, NULL, 0, false},
        {"tcplab-calls-S", PLACE_S, run_with, NULL, NULL, 0, false},
    };
    struct error e;
    struct sandbox *s = sandbox_start(best, profile_find("classic"), processes, 2, &e);
    assert_non_null(s);
    for (int ended = 0; ended < 2;) {
        struct pollfd ready = {.fd = sandbox_fd(s), .events = POLLIN};
        assert_int_equal(poll(&ready, 1, 5000), 1);
        size_t index;
        int wait_status, got = sandbox_reap(s, &index, &wait_status);
        assert_true(got >= 0);
        if (got == 1) {
            assert_int_equal(wait_status, 0);
            ended++;
        }
    }
    sandbox_stop(s);
}

static int join(char host, const char *command)
{
    pid_t child = fork();
    if (child == 0) {
        char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(uintptr_t)command, NULL};
        struct error e;
        int status = 0, got = sandbox_join(host, argv, &status, &e);
        if (got < 0)
            fprintf(stderr, "%s\n", e.text);
        _exit(got == 1 ? status : got == 0 ? 200 : 201);
    }
    int wait_status;
    waitpid(child, &wait_status, 0);
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

/* Hosts of other runs of this test, at the same time, must not be taken for ours: a letter for host
 * C that no one uses, as the one behind it for host S. */
static char unused_letters(void)
{
    for (int i = 0; i < 13; i++) {
        char client = (char)('a' + 2 * ((getpid() + i) % 13));
        if (join(client, "true") == 200)
            return client;
    }
    fail_msg("thirteen labs run here");
    return 0;
}

static void test_join(void **state)
{
    (void)state;
    char client = unused_letters(), server = (char)(client + 1);
    char names[2][16];
    snprintf(names[0], sizeof names[0], "tcplab-join-%c", client);
    snprintf(names[1], sizeof names[1], "tcplab-join-%c", server);
    const struct sandbox_process processes[] = {
        {names[0], PLACE_C, pause_for_ever, NULL, NULL, 0, false},
        {names[1], PLACE_S, pause_for_ever, NULL, NULL, 0, false},
    };
    struct error e;
    assert_int_equal(join(client, "true"), 200); /* no such lab */
    struct sandbox *s = sandbox_start(best, profile_find("classic"), processes, 2, &e);
    assert_non_null(s);
    assert_int_equal(join(client, "exit 5"), 5);
    assert_int_equal(join(client, "no-such-program"), 127);
    assert_int_equal(join(client, "ip -4 addr show eth0 | grep -q 10.0.0.1/24"), 0);
    assert_int_equal(join(server, "ip -4 addr show eth0 | grep -q 10.0.0.2/24"), 0);
    assert_int_equal(join(client, "ip neigh show 10.0.0.2 | grep -q PERMANENT"), 0);
    assert_int_equal(join(server, "ip -6 addr | grep -q inet6"), 1);
    assert_int_equal(join(client, "test $(hostname) = C && test $(id -u) = $PARENT_UID"), 0);
    assert_int_equal(join(server, "ss -tln >/dev/null && test $(ps ax | wc -l) -lt 12"), 0);
    if (access("/usr/bin/tcpdump", X_OK) == 0)
        assert_int_equal(join(client,
                              "timeout 5 tcpdump -i lo -c 1 -n udp 2>/dev/null | grep -q UDP "
                              "& sleep 0.6; for i in 1 2 3 4; do echo x | "
                              "timeout 1 nc -u -w 1 127.0.0.1 9; done; wait $!"),
                         0);
    sandbox_stop(s);
    assert_int_equal(join(client, "true"), 200);
}

/* ---- once as ourselves, once as nobody ------------------------------------------------------- */

static int test_as_is(void)
{
    char uid[16];
    snprintf(uid, sizeof uid, "%u", geteuid());
    setenv("PARENT_UID", uid, 1);
    struct error e;
    struct sandbox *s = sandbox_start(best, profile_find("classic"), NULL, 0, &e);
    if (!s) {
        printf("skipped as user %s: %s\n", uid, e.text);
        return 77;
    }
    sandbox_stop(s);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),       cmocka_unit_test(test_kill_hosts),
        cmocka_unit_test(test_stopped_init), cmocka_unit_test(test_no_hosts),
        cmocka_unit_test(test_denials),      cmocka_unit_test(test_privileges),
        cmocka_unit_test(test_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

static int run_as_nobody(void)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (setgroups(0, NULL) < 0 || setresgid(65534, 65534, 65534) < 0 ||
            setresuid(65534, 65534, 65534) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0)
            _exit(1);
        int result = test_as_is();
        fflush(stdout);
        _exit(result);
    }
    int wait_status;
    waitpid(child, &wait_status, 0);
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 1;
}

int main(void)
{
    int result = test_as_is();
    if (result != 0 || geteuid() != 0)
        return result;
    printf("---- as nobody\n");
    result = run_as_nobody();
    if (result != 0)
        return result;
    printf("---- as root without a user namespace\n");
    best = TIER_ROOT_HOSTS;
    return test_as_is();
}
