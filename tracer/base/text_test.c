#include "tracer/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tracer/base/utf8.h"

static void four_bytes_stand_lowest_first(void **state)
{
    (void)state;
    struct text t = {0};
    text_le32(&t, 0xa1b2c3d4);
    text_le32(&t, 0);
    assert_int_equal(t.len, 8);
    assert_memory_equal(t.s, "\xd4\xc3\xb2\xa1\0\0\0\0", 8);
    text_free(&t);
}

static void an_untouched_text_is_empty(void **state)
{
    (void)state;
    struct text t = {0};
    assert_string_equal(text_str(&t), "");
    text_clear(&t);
    assert_string_equal(text_str(&t), "");
    text_free(&t);
    text_free(&t);
    assert_null(t.s);
}

static void pieces_are_appended_in_order(void **state)
{
    (void)state;
    struct text t = {0};
    text_add(&t, "C > S");
    text_char(&t, ' ');
    text_bytes(&t, "[S.]xxx", 4);
    text_repeat(&t, '-', 3);
    text_format(&t, "%d%%%s", 7, "!");
    assert_string_equal(text_str(&t), "C > S [S.]---7%!");
    assert_int_equal(t.len, strlen("C > S [S.]---7%!"));
    text_free(&t);
}

static void adding_nothing_terminates_all_the_same(void **state)
{
    (void)state;
    struct text t = {0};
    text_bytes(&t, NULL, 0);
    assert_non_null(t.s);
    assert_string_equal(t.s, "");
    text_add(&t, "");
    text_repeat(&t, 'x', 0);
    text_format(&t, "%s", "");
    assert_int_equal(t.len, 0);
    text_free(&t);
}

static void nul_bytes_are_kept(void **state)
{
    (void)state;
    struct text t = {0};
    text_bytes(&t, "a\0b", 3);
    text_char(&t, '\0');
    assert_int_equal(t.len, 4);
    assert_memory_equal(t.s, "a\0b\0", 5);
    text_free(&t);
}

static void clearing_keeps_the_memory(void **state)
{
    (void)state;
    struct text t = {0};
    text_add(&t, "something");
    char *before = t.s;
    text_clear(&t);
    assert_string_equal(text_str(&t), "");
    text_add(&t, "else");
    assert_ptr_equal(t.s, before);
    assert_string_equal(text_str(&t), "else");
    text_free(&t);
}

/* Under AddressSanitizer this also shows that the terminating NUL always has room. */
static void it_grows_at_every_length(void **state)
{
    (void)state;
    for (size_t first = 0; first < 130; first++) {
        for (size_t more = 0; more < 130; more++) {
            struct text t = {0};
            text_repeat(&t, 'a', first);
            text_repeat(&t, 'b', more);
            assert_int_equal(t.len, first + more);
            assert_int_equal(strlen(text_str(&t)), first + more);
            assert_true(t.cap > t.len);
            text_free(&t);
        }
    }
}

static void reserved_room_is_counted_when_committed(void **state)
{
    (void)state;
    struct text t = {0};
    text_add(&t, "ab");
    memcpy(text_reserve(&t, 1000), "cdef", 4);
    text_commit(&t, 4);
    assert_string_equal(text_str(&t), "abcdef");
    assert_true(t.cap > 1002);
    text_reserve(&t, 10);
    text_commit(&t, 0);
    assert_string_equal(text_str(&t), "abcdef");
    text_free(&t);
}

static void a_long_format_is_whole(void **state)
{
    (void)state;
    struct text t = {0};
    text_add(&t, "<");
    text_format(&t, "%5000d", 42);
    text_add(&t, ">");
    assert_int_equal(t.len, 5002);
    assert_string_equal(t.s + 4998, " 42>");
    text_free(&t);
}

