#include "labs/guide/start.h"

#include "tracer/trace/trace.h"
#include "tracer/view/viewer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/start-test.XXXXXX";

static void path_of(const char *format, const char *name, char path[256])
{
    int n = snprintf(path, 256, "%s", folder);
    snprintf(path + n, 256 - (size_t)n, format, name);
}

/* A catalog of three labs, and a student who has done none of them. */
static int make_catalog(void **state)
{
    static const char *const names[] = {"01-one", "02-two", "03-three"};
    char path[256];
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    for (size_t i = 0; i < 3; i++) {
        path_of("/%s", names[i], path);
        mkdir(path, 0700);
        path_of("/%s/lab.md", names[i], path);
        FILE *f = fopen(path, "w");
        if (!f)
            return -1;
        fprintf(f, "---\ntitle: Lab %zu\nlevel: 2\nhosts: { C: x }\n---\n", i + 1);
        fclose(f);
    }
    setenv("TCPLAB_CATALOG", folder, 1);
    setenv("XDG_STATE_HOME", folder, 1);
    return 0;
}

static int remove_catalog(void **state)
{
    static const char *const names[] = {"tcpladder/progress.json",
                                        "01-one/lab.md",
                                        "02-two/lab.md",
                                        "03-three/lab.md",
                                        "tcpladder",
                                        "01-one",
                                        "02-two",
                                        "03-three"};
    char path[256];
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path_of("/%s", names[i], path);
        if (remove(path) != 0 && i > 0 && i != 4)
            return -1;
    }
    return rmdir(folder);
}

#ifdef HAVE_JANSSON
static void do_lab(const char *name)
{
    struct error e;
    const struct progress p = {.done = true, .points = 1, .most = 2};
    assert_int_equal(progress_note(name, &p, &e), 0);
}
#endif

static struct start read_start(void)
{
    struct start s;
    struct error e;
    assert_int_equal(start_read(&s, &e), 0);
    assert_int_equal(s.count, 3);
    return s;
}

static void the_next_lab(void **state)
{
    (void)state;
    struct start s = read_start();
    assert_int_equal(s.cursor, 0);
    assert_string_equal(start_next(&s, "one"), "two");
    assert_string_equal(start_next(&s, "three"), "one"); /* from the beginning again */
    assert_null(start_next(&s, "nosuch"));
    start_follow(&s, "two"); /* not done: it is taken again */
    assert_int_equal(s.cursor, 1);
    start_free(&s);

#ifdef HAVE_JANSSON
    do_lab("one");
    do_lab("two");
    s = read_start();
    assert_int_equal(s.cursor, 2);
    start_follow(&s, "one");
    assert_int_equal(s.cursor, 2);
    assert_string_equal(start_next(&s, "one"), "three");
    struct text out = {0};
    start_text(&s, &out);
    assert_string_equal(text_str(&out), "lab    level  what it is about\n"
                                        "one    2      Lab 1             done, 1 of 2 points\n"
                                        "two    2      Lab 2             done, 1 of 2 points\n"
                                        "three  2      Lab 3\n"
                                        "\n2 of 3 done. Take one with: tcplab run LAB\n");
    text_free(&out);
    start_free(&s);
    do_lab("three");
    s = read_start();
    assert_int_equal(s.cursor, 0);
    assert_null(start_next(&s, "one")); /* all are done */
    start_follow(&s, "two");
    assert_int_equal(s.cursor, 1);
    start_free(&s);
#endif
}

static const char *screen(struct viewer *v, int rows, int cols, struct text *out)
{
    struct grid g = {0};
    grid_resize(&g, rows, cols);
    viewer_draw(v, &g);
    text_clear(out);
    grid_text(&g, out);
    grid_free(&g);
    return text_str(out);
}

static void alone_in_the_viewer(void **state)
{
    (void)state;
    struct start s = read_start();
    struct trace *t = trace_new();
    struct viewer *v = viewer_new(t, "labs", false);
    struct text out = {0};
    viewer_alone(v, &start_view, &s);
    s.cursor = 0;
    assert_string_equal(viewer_view(v), "labs");
    assert_non_null(strstr(screen(v, 24, 80, &out), "three"));
    assert_null(strstr(text_str(&out), "ended"));
    viewer_key(v, 'j');
    viewer_key(v, KEY_CODE_DOWN);
    viewer_key(v, 'j');
    assert_int_equal(s.cursor, 2);
    viewer_key(v, 'g');
    assert_int_equal(s.cursor, 0);
    /* what would show a trace, or a run, does nothing */
    static const char keys[] = "vVcLTSCOFDPm'WX(,!s ";
    for (const char *key = keys; *key; key++)
        assert_true(viewer_key(v, (uint32_t)*key) != VIEWER_QUIT);
    assert_string_equal(viewer_view(v), "labs");
    viewer_key(v, '?');
    assert_null(strstr(screen(v, 60, 100, &out), "hold-programs"));
    assert_non_null(strstr(text_str(&out), ":next-match"));
    viewer_key(v, '?');
    /* at any size, and searched as any view is */
    for (int rows = 0; rows < 30; rows++)
        for (int cols = 0; cols < 100; cols += 3)
            screen(v, rows, cols, &out);
    viewer_key(v, '/');
    viewer_key(v, '3');
    viewer_key(v, KEY_CODE_ENTER);
    assert_int_equal(s.cursor, 2);
    assert_false(s.chosen);
    assert_int_equal(viewer_key(v, KEY_CODE_ENTER), VIEWER_QUIT);
    assert_true(s.chosen);
    text_free(&out);
    viewer_free(v);
    trace_free(t);
    start_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_lab),
        cmocka_unit_test(alone_in_the_viewer),
    };
    return cmocka_run_group_tests(tests, make_catalog, remove_catalog);
}
