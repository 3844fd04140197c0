/* A lab's own recorded session, judged by its own expectations and by wrong ones; what comes of
 * several runs; every report. */
#include "labs/grade/grade.h"
#include "labs/grade/report.h"

#include "tracer/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char recorded[] = TEST_SOURCE_DIR "/labs/catalog/03-handshake/recorded.pcap";

#define PAPER(expectations)                                                                        \
    "---\ntitle: T\nhosts: { C: ./client S 9502, S: ./server 9502 }\nsubmit: "                     \
    "C\n---\n```expect\n" expectations "```\n"

static void parse(const char *paper, struct lesson *l)
{
    struct error e;
    if (lesson_parse(paper, "p", l, &e) != 0)
        fail_msg("%s", e.text);
    l->name = xstrdup("handshake");
}

static void judge(const char *paper, struct grade *g)
{
    struct lesson l;
    struct error e;
    parse(paper, &l);
    if (grade_session(&l, recorded, g, &e) != 0) {
        lesson_free(&l);
        if (strstr(e.text, "libjansson")) /* sessions cannot be read without */
            skip();
        fail_msg("%s", e.text);
    }
    lesson_free(&l);
}

static const char mixed[] = PAPER("4 \"right\"\n    C > S [S] seq J\n"
                                  "3 \"wr<o>ng #1\"\n    C > S data 1 len 7\n    hint \"a & b\"\n"
                                  "2 \"needs it\" needs \"wr<o>ng #1\"\n    C > S [S]\n");

static void marks_and_points(void **state)
{
    struct grade g;
    (void)state;
    judge(mixed, &g);
    assert_int_equal(g.count, 3);
    assert_int_equal(g.points, 4);
    assert_int_equal(g.most, 9);
    assert_false(grade_is_full(&g));
    assert_int_equal(grade_find(&g, "right")->verdict, OUTCOME_PASS);
    const struct mark *m = grade_find(&g, "wr<o>ng #1");
    assert_int_equal(m->verdict, OUTCOME_FAIL);
    assert_string_equal(m->line, "C > S data 1 len 7");
    assert_string_equal(m->hint, "a & b");
    assert_int_equal(m->points, 0);
    assert_int_equal(grade_find(&g, "needs it")->verdict, OUTCOME_NOT_JUDGED);
    assert_null(grade_find(&g, "nothing"));
    assert_null(g.ended);
    assert_string_equal(g.tier, "hosts");
    grade_free(&g);
    judge(PAPER("1 \"x\"\n    C > S [S]\n"), &g);
    assert_true(grade_is_full(&g));
    grade_free(&g);
    judge("---\ntitle: T\nhosts: { C: x }\nsubmit: C\n---\n",
          &g); /* nothing is expected: nothing was reached */
    assert_false(grade_is_full(&g));
    grade_free(&g);
}

static void of_another_lab(void **state)
{
    struct lesson l;
    struct grade g;
    struct error e;
    (void)state;
    parse(mixed, &l);
    free(l.name);
    l.name = xstrdup("data");
    assert_int_equal(grade_session(&l, recorded, &g, &e), -1);
    if (!strstr(e.text, "jansson"))
        assert_non_null(strstr(e.text, "of something else, not of the lab 'data'"));
    grade_free(&g);
    assert_int_equal(grade_session(&l, "/nonexistent", &g, &e), -1);
    grade_free(&g);
    lesson_free(&l);
}

/* The worst of each counts; a void run says nothing beside another. */
static void several_runs(void **state)
{
    struct grade all = {0}, run;
    (void)state;
    judge(PAPER("4 \"a\"\n    C > S [S]\n3 \"b\"\n    C > S [R]\n"), &run);
    grade_void(&run, "Lost.");
    grade_worst(&all, &run, true);
    grade_free(&run);
    assert_true(all.is_void);
    judge(PAPER("4 \"a\"\n    C > S [S]\n3 \"b\"\n    C > S [S]\n"), &run);
    grade_worst(&all, &run, false);
    grade_free(&run);
    assert_false(all.is_void);
    assert_int_equal(all.points, 7);
    judge(PAPER("4 \"a\"\n    C > S [S]\n3 \"b\"\n    C > S [R]\n"), &run);
    grade_worst(&all, &run, false);
    grade_free(&run);
    assert_int_equal(all.points, 4);
    judge(PAPER("4 \"a\"\n    C > S [R]\n3 \"b\"\n    C > S [S]\n"), &run);
    grade_worst(&all, &run, false);
    grade_free(&run);
    assert_int_equal(all.points, 0);
    assert_int_equal(all.marks[0].verdict, OUTCOME_FAIL);
    assert_int_equal(all.marks[1].verdict, OUTCOME_FAIL);
    judge(PAPER("4 \"a\"\n    C > S [S]\n3 \"b\"\n    C > S [S]\n"), &run);
    grade_void(&run, "Lost.");
    grade_worst(&all, &run, false);
    grade_free(&run);
    assert_false(all.is_void);
    grade_free(&all);
}

