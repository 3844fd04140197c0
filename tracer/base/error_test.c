#include "tracer/base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void a_sentence_is_set_and_minus_one_returned(void **state)
{
    (void)state;
    struct error e;
    memset(&e, 'x', sizeof e);
    assert_int_equal(error_set(&e, "%s cannot be opened: %d.", "a.pcap", 7), -1);
    assert_string_equal(e.text, "a.pcap cannot be opened: 7.");
    assert_int_equal(e.status, EXIT_FELL_SHORT);
}

static void the_exit_status_is_kept(void **state)
{
    (void)state;
    struct error e = {0};
    assert_int_equal(error_exit(&e, EXIT_MACHINE, "No namespaces here."), -1);
    assert_int_equal(e.status, EXIT_MACHINE);
    assert_string_equal(e.text, "No namespaces here.");
    assert_int_equal(error_exit(&e, EXIT_VOID, "Dropped %s.", "3"), -1);
    assert_int_equal(e.status, EXIT_VOID);
    assert_string_equal(e.text, "Dropped 3.");
}

static void the_newest_error_replaces_the_last(void **state)
{
    (void)state;
    struct error e = {0};
    error_exit(&e, EXIT_MACHINE, "A long sentence that stood here before.");
    error_set(&e, "Short.");
    assert_string_equal(e.text, "Short.");
    assert_int_equal(e.status, EXIT_FELL_SHORT);
}

static void nobody_need_listen(void **state)
{
    (void)state;
    assert_int_equal(error_set(NULL, "%d", 1), -1);
    assert_int_equal(error_exit(NULL, EXIT_MACHINE, "%d", 1), -1);
}

static void a_sentence_too_long_is_cut_inside_its_room(void **state)
{
    (void)state;
    struct {
        struct error e;
        char guard[8];
    } room;
    memset(&room, 'g', sizeof room);
    char name[2 * sizeof room.e.text];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(error_set(&room.e, "%s", name), -1);
    assert_int_equal(strlen(room.e.text), sizeof room.e.text - 1);
    assert_memory_equal(room.guard, "gggggggg", 8);
}

static void a_sentence_ends_with_the_command_that_mends_it(void **state)
{
    (void)state;
    struct error e;
    error_exit(&e, EXIT_MACHINE, "It is refused. To allow it:");
    assert_int_equal(error_mend(&e, "sudo allow it"), -1);
    assert_string_equal(e.text, "It is refused. To allow it: sudo allow it");
    assert_string_equal(e.text + e.mend_at, "sudo allow it");
    assert_int_equal(e.status, EXIT_MACHINE);
    error_set(&e, "Another.");
    assert_int_equal(e.mend_at, 0);
    error_set(&e, "%*s", (int)sizeof e.text, "x"); /* no room is left for one */
    error_mend(&e, "sudo allow it");
    assert_int_equal(e.mend_at, 0);
    assert_int_equal(error_mend(NULL, "sudo allow it"), -1);
}

static void the_words_may_come_from_the_error_itself(void **state)
{
    (void)state;
    struct error inner, outer;
    error_exit(&inner, EXIT_MACHINE, "no permission");
    error_exit(&outer, inner.status, "eth0: %s", inner.text);
    assert_string_equal(outer.text, "eth0: no permission");
    assert_int_equal(outer.status, EXIT_MACHINE);
}

static void the_statuses_are_those_of_the_manual(void **state)
{
    (void)state;
    assert_int_equal(EXIT_DONE, 0);
    assert_int_equal(EXIT_FELL_SHORT, 1);
    assert_int_equal(EXIT_WRONG_USAGE, 2);
    assert_int_equal(EXIT_MACHINE, 3);
    assert_int_equal(EXIT_VOID, 4);
}

/* Standard error is a pipe for a moment. */
static void what_is_told_does_a_terminal_no_harm(void **state)
{
    (void)state;
    char told[200] = "";
    int ends[2], before = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    error_tell("it", "There is no \x1b]0;x\x07, nor \\x1b.\nAgain: \xe2\x80\xae \xff.");
    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    assert_true(read(ends[0], told, sizeof told - 1) > 0);
    assert_string_equal(told,
                        "it: There is no \\x1b]0;x\\x07, nor \\x1b.\nAgain: \\u{202e} \\xff.\n");
    close(before);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_is_set_and_minus_one_returned),
        cmocka_unit_test(the_exit_status_is_kept),
        cmocka_unit_test(the_newest_error_replaces_the_last),
        cmocka_unit_test(nobody_need_listen),
        cmocka_unit_test(a_sentence_too_long_is_cut_inside_its_room),
        cmocka_unit_test(a_sentence_ends_with_the_command_that_mends_it),
        cmocka_unit_test(the_words_may_come_from_the_error_itself),
        cmocka_unit_test(the_statuses_are_those_of_the_manual),
        cmocka_unit_test(what_is_told_does_a_terminal_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
