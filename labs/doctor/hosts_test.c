#include "labs/doctor/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef void probe(struct exam *, struct diagnosis *);

/* The rows of the steps, in their order. */
static probe *const rows[] = {check_user_namespaces, check_namespaces, check_settings, check_veth,
                              check_wire};

/* An exam whose trial was refused at a stage: no hosts are built here. */
static struct exam refused(enum stage stage)
{
    struct exam x = {.root = "", .tried = true};
    x.trial.profile = profile_find("classic");
    x.trial.connected_ns = -1;
    x.trial.attempts[TIER_HOSTS] = (struct attempt){.made = true, .refused_at = stage};
    error_exit(&x.trial.attempts[TIER_HOSTS].refusal, EXIT_MACHINE, "it is the refusal.");
    return x;
}

static void expect(struct exam *x, probe *check, enum probe_answer answer, const char *part)
{
    struct diagnosis d = {0};
    check(x, &d);
    if (d.answer != answer || !strstr(text_str(&d.told), part))
        fail_msg("answer %d, not %d: \"%s\" lacks \"%s\"", (int)d.answer, (int)answer,
                 text_str(&d.told), part);
    text_free(&d.told);
    text_free(&d.mend);
}

/* Whatever is refused, one row tells it, those before it are well and those after it untried. */
static void the_refused_step_alone_tells_why(void **state)
{
    (void)state;
    static const size_t row_of[STAGE_COUNT] = {
        [STAGE_FORK] = 0,    [STAGE_USER_NS] = 0, [STAGE_MAP] = 0,   [STAGE_NAMESPACES] = 1,
        [STAGE_SETTING] = 2, [STAGE_NETWORK] = 3, [STAGE_PROBE] = 3, [STAGE_PROCESS] = 3,
    };
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        struct exam x = refused((enum stage)stage);
        x.trial.last = &x.trial.attempts[TIER_HOSTS];
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            if (i < row_of[stage])
                expect(&x, rows[i], ANSWER_OK, ".");
            else if (i == row_of[stage])
                expect(&x, rows[i], ANSWER_NO, "It is the refusal.");
            else
                expect(&x, rows[i], ANSWER_NO, "Not tried");
        }
        assert_int_equal(exam_tier(&x), TIER_CALLS);
        x.captures = true;
        assert_int_equal(exam_tier(&x), TIER_LOOPBACK);
    }
}

/* Root's own attempt tells of the rest; what was refused without it stays refused. */
static void roots_attempt_goes_on_from_there(void **state)
{
    (void)state;
    struct exam x = refused(STAGE_NETWORK);
    x.trial.attempts[TIER_ROOT_HOSTS] = (struct attempt){.made = true, .built = true};
    x.trial.last = &x.trial.attempts[TIER_ROOT_HOSTS];
    x.trial.connected_ns = 20000000;
    expect(&x, check_user_namespaces, ANSWER_NO, "It is the refusal.");
    expect(&x, check_namespaces, ANSWER_OK, "with root's rights");
    expect(&x, check_wire, ANSWER_OK, "in 20 ms");
    assert_int_equal(exam_tier(&x), TIER_ROOT_HOSTS);
}

/* Labs would be run on hosts that carry nothing: better to say that they cannot run. */
static void a_dead_wire_is_no_tier(void **state)
{
    (void)state;
    struct exam x = refused(STAGE_FORK);
    x.trial.attempts[TIER_HOSTS].built = true;
    x.trial.last = &x.trial.attempts[TIER_HOSTS];
    error_set(&x.trial.failure, "nobody answered");
    expect(&x, check_wire, ANSWER_NO, "The hosts are there, but nobody answered.");
    expect(&x, check_diag, ANSWER_LIMITED, "C: no answer, S: no answer");
    assert_int_equal(exam_tier(&x), TIER_COUNT);
}

static void controls_that_are_kept_from_programs_can_be_had(void **state)
{
    (void)state;
    struct exam x = refused(STAGE_FORK);
    struct diagnosis d = {0};
    x.trial.attempts[TIER_HOSTS].built = true;
    x.trial.last = &x.trial.attempts[TIER_HOSTS];
    text_add(&x.trial.settable, "reno");
    expect(&x, check_congestion, ANSWER_OK, "reno.");
    text_add(&x.trial.withheld, "cubic, bbr");
    check_congestion(&x, &d);
    assert_int_equal(d.answer, ANSWER_LIMITED);
    assert_string_equal(text_str(&d.mend),
                        "sudo sysctl -w net.ipv4.tcp_allowed_congestion_control='reno cubic bbr'");
    text_free(&d.told);
    text_free(&d.mend);
    trial_free(&x.trial);
}

/* A machine as Ubuntu sets it: the profile names this very program. */
static void apparmor_is_given_a_profile(void **state)
{
    (void)state;
    char root[] = "/tmp/doctor-test-XXXXXX", path[512], folder[512], command[64];
    assert_non_null(mkdtemp(root));
    snprintf(command, sizeof command, "mkdir -p %s/proc/sys/kernel", root);
    assert_int_equal(system(command), 0);
    snprintf(path, sizeof path, "%s/proc/sys/kernel/apparmor_restrict_unprivileged_userns", root);
    struct exam x = refused(STAGE_NAMESPACES);
    struct diagnosis d = {0};
    uid_t us = geteuid();
    x.root = root;
    x.trial.last = &x.trial.attempts[TIER_HOSTS];
    chmod(root, 0755);
    for (int on = 0; on < 2; on++) {
        FILE *setting = fopen(path, "w");
        assert_non_null(setting);
        fprintf(setting, "%d\n", on);
        fclose(setting);
        assert_int_equal(us == 0 ? seteuid(65534) : 0, 0);
        if (!on)
            expect(&x, check_apparmor, ANSWER_PASSED_OVER, "");
        else
            check_apparmor(&x, &d);
        assert_int_equal(us == 0 ? seteuid(us) : 0, 0);
    }
    snprintf(command, sizeof command, "rm -rf %s", root);
    assert_int_equal(system(command), 0);
    ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[n > 0 ? n : 0] = '\0';
    assert_int_equal(d.answer, ANSWER_NO);
    assert_non_null(strstr(text_str(&d.mend), folder));
    assert_non_null(strstr(text_str(&d.mend), "\nsudo apparmor_parser -r /etc/apparmor.d/tcplab"));
    text_free(&d.told);
    text_free(&d.mend);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_refused_step_alone_tells_why),
        cmocka_unit_test(roots_attempt_goes_on_from_there),
        cmocka_unit_test(a_dead_wire_is_no_tier),
        cmocka_unit_test(controls_that_are_kept_from_programs_can_be_had),
        cmocka_unit_test(apparmor_is_given_a_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
