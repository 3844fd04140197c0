#include "tracer/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The first and last code point of each length, and those around the surrogates. */
static const struct {
    uint32_t code_point;
    size_t len;
    const char *bytes;
} edges[] = {
    {0, 1, "\x00"},
    {0x7f, 1, "\x7f"},
    {0x80, 2, "\xc2\x80"},
    {0x7ff, 2, "\xdf\xbf"},
    {0x800, 3, "\xe0\xa0\x80"},
    {0xd7ff, 3, "\xed\x9f\xbf"},
    {0xe000, 3, "\xee\x80\x80"},
    {0xffff, 3, "\xef\xbf\xbf"},
    {0x10000, 4, "\xf0\x90\x80\x80"},
    {0x10ffff, 4, "\xf4\x8f\xbf\xbf"},
};

static void every_edge_is_read_and_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        uint32_t v = 0xdead;
        assert_int_equal(utf8_read((const uint8_t *)edges[i].bytes, 4, &v), edges[i].len);
        assert_int_equal(v, edges[i].code_point);
        char out[4];
        assert_int_equal(utf8_write(edges[i].code_point, out), edges[i].len);
        assert_memory_equal(out, edges[i].bytes, edges[i].len);
    }
}

static void every_code_point_survives_the_round_trip(void **state)
{
    (void)state;
    for (uint32_t v = 0; v <= 0x10ffff; v++) {
        if (v >= 0xd800 && v <= 0xdfff)
            continue;
        char out[4];
        uint32_t back = 0xdead;
        size_t len = utf8_write(v, out);
        assert_int_equal(utf8_read((const uint8_t *)out, len, &back), len);
        assert_int_equal(back, v);
    }
}

static void a_sequence_cut_short_is_refused_at_every_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        for (size_t n = 0; n < edges[i].len; n++) {
            uint32_t v = 0xdead;
            assert_int_equal(utf8_read((const uint8_t *)edges[i].bytes, n, &v), 0);
            assert_int_equal(v, 0xdead);
        }
    }
}

static void what_is_not_well_formed_is_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "\x80\x80\x80\x80",                     /* a continuation byte that continues nothing */
        "\xbf\x80\x80\x80", "\xc0\x80\x80\x80", /* overlong NUL */
        "\xc1\xbf\x80\x80",                     /* overlong U+007F */
        "\xe0\x80\x80\x80",                     /* overlong in three */
        "\xe0\x9f\xbf\x80",                     /* overlong U+07FF */
        "\xf0\x80\x80\x80",                     /* overlong in four */
        "\xf0\x8f\xbf\xbf",                     /* overlong U+FFFF */
        "\xed\xa0\x80\x80",                     /* U+D800 */
        "\xed\xbf\xbf\x80",                     /* U+DFFF */
        "\xf4\x90\x80\x80",                     /* U+110000 */
        "\xf7\xbf\xbf\xbf", "\xf8\x88\x80\x80", "\xfc\x84\x80\x80",
        "\xfe\x80\x80\x80", "\xff\xff\xff\xff", "\xc2\x41\x41\x41", /* second byte is none */
        "\xc2\xc2\x80\x80", "\xe2\x82\x41\x41",                     /* third byte is none */
        "\xf0\x9f\x98\x41",                                         /* fourth byte is none */
        "\xf0\x9f\x41\x80",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        uint32_t v = 0xdead;
        assert_int_equal(utf8_read((const uint8_t *)broken[i], 4, &v), 0);
    }
}

static void bytes_after_the_first_code_point_do_not_matter(void **state)
{
    (void)state;
    uint32_t v = 0;
    assert_int_equal(utf8_read((const uint8_t *)"A\xff", 2, &v), 1);
    assert_int_equal(v, 'A');
    assert_int_equal(utf8_read((const uint8_t *)"\xe2\x82\xac\xff", 4, &v), 3);
    assert_int_equal(v, 0x20ac);
}

static void controls_are_unsafe_and_their_neighbours_are_not(void **state)
{
    (void)state;
    static const struct {
        uint32_t from, to;
    } unsafe[] = {
        {0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},
        {0x61c, 0x61c},                     /* ARABIC LETTER MARK */
        {0x180e, 0x180e}, {0x200b, 0x200f}, /* ZERO WIDTH SPACE to RIGHT-TO-LEFT MARK */
        {0x2028, 0x202e},                   /* separators, bidirectional embeddings and overrides */
        {0x2060, 0x206f},                   /* bidirectional isolates among them */
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}, /* tags */
    };
    for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++) {
        for (uint32_t v = unsafe[i].from; v <= unsafe[i].to; v++)
            assert_false(utf8_is_safe(v));
        if (unsafe[i].from > 0)
            assert_true(utf8_is_safe(unsafe[i].from - 1));
        assert_true(utf8_is_safe(unsafe[i].to + 1));
    }
}

static void letters_of_the_world_are_safe(void **state)
{
    (void)state;
    static const uint32_t safe[] = {' ', '~', 0xa0, 0xe9, 0x416, 0x5d0, 0x627, 0x4e2d, 0x1f600};
    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++)
        assert_true(utf8_is_safe(safe[i]));
}

static void what_utf8_refuses_is_unsafe_too(void **state)
{
    (void)state;
    assert_true(utf8_is_safe(0x10ffff));
    assert_false(utf8_is_safe(0x110000));
    assert_false(utf8_is_safe(UINT32_MAX));
    assert_true(utf8_is_safe(0xd7ff));
    assert_false(utf8_is_safe(0xd800));
    assert_false(utf8_is_safe(0xdfff));
    assert_true(utf8_is_safe(0xe000));
}

static void a_cut_leaves_whole_code_points(void **state)
{
    (void)state;
    static const char text[] = "a\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80z";
    static const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
    for (size_t n = 0; n < sizeof whole / sizeof whole[0]; n++)
        assert_int_equal(utf8_whole(text, n), whole[n]);
    assert_int_equal(utf8_whole("\x80\x80\x80\x80", 4), 4); /* no text: nothing to mend */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_edge_is_read_and_written),
        cmocka_unit_test(every_code_point_survives_the_round_trip),
        cmocka_unit_test(a_sequence_cut_short_is_refused_at_every_length),
        cmocka_unit_test(what_is_not_well_formed_is_refused),
        cmocka_unit_test(bytes_after_the_first_code_point_do_not_matter),
        cmocka_unit_test(controls_are_unsafe_and_their_neighbours_are_not),
        cmocka_unit_test(letters_of_the_world_are_safe),
        cmocka_unit_test(what_utf8_refuses_is_unsafe_too),
        cmocka_unit_test(a_cut_leaves_whole_code_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
