#include "labs/sandbox/procs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
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
}

static void test_parse_hostile_names(void **state)
{
    (void)state;
    struct proc p;
    assert_true(procs_parse("9 (a) S 1 (b)) R 4 9 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0", &p));
    assert_string_equal(p.name, "a) S 1 (b)");
    assert_int_equal(p.parent, 4);
    assert_false(procs_parse("", &p));
    assert_false(procs_parse("9 )x( S 1", &p));
    assert_false(procs_parse("9 (x) S 1", &p));
    assert_true(procs_parse(
        "9 (a name longer than a kernel's) S 4 9 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0", &p));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_hostile_names),
        cmocka_unit_test(test_finds_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
