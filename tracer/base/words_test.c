#include "tracer/base/words.h"

#include "tracer/base/text.h"

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

/* A catalogue of these pairs, in the order of their English. */
static bool opens_pairs(const char *const (*pairs)[2], size_t count)
{
    uint32_t head[7] = {
        0x950412de, 0, (uint32_t)count, sizeof head, (uint32_t)(sizeof head + 8 * count), 0, 0};
    unsigned char bytes[2048];
    size_t at = sizeof head + 16 * count;
    memcpy(bytes, head, sizeof head);
    for (size_t i = 0; i < 2 * count; i++) {
        const char *text = pairs[i % count][i / count];
        uint32_t place[2] = {(uint32_t)strlen(text), (uint32_t)at};
        assert_true(at + strlen(text) < sizeof bytes);
        memcpy(bytes + sizeof head + 8 * i, place, sizeof place);
        memcpy(bytes + at, text, strlen(text) + 1);
        at += strlen(text) + 1;
    }
    return opens(bytes, at);
}

/* What another process has filled with values is said with the same ones, in whatever order. */
static void words_are_said_again(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", "header"},
        {"%%%s of %u bytes kept", "%2$u 字节里留 %1$s%%"},
        {"%c's program has ended", "%c 的程序结束了"},
        {"%d and %c", "%d、%c"},
        {"%s, held %s", "%s，扣住 %s"},
        {"%s, held by a rule %s", "%s，规则扣住 %s"},
        {"%s: %s", "%s：%s"},
        {"held by hand", "由人扣住"},
    };
    static const struct {
        const char *english, *said;
    } rows[] = {
        {"held by hand", "由人扣住"},
        {"C's program has ended", "C 的程序结束了"},
        {"CC's program has ended", NULL},
        {"C's program has ended.", NULL},
        {"1  C > S, held 3 s", "1  C > S，扣住 3 s"},
        {"1, held by a rule 20 ms", "1，规则扣住 20 ms"}, /* the one of more words */
        {"%50 of 12 bytes kept", "12 字节里留 50%"},
        {"%50 of -12 bytes kept", NULL},
        {"4 and x", NULL}, /* too few words to know it by */
        {"a: b", NULL},
        {"", ""},
    };
    assert_true(opens_pairs(pairs, sizeof pairs / sizeof pairs[0]));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text out = {0};
        bool known = words_again(rows[i].english, &out);
        assert_string_equal(text_str(&out), rows[i].said ? rows[i].said : rows[i].english);
        assert_int_equal(known, rows[i].said && rows[i].said[0]);
        text_free(&out);
    }
}

/* A text that fits in very many ways and then does not: it is given up. */
static void long_texts_end(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", "header"},
        {"%s, held %s, held %s, held %s, held %s!", "%s%s%s%s%s"},
    };
    struct text english = {0}, out = {0};
    assert_true(opens_pairs(pairs, 2));
    for (int i = 0; i < 2000; i++)
        text_add(&english, ", held ");
    assert_false(words_again(text_str(&english), &out));
    assert_string_equal(text_str(&out), text_str(&english));
    text_free(&english);
    text_free(&out);
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
        cmocka_unit_test(words_are_found), cmocka_unit_test(words_are_said_again),
        cmocka_unit_test(long_texts_end),  cmocka_unit_test(damaged_files),
        cmocka_unit_test(the_language),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
