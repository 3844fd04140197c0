/* Where control groups are to be had, one is made, entered and left; where not, it is said why, and
 * nothing is left behind. What the kernel's own files refuse is tried on a tree of plain ones. */
#include "labs/cell/group.h"

#include "tracer/base/folders.h"
#include "tracer/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char version_2[] = "30 24 0:26 / /proc rw - proc proc rw\n"
                                "35 24 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n";
static const char version_1[] = "35 24 0:30 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";

static char root[] = "/tmp/group-test.XXXXXX";

static void put(const char *name, const char *bytes)
{
    struct text path = {0};
    text_format(&path, "%s/%s", root, name);
    assert_int_equal(folders_above(text_str(&path), 0700), 0);
    FILE *f = fopen(text_str(&path), "we");
    assert_non_null(f);
    fputs(bytes, f);
    assert_int_equal(fclose(f), 0);
    text_free(&path);
}

static void refused(const char *why)
{
    struct group g;
    struct error e = {0};
    assert_int_equal(group_open(root, 7, &g, &e), -1);
    assert_null(g.path);
    assert_int_equal(e.status, EXIT_MACHINE);
    if (!strstr(e.text, why))
        fail_msg("%s", e.text);
    assert_int_equal(group_enter(&g), 0); /* none: nothing to enter, nothing to close */
    group_close(&g);
}

static int make_root(void **state)
{
    (void)state;
    strcpy(root, "/tmp/group-test.XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    char command[100];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

static void a_machine_without(void **state)
{
    (void)state;
    refused("has no control groups");
    put("proc/self/mountinfo", version_1);
    put("proc/self/cgroup", "4:memory:/\n8:pids:/\n0::/\n");
    refused("has no control groups");
    put("proc/self/mountinfo", version_2);
    put("proc/self/cgroup", "0::/../elsewhere\n");
    refused("has no control groups");
}

static void none_is_handed_on(void **state)
{
    struct text made = {0};
    (void)state;
    put("proc/self/mountinfo", version_2);
    put("proc/self/cgroup", "0::/user/session\n");
    refused("none has been handed");
    put("sys/fs/cgroup/cgroup.subtree_control", "cpu pids\n");
    put("sys/fs/cgroup/user/cgroup.subtree_control", "memory\n");
    put("sys/fs/cgroup/user/session/cgroup.subtree_control", "\n");
    refused("none has been handed");
    /* Handed on, but what is made there takes no limits: it is removed again. */
    put("sys/fs/cgroup/user/cgroup.subtree_control", "memory pids\n");
    refused("none has been handed");
    text_format(&made, "%s/sys/fs/cgroup/user/tcplab-%d-7", root, (int)getpid());
    assert_int_not_equal(access(text_str(&made), F_OK), 0);
    text_free(&made);
}

static void what_a_killed_one_left_is_removed(void **state)
{
    char name[100], path[200];
    struct stat s;
    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    put("proc/self/mountinfo", version_2);
    put("proc/self/cgroup", "0::/\n");
    put("sys/fs/cgroup/cgroup.subtree_control", "memory pids\n");
    snprintf(name, sizeof name, "sys/fs/cgroup/tcplab-%d-0", (int)pid);
    snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(name, sizeof name, "%s/sys/fs/cgroup/tcplab-%d-0", root, (int)getppid());
    assert_int_equal(mkdir(name, 0700), 0);
    refused("none has been handed");
    assert_int_not_equal(stat(path, &s), 0);
    assert_int_equal(stat(name, &s), 0); /* whose grader lives */
}

static void who_ran_out_of_memory(void **state)
{
    struct group none = {0}, g = {.path = root};
    (void)state;
    assert_false(group_ran_out(&none));
    assert_false(group_ran_out(&g));
    put("memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 0\noom_group_kill 0\n");
    assert_false(group_ran_out(&g));
    put("memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\noom_group_kill 0\n");
    assert_true(group_ran_out(&g));
}

static void a_real_one(void **state)
{
    struct group g;
    struct error e = {0};
    char own[4096] = "", wanted[64];
    int ends[2];
    (void)state;
    if (group_open("", 7, &g, &e) != 0) {
        print_message("SKIP: %s\n", e.text);
        skip();
    }
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char bytes[4096];
        FILE *f = group_enter(&g) == 0 ? fopen("/proc/self/cgroup", "re") : NULL;
        size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
        if (write(ends[1], bytes, n) != (ssize_t)n)
            _exit(1);
        pause();
    }
    ssize_t n = read(ends[0], own, sizeof own - 1);
    snprintf(wanted, sizeof wanted, "/tcplab-%d-7\n", (int)getpid());
    char *path = strdup(g.path);
    group_close(&g); /* and ends who pauses */
    assert_true(n > 0 && strstr(own, wanted) != NULL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_not_equal(access(path, F_OK), 0);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_machine_without, make_root, remove_root),
        cmocka_unit_test_setup_teardown(none_is_handed_on, make_root, remove_root),
        cmocka_unit_test_setup_teardown(what_a_killed_one_left_is_removed, make_root, remove_root),
        cmocka_unit_test_setup_teardown(who_ran_out_of_memory, make_root, remove_root),
        cmocka_unit_test(a_real_one),
    };
    return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