static void has(const struct text *out, const char *words)
{
    if (!strstr(text_str(out), words))
        fail_msg("no '%s' in:\n%s", words, text_str(out));
}

static void every_report(void **state)
{
    static const struct {
        const char *format, *words[6];
    } rows[] = {
        {"text",
         {"pass         4 of 4  right\n", "Hint: a & b\n", "4 of 9 points\n",
          "not judged   0 of 2  needs it\n", "cc: \\x1b[31mno\n"}},
        {"json",
         {"{\"schema\":\"tcplab/grade/1\",", "\"verdict\":\"fail\",\"points\":4,\"of\":9",
          "\"wr<o>ng #1\"", "\"about\":{\"student\":\"<&\\\"\"}}"}},
        {"junit",
         {"tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\"", "name=\"wr&lt;o&gt;ng #1\"",
          "value=\"&lt;&amp;&quot;\"", "\\x1b[31mno"}},
        {"tap",
         {"TAP version 14\n1..3\nok 1 - right\n", "not ok 2 - wr<o>ng \\#1\n",
          "ok 3 - needs it # SKIP "}},
        {"gradescope",
         {"\"score\":4,\"tests\":[{\"score\":4,\"max_score\":4,\"status\":\"passed\"",
          "\"output_format\":\"text\"", "\"finished\":true"}},
        {"classroom50",
         {"{\"schema\":\"classroom50/result/v1\",\"classroom\":null,\"assignment\":"
          "\"handshake\"",
          "\"score\":4,\"max-score\":9"}},
        {"autolab", {"{\"scores\":{\"handshake\":4}}\n"}},
        {"html", {"<!doctype html>", "wr&lt;o&gt;ng #1", "4 of 9 points", "a &amp; b"}},
    };
    char student[] = "student=<&\"", *fields[] = {student, NULL};
    struct text said = {0};
    struct grade g;
    (void)state;
    judge(mixed, &g);
    text_add(&said, "cc: \033[31mno\n");
    struct sheet s = {.grade = &g, .said = &said, .fields = fields, .hints = true};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text out = {0};
        report_find(rows[i].format)->write(&s, &out);
        for (size_t k = 0; k < 6 && rows[i].words[k]; k++)
            has(&out, rows[i].words[k]);
        assert_null(strchr(text_str(&out), '\033'));
        text_free(&out);
    }
    assert_int_equal(sizeof rows / sizeof rows[0], 8);
    assert_null(report_formats[8].name);
    text_free(&said);
    grade_free(&g);
}

/* Nobody is charged for a run that is void. */
static void void_reports(void **state)
{
    static const char *const rows[][2] = {
        {"text", "void: this run cannot be judged"},
        {"json", "\"verdict\":\"void\""},
        {"junit", "errors=\"3\""},
        {"tap", "Bail out! Lost."},
        {"autolab", "{\"scores\":{}}\n"},
        {"gradescope", "\"void\":true"},
    };
    struct grade g;
    (void)state;
    judge(mixed, &g);
    grade_void(&g, "Lost.");
    struct sheet s = {.grade = &g};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text out = {0};
        report_find(rows[i][0])->write(&s, &out);
        has(&out, rows[i][1]);
        if (strcmp(rows[i][0], "gradescope") == 0)
            assert_null(strstr(text_str(&out), "\"score\""));
        text_free(&out);
    }
    grade_free(&g);
}

/* Nor where this machine can show nothing of what is asked for. */
static void reports_of_nothing(void **state)
{
    struct grade g, right;
    struct text autolab = {0}, gradescope = {0};
    (void)state;
    judge(mixed, &g);
    judge(mixed, &right);
    grade_void(&right, "Not even the reference.");
    assert_int_equal(grade_only(&g, &right, "Not here."), g.count);
    struct sheet s = {.grade = &g};
    report_find("autolab")->write(&s, &autolab);
    assert_string_equal(text_str(&autolab), "{\"scores\":{}}\n");
    report_find("gradescope")->write(&s, &gradescope);
    assert_null(strstr(text_str(&gradescope), "\"score\""));
    has(&gradescope, "\"void\":false");
    text_free(&autolab);
    text_free(&gradescope);
    grade_free(&g);
    grade_free(&right);
}

int main(void)
{
#ifndef HAVE_JANSSON
    puts("SKIP: sessions cannot be read: this was built without libjansson");
    return 77;
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_and_points), cmocka_unit_test(of_another_lab),
        cmocka_unit_test(several_runs),     cmocka_unit_test(every_report),
        cmocka_unit_test(void_reports),     cmocka_unit_test(reports_of_nothing),
    };
    return cmocka_run_group_tests_name("grade", tests, NULL, NULL);
}
