/* What varies: what is picked, by sha256sum's word too; where it stands; what is refused. */
#include "labs/lesson/vary.h"

#include "tracer/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char paper[] =
    "---\n"
    "title: Port $port\n"
    "vary: { port: 9502 | 10000..29999, word: hello | howdy, you | servus, drop: 3..5 }\n"
    "---\n";

static const char made_of_others[] =
    "---\ntitle: T\nvary: { drop: 3 | 3, lost: ${drop-1}001, room: $lost..${lost+1} }\n"
    "hosts: { C: c $lost, S: s $room }\n---\n";

static const char whole[] =
    "---\n"
    "title: Varied\n"
    "vary: { port: 9502 | 10000..29999, word: hello | good day | servus, drop: 3..5 }\n"
    "set: delay=${drop}ms\n"
    "hosts: { C: ./client S $port \"$word\", S: ./server $port }\n"
    "---\n"
    "Say $word to ${port+1}, $10, ${word+1}, $nothing, $portal, ${drop, $, ${port-2}x.\n"
    "```wire\ndrop C > S data $drop\n```\n"
    "```run\nC: ./client S $port\n```\n"
    "```expect\n\"says $word\"\n    C > S data ${drop-1} \"$word\"\n```\n";

static void read_for(const char *key, struct lesson *l)
{
    struct error e;
    vary_for(key);
    if (lesson_parse(whole, "p", l, &e) != 0)
        fail_msg("%s", e.text);
    vary_for(NULL);
}

static void for_nobody_it_is_the_first_of_each(void **state)
{
    struct lesson l;
    struct text told = {0};
    (void)state;
    read_for(NULL, &l);
    assert_string_equal(l.programs[0], "./client S 9502 \"hello\"");
    assert_string_equal(l.programs[1], "./server 9502");
    assert_string_equal(l.set[0], "delay=3ms");
    assert_string_equal(l.wire->at[0].text, "drop C > S data 3");
    assert_string_equal(l.parts[2].runs[0].command, "./client S 9502");
    assert_non_null(strstr(l.parts[3].text, "data 2 \"hello\""));
    assert_string_equal(l.parts[0].text, "Say hello to 9503, $10, ${word+1}, $nothing, $portal, "
                                         "${drop, $, 9500x.\n");
    vary_tell(&l, &told);
    assert_string_equal(text_str(&told), "port 9502, word hello, drop 3");
    text_free(&told);
    lesson_free(&l);
}

/* As anybody can reckon it: the first 16 hexadecimal digits, by the number of choices. */
static uint64_t by_sha256sum(const char *key, const char *name)
{
    char command[200], line[17] = "";
    snprintf(command, sizeof command, "printf '%%s\\n%%s' '%s' '%s' | sha256sum", key, name);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    pclose(f);
    return strtoull(line, NULL, 16);
}

static void a_student_has_the_same_every_time(void **state)
{
    static const char *const words[] = {"hello", "good day", "servus"};
    bool ports_differ = false;
    struct text port = {0};
    (void)state;
    for (int i = 0; i < 20; i++) {
        char key[20], wanted[30];
        struct lesson l, again;
        snprintf(key, sizeof key, "student %d", i);
        read_for(key, &l);
        read_for(key, &again);
        uint64_t at = by_sha256sum(key, "port") % 20001;
        snprintf(wanted, sizeof wanted, "%llu",
                 at == 0 ? 9502ULL : 10000ULL + (unsigned long long)at - 1);
        assert_string_equal(l.variables[0].value, wanted);
        assert_string_equal(l.variables[1].value, words[by_sha256sum(key, "word") % 3]);
        assert_int_equal(atoi(l.variables[2].value), 3 + (int)(by_sha256sum(key, "drop") % 3));
        for (size_t v = 0; v < 3; v++)
            assert_string_equal(l.variables[v].value, again.variables[v].value);
        assert_string_equal(l.programs[0], again.programs[0]);
        ports_differ |= port.len > 0 && strcmp(text_str(&port), l.variables[0].value) != 0;
        text_clear(&port);
        text_add(&port, l.variables[0].value);
        lesson_free(&l);
        lesson_free(&again);
    }
    assert_true(ports_differ);
    text_free(&port);
}

