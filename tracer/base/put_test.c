#include "tracer/base/put.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* What follows the number's end and its spoilt bytes stays as it was. */
static void assert_put(char *(*put)(char *at, uint64_t v), uint64_t v, unsigned width)
{
    char here[64], expected[64];
    memset(here, '#', sizeof here);
    size_t n =
        (size_t)snprintf(expected, sizeof expected, "%0*llu", (int)width, (unsigned long long)v);
    char *end = put(here, v);
    assert_int_equal(end - here, n);
    assert_memory_equal(here, expected, n);
    for (size_t i = n + PUT_SPOILT; i < sizeof here; i++)
        assert_int_equal(here[i], '#');
}

static char *put_narrow(char *at, uint64_t v)
{
    return put_u32(at, (uint32_t)v);
}

static char *put_five(char *at, uint64_t v)
{
    return put_padded(at, (uint32_t)v, 5);
}

static char *put_three(char *at, uint64_t v)
{
    return put_padded(at, (uint32_t)v, 3);
}

static void numbers_read_as_printf_writes_them(void **state)
{
    (void)state;
    uint64_t v = 1;
    for (unsigned i = 0; i < 20000; i++) {
        assert_put(put_u64, i, 1);
        assert_put(put_narrow, i, 1);
    }
    for (unsigned i = 0; i < 100000; i++) {
        v = v * 6364136223846793005u + 1442695040888963407u;
        assert_put(put_u64, v >> i % 64, 1);
        assert_put(put_narrow, (uint32_t)(v >> 32) >> i % 32, 1);
    }
}

static void numbers_at_powers_of_ten_have_their_digits(void **state)
{
    (void)state;
    for (uint64_t v = 1; v <= UINT64_MAX / 10; v *= 10)
        for (uint64_t near = v - 1; near <= v + 1; near++) {
            assert_put(put_u64, near, 1);
            if (near <= UINT32_MAX)
                assert_put(put_narrow, near, 1);
        }
    assert_put(put_narrow, UINT32_MAX, 1);
    assert_put(put_u64, UINT32_MAX + UINT64_C(1), 1);
    assert_put(put_u64, UINT64_MAX, 1);
}

static void padded_numbers_have_zeros_in_front(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 100000; v++)
        assert_put(put_five, v, 5);
    for (unsigned v = 0; v < 1000; v++)
        assert_put(put_three, v, 3);
}

static void a_string_is_put_without_its_end(void **state)
{
    (void)state;
    char here[8] = "#######";
    assert_ptr_equal(put_str(here, "abc"), here + 3);
    assert_string_equal(here, "abc####");
    assert_ptr_equal(put_str(here, ""), here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_as_printf_writes_them),
        cmocka_unit_test(numbers_at_powers_of_ten_have_their_digits),
        cmocka_unit_test(padded_numbers_have_zeros_in_front),
        cmocka_unit_test(a_string_is_put_without_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
