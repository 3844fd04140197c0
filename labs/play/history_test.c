#include "labs/play/history.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/history-test.XXXXXX";
static const char *file(const char *name)
{
    static struct text path;
    text_clear(&path);
    text_format(&path, "%s/tcpladder/%s", folder, name);
    return text_str(&path);
}

static int set_up(void **state)
{
    (void)state;
    return !mkdtemp(folder) || setenv("XDG_STATE_HOME", folder, 1) != 0;
}

static int tear_down(void **state)
{
    (void)state;
    struct text command = {0};
    text_format(&command, "rm -r '%s'", folder);
    int result = system(text_str(&command));
    text_free(&command);
    return result;
}

static void lines_come_back(void **state)
{
    (void)state;
    struct play_history h;
    struct stat st;
    play_history_open(&h);
    assert_int_equal(h.count, 0);
    play_history_add(&h, "S: listen 9502");
    play_history_add(&h, "");
    play_history_add(&h, "C: \"\xc3\xbc\"");
    play_history_free(&h);
    play_history_open(&h);
    assert_int_equal(h.count, 2);
    assert_string_equal(h.lines[0], "S: listen 9502");
    assert_string_equal(h.lines[1], "C: \"\xc3\xbc\"");
    play_history_free(&h);
    assert_int_equal(stat(file("play-history"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void what_has_grown_is_cut(void **state)
{
    (void)state;
    struct play_history h;
    struct stat st;
    FILE *f = fopen(file("play-history"), "we");
    assert_non_null(f);
    fputs("a control \x1b[2J\n", f);
    for (int i = 0; i < 20000; i++)
        fprintf(f, "line %d\n", i);
    fclose(f);
    play_history_open(&h);
    assert_int_equal(h.count, PLAY_HISTORY_MOST);
    assert_string_equal(h.lines[PLAY_HISTORY_MOST - 1], "line 19999");
    play_history_free(&h);
    assert_int_equal(stat(file("play-history"), &st), 0);
    assert_true(st.st_size < 2000);
    play_history_open(&h);
    assert_int_equal(h.count, PLAY_HISTORY_MOST);
    play_history_free(&h);
}

/* A link, and what is no file, are left alone; a prompt works without. */
static void no_file_is_no_fault(void **state)
{
    (void)state;
    struct play_history h;
    struct stat st;
    unlink(file("play-history"));
    char *other = strdup(file("other"));
    assert_int_equal(symlink(other, file("play-history")), 0);
    play_history_open(&h);
    play_history_add(&h, "close");
    play_history_free(&h);
    assert_int_equal(stat(other, &st), -1);
    free(other);
    unlink(file("play-history"));
    assert_int_equal(mkfifo(file("play-history"), 0600), 0);
    play_history_open(&h);
    play_history_add(&h, "close");
    assert_int_equal(h.count, 0);
    play_history_free(&h);
    setenv("XDG_STATE_HOME", "/proc/nowhere", 1);
    play_history_open(&h);
    play_history_add(&h, "close");
    play_history_free(&h);
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    play_history_open(&h);
    play_history_add(&h, "close");
    assert_int_equal(h.path.len, 0);
    play_history_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_back),
        cmocka_unit_test(what_has_grown_is_cut),
        cmocka_unit_test(no_file_is_no_fault),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