static void integers_read_as_printf_writes_them(void **state)
{
    (void)state;
    static const uint64_t values[] = {0,          1,          9,         10,         15,
                                      16,         255,        INT32_MAX, UINT32_MAX, INT64_MAX,
                                      UINT64_MAX, 1000000000, 0xabcdef01};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct text t = {0};
        char expected[256];
        unsigned long long v = values[i];
        text_u64(&t, v);
        text_char(&t, ' ');
        text_hex(&t, v);
        text_char(&t, ' ');
        text_u64_padded(&t, v, 9);
        text_char(&t, ' ');
        text_hex_padded(&t, v, 4);
        text_char(&t, ' ');
        text_i64(&t, (int64_t)v);
        snprintf(expected, sizeof expected, "%llu %llx %09llu %04llx %lld", v, v, v, v,
                 (long long)v);
        assert_string_equal(text_str(&t), expected);
        text_free(&t);
    }
}

static void negative_integers_go_all_the_way_down(void **state)
{
    (void)state;
    struct text t = {0};
    text_i64(&t, -1);
    text_char(&t, ' ');
    text_i64(&t, INT64_MIN);
    text_char(&t, ' ');
    text_i64(&t, INT64_MAX);
    assert_string_equal(text_str(&t), "-1 -9223372036854775808 9223372036854775807");
    text_free(&t);
}

static void padding_may_be_wider_than_any_number(void **state)
{
    (void)state;
    struct text t = {0};
    text_u64_padded(&t, 7, 100);
    assert_int_equal(t.len, 100);
    assert_string_equal(t.s + 98, "07");
    text_clear(&t);
    text_u64_padded(&t, 12345, 2); /* never cut */
    assert_string_equal(text_str(&t), "12345");
    text_free(&t);
}

struct row {
    const char *in;
    const char *out;
};

static void check_rows(const struct row *rows, size_t count,
                       void (*write)(struct text *t, const char *s))
{
    for (size_t i = 0; i < count; i++) {
        struct text t = {0};
        write(&t, rows[i].in);
        assert_string_equal(text_str(&t), rows[i].out);
        text_free(&t);
    }
}

static void foreign_text_is_made_safe(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"plain ~ text", "plain ~ text"},
        {"a\nb\rc\td", "a\\nb\\rc\\td"},
        {"C:\\n", "C:\\\\n"}, /* no escape can be forged */
        {"\x1b[2J", "\\x1b[2J"},
        {"\x1b]52;c;AAAA\x07", "\\x1b]52;c;AAAA\\x07"},
        {"\x01\x08\x0b\x0c\x0e\x1f", "\\x01\\x08\\x0b\\x0c\\x0e\\x1f"},
        {"\x7f", "\\x7f"},
        {"\xc2\x80\xc2\x9b\xc2\x9f", "\\u{0080}\\u{009b}\\u{009f}"}, /* C1, CSI among them */
        {"\xc2\xa0\xc3\xa9", "\xc2\xa0\xc3\xa9"},
        {"\xe4\xb8\xad\xe6\x96\x87", "\xe4\xb8\xad\xe6\x96\x87"},
        {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
        {"\xe2\x80\xae", "\\u{202e}"}, /* right-to-left override */
        {"\xe2\x81\xa6", "\\u{2066}"}, /* isolate */
        {"\xe2\x80\x8b", "\\u{200b}"}, /* zero width space */
        {"\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}"},
        {"\xef\xbb\xbf", "\\u{feff}"},
        {"\xf3\xa0\x81\x81", "\\u{e0041}"}, /* a tag letter */
        {"\x9b\x31m", "\\x9b1m"},           /* CSI as one byte */
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xc0\xaf", "\\xc0\\xaf"}, /* overlong '/' */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"\xe2\x82", "\\xe2\\x82"}, /* cut short */
        {"\xe2\x82z", "\\xe2\\x82z"},
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
    };
    check_rows(rows, sizeof rows / sizeof rows[0], text_safe_str);
}

static void escapes_of_its_own_stay(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", ""},
        {"\"a\\n\"", "\"a\\n\""},
        {"\\", "\\"},
        {"\\\x1b[2J\\\\", "\\\\x1b[2J\\\\"},
    };
    check_rows(rows, sizeof rows / sizeof rows[0], text_safe_escaped);
}

