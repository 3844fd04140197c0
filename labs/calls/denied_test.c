#include "labs/calls/denied.h"

#include "labs/calls/calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* A machine is a folder with the files that give its settings away. */
static char root[64];

static void put(const char *file, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s%s", root, file);
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static const struct {
    int err;
    const char *file, *text; /* NULL for none */
    const char *mend;        /* must stand in the sentence */
} rows[] = {
    {EPERM, "/proc/sys/kernel/yama/ptrace_scope", "2\n",
     "sudo sysctl -w kernel.yama.ptrace_scope=1"},
    {EPERM, "/proc/sys/kernel/yama/ptrace_scope", "3\n", "and restart"},
    {EPERM, "/.dockerenv", "", "docker run --cap-add=SYS_PTRACE"},
    {EPERM, "/run/.containerenv", "", "podman run --cap-add=SYS_PTRACE"},
    {EPERM, "/proc/self/status", "Name:\tx\nTracerPid:\t12\nSeccomp:\t2\n", "strace"},
    {EPERM, "/proc/self/status", "Name:\tx\nTracerPid:\t0\nSeccomp:\t2\n", "seccomp filter"},
    {ENOSYS, NULL, NULL, "gVisor"},
    /* A sign that does not apply is no cause. */
    {EPERM, "/proc/sys/kernel/yama/ptrace_scope", "1\n", "Operation not permitted"},
    {EPERM, "/proc/self/status", "Name:\tx\nTracerPid:\t0\nSeccomp:\t0\n",
     "Operation not permitted"},
    {ESRCH, "/.dockerenv", "", "No such process"},
};

static void each_cause_has_its_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        strcpy(root, "/tmp/denied-test-XXXXXX");
        assert_non_null(mkdtemp(root));
        if (rows[i].file)
            put(rows[i].file, rows[i].text);
        struct error e = {0};
        assert_int_equal(denied_explain(rows[i].err, root, &e), -1);
        char command[128];
        snprintf(command, sizeof command, "rm -rf '%s'", root);
        assert_int_equal(system(command), 0);
        if (!strstr(e.text, rows[i].mend))
            fail_msg("row %zu: \"%s\" lacks \"%s\"", i, e.text, rows[i].mend);
        assert_int_equal(e.status, EXIT_MACHINE);
    }
}

static void trying_leaves_no_process(void **state)
{
    (void)state;
    struct error e;
    (void)calls_allowed(&e); /* refused or not */
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    assert_int_equal(errno, ECHILD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cause_has_its_sentence),
        cmocka_unit_test(trying_leaves_no_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
