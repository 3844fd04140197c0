#include "tracer/trace/keyed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static struct key number(uint64_t a)
{
    return (struct key){.a = a, .c = 'C'};
}

static void an_item_is_found_until_it_is_taken(void **state)
{
    (void)state;
    struct keyed k = {0};
    assert_int_equal(keyed_find(&k, number(1)), KEYED_NONE);
    assert_int_equal(keyed_take(&k, number(1)), KEYED_NONE);
    keyed_add(&k, number(1), 7);
    assert_int_equal(keyed_find(&k, number(1)), 7);
    assert_int_equal(keyed_find(&k, (struct key){.a = 1, .c = 'S'}), KEYED_NONE);
    assert_int_equal(keyed_find(&k, (struct key){.a = 1, .b = 1, .c = 'C'}), KEYED_NONE);
    assert_int_equal(keyed_take(&k, number(1)), 7);
    assert_int_equal(keyed_take(&k, number(1)), KEYED_NONE);
    keyed_free(&k);
}

static void items_of_one_key_come_oldest_first(void **state)
{
    (void)state;
    struct keyed k = {0};
    for (uint32_t i = 0; i < 1000; i++) { /* growing several times on the way */
        keyed_add(&k, number(5), i);
        keyed_add(&k, number(1000 + i), i);
    }
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(keyed_take(&k, number(5)), i);
    assert_int_equal(keyed_take(&k, number(5)), KEYED_NONE);
    keyed_free(&k);
}

static void entries_are_used_again(void **state)
{
    (void)state;
    struct keyed k = {0};
    for (uint32_t i = 0; i < 10000; i++) {
        keyed_add(&k, number(i), i);
        if (i >= 10)
            assert_int_equal(keyed_take(&k, number(i - 10)), i - 10);
    }
    assert_true(k.used <= 11);
    assert_int_equal(k.count, 10);
    keyed_free(&k);
}

/* With a search through all of them this would take minutes. */
static void many_items_are_taken_from_the_far_end(void **state)
{
    (void)state;
    struct keyed k = {0};
    enum { ITEMS = 400000 };
    for (uint32_t i = 0; i < ITEMS; i++)
        keyed_add(&k, number(i), i);
    for (uint32_t i = ITEMS; i-- > 0;)
        if (keyed_take(&k, number(i)) != i || keyed_find(&k, number(ITEMS)) != KEYED_NONE)
            fail();
    assert_int_equal(k.count, 0);
    keyed_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_is_found_until_it_is_taken),
        cmocka_unit_test(items_of_one_key_come_oldest_first),
        cmocka_unit_test(entries_are_used_again),
        cmocka_unit_test(many_items_are_taken_from_the_far_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
