#include "tracer/view/canvas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { FAINT, PLAIN, STRONG };

static const struct canvas_ink inks[] = {
    [FAINT] = {ROLE_DIM, '.', '=', ':', true},
    [PLAIN] = {ROLE_DATA, '+', '-', '|', false},
    [STRONG] = {ROLE_LOST, '*', '~', '!', false},
};

static uint32_t glyph_at(const struct canvas *c, int row, int col)
{
    struct grid g = {.ascii = !c->braille};
    grid_resize(&g, c->rows, c->cols);
    canvas_draw(c, &g, 0, 0);
    uint32_t glyph = grid_cell(&g, row, col)->glyph;
    grid_free(&g);
    return glyph;
}

static uint8_t role_at(const struct canvas *c, int row, int col)
{
    struct grid g = {.ascii = !c->braille};
    grid_resize(&g, c->rows, c->cols);
    canvas_draw(c, &g, 0, 0);
    uint8_t role = grid_cell(&g, row, col)->role;
    grid_free(&g);
    return role;
}

static void braille_counts_dots_from_the_lower_left(void **state)
{
    static const struct {
        int x, y;
        uint32_t glyph;
    } dots[] = {{0, 3, 0x2801}, {0, 2, 0x2802}, {0, 1, 0x2804}, {1, 3, 0x2808},
                {1, 2, 0x2810}, {1, 1, 0x2820}, {0, 0, 0x2840}, {1, 0, 0x2880}};
    (void)state;
    for (size_t i = 0; i < sizeof dots / sizeof dots[0]; i++) {
        struct canvas c = {0};
        canvas_begin(&c, 1, 1, false, inks);
        assert_int_equal(c.width, 2);
        assert_int_equal(c.height, 4);
        canvas_dot(&c, dots[i].x, dots[i].y, PLAIN);
        assert_int_equal(glyph_at(&c, 0, 0), dots[i].glyph);
        canvas_free(&c);
    }
}

static void a_canvas_begun_again_is_empty(void **state)
{
    struct canvas c = {0};
    (void)state;
    canvas_begin(&c, 2, 3, false, inks);
    canvas_bar(&c, 0, 0, 7, STRONG);
    canvas_begin(&c, 2, 3, false, inks);
    assert_int_equal(glyph_at(&c, 0, 0), ' ');
    canvas_begin(&c, 1, 5, true, inks);
    assert_int_equal(glyph_at(&c, 0, 4), ' ');
    assert_int_equal(c.width, 5);
    canvas_free(&c);
}

static void what_is_outside_is_clipped(void **state)
{
    struct canvas c = {0};
    (void)state;
    for (int ascii = 0; ascii < 2; ascii++) {
        canvas_begin(&c, 2, 2, ascii, inks);
        canvas_dot(&c, -1, 0, PLAIN);
        canvas_dot(&c, 0, -1, PLAIN);
        canvas_dot(&c, c.width, 0, PLAIN);
        canvas_dot(&c, 0, c.height, PLAIN);
        canvas_mark(&c, -1, 0, 'R', PLAIN);
        canvas_bar(&c, c.width, 0, 3, PLAIN);
        canvas_across(&c, -9, 1000000, c.height, PLAIN);
        for (int i = 0; i < 4; i++)
            assert_int_equal(glyph_at(&c, i / 2, i % 2), ' ');
        canvas_bar(&c, 0, INT32_MIN, INT32_MAX, PLAIN);
        canvas_across(&c, INT32_MIN, INT32_MAX, 0, PLAIN);
        assert_int_not_equal(glyph_at(&c, 0, 0), ' ');
        assert_int_not_equal(glyph_at(&c, 1, 1), ' ');
        assert_int_equal(glyph_at(&c, 0, 1), ' ');
    }
    canvas_begin(&c, 0, -3, false, inks);
    canvas_dot(&c, 0, 0, PLAIN);
    canvas_free(&c);
}

static void a_cell_takes_the_role_of_the_most_important(void **state)
{
    struct canvas c = {0};
    (void)state;
    canvas_begin(&c, 1, 1, false, inks);
    canvas_dot(&c, 0, 0, STRONG);
    canvas_dot(&c, 1, 0, FAINT);
    assert_int_equal(role_at(&c, 0, 0), ROLE_LOST);
    assert_int_equal(glyph_at(&c, 0, 0), 0x28c0);
    canvas_begin(&c, 1, 1, true, inks);
    canvas_dot(&c, 0, 0, STRONG);
    canvas_dot(&c, 0, 0, PLAIN);
    assert_int_equal(glyph_at(&c, 0, 0), '*');
    canvas_free(&c);
}

static void a_mark_hides_dots_but_not_graver_ones(void **state)
{
    struct canvas c = {0};
    (void)state;
    canvas_begin(&c, 1, 2, false, inks);
    canvas_dot(&c, 0, 0, PLAIN);
    canvas_mark(&c, 0, 3, 'R', PLAIN);
    canvas_mark(&c, 1, 1, 'o', FAINT);
    assert_int_equal(glyph_at(&c, 0, 0), 'R');
    canvas_dot(&c, 2, 0, STRONG);
    canvas_mark(&c, 2, 0, 'o', FAINT);
    assert_int_equal(glyph_at(&c, 0, 1), 0x2840);
    canvas_free(&c);
}

/* The same picture where there is ASCII only: shapes, not colours, tell inks apart. */
static void lines_have_shapes_in_ascii(void **state)
{
    struct canvas c = {0};
    struct grid g = {.ascii = true};
    struct text t = {0};
    (void)state;
    canvas_begin(&c, 5, 9, true, inks);
    canvas_step(&c, 0, 0, 3, 4, PLAIN);
    canvas_across(&c, 4, 8, 4, FAINT);
    canvas_line(&c, 4, 0, 8, 2, STRONG);
    grid_resize(&g, 5, 9);
    canvas_draw(&c, &g, 0, 0);
    grid_text(&g, &t);
    assert_string_equal(text_str(&t), "   |= = =\n"
                                      "   |\n"
                                      "   |   **\n"
                                      "   | **\n"
                                      "---|*\n");
    text_free(&t);
    grid_free(&g);
    canvas_free(&c);
}

static void a_step_goes_across_first(void **state)
{
    struct canvas c = {0};
    (void)state;
    canvas_begin(&c, 1, 2, false, inks);
    canvas_step(&c, 0, 0, 3, 3, PLAIN);
    assert_int_equal(glyph_at(&c, 0, 0), 0x28c0);
    assert_int_equal(glyph_at(&c, 0, 1), 0x28f8);
    canvas_begin(&c, 1, 2, false, inks);
    canvas_line(&c, 3, 3, 3, 3, PLAIN);
    assert_int_equal(glyph_at(&c, 0, 1), 0x2808);
    canvas_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(braille_counts_dots_from_the_lower_left),
        cmocka_unit_test(a_canvas_begun_again_is_empty),
        cmocka_unit_test(what_is_outside_is_clipped),
        cmocka_unit_test(a_cell_takes_the_role_of_the_most_important),
        cmocka_unit_test(a_mark_hides_dots_but_not_graver_ones),
        cmocka_unit_test(lines_have_shapes_in_ascii),
        cmocka_unit_test(a_step_goes_across_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
