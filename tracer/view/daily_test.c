/* What annoyed in daily use, and is mended: names that are cut, files that are typed, key bars. */
#include "tracer/view/stage.h"

#include "tracer/view/command.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void begin(struct stage *s, const char *title, int rows, int cols)
{
    *s = (struct stage){0};
    scene_begin(&s->scene, false);
    stage_open(s, title, false, rows, cols);
}

static bool sees_now(struct stage *s, const char *words)
{
    viewer_update(s->viewer);
    return sees(s, words);
}

static void type(struct stage *s, const char *keys)
{
    for (; *keys; keys++)
        viewer_key(s->viewer, *keys == '\r' ? KEY_CODE_ENTER : (uint32_t)(unsigned char)*keys);
}

static void a_long_path_keeps_the_files_name(void **state)
{
    (void)state;
    struct stage s;
    begin(&s, "/home/someone/captures/of-november/the-slow-one.pcap", 10, 60);
    assert_true(sees_now(&s, "\xe2\x80\xa6/of-november/the-slow-one.pcap "));
    grid_resize(&s.grid, 10, 40);
    assert_true(sees_now(&s, " the-slow-one.p")); /* what of it has room: its beginning */
    grid_resize(&s.grid, 10, 100);
    assert_true(sees_now(&s, " /home/someone/captures/of-november/the-slow-one.pcap "));
    stage_close(&s);
    begin(&s, "the handshake, a lab whose title is long and holds no slash", 10, 60);
    assert_true(sees_now(&s, " the handshake, a lab"));
    stage_close(&s);
}

/* Nothing of the view beneath can be done while the help is read. */
static void the_help_has_its_own_key_bar(void **state)
{
    (void)state;
    struct stage s;
    begin(&s, "a story", 24, 80);
    type(&s, "?");
    assert_true(sees_now(&s, "q close"));
    assert_false(sees_now(&s, "pause  A follow"));
    type(&s, "q");
    assert_false(sees_now(&s, "q close"));
    stage_close(&s);
}

static void every_view_says_how_to_leave_it(void **state)
{
    static const char keys[] = "cTSCOFDP";
    (void)state;
    for (const char *k = keys; *k; k++) {
        struct stage s;
        char key[2] = {*k, '\0'};
        begin(&s, "a story", 10, 40);
        scene_sends(&s.scene, 0, SCENE_SYN);
        sees_now(&s, "");
        type(&s, key);
        assert_true(sees_now(&s, "q back"));
        stage_close(&s);
    }
}

static void an_empty_ladder_says_why(void **state)
{
    (void)state;
    struct stage s;
    begin(&s, "lo", 24, 80);
    assert_true(sees_now(&s, "Nothing has been seen yet."));
    scene_sends(&s.scene, 0, SCENE_SYN);
    assert_false(sees_now(&s, "Nothing has been seen yet."));
    type(&s, "f[R]\r");
    assert_true(sees_now(&s, "No line is picked by the filter."));
    stage_close(&s);
}

static void touch(const char *folder, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void remove_all(const char *folder, const char *const *names)
{
    char path[160];
    for (; *names; names++) {
        snprintf(path, sizeof path, "%s/%s", folder, *names);
        assert_int_equal(remove(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

/* As a shell does it: what is common, what could be meant, a slash behind a folder. What a terminal
 * should not be given is not offered. */
static void names_of_files_are_completed(void **state)
{
    (void)state;
    static const char *const names[] = {"morning-1.pcap", "morning-2.pcap", "old",
                                        ".hidden",        "bad\x1b[2J",     NULL};
    char folder[] = "/tmp/tcpladder-daily-XXXXXX", line[160];
    struct stage s;
    assert_non_null(mkdtemp(folder));
    for (const char *const *n = names; *n; n++)
        if (strcmp(*n, "old") != 0)
            touch(folder, *n);
    snprintf(line, sizeof line, "%s/old", folder);
    assert_int_equal(mkdir(line, 0700), 0);
    begin(&s, "a story", 24, 100);
    snprintf(line, sizeof line, ":save %s/mo\t", folder);
    type(&s, line);
    snprintf(line, sizeof line, ":save %s/morning-_", folder);
    assert_true(sees_now(&s, line));
    assert_true(sees_now(&s, "  morning-1.pcap") && sees_now(&s, "  morning-2.pcap"));
    type(&s, "2\t");
    snprintf(line, sizeof line, ":save %s/morning-2.pcap_", folder);
    assert_true(sees_now(&s, line));
    viewer_key(s.viewer, KEY_CODE_ESCAPE);
    snprintf(line, sizeof line, "s%s/o\t", folder);
    type(&s, line);
    snprintf(line, sizeof line, "save to: %s/old/_", folder);
    assert_true(sees_now(&s, line));
    viewer_key(s.viewer, KEY_CODE_ESCAPE);
    snprintf(line, sizeof line, ":save-screen %s/\t", folder);
    type(&s, line);
    assert_true(sees_now(&s, "  old/"));
    assert_false(sees_now(&s, "hidden"));
    assert_false(sees_now(&s, "2J"));
    stage_close(&s);
    remove_all(folder, names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_path_keeps_the_files_name),
        cmocka_unit_test(the_help_has_its_own_key_bar),
        cmocka_unit_test(every_view_says_how_to_leave_it),
        cmocka_unit_test(an_empty_ladder_says_why),
        cmocka_unit_test(names_of_files_are_completed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
