#include "labs/lesson/lesson.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static const char whole[] = "---\n"
                            "title: A lab\n"
                            "# a remark\n"
                            "level: 2\n"
                            "profile: lan\n"
                            "set: delay=50ms, mtu = 1400\n"
                            "hosts: { C: ./client S 9502, S: ./server 9502 }\n"
                            "submit: S\n"
                            "read: RFC 9293 3.5 | man 2 connect\n"
                            "---\n"
                            "Prose with: a colon.\n"
                            "```c\ndrop it;\n```\n"
                            "```wire\ndrop C > S data 3\n```\n"
                            "And\n  ```  wire \n# why\ndelay 1s [S]\n```\n";

static void a_whole_paper(void **state)
{
    (void)state;
    struct lesson l;
    struct error e;
    assert_int_equal(lesson_parse(whole, "lab.md", &l, &e), 0);
    assert_string_equal(l.title, "A lab");
    assert_int_equal(l.level, 2);
    assert_string_equal(l.profile, "lan");
    assert_string_equal(l.programs[0], "./client S 9502");
    assert_string_equal(l.programs[1], "./server 9502");
    assert_int_equal(l.submit, 'S');
    assert_string_equal(l.read[0], "RFC 9293 3.5");
    assert_string_equal(l.read[1], "man 2 connect");
    assert_null(l.read[2]);
    assert_ptr_equal(strstr(l.prose, "Prose with: a colon.\n"), l.prose);
    assert_string_equal(l.set[0], "delay=50ms");
    assert_string_equal(l.set[1], "mtu = 1400");
    assert_null(l.set[2]);
    assert_int_equal(l.wire->count, 2);
    assert_string_equal(l.wire->at[0].text, "drop C > S data 3");
    assert_int_equal(l.wire->at[0].line, 16);
    assert_int_equal(l.wire->at[1].line, 21);
    lesson_free(&l);
}

static void programs_that_come_later(void **state)
{
    (void)state;
    struct lesson l;
    struct error e;
    assert_int_equal(lesson_parse("---\ntitle: T\nhosts: {C: c, S: s}\n---\n"
                                  "```run\n# why\nC:  ./c S 1 \nS: \"a b\"\n```\n",
                                  "p", &l, &e),
                     0);
    assert_int_equal(l.part_count, 1);
    assert_int_equal(l.parts[0].kind, PART_RUN);
    assert_int_equal(l.parts[0].run_count, 2);
    assert_int_equal(l.parts[0].runs[0].host, 'C');
    assert_string_equal(l.parts[0].runs[0].command, "./c S 1");
    assert_int_equal(l.parts[0].runs[0].line, 7);
    assert_int_equal(l.parts[0].runs[1].host, 'S');
    assert_string_equal(l.parts[0].runs[1].command, "\"a b\"");
    lesson_free(&l);
}

static void the_least_paper(void **state)
{
    (void)state;
    struct lesson l;
    struct error e;
    assert_int_equal(lesson_parse("---\ntitle: T\nhosts: {S: a, b, c}\n---\n", "p", &l, &e), 0);
    assert_string_equal(l.profile, "classic");
    assert_int_equal(l.level, 1);
    assert_null(l.programs[0]);
    assert_string_equal(l.programs[1], "a, b, c"); /* a comma is no new host by itself */
    assert_string_equal(l.prose, "");
    assert_null(l.wire);
    assert_null(l.set);
    assert_int_equal(l.submit, 0);
    lesson_free(&l);
}

