#include "tracer/select/expect.h"
#include "tracer/select/story.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

/* "met" for each expectation, or what is said of it. */
static char *judged(const struct trace *t, const char *text)
{
    struct select_fault fault;
    struct text out = {0};
    struct expectations *e = expectations_parse(text, strlen(text), &fault);
    if (!e) {
        text_format(&out, "line %d, column %d: %s", fault.line, fault.column, fault.text);
        return out.s;
    }
    struct expect_outcome *o = expectations_check(e, t);
    size_t n = expectations_count(e);
    static const char *const words[] = {"met", "missed", "not judged", "undecided"};
    for (size_t i = 0; i < n; i++)
        text_format(&out, "%s%s%s%s", i > 0 ? " | " : "", words[o[i].result],
                    o[i].why.len > 0 ? ": " : "", text_str(&o[i].why));
    struct text report = {0};
    expectations_report(e, t, o, &report);
    assert_true(report.len > 0);
    text_free(&report);
    expect_outcomes_free(o, n);
    expectations_free(e);
    return out.s;
}

struct row {
    const char *lines; /* of one expectation, or a whole text where it begins with a quote */
    const char *says;  /* part of what is said of it */
};

static int check_rows(const struct trace *t, const struct row *rows, size_t n)
{
    int faults = 0;
    for (size_t i = 0; i < n; i++) {
        struct text text = {0};
        if (rows[i].lines[0] != '"' && rows[i].lines[0] != '4')
            text_add(&text, "\"x\"\n");
        text_add(&text, rows[i].lines);
        char *have = judged(t, text.s);
        if (!strstr(have, rows[i].says) ||
            (strcmp(rows[i].says, "met") == 0 && strcmp(have, "met") != 0)) {
            printf("%s\n  says     %s\n  expected %s\n", rows[i].lines, have, rows[i].says);
            faults++;
        }
        free(have);
        text_free(&text);
    }
    return faults;
}