static void a_secret_makes_the_key(void **state)
{
    char name[] = "/tmp/vary-test.XXXXXX";
    struct text key = {0}, plain = {0};
    struct error e = {0};
    (void)state;
    int fd = mkstemp(name);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    assert_non_null(f);
    fflush(f);
    assert_int_equal(vary_key("ada", name, &key, &e), -1);
    assert_non_null(strstr(e.text, "is empty"));
    fputs("quite secret\n", f);
    assert_int_equal(fclose(f), 0);
    text_clear(&key);
    assert_int_equal(vary_key("ada", name, &key, &e), 0);
    /* printf 'quite secret\n\nada' | sha256sum */
    assert_string_equal(text_str(&key), "65568165b71468a0");
    assert_int_equal(vary_key("ada", NULL, &plain, &e), 0);
    assert_string_equal(text_str(&plain), "ada");
    assert_int_equal(vary_key("", NULL, &plain, &e), -1);
    assert_int_equal(vary_key("ada", "/nonexistent", &plain, &e), -1);
    assert_int_equal(e.status, EXIT_WRONG_USAGE);
    remove(name);
    text_free(&key);
    text_free(&plain);
}

static void what_is_refused(void **state)
{
    static const char *const lines[][2] = {
        {"9502 | 9503", "write once what varies"},
        {"{ port }", "a variable is a name"},
        {"{ Port: 1 }", "a variable is a name"},
        {"{ port: 1, port: 2 }", "a variable is a name"},
        {"{ port: }", "a variable has choices"},
        {"{ port: | }", "a variable has choices"},
        {"{ port: 5..4 }", "second number is the smaller"},
        {"{ a: 1 }\nvary: { b: 1 }", "write once what varies"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct text text = {0};
        struct lesson l;
        struct error e = {0};
        text_format(&text, "---\ntitle: T\nvary: %s\nhosts: { C: c, S: s }\n---\n", lines[i][0]);
        assert_int_equal(lesson_parse(text_str(&text), "p", &l, &e), -1);
        if (!strstr(e.text, lines[i][1]))
            fail_msg("%s: %s", lines[i][0], e.text);
        text_free(&text);
    }
}

/* A comma ends a variable: what follows it has to be another one. */
static void a_comma_is_no_choice(void **state)
{
    struct lesson l;
    struct error e = {0};
    (void)state;
    assert_int_equal(lesson_parse(paper, "p", &l, &e), -1);
    assert_non_null(strstr(e.text, "p:3: a variable is a name"));
}

static void one_is_made_of_those_before_it(void **state)
{
    struct lesson l;
    struct error e = {0};
    struct text told = {0};
    (void)state;
    vary_for("ada");
    assert_int_equal(lesson_parse(made_of_others, "p", &l, &e), 0);
    vary_for(NULL);
    assert_string_equal(l.programs[0], "c 2001");
    vary_tell(&l, &told);
    assert_null(strstr(text_str(&told), "lost"));
    assert_non_null(strstr(text_str(&told), "drop 3, room 200"));
    text_free(&told);
    assert_string_equal(l.programs[1], by_sha256sum("ada", "room") % 2 == 0 ? "s 2001" : "s 2002");
    lesson_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(for_nobody_it_is_the_first_of_each),
        cmocka_unit_test(a_student_has_the_same_every_time),
        cmocka_unit_test(a_secret_makes_the_key),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(a_comma_is_no_choice),
        cmocka_unit_test(one_is_made_of_those_before_it),
    };
    return cmocka_run_group_tests_name("vary", tests, NULL, NULL);
}
