#include "tracer/view/grid.h"

#include "tracer/base/utf8.h"
#include "tracer/view/glyph.h"
#include "tracer/view/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HAN "\xe6\xb1\x89" /* a wide glyph */

static void shows(const struct grid *g, const char *expected)
{
    struct text t = {0};
    grid_text(g, &t);
    assert_string_equal(text_str(&t), expected);
    text_free(&t);
}

static void test_clips_on_every_side(void **state)
{
    (void)state;
    struct grid g = {0};
    grid_resize(&g, 2, 5);
    grid_write(&g, 0, 3, 10, "abcdef", ROLE_NORMAL);
    grid_write(&g, 1, -2, 10, "abcdef", ROLE_NORMAL);
    grid_write(&g, -1, 0, 10, "above", ROLE_NORMAL);
    grid_write(&g, 2, 0, 10, "below", ROLE_NORMAL);
    shows(&g, "   ab\ncdef\n");
    grid_free(&g);
}

static void test_no_size_at_all(void **state)
{
    (void)state;
    struct grid g = {0};
    grid_resize(&g, 0, 0);
    assert_null(grid_cell(&g, 0, 0));
    grid_write(&g, 0, 0, 10, "word", ROLE_NORMAL);
    grid_across(&g, 0, 0, 10, GLYPH_ACROSS, ROLE_NORMAL);
    shows(&g, "");
    grid_free(&g);
}

static void test_cuts_with_an_ellipsis(void **state)
{
    (void)state;
    struct grid g = {0};
    grid_resize(&g, 2, 12);
    assert_int_equal(grid_write(&g, 0, 0, 5, "abcdefg", ROLE_NORMAL), 5);
    assert_int_equal(grid_write_right(&g, 1, 0, 5, "abcdefg", ROLE_NORMAL), 5);
    shows(&g, "abcd\xe2\x80\xa6\n\xe2\x80\xa6"
              "defg\n");
    grid_free(&g);
}

static void test_wide_glyphs(void **state)
{
    (void)state;
    struct grid g = {0};
    grid_resize(&g, 1, 5);
    assert_int_equal(grid_width_of(HAN HAN), 4);
    grid_write(&g, 0, 0, 5, HAN HAN, ROLE_NORMAL);
    shows(&g, HAN HAN "\n");
    grid_put(&g, 0, 1, 'x', ROLE_NORMAL); /* over the right half: the left goes too */
    shows(&g, " x" HAN "\n");
    grid_put(&g, 0, 2, 'y', ROLE_NORMAL); /* over the left half: the right goes too */
    shows(&g, " xy\n");
    grid_clear(&g);
    grid_put(&g, 0, 4, 0x6c49, ROLE_NORMAL); /* half of it would be outside */
    shows(&g, "\n");
    assert_int_equal(grid_write(&g, 0, 0, 4, HAN HAN HAN, ROLE_NORMAL), 3);
    shows(&g, HAN "\xe2\x80\xa6\n");
    grid_free(&g);
}

static void test_marks_join_the_glyph_before(void **state)
{
    (void)state;
    struct grid g = {0};
    grid_resize(&g, 1, 4);
    assert_int_equal(grid_write(&g, 0, 0, 4, "e\xcc\x81x", ROLE_NORMAL), 2);
    shows(&g, "e\xcc\x81x\n");
    grid_free(&g);
}

static void test_ascii(void **state)
{
    (void)state;
    static const uint32_t glyphs[] = {GLYPH_ACROSS,     GLYPH_HEAD_RIGHT, GLYPH_HEAD_LEFT,
                                      GLYPH_FALL_RIGHT, GLYPH_FALL_LEFT,  GLYPH_LOST,
                                      GLYPH_DOWN};
    struct grid g = {.ascii = true};
    grid_resize(&g, 2, 10);
    for (int i = 0; i < 7; i++)
        grid_put(&g, 0, i, glyphs[i], ROLE_NORMAL);
    grid_write(&g, 1, 0, 10, HAN "e\xcc\x81x\xc3\xa9", ROLE_NORMAL);
    shows(&g, "-><\\/x|\n? ex?\n");
    grid_free(&g);
}

/* Whatever is put in, every cell holds what a terminal may be given. */
static void test_nothing_harmful_gets_in(void **state)
{
    (void)state;
    struct grid g = {0};
    grid_resize(&g, 1, 40);
    for (uint32_t v = 0; v < 0x20000; v++) {
        grid_put(&g, 0, 1, v, ROLE_NORMAL);
        for (int col = 0; col < 4; col++) {
            const struct cell *c = grid_cell(&g, 0, col);
            assert_true(c->glyph == 0 || utf8_is_safe(c->glyph));
            assert_true(c->mark == 0 || utf8_is_safe(c->mark));
        }
    }
    grid_clear(&g);
    grid_write_foreign(&g, 0, 0, 40, "a\x1b[2J\n\xff", ROLE_NORMAL);
    shows(&g, "a\\x1b[2J\\n\\xff\n");
    grid_free(&g);
}

static void test_lines_fold_at_words(void **state)
{
    (void)state;
    struct grid g = {0};
    struct lines l = {.lead_cols = 4};
    grid_resize(&g, 5, 20);
    lines_add(&l, "ack", "12", ROLE_NORMAL);
    lines_remark(&l, "The byte expected next.");
    lines_add(&l, NULL, "unbreakableunbreakable", ROLE_NORMAL);
    assert_int_equal(lines_draw(&l, 0, &g, (struct area){0, 0, 5, 20}), 4);
    shows(&g, "ack 12  The byte\n    expected next.\nunbreakableunbreakab\nle\n\n");
    grid_clear(&g);
    assert_int_equal(lines_draw(&l, 1, &g, (struct area){0, 0, 2, 20}), 4);
    shows(&g, "    expected next.\nunbreakableunbreakab\n\n\n\n");
    lines_free(&l);
    grid_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clips_on_every_side),
        cmocka_unit_test(test_no_size_at_all),
        cmocka_unit_test(test_cuts_with_an_ellipsis),
        cmocka_unit_test(test_wide_glyphs),
        cmocka_unit_test(test_marks_join_the_glyph_before),
        cmocka_unit_test(test_ascii),
        cmocka_unit_test(test_nothing_harmful_gets_in),
        cmocka_unit_test(test_lines_fold_at_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