static const struct row in_session[] = {
    /* the design's own */
    {"4 \"three-way handshake\"\n"
     "    C > S  [S]   seq J\n"
     "    S > C  [S.]  seq K, ack J+1\n"
     "    C > S  [.]   ack K+1\n",
     "met"},
    {" C connected   after  S > C [S.] delivered\n", "met"},
    {" C > S  data 2  again   after  S > C [.] dup 3   before 200ms\n", "met"},
    {" never  [R]\n", "met"},
    /* order and gaps */
    {" [S]\n [S.]\n", "met"},
    {" [S.]\n [S]\n", "missed: It happened: C > S  [S]"},
    {" [S.]\n [S]\n", "It comes too early"},
    {" [S]\n next [S.]\n", "met"},
    {" [S]\n next C > S data\n", "not the next one, since this comes between: C > S  [.]"},
    {" C > S data 1\n next S > C [.]\n", "met"},
    {" C enters close()\n next C returns close()\n", "met"},
    {" C > S data\n next C > S data again\n", "not the next one"},
    {" C > S data 2 not again\n next C > S data 3\n", "met"},
    {" C > S data\n next C > S data 3\n", "met"}, /* the second data, not the first */
    /* any order */
    {" [S]\n any order {\n  C returns connect()\n  [S.]\n  C becomes ESTABLISHED\n }\n C > S "
     "data\n",
     "met"},
    {" any order { C > S data\n C > S data }\n S > C [.]\n", "met"},
    {" any order {\n C > S data 1\n C > S data 1\n }\n", "matched with another line already"},
    {" any order {\n  C > S data 1\n  [S]\n }\n [S.]\n", "It comes too early"},
    /* counts */
    {" exactly 6 C > S data\n", "met"},
    {" exactly 5 C > S data\n", "It happened 6 times, and expected was 5. This is one too many"},
    {" exactly 7 C > S data\n", "It happened 6 times, and expected was 7. The last is"},
    {" at least 6 C > S data\n", "met"},
    {" at most 6 C > S data\n", "met"},
    {" at most 5 C > S data\n", "one too many: C > S  [P.] seq 7:10"},
    {" between 5 and 7 C > S data\n", "met"},
    {" between 1 and 2 C > S data\n", "missed"},
    {" never C > S data again\n", "This must not happen, and it did: C > S  [P.] seq 7:10"},
    {" never C > S data before C > S [.]\n", "met"},
    {" never C > S data before C > S [F.]\n", "This must not happen"},
    {" never S > C data after [S]\n", "met"},
    {" exactly 1 C > S data after S > C dup 3\n", "met"},
    {" exactly 4 C > S data after 50ms within 0s..60ms\n", "bounds in time already"},
    {" exactly 1 C > S data before 150ms\n", "met"}, /* counted from the beginning of the trace */
    {" at least 1 S > C data\n", "Nearest is"},
    /* times */
    {" [S]\n [S.] within 20ms\n", "met"},
    {" [S]\n [S.] within 5ms\n",
     "It comes 0.010040 s after the line before, and allowed is up to 0.005000 s"},
    {" [S]\n [S.] within 5ms..20ms\n", "met"},
    {" [S]\n [S.] within 15ms..20ms\n", "allowed is from 0.015000 s to 0.020000 s"},
    {" [S]\n [S.] after 5ms\n", "met"},
    {" [S]\n [S.] after 15ms\n", "allowed is from 0.015000 s on"},
    {" [S]\n [S.] before 5ms\n", "allowed is up to 0.005000 s"},
    {" C > S data 2 again after C > S data 2 within 30ms..40ms\n", "met"},
    {" C > S data 2 again after C > S data 2 within 40ms..50ms\n", "after what the line names"},
    /* after and before */
    {" C > S data 3 before S > C dup 1\n", "met"},
    {" C > S data 5 before S > C dup 1\n", "does not come before what it must come before"},
    {" C > S data 1 after S > C dup 1\n", "It comes before what it must come after"},
    {" C > S data 1 after [R]\n", "It must come after something that never happened: [R]"},
    {" C > S data 1 before [R]\n", "It must come before something that never happened: [R]"},
    {" C > S data 1 before [S], ack\n", "never happened"},
    /* variables */
    {" C > S data seq X\n C > S again seq X\n", "met"}, /* the second data; the first is tried */
    {" C > S data len L\n C > S data len L\n", "met"},
    {" C > S [S] seq J\n S > C [S.] ack J+2\n",
     "its acknowledgement number is 2927179379, and expected was 2927179380 (ack J+2)"},
    {" S > C [S.] ack J+1\n", "met"}, /* J without a binding is the connection's own */
    {" S > C [S.] ack J+2\n", "expected was 2927179380"},
    {" C > S [S] seq J\n never S > C ack > J+24\n", "met"},
    {" C > S [S] seq J\n never S > C ack > J+23\n", "This must not happen"},
    {" C > S [S] win W\n never C > S win W after C > S [S]\n", "met"},
    {" S returns accept() = F\n S enters close(4)\n", "met"},
    {" C > S ack X+1\n", "X has no value yet"},
    {" never seq X\n", "X has no value yet"},
    {" C > S seq X\n not (seq X)\n", "may then not stand behind not"},
    {" seq X\n win Y\n len L\n ack Z\n size A\n ttl B\n seq X, ttl B, ack Z+77\n",
     "undecided: It could be matched in too many ways: the search was ended after 2"},
    /* needs */
    {"\"a\"\n never [S]\n\"b\" needs \"a\"\n [S]\n",
     "| not judged: It needs \"a\", which was not met."},
    {"\"a\" needs \"b\"\n never [S]\n\"b\" needs \"c\"\n [S]\n\"c\"\n [R]\n",
     "not judged: It needs \"b\", which was not met. | not judged: It needs \"c\""},
    {"\"a\"\n [S]\n needs \"b\"\n\"b\"\n [S.]\n", "met | met"},
    /* scopes */
    {"\"a\" connection 1\n [S]\n", "met"},
    {"\"a\" connection 2\n [S]\n", "This capture has 1 connections"},
    {"\"a\" every connection\n [S]\n never [R]\n", "met"},
    {"\"a\" across connections\n [S]\n udp\n", "met"},
    /* nearest */
    {" C returns connect() = 5\n", "its result is 0, and expected was 5"},
    {" C returns connect() fails ECONNREFUSED\n", "its result is 0, not ECONNREFUSED"},
    {" C enters conect()\n", "Did you mean \"connect\"?"},
    {" S prints \"33 bytes\"\n", "which does not hold \"33 bytes\""},
    {" S becomes CLOSING\n", "not CLOSING"},
    {" C exits = 3\n", "the status with which it ended is 0, and expected was 3"},
    {" nver [R]\n", "Did you mean \"never\"?"},
};

