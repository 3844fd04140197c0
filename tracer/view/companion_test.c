#include "tracer/view/companion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool apart(struct area a, struct area b)
{
    return a.rows == 0 || b.rows == 0 || a.row + a.rows < b.row || a.col + a.cols < b.col;
}

static void both_have_room_at_every_size(void **state)
{
    (void)state;
    for (int rows = 0; rows < 110; rows++)
        for (int cols = 0; cols < 310; cols += 7)
            for (int focused = 0; focused < 2; focused++) {
                struct area viewer, own;
                companion_place(rows, cols, focused, &viewer, &own);
                struct area used = focused ? own : viewer;
                assert_true(apart(viewer, own));
                assert_true(rows == 0 || used.rows > 0);
                assert_true(viewer.row + viewer.rows <= rows && own.row + own.rows <= rows);
                assert_true(viewer.col + viewer.cols <= cols && own.col + own.cols <= cols);
                if (rows >= 24 && cols >= 80)
                    assert_true(viewer.cols >= 72 && viewer.rows >= 12 && own.rows >= 10);
            }
}

static void a_small_screen_shows_one_at_a_time(void **state)
{
    (void)state;
    struct area viewer, own;
    companion_place(10, 40, true, &viewer, &own);
    assert_int_equal(viewer.rows, 0);
    assert_int_equal(own.rows, 10);
    companion_place(10, 40, false, &viewer, &own);
    assert_int_equal(viewer.rows, 10);
    assert_int_equal(own.rows, 0);
}

static void one_picture_of_two(void **state)
{
    (void)state;
    struct grid whole = {0}, a = {0}, b = {0};
    struct area left = {0, 0, 2, 3}, right = {0, 4, 2, 3};
    struct text out = {0};
    grid_resize(&whole, 2, 7);
    grid_resize(&a, 2, 3);
    grid_resize(&b, 2, 3);
    whole.ascii = true;
    grid_write(&a, 0, 0, 3, "abc", ROLE_NORMAL);
    grid_write(&b, 1, 0, 3, "xyz", ROLE_NORMAL);
    grid_place_cursor(&b, 1, 2);
    companion_copy(&a, &whole, left);
    companion_copy(&b, &whole, right);
    companion_line(&whole, left, right);
    grid_text(&whole, &out);
    assert_string_equal(text_str(&out), "abc|\n   |xyz\n");
    assert_true(whole.has_cursor);
    assert_int_equal(whole.cursor_row, 1);
    assert_int_equal(whole.cursor_col, 6);
    text_free(&out);
    grid_free(&whole);
    grid_free(&a);
    grid_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_have_room_at_every_size),
        cmocka_unit_test(a_small_screen_shows_one_at_a_time),
        cmocka_unit_test(one_picture_of_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
