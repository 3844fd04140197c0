#include "tracer/view/axis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void nice_numbers_are_one_two_and_five(void **state)
{
    static const int64_t pairs[][2] = {{-5, 1}, {0, 1},   {1, 1},   {2, 2},     {3, 5},     {5, 5},
                                       {6, 10}, {10, 10}, {11, 20}, {201, 500}, {501, 1000}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_int_equal(axis_nice(pairs[i][0]), pairs[i][1]);
    assert_true(axis_nice(INT64_MAX) >= 5000000000000000000);
}

static void ticks(struct axis a, struct text *out)
{
    text_clear(out);
    for (int64_t tick = axis_first_tick(&a); tick <= a.to; tick += a.step) {
        axis_label(&a, tick, out);
        text_add(out, "|");
    }
}

static void labels_have_the_units_that_people_use(void **state)
{
    struct text t = {0};
    (void)state;
    ticks(axis_make(AXIS_NANOSECONDS, 0, 1250000000, 6), &t);
    assert_string_equal(text_str(&t), "0|0.5 s|1.0 s|");
    ticks(axis_make(AXIS_NANOSECONDS, 151000000, 168000000, 6), &t);
    assert_string_equal(text_str(&t), "155 ms|160 ms|165 ms|");
    ticks(axis_make(AXIS_NANOSECONDS, 86400000000000, 86400000400000, 4), &t);
    assert_string_equal(text_str(&t), "86400.0000 s|86400.0002 s|86400.0004 s|");
    ticks(axis_make(AXIS_BYTES, 0, 151000, 5), &t);
    assert_string_equal(text_str(&t), "0|50 kB|100 kB|150 kB|");
    ticks(axis_make(AXIS_BYTES, 0, 2, 5), &t);
    assert_string_equal(text_str(&t), "0|1 B|2 B|");
    ticks(axis_make(AXIS_BYTES_PER_SECOND, 0, 2400000, 4), &t);
    assert_string_equal(text_str(&t), "0|1 MB/s|2 MB/s|");
    ticks(axis_make(AXIS_BYTES, -1500, 700, 4), &t);
    assert_string_equal(text_str(&t), "-1 kB|0|");
    text_free(&t);
}

static void a_value_by_itself_has_three_digits(void **state)
{
    static const struct {
        enum axis_unit unit;
        int64_t value;
        const char *words;
    } rows[] = {{AXIS_NANOSECONDS, 20112345, "20.1 ms"},
                {AXIS_NANOSECONDS, 999, "999 ns"},
                {AXIS_NANOSECONDS, 1520, "1.52 us"},
                {AXIS_BYTES, 0, "0 B"},
                {AXIS_BYTES, 64240, "64.2 kB"},
                {AXIS_BYTES, 866000, "866 kB"},
                {AXIS_BYTES_PER_SECOND, 1200000, "1.20 MB/s"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text t = {0};
        axis_value(rows[i].unit, rows[i].value, &t);
        assert_string_equal(text_str(&t), rows[i].words);
        text_free(&t);
    }
}

static void any_range_has_few_ticks(void **state)
{
    (void)state;
    for (int64_t range = 1; range < INT64_MAX / 8; range = range * 3 + 1)
        for (int64_t from = -range; from <= range; from += range / 2 + 1)
            for (int most = 2; most < 12; most += 3) {
                struct axis a = axis_make(AXIS_BYTES, from, from + range, most);
                int64_t first = axis_first_tick(&a);
                assert_true(first >= a.from && first - a.from < a.step);
                assert_true((a.to - a.from) / a.step <= most);
            }
}

static void a_single_value_still_makes_an_axis(void **state)
{
    struct axis a = axis_make(AXIS_BYTES, 7, 7, 5);
    struct axis_scale s = axis_over(&a, 10), one = axis_over(&a, 1);
    (void)state;
    assert_int_equal(a.to, 8);
    assert_int_equal(axis_dot(&s, 7), 0);
    assert_int_equal(axis_dot(&s, 8), 9);
    assert_int_equal(axis_dot(&one, 8), 0);
}

static void values_outside_stay_near(void **state)
{
    struct axis a = axis_make(AXIS_BYTES, 0, 100, 5);
    struct axis_scale s = axis_over(&a, 101);
    (void)state;
    assert_int_equal(axis_dot(&s, 50), 50);
    assert_int_equal(axis_dot(&s, -1), -1);
    assert_int_equal(axis_dot(&s, 101), 101);
    assert_in_range(-axis_dot(&s, -INT64_C(4000000000000000000)), 1, 101);
    assert_in_range(axis_dot(&s, INT64_C(4000000000000000000)), 102, 202);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nice_numbers_are_one_two_and_five),
        cmocka_unit_test(labels_have_the_units_that_people_use),
        cmocka_unit_test(a_value_by_itself_has_three_digits),
        cmocka_unit_test(any_range_has_few_ticks),
        cmocka_unit_test(a_single_value_still_makes_an_axis),
        cmocka_unit_test(values_outside_stay_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
