/* A source is read only from where it may be, and only what is a source. */
#include "tracer/view/source_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *bytes, size_t n)
{
    FILE *f = fopen(path_of(name), "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
    static char big[(1 << 20) + 1];
    (void)state;
    strcpy(folder, "/tmp/sources.XXXXXX");
    if (!mkdtemp(folder) || mkdir(path_of("src"), 0700) != 0)
        return -1;
    put("src/a.c", "one\n\ttwo \"\\n\"\n\x1b[31mthree\xff", 25);
    put("b.c", "", 0);
    put("zero.c", "a\0b", 3);
    memset(big, 'x', sizeof big);
    put("big.c", big, sizeof big);
    char target[256];
    strcpy(target, path_of("src/a.c"));
    return symlink(target, path_of("link.c")) || symlink("src", path_of("way")) ||
           mkfifo(path_of("pipe.c"), 0600);
}

static int tear_down(void **state)
{
    static const char *const names[] = {"src/a.c", "b.c", "zero.c", "big.c",
                                        "link.c",  "way", "pipe.c"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(path_of(names[i]));
    return rmdir(path_of("src")) || rmdir(folder);
}

/* Whether it can be read; where not, a sentence must say why. */
static bool reads(const struct trace *t, const char *name, size_t lines)
{
    struct source_file f;
    bool good = source_file_read(&f, t, name);
    if (good)
        assert_int_equal(f.lines, lines);
    else
        assert_true(f.fault && strlen(f.fault) > 10);
    source_file_free(&f);
    return good;
}

static void test_where(void **state)
{
    struct trace *t = trace_new();
    char whole[256];
    (void)state;
    assert_false(reads(t, "src/a.c", 3)); /* no folder was named */
    trace_set_sources(t, folder, false);
    assert_true(reads(t, "src/a.c", 3));
    assert_true(reads(t, "b.c", 1));
    assert_true(reads(t, "elsewhere/../b.c", 1)); /* by its last part */
    assert_false(reads(t, "../a.c", 3));
    assert_false(reads(t, "a.c", 3));
    assert_false(reads(t, "src", 0));
    assert_false(reads(t, "", 0));
    assert_false(reads(t, "..", 0));
    assert_false(reads(t, "/etc/passwd", 0));
    strcpy(whole, path_of("src/a.c"));
    assert_false(reads(t, whole, 3));
    trace_set_sources(t, "/nonexistent", true);
    assert_true(reads(t, whole, 3));
    trace_free(t);
}

static void test_what(void **state)
{
    static const char *const names[] = {"link.c", "way/a.c", "pipe.c",      "zero.c",
                                        "big.c",  "none.c",  "src/../b.c/", "/dev/zero"};
    struct trace *t = trace_new();
    (void)state;
    trace_set_sources(t, folder, true);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_false(reads(t, names[i], 0));
    trace_free(t);
}

static void test_lines(void **state)
{
    struct trace *t = trace_new();
    struct source_file f;
    struct text out = {0};
    static const char *const lines[] = {"", "one", "    two \"\\n\"", "\\x1b[31mthree\\xff", ""};
    (void)state;
    trace_set_sources(t, folder, false);
    assert_true(source_file_read(&f, t, "src/a.c"));
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        text_clear(&out);
        source_file_line(&f, i, &out);
        assert_string_equal(text_str(&out), lines[i]);
    }
    text_free(&out);
    source_file_free(&f);
    trace_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where),
        cmocka_unit_test(test_what),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
