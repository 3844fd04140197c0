#include "tracer/decode/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <string.h>

static void expect_text(const char *given, const char *expected)
{
    struct address a;
    struct text t = {0};
    assert_true(address_parse(given, &a));
    address_text(&a, &t);
    assert_string_equal(text_str(&t), expected);
    text_free(&t);
}

static void test_text(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"10.0.0.1", "10.0.0.1"},
        {"255.255.255.255", "255.255.255.255"},
        {"0.0.0.0", "0.0.0.0"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"fe80:0:0:0:1:2:3:4", "fe80::1:2:3:4"},
        {"2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"},
        {"1:0:0:2:0:0:3:4", "1::2:0:0:3:4"},
        {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
        {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
        {"2001:DB8::FF", "2001:db8::ff"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_text(rows[i][0], rows[i][1]);
}

/* The C library writes the same form; every pattern of zero and other groups is tried. */
static void test_every_zero_pattern(void **state)
{
    (void)state;
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        uint8_t bytes[16] = {0};
        for (unsigned group = 0; group < 8; group++)
            if (pattern & 1u << group)
                bytes[2 * group + 1] = (uint8_t)(group + 1);
        struct address a = address_from_v6(bytes);
        struct text t = {0};
        char expected[INET6_ADDRSTRLEN];
        address_text_v6(&a, &t);
        assert_non_null(inet_ntop(AF_INET6, bytes, expected, sizeof expected));
        assert_string_equal(text_str(&t), expected);
        text_free(&t);
    }
}

static void test_v4_in_v6(void **state)
{
    (void)state;
    struct address mapped = address_from_v4((const uint8_t[]){10, 0, 0, 1});
    struct text t = {0};
    assert_true(address_is_v4(&mapped));
    address_text_v6(&mapped, &t);
    assert_string_equal(text_str(&t), "::ffff:10.0.0.1");
    text_clear(&t);
    uint8_t compatible[16] = {[12] = 10, [15] = 1};
    struct address a = address_from_v6(compatible);
    assert_false(address_is_v4(&a));
    assert_false(address_equal(&a, &mapped));
    address_text(&a, &t);
    assert_string_equal(text_str(&t), "::10.0.0.1");
    text_free(&t);
}

static void test_parse_refuses(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", "10.0.0", "10.0.0.256", "fe80::1%eth0", "10.0.0.1:80", "::1::", "localhost"};
    struct address a;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(address_parse(wrong[i], &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_every_zero_pattern),
        cmocka_unit_test(test_v4_in_v6),
        cmocka_unit_test(test_parse_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
