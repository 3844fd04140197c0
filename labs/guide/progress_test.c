#include "labs/guide/progress.h"

#include "tracer/base/state_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/progress-test-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    return setenv("XDG_STATE_HOME", folder, 1);
}

static void forget(const char *name)
{
    struct text path = {0};
    state_file_path(name, &path);
    unlink(text_str(&path));
    text_free(&path);
}

static int tear_down(void **state)
{
    (void)state;
    char own[sizeof folder + 16];
    forget("progress.json");
    forget("a file");
    snprintf(own, sizeof own, "%s/tcpladder", folder);
    rmdir(own);
    return rmdir(folder); /* nothing else was left there */
}

static void a_file_is_what_was_written(void **state)
{
    (void)state;
    struct text bytes = {0}, found = {0}, path = {0};
    struct error e;
    struct stat st;
    assert_int_equal(state_file_read("a file", 100, &found, &e), 0);
    assert_int_equal(found.len, 0);
    text_bytes(&bytes, "one\0two", 7);
    assert_int_equal(state_file_write("a file", &bytes, &e), 0);
    assert_int_equal(state_file_read("a file", 100, &found, &e), 0);
    assert_int_equal(found.len, 7);
    assert_memory_equal(found.s, "one\0two", 7);
    text_clear(&found);
    assert_int_equal(state_file_read("a file", 3, &found, &e), 0);
    assert_string_equal(text_str(&found), "one");
    state_file_path("a file", &path);
    assert_int_equal(stat(text_str(&path), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    unlink(text_str(&path));
    assert_int_equal(symlink("/etc/passwd", text_str(&path)), 0); /* is not followed */
    assert_int_equal(state_file_read("a file", 100, &found, &e), -1);
    assert_non_null(strstr(e.text, text_str(&path)));
    text_free(&bytes);
    text_free(&found);
    text_free(&path);
}

static void the_best_of_a_lab_stays(void **state)
{
    (void)state;
    struct progress p;
    struct error e;
    struct text says = {0};
    assert_int_equal(progress_of("data", &p, &e), 0);
    assert_false(p.done);
    assert_int_equal(progress_note("data", &(struct progress){true, 4, 5}, &e), 0);
    assert_int_equal(progress_note("teardown", &(struct progress){true, 0, 0}, &e), 0);
    assert_int_equal(progress_note("data", &(struct progress){true, 2, 5}, &e), 0);
    assert_int_equal(progress_of("data", &p, &e), 0);
#ifdef HAVE_JANSSON
    assert_true(p.done);
    assert_int_equal(p.points, 4);
    progress_text(&p, &says);
    assert_string_equal(text_str(&says), "done, 4 of 5 points");
    /* a question more: what was four of five is not four of six */
    assert_int_equal(progress_note("data", &(struct progress){true, 3, 6}, &e), 0);
    assert_int_equal(progress_of("data", &p, &e), 0);
    assert_int_equal(p.points, 3);
    text_clear(&says);
    assert_int_equal(progress_of("teardown", &p, &e), 0);
    progress_text(&p, &says);
    assert_string_equal(text_str(&says), "done");
    struct text broken = {0};
    text_add(&broken, "[1, 2");
    assert_int_equal(state_file_write("progress.json", &broken, &e), 0);
    assert_int_equal(progress_of("data", &p, &e), -1);
    assert_non_null(strstr(e.text, "Remove it"));
    assert_int_equal(progress_note("data", &(struct progress){true, 1, 1}, &e), -1);
    text_free(&broken);
#endif
    text_free(&says);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_what_was_written),
        cmocka_unit_test(the_best_of_a_lab_stays),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
