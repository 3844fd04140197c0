#include "tracer/base/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* A catalogue as msgfmt writes it: "" and its header, "back" and "no". */
struct catalogue {
    uint32_t head[7];
    uint32_t english[3][2], said[3][2];
    char texts[64];
};

enum { TEXTS = offsetof(struct catalogue, texts) };

static struct catalogue good(void)
{
    struct catalogue c = {
        .head = {0x950412de, 0, 3, offsetof(struct catalogue, english),
                 offsetof(struct catalogue, said), 0, 0},
        .english = {{0, TEXTS}, {4, TEXTS + 1}, {2, TEXTS + 6}},
        .said = {{6, TEXTS + 9}, {6, TEXTS + 16}, {3, TEXTS + 23}},
    };
    memcpy(c.texts, "\0back\0no\0header\0返回\0否", 27);
    return c;
}

static char path[] = "/tmp/words-test.XXXXXX";

/* Whether these bytes are taken for a catalogue. */
static bool opens(const void *bytes, size_t n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    return words_open_file(path);
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd >= 0 ? close(fd) : -1;
}

static int remove_file(void **state)
{
    (void)state;
    words_close();
    return unlink(path);
}

static void words_are_found(void **state)
{
    (void)state;
    struct catalogue c = good();
    assert_string_equal(words_of("back"), "back"); /* nothing was opened */
    assert_true(opens(&c, sizeof c));
    assert_string_equal(words_of("back"), "返回");
    assert_string_equal(words_of("no"), "否");
    assert_string_equal(words_of(""), "");
    static const char *const others[] = {"a", "bac", "backs", "c", "zz"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_ptr_equal(words_of(others[i]), others[i]);
    words_close();
    assert_string_equal(words_of("back"), "back");
    assert_false(words_open_file("/nonexistent"));
}

/* Cut anywhere, or with any number in it too large, it is none: nothing outside of it is read. */
static void damaged_files(void **state)
{
    (void)state;
    struct catalogue c = good();
    for (size_t n = 0; n < TEXTS + 27; n++)
        assert_false(opens(&c, n));
    for (size_t i = 0; i < TEXTS / sizeof(uint32_t); i++) {
        static const uint32_t values[] = {UINT32_MAX, INT32_MAX, sizeof c, 1u << 20};
        for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
            struct catalogue bad = good();
            memcpy((char *)&bad + i * sizeof(uint32_t), &values[k], sizeof(uint32_t));
            bool is_used = i != 5 && i != 6; /* the file's hash table is not read */
            assert_int_equal(opens(&bad, sizeof bad), !is_used);
            assert_string_equal(words_of("back"), is_used ? "back" : "返回");
        }
    }
}

static void the_language(void **state)
{
    (void)state;
    setenv("LC_ALL", "", 1);
    setenv("LC_MESSAGES", "", 1);
    setenv("LANG", "zh_CN.UTF-8", 1);
    assert_string_equal(words_language(), "zh");
    words_speak("nonsense");
    assert_string_equal(words_language(), "zh");
    words_speak("en");
    assert_string_equal(words_language(), "en");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_found),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(the_language),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
