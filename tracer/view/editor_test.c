#include "tracer/view/editor.h"

#include "tracer/view/command.h"
#include "tracer/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* What a line is after some keys; words are typed letter by letter. */
static void type(struct editor *e, const char *words)
{
    for (size_t n; *words; words += n) {
        uint32_t key = 0;
        n = utf8_read((const uint8_t *)words, strlen(words), &key);
        assert_true(n > 0);
        assert_int_equal(editor_key(e, key), EDITOR_CHANGED);
    }
}

static void test_the_cursor_goes_by_letters(void **state)
{
    (void)state;
    struct editor e = {0};
    editor_begin(&e, NULL, "");
    type(&e, "h\xc3\xa9\xe6\xb1\x89x");
    editor_key(&e, KEY_CODE_LEFT);
    editor_key(&e, KEY_CODE_LEFT);
    type(&e, "-");
    assert_string_equal(text_str(&e.line), "h\xc3\xa9-\xe6\xb1\x89x");
    editor_key(&e, KEY_CODE_BACKSPACE);
    editor_key(&e, KEY_CODE_BACKSPACE);
    editor_key(&e, KEY_CODE_DELETE);
    assert_string_equal(text_str(&e.line), "hx");
    editor_key(&e, KEY_CODE_HOME);
    assert_int_equal(editor_key(&e, KEY_CODE_LEFT), EDITOR_NOTHING);
    assert_int_equal(editor_key(&e, KEY_CODE_BACKSPACE), EDITOR_NOTHING);
    assert_int_equal(editor_key(&e, KEY_CODE_END), EDITOR_MOVED);
    assert_int_equal(editor_key(&e, KEY_CODE_RIGHT), EDITOR_NOTHING);
    assert_int_equal(editor_key(&e, KEY_CODE_DELETE), EDITOR_NOTHING);
    editor_free(&e);
}

static void test_words_and_ends_are_erased(void **state)
{
    (void)state;
    struct editor e = {0};
    editor_begin(&e, NULL, "one two  three");
    editor_key(&e, KEY_CONTROL('w'));
    assert_string_equal(text_str(&e.line), "one two  ");
    editor_key(&e, KEY_CONTROL('w'));
    assert_string_equal(text_str(&e.line), "one ");
    type(&e, "more");
    editor_key(&e, KEY_CODE_HOME);
    editor_key(&e, KEY_CODE_RIGHT);
    editor_key(&e, KEY_CONTROL('k'));
    assert_string_equal(text_str(&e.line), "o");
    type(&e, "ut");
    editor_key(&e, KEY_CODE_LEFT);
    editor_key(&e, KEY_CONTROL('u'));
    assert_string_equal(text_str(&e.line), "t");
    assert_int_equal(e.cursor, 0);
    editor_free(&e);
}

static void test_the_history_gives_lines_back(void **state)
{
    (void)state;
    struct history h = {0};
    struct editor e = {0};
    for (int i = 0; i < HISTORY_LINES + 5; i++) {
        char line[2] = {(char)('0' + i % 70), '\0'};
        editor_begin(&e, &h, line);
        assert_int_equal(editor_key(&e, KEY_CODE_ENTER), EDITOR_DONE);
    }
    assert_int_equal(h.count, HISTORY_LINES);
    editor_begin(&e, &h, "");
    assert_int_equal(editor_key(&e, KEY_CODE_ENTER), EDITOR_DONE); /* nothing is not kept */
    assert_int_equal(h.count, HISTORY_LINES);
    editor_begin(&e, &h, "mine");
    assert_int_equal(editor_key(&e, KEY_CODE_DOWN), EDITOR_NOTHING);
    editor_key(&e, KEY_CODE_UP);
    char last[2] = {(char)('0' + HISTORY_LINES + 4), '\0'};
    assert_string_equal(text_str(&e.line), last);
    for (int i = 0; i < HISTORY_LINES + 9; i++)
        editor_key(&e, KEY_CODE_UP);
    assert_string_equal(text_str(&e.line), "5");
    for (int i = 0; i < HISTORY_LINES; i++)
        editor_key(&e, KEY_CODE_DOWN);
    assert_string_equal(text_str(&e.line), "mine");
    history_free(&h);
    editor_free(&e);
}

static void test_nothing_unsafe_gets_in_and_the_line_ends_somewhere(void **state)
{
    (void)state;
    struct editor e = {0};
    static const uint32_t bad[] = {0x1b, 0x9b, 0x7f, 0x202e, 0xd800, 0x110000, KEY_CODE_UNKNOWN};
    editor_begin(&e, NULL, "");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        editor_key(&e, bad[i]);
    assert_int_equal(e.line.len, 0);
    for (int i = 0; i < 2 * EDITOR_BYTES; i++)
        editor_key(&e, 'x');
    assert_int_equal(e.line.len, EDITOR_BYTES);
    editor_free(&e);
}

static void test_the_cursor_is_always_in_sight(void **state)
{
    (void)state;
    struct editor e = {0};
    struct grid g = {0};
    grid_resize(&g, 1, 40);
    editor_begin(&e, NULL, "");
    for (int i = 0; i < 100; i++)
        type(&e, i % 7 ? "a" : "\xe6\xb1\x89");
    for (int i = 0; i <= 100; i++) {
        for (int cols = 0; cols <= 40; cols++) {
            grid_clear(&g);
            editor_draw(&e, &g, (struct area){0, 0, 1, cols});
            assert_true(cols < 4 || (g.has_cursor && g.cursor_col < cols));
        }
        editor_key(&e, KEY_CODE_LEFT);
    }
    assert_int_equal(e.cursor, 0);
    editor_free(&e);
    grid_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_cursor_goes_by_letters),
        cmocka_unit_test(test_words_and_ends_are_erased),
        cmocka_unit_test(test_the_history_gives_lines_back),
        cmocka_unit_test(test_nothing_unsafe_gets_in_and_the_line_ends_somewhere),
        cmocka_unit_test(test_the_cursor_is_always_in_sight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
