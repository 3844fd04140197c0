#include "labs/sandbox/procs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_parse(void **state)
{
    (void)state;
    struct proc p;
    assert_true(procs_parse("71 (tcplab-calls-C) S 70 71 70 0 -1 4194624 1 2 3 4 5 6 7 8 20 0 1 0 "
                            "987654 11 12",
                            &p));
    assert_int_equal(p.pid, 71);
    assert_int_equal(p.parent, 70);
    assert_string_equal(p.name, "tcplab-calls-C");
    assert_int_equal(p.state, 'S');
    assert_int_equal(p.start_ticks, 987654);
    assert_int_equal(p.resident_pages, 12);
}

static void test_parse_hostile_names(void **state)
{
    (void)state;
    struct proc p;
    assert_true(procs_parse("9 (a) S 1 (b)) R 4 9 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 3", &p));
    assert_string_equal(p.name, "a) S 1 (b)");
    assert_int_equal(p.parent, 4);
    assert_false(procs_parse("", &p));
    assert_false(procs_parse("9 )x( S 1", &p));
    assert_false(procs_parse("9 (x) S 1", &p));
    assert_true(procs_parse(
        "9 (a name longer than a kernel's) S 4 9 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 3", &p));
    assert_int_equal(strlen(p.name), 15);
}

static bool find_self(const struct proc *p, void *arg)
{
    pid_t *found = arg;
    if (p->pid != getpid())
        return true;
    *found = p->parent;
    return false;
}

static void test_finds_itself(void **state)
{
    (void)state;
    pid_t parent = 0;
    assert_true(procs_each(find_self, &parent));
    assert_int_equal(parent, getppid());
}

/* A child, and its child, which has so much and says so. */
static void test_what_it_started_has(void **state)
{
    enum { BYTES = 32 << 20 };
    int told[2], hold[2];
    char byte;
    (void)state;
    assert_int_equal(pipe(told), 0);
    assert_int_equal(pipe(hold), 0);
    pid_t pid = fork();
    if (pid == 0 && fork() == 0) {
        close(hold[1]);
        char *much = malloc(BYTES);
        if (much)
            memset(much, 1, BYTES);
        if (write(told[1], much ? much + BYTES - 1 : "", 1) != 1 || read(hold[0], &byte, 1) != 0)
            _exit(1);
        _exit(0);
    }
    if (pid == 0) {
        close(hold[1]);
        while (wait(NULL) < 0)
            continue;
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(read(told[0], &byte, 1), 1);
    assert_in_range(procs_resident_below(getpid()), BYTES, 4 * (uint64_t)BYTES);
    assert_in_range(procs_resident_below(pid), BYTES, 3 * (uint64_t)BYTES);
    close(hold[1]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(procs_resident_below(getpid()), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_hostile_names),
        cmocka_unit_test(test_finds_itself),
        cmocka_unit_test(test_what_it_started_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
