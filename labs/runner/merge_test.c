#include "labs/runner/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static void add(struct merge *m, int64_t time_ns, const char *byte)
{
    struct stream_record r = {time_ns, (const uint8_t *)byte, 1, 1};
    merge_add(m, &r);
}

static void expect(struct merge *m, int64_t time_ns, char byte)
{
    struct stream_record r;
    assert_true(merge_take(m, &r));
    assert_int_equal(r.time_ns, time_ns);
    assert_int_equal(r.bytes[0], byte);
}

static void expect_nothing(struct merge *m)
{
    struct stream_record r;
    assert_false(merge_take(m, &r));
}

static void waits_for_every_source(void **state)
{
    (void)state;
    struct merge *m = merge_new(2);
    add(m, 10, "a");
    expect_nothing(m);
    merge_mark(m, 0, 20);
    expect_nothing(m);
    merge_mark(m, 1, 5);
    expect_nothing(m);
    add(m, 7, "b"); /* the late one */
    merge_mark(m, 1, 11);
    expect(m, 7, 'b');
    expect(m, 10, 'a');
    expect_nothing(m);
    merge_free(m);
}

static void a_record_at_the_mark_waits(void **state)
{
    (void)state;
    struct merge *m = merge_new(1);
    add(m, 10, "a");
    merge_mark(m, 0, 10); /* another one stamped 10 may still come */
    expect_nothing(m);
    merge_mark(m, 0, 9); /* a promise is not taken back */
    merge_mark(m, 0, 11);
    expect(m, 10, 'a');
    merge_free(m);
}

static void equal_stamps_keep_their_order(void **state)
{
    (void)state;
    struct merge *m = merge_new(1);
    for (const char *s = "abcdefgh"; *s; s++)
        add(m, 5, s);
    merge_end(m, 0);
    for (const char *s = "abcdefgh"; *s; s++)
        expect(m, 5, *s);
    expect_nothing(m);
    merge_free(m);
}

static void sorts_many(void **state)
{
    (void)state;
    struct merge *m = merge_new(1);
    unsigned x = 1;
    for (int i = 0; i < 2000; i++) {
        x = x * 1103515245u + 12345u;
        add(m, x >> 8, "x");
    }
    merge_end(m, 0);
    struct stream_record r;
    int64_t last = -1;
    int count = 0;
    for (; merge_take(m, &r); count++) {
        assert_true(r.time_ns >= last);
        last = r.time_ns;
    }
    assert_int_equal(count, 2000);
    merge_free(m);
}

static void what_waits_is_freed(void **state)
{
    (void)state;
    struct merge *m = merge_new(1);
    add(m, 1, "a");
    merge_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_for_every_source),
        cmocka_unit_test(a_record_at_the_mark_waits),
        cmocka_unit_test(equal_stamps_keep_their_order),
        cmocka_unit_test(sorts_many),
        cmocka_unit_test(what_waits_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
