/* The command table: nothing in it contradicts anything else, and what the user changes counts. */
#include "tracer/view/command.h"

#include "tracer/view/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_no_key_is_bound_twice_where_it_could_mean_both(void **state)
{
    (void)state;
    int faults = 0, keys = 0;
    for (size_t i = 0; i < command_table_rows; i++)
        for (int k = 0; k < COMMAND_KEYS && command_table[i].keys[k] != 0; k++, keys++)
            for (size_t j = 0; j < command_table_rows; j++)
                for (int m = 0; m < COMMAND_KEYS && command_table[j].keys[m] != 0; m++) {
                    const struct command_row *a = &command_table[i], *b = &command_table[j];
                    if ((i == j && k == m) || a->keys[k] != b->keys[m] || !command_rows_meet(a, b))
                        continue;
                    struct text name = {0};
                    key_name(a->keys[k], &name);
                    print_message("%s is %s and %s\n", text_str(&name), a->name, b->name);
                    text_free(&name);
                    faults++;
                }
    assert_true(keys > 50);
    assert_int_equal(faults, 0);
}

static void test_every_command_has_a_row_and_a_name_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(command_table_rows, COMMAND_COUNT - 1);
    for (int c = COMMAND_NONE + 1; c < COMMAND_COUNT; c++) {
        const struct command_row *row = command_row((enum command)c);
        assert_non_null(row);
        assert_ptr_equal(command_of_name(row->name, strlen(row->name)), row);
        assert_true(strlen(row->help) > 10 && row->help[strlen(row->help) - 1] == '.');
        assert_true(strlen(row->name) <= 20);
        assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(row->name));
    }
}

static void test_every_key_is_read_by_the_name_it_is_shown_by(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_table_rows; i++)
        for (int k = 0; k < COMMAND_KEYS && command_table[i].keys[k] != 0; k++) {
            struct text name = {0};
            uint32_t key = 0;
            key_name(command_table[i].keys[k], &name);
            assert_true(key_of_name(text_str(&name), name.len, &key));
            assert_int_equal(key, command_table[i].keys[k]);
            text_free(&name);
        }
}

static void reads(const char *name, uint32_t key)
{
    uint32_t got = 0;
    assert_true(key_of_name(name, strlen(name), &got));
    assert_int_equal(got, key);
}

static void test_keys_by_other_names(void **state)
{
    (void)state;
    uint32_t key;
    reads("f12", KEY_FUNCTION(12));
    reads("F10", KEY_FUNCTION(10));
    reads("ctrl-t", KEY_CONTROL('t'));
    reads("C-T", KEY_CONTROL('t'));
    reads("pageup", KEY_CODE_PAGE_UP);
    reads("\xc3\xa9", 0xe9);
    reads("T", 'T');
    assert_false(key_of_name("", 0, &key));
    assert_false(key_of_name("F13", 3, &key));
    assert_false(key_of_name("xy", 2, &key));
    assert_false(key_of_name("\x1b", 1, &key));
    assert_false(key_of_name("^1", 2, &key));
}

static void test_names_may_be_cut_while_they_are_one_commands(void **state)
{
    (void)state;
    assert_ptr_equal(command_of_name("q", 1), command_row(COMMAND_QUIT));
    assert_ptr_equal(command_of_name("save", 4), command_row(COMMAND_SAVE));
    assert_ptr_equal(command_of_name("save-s", 6), command_row(COMMAND_SAVE_SCREEN));
    assert_null(command_of_name("s", 1));
    assert_null(command_of_name("", 0));
    assert_null(command_of_name("quitt", 5));
}

static void test_what_is_mistyped_is_guessed(void **state)
{
    (void)state;
    assert_string_equal(command_nearest("qiut", 4), "quit");
    assert_string_equal(command_nearest("fliter", 6), "filter");
    assert_string_equal(command_nearest("savescreen", 10), "save-screen");
    assert_null(command_nearest("xylophone", 9));
}

static void test_bindings(void **state)
{
    (void)state;
    struct keymap map;
    struct text keys = {0};
    keymap_init(&map);
    assert_ptr_equal(keymap_find(&map, 'd', "plots")->row, command_row(COMMAND_DIRECTION));
    assert_null(keymap_find(&map, 'd', "ladder"));
    keymap_bind(&map, 'd', command_row(COMMAND_QUIT), NULL);
    assert_ptr_equal(keymap_find(&map, 'd', "plots")->row, command_row(COMMAND_QUIT));
    keymap_bind(&map, KEY_FUNCTION(12), command_row(COMMAND_THEME), "light");
    assert_string_equal(keymap_find(&map, KEY_FUNCTION(12), "ladder")->argument, "light");
    keymap_keys(&map, COMMAND_QUIT, 9, &keys);
    assert_string_equal(text_str(&keys), "Q ^C F10 d");
    assert_true(keymap_unbind(&map, 'd'));
    assert_false(keymap_unbind(&map, 'd'));
    assert_null(keymap_find(&map, 'd', "plots"));
    text_free(&keys);
    keymap_free(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_key_is_bound_twice_where_it_could_mean_both),
        cmocka_unit_test(test_every_command_has_a_row_and_a_name_of_its_own),
        cmocka_unit_test(test_every_key_is_read_by_the_name_it_is_shown_by),
        cmocka_unit_test(test_keys_by_other_names),
        cmocka_unit_test(test_names_may_be_cut_while_they_are_one_commands),
        cmocka_unit_test(test_what_is_mistyped_is_guessed),
        cmocka_unit_test(test_bindings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
