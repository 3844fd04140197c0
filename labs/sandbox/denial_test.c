#include "labs/sandbox/denial.h"

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
#include <unistd.h>

/* A machine is a folder with the files that give its settings away. */
struct machine {
    const char *file, *text; /* beside an empty /proc/self/status and the like */
};

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

static int make_machine(void **state)
{
    (void)state;
    strcpy(root, "/tmp/denial-test-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int drop_machine(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static const struct {
    enum stage stage;
    int err;
    const char *file, *text; /* the sign, NULL for none */
    const char *mend;        /* must stand in the sentence */
} rows[] = {
    {STAGE_USER_NS, ENOSPC, "/proc/sys/user/max_user_namespaces", "0\n",
     "sudo sysctl -w user.max_user_namespaces=15000"},
    {STAGE_USER_NS, ENOSPC, "/proc/sys/user/max_user_namespaces", "63000\n", "in use"},
    {STAGE_NAMESPACES, ENOSPC, "/proc/sys/user/max_net_namespaces", "0\n",
     "sudo sysctl -w user.max_net_namespaces=15000"},
    {STAGE_NAMESPACES, ENOSPC, "/proc/sys/user/max_pid_namespaces", "0\n",
     "sudo sysctl -w user.max_pid_namespaces=15000"},
    {STAGE_USER_NS, EPERM, "/proc/sys/kernel/unprivileged_userns_clone", "0\n",
     "sudo sysctl -w kernel.unprivileged_userns_clone=1"},
    {STAGE_USER_NS, EACCES, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
     "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
    {STAGE_NETWORK, EPERM, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
     "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
    {STAGE_USER_NS, EPERM, "/.dockerenv", "", "docker run --security-opt seccomp=unconfined"},
    {STAGE_SETTING, EROFS, "/.dockerenv", "", "--security-opt systempaths=unconfined"},
    {STAGE_USER_NS, EPERM, "/run/.containerenv", "", "podman run --security-opt"},
    {STAGE_USER_NS, EPERM, "/proc/self/status", "Name:\tx\nSeccomp:\t2\nSeccomp_filters:\t1\n",
     "a seccomp filter around this shell"},
    {STAGE_SETTING, EROFS, "/proc/sys/x", "", "mount -o remount,rw /proc/sys"},
    {STAGE_USER_NS, EINVAL, "/proc/self/ns/mnt", "", "CONFIG_USER_NS"},
    {STAGE_USER_NS, EPERM, NULL, NULL, "unshare it failed: Operation not permitted"},
    {STAGE_FORK, EMFILE, NULL, NULL, "Too many open files"},
    {STAGE_PROBE, 0, NULL, NULL, "but unshare it"},
    {STAGE_USER_NS, EPERM, "/proc/self/mountinfo",
     "25 1 0:6 / /sys rw - sysfs sysfs rw\n26 1 0:5 / /proc rw - proc proc rw\n",
     "systemd-nspawn -D"},
    /* A sign that does not apply is no cause. */
    {STAGE_USER_NS, EPERM, "/proc/sys/kernel/unprivileged_userns_clone", "1\n",
     "Operation not permitted"},
    {STAGE_USER_NS, EPERM, "/proc/self/mountinfo",
     "25 1 0:6 / /sys rw - sysfs sysfs rw\n20 1 8:1 / / rw - ext4 /dev/sda1 rw\n",
     "Operation not permitted"},
    {STAGE_NETWORK, ENODEV, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
     "No such device"},
    {STAGE_USER_NS, EPERM, "/proc/self/status", "Name:\tx\nSeccomp:\t0\n",
     "Operation not permitted"},
};

static void test_causes(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(make_machine(state), 0);
        if (rows[i].file)
            put(rows[i].file, rows[i].text);
        struct failure f = {.stage = rows[i].stage, .err = rows[i].err, .what = "unshare it"};
        struct error e = {0};
        denial_explain(&f, root, &e);
        drop_machine(state);
        if (!strstr(e.text, rows[i].mend))
            fail_msg("row %zu: \"%s\" lacks \"%s\"", i, e.text, rows[i].mend);
        assert_int_equal(e.status, EXIT_MACHINE);
    }
}

/* In a container on Ubuntu both signs are there; the container is the nearer cause. */
static void test_container_before_host(void **state)
{
    assert_int_equal(make_machine(state), 0);
    put("/.dockerenv", "");
    put("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
    struct failure f = {.stage = STAGE_USER_NS, .err = EPERM};
    struct error e = {0};
    denial_explain(&f, root, &e);
    drop_machine(state);
    assert_non_null(strstr(e.text, "docker run"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causes),
        cmocka_unit_test(test_container_before_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