static void json_strings_are_valid_and_safe(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "\"\""},
        {"a/b", "\"a/b\""},
        {"\"\\", "\"\\\"\\\\\""},
        {"a\nb\rc\td", "\"a\\nb\\u000dc\\u0009d\""},
        {"\x01\x1b\x1f\x7f", "\"\\u0001\\u001b\\u001f\\u007f\""},
        {"\xc2\x9b", "\"\\u009b\""},
        {"\xe2\x80\xae", "\"\\u202e\""},
        {"\xe4\xb8\xad\xf0\x9f\x98\x80", "\"\xe4\xb8\xad\xf0\x9f\x98\x80\""},
        {"\xf3\xa0\x80\x80", "\"\\udb40\\udc00\""}, /* U+E0000: a surrogate pair */
        {"\xf3\xa0\xbf\xbf", "\"\\udb43\\udfff\""},
        {"\xff", "\"\xef\xbf\xbd\""},
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"a\xe2\x82", "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    check_rows(rows, sizeof rows / sizeof rows[0], text_json_str);
}

static void nul_is_a_control_too(void **state)
{
    (void)state;
    struct text t = {0};
    text_safe(&t, "a\0b", 3);
    text_json(&t, "a\0b", 3);
    assert_string_equal(text_str(&t), "a\\x00b\"a\\u0000b\"");
    text_free(&t);
}

static void a_sequence_is_not_read_past_its_end(void **state)
{
    (void)state;
    struct text t = {0};
    uint8_t *bytes = malloc(2); /* the third byte of U+20AC is not ours */
    assert_non_null(bytes);
    memcpy(bytes, "\xe2\x82", 2);
    text_safe(&t, bytes, 2);
    text_json(&t, bytes, 2);
    assert_string_equal(text_str(&t), "\\xe2\\x82\"\xef\xbf\xbd\xef\xbf\xbd\"");
    text_safe(&t, NULL, 0);
    free(bytes);
    text_free(&t);
}

/* Whatever comes in, what goes out is printable UTF-8 without any control. */
static void assert_safe(const struct text *t)
{
    for (size_t i = 0; i < t->len;) {
        uint32_t v = 0;
        size_t len = utf8_read((const uint8_t *)t->s + i, t->len - i, &v);
        assert_true(len > 0);
        assert_true(utf8_is_safe(v));
        i += len;
    }
}

static void every_pair_of_bytes_comes_out_safe(void **state)
{
    (void)state;
    struct text safe = {0}, json = {0};
    for (unsigned i = 0; i < 0x10000; i++) {
        const uint8_t bytes[3] = {(uint8_t)(i >> 8), (uint8_t)i, 0x80};
        text_clear(&safe);
        text_clear(&json);
        text_safe(&safe, bytes, sizeof bytes);
        text_json(&json, bytes, sizeof bytes);
        assert_safe(&safe);
        assert_safe(&json);
    }
    text_free(&safe);
    text_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_untouched_text_is_empty),
        cmocka_unit_test(pieces_are_appended_in_order),
        cmocka_unit_test(adding_nothing_terminates_all_the_same),
        cmocka_unit_test(nul_bytes_are_kept),
        cmocka_unit_test(clearing_keeps_the_memory),
        cmocka_unit_test(it_grows_at_every_length),
        cmocka_unit_test(reserved_room_is_counted_when_committed),
        cmocka_unit_test(a_long_format_is_whole),
        cmocka_unit_test(integers_read_as_printf_writes_them),
        cmocka_unit_test(negative_integers_go_all_the_way_down),
        cmocka_unit_test(padding_may_be_wider_than_any_number),
        cmocka_unit_test(foreign_text_is_made_safe),
        cmocka_unit_test(escapes_of_its_own_stay),
        cmocka_unit_test(json_strings_are_valid_and_safe),
        cmocka_unit_test(nul_is_a_control_too),
        cmocka_unit_test(four_bytes_stand_lowest_first),
        cmocka_unit_test(a_sequence_is_not_read_past_its_end),
        cmocka_unit_test(every_pair_of_bytes_comes_out_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
