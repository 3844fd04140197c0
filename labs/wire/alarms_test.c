#include "labs/wire/alarms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_the_earliest_comes_first(void **state)
{
    (void)state;
    struct alarms a = {0};
    struct alarm alarm;
    assert_int_equal(alarms_next(&a), INT64_MAX);
    assert_false(alarms_take(&a, INT64_MAX, &alarm));
    for (uint32_t i = 0; i < 1000; i++)
        alarms_set(&a, (int64_t)(i * 7919 % 1000), i);
    for (int64_t due = 0; due < 1000; due++) {
        assert_int_equal(alarms_next(&a), due);
        assert_false(alarms_take(&a, due - 1, &alarm));
        assert_true(alarms_take(&a, due, &alarm));
        assert_int_equal(alarm.due_ns, due);
        assert_int_equal(alarm.who * 7919 % 1000, due);
    }
    assert_int_equal(a.count, 0);
    alarms_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_earliest_comes_first)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