static void lines_are_judged(void **state)
{
    (void)state;
    struct story s;
    story_classic(&s, true);
    struct trace *t = story_trace(&s);
    assert_int_equal(check_rows(t, in_session, sizeof in_session / sizeof in_session[0]), 0);
    trace_free(t);
}

/* ---- what is refused ---- */

static const struct {
    const char *text;
    int line, column;
    const char *says;
} refused[] = {
    {"", 1, 1, "Expected an expectation"},
    {"# nothing\n", 2, 1, "Expected an expectation"},
    {"C > S [S]\n", 1, 1, "an expectation's name in quotation marks"},
    {"4 three-way\n", 1, 3, "name in quotation marks"},
    {"\"a\"\n", 1, 1, "no line"},
    {"\"a\"\n\"b\"\n [S]\n", 1, 1, "no line"},
    {"\"b\"\n [S]\n\n4 \"a\"\n", 4, 1, "no line"},
    {"\"a\"\n [S]\n\"a\"\n [S]\n", 3, 1, "has this name"},
    {"\"a\" every [S]\n", 1, 11, "every connection"},
    {"\"a\" connection 0\n [S]\n", 1, 16, "numbered from 1"},
    {"\"a\" needs \"b\"\n [S]\n", 1, 1, "not there: \"b\""},
    {"\"handshake\"\n [S]\n\"b\" needs \"handshke\"\n [S]\n", 3, 1, "Did you mean \"handshake\"?"},
    {"\"a\" needs \"a\"\n [S]\n", 1, 1, "itself"},
    {"\"a\" needs \"b\"\n [S]\n\"b\" needs \"a\"\n [S]\n", 1, 1, "itself"},
    {"\"a\"\n [S] after\n", 2, 11, "Expected a term"},
    {"\"a\"\n [S] within\n", 2, 12, "a time"},
    {"\"a\"\n [S] within 3s..1s\n", 2, 17, "from the shorter time"},
    {"\"a\"\n after [S]\n", 2, 2, "what is expected"},
    {"\"a\"\n [S] after [S.] after [R]\n", 2, 23, "one \"after\" already"},
    {"\"a\"\n next never [S]\n", 2, 2, "no place in the order"},
    {"\"a\"\n exactly [S]\n", 2, 10, "how many"},
    {"\"a\"\n at 3 [S]\n", 2, 5, "\"least\" or \"most\""},
    {"\"a\"\n between 3 and 2 [S]\n", 2, 18, "lower number"},
    {"\"a\"\n any order {\n [S]\n", 2, 2, "not closed"},
    {"\"a\"\n any order {\n }\n", 2, 2, "Nothing stands"},
    {"\"a\"\n any order {\n never [S]\n }\n", 3, 2, "no next, never"},
    {"\"a\"\n any [S]\n", 2, 6, "any order {"},
    {"\"a\"\n [S] seq X, ack Y+1\n", 2, 13, "Y has no value yet"},
    {"\"a\"\n [S] }\n", 2, 6, "the end of the line"},
    {"\"a\"\n (C > S\n [S])\n", 2, 2, "not closed"},
    {"\"a\"\n hint\n", 2, 6, "the hint"},
    {"\"a\" each connection\n [S]\n", 1, 5, "Did you mean \"every\"?"},
    {"\"a\"\n exactly one [S]\n", 2, 10, "how many, as a number"},
    {"\"a\"\n no [R]\n", 2, 2, "Did you mean \"never\"?"},
    {"\"a\"\n once [R]\n", 2, 2, "Did you mean \"exactly 1\"?"},
    {"\"a\"\n nevr [R]\n", 2, 2, "Did you mean \"never\"?"},
    {"\"a\"\n hint \"x\"\n hint \"y\"\n", 3, 7, "a hint already"},
};

static void what_is_no_expectation_is_refused(void **state)
{
    (void)state;
    int faults = 0;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct select_fault f;
        struct expectations *e = expectations_parse(refused[i].text, strlen(refused[i].text), &f);
        bool good = !e && f.line == refused[i].line && f.column == refused[i].column &&
                    strstr(f.text, refused[i].says);
        if (!good)
            printf("%s  %d:%d: %s\n", refused[i].text, e ? 0 : f.line, e ? 0 : f.column,
                   e ? "taken" : f.text);
        faults += !good;
        expectations_free(e);
    }
    assert_int_equal(faults, 0);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_judged),
        cmocka_unit_test(what_is_no_expectation_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