static void faults_name_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *paper, *says;
    } rows[] = {
        {"", "p:0: a lab begins with front matter"},
        {"title: T\n", "p:1: a lab begins with front matter"},
        {"---\ntitle: T\n", "p:2: a lab begins with front matter"},
        {"---\nno key\n---\n", "p:2: a line of the front matter"},
        {"---\ntitle: T\ncolour: red\n---\n", "p:3: 'colour' is no key"},
        {"---\ntitle: T\nlevel: one\n---\n", "p:3: the level is 'one'"},
        {"---\ntitle: T\nlevel: 0\n---\n", "p:3: the level is '0'"},
        {"---\ntitle: T\nhosts: C: x\n---\n", "p:3: write hosts as"},
        {"---\ntitle: T\nhosts: { D: x }\n---\n", "p:3: a host is C or S"},
        {"---\nhosts: { C: x }\n---\n", "p: the lab has no title"},
        {"---\ntitle: T\n---\n", "p: no host runs anything"},
        {"---\ntitle: T\nhosts: {}\n---\n", "p: no host runs anything"},
        {"---\ntitle: T\nhosts: {C: x}\nsubmit: client\n---\n", "p:4: the program that a student"},
        {"---\ntitle: T\nsubmit: S\nhosts: {C: x}\n---\n", "p: host S is submitted, and hosts"},
        {"---\ntitle: T\nread: a || b\nhosts: {C: x}\n---\n", "p:3: write what to read as"},
        {"---\ntitle: T\nhosts: {C: x}\n---\n```run\nD: x\n```\n", "p:6: a run block starts"},
        {"---\ntitle: T\nhosts: {C: x}\n---\n```run\nC: \n```\n", "p:6: a run block starts"},
        {"---\ntitle: T\nhosts: {C: x}\n---\n```run\n```\n", "p:5: this run block starts nothing"},
        {"---\ntitle: T\nhosts: {C: x}\n---\n```run\n\nS: y\n```\n",
         "p:7: host S runs nothing yet"},
        {"---\ntitle: T\nhosts: {C: x}\n---\n```step\nuntil the end\n```\n```run\nC: y\n```\n",
         "p:8: this run block stands behind"},
        {"---\ntitle: T\nset: delay\n---\n", "p:3: write what is set as"},
        {"---\ntitle: T\nhosts: {C: x}\n---\na\n```wire\ndrop C > S\ndorp\n```\n",
         "p:8: Expected a rule"},
        {"---\ntitle: T\nhosts: {C: x}\n---\n```wire\ndrop C is CLOSED\n```\n",
         "p:6: The wire sees packets as they are sent"},
        {"---\ntitle: T\nhosts: {C: x}\n---\n\n```wire\n\n```\n",
         "p:6: this wire block has no rule"},
        {"---\ntitle: T\nhosts: {C: x}\n---\n```wire\ndrop C > S\n",
         "p:5: this wire block has no end"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lesson l;
        struct error e = {0};
        assert_int_equal(lesson_parse(rows[i].paper, "p", &l, &e), -1);
        assert_memory_equal(e.text, rows[i].says, strlen(rows[i].says));
    }
}

static void every_cut_of_a_paper(void **state)
{
    (void)state;
    char cut[sizeof whole];
    for (size_t n = 0; n < sizeof whole; n++) {
        struct lesson l;
        struct error e;
        memcpy(cut, whole, n);
        cut[n < sizeof whole ? n : n - 1] = '\0';
        if (lesson_parse(cut, "p", &l, &e) == 0)
            lesson_free(&l);
    }
}

static void the_labs_are_found_by_name(void **state)
{
    (void)state;
    struct lesson l;
    struct error e;
    setenv("TCPLAB_CATALOG", TEST_SOURCE_DIR "/labs/catalog", 1);
    static const char *const names[] = {"handshake", "03-handshake",
                                        TEST_SOURCE_DIR "/labs/catalog/03-handshake"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(catalog_find(names[i], &l, &e), 0);
        assert_string_equal(l.name, "handshake");
        assert_non_null(l.programs[0]);
        lesson_free(&l);
    }
    assert_int_equal(catalog_find("nosuch", &l, &e), -1);
    assert_int_equal(e.status, EXIT_WRONG_USAGE);
    setenv("TCPLAB_CATALOG", "/nonexistent", 1);
    assert_int_equal(catalog_find("handshake", &l, &e), -1);
}

static void put_paper(const char *catalog, const char *folder, const char *paper)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", catalog, folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/%s/lab.md", catalog, folder);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(paper, f);
    fclose(f);
}

/* Its paper alone is read: a lab is found beside one that cannot be read. */
static void a_lab_is_found_by_its_folder_alone(void **state)
{
    (void)state;
    static const char *const folders[] = {"01-broken", "02-sound", "sound-too"};
    char catalog[] = "/tmp/tcpladder-test-XXXXXX", path[200];
    struct lesson l, *all;
    struct error e;
    size_t count;
    assert_non_null(mkdtemp(catalog));
    for (size_t i = 0; i < 3; i++)
        put_paper(catalog, folders[i], i == 0 ? "no paper" : whole);
    setenv("TCPLAB_CATALOG", catalog, 1);
    assert_int_equal(catalog_find("sound", &l, &e), 0);
    assert_string_equal(l.name, "sound");
    lesson_free(&l);
    assert_int_equal(catalog_find("sound-too", &l, &e), 0);
    lesson_free(&l);
    assert_int_equal(catalog_find("too", &l, &e), -1);
    assert_int_equal(catalog_find("broken", &l, &e), -1);
    assert_int_equal(catalog_read(&all, &count, &e), -1);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s/lab.md", catalog, folders[i]);
        assert_int_equal(unlink(path), 0);
        *strrchr(path, '/') = '\0';
        assert_int_equal(rmdir(path), 0);
    }
    assert_int_equal(rmdir(catalog), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_paper),
        cmocka_unit_test(the_least_paper),
        cmocka_unit_test(programs_that_come_later),
        cmocka_unit_test(faults_name_their_line),
        cmocka_unit_test(every_cut_of_a_paper),
        cmocka_unit_test(the_labs_are_found_by_name),
        cmocka_unit_test(a_lab_is_found_by_its_folder_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
