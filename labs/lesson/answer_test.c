#include "labs/lesson/answer.h"

#include "labs/lesson/paper.h"
#include "tracer/capture/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The lab's recorded session: J is 1759881472, K 542055559. */
static int read_session(void **state)
{
    struct error e;
    struct source_options o = {.file = TEST_SOURCE_DIR "/docs/examples/data.pcap", .fd = -1};
    struct source *source = source_open(&o, &e);
    struct capture_frame frame;
    assert_non_null(source);
    *state = trace_new();
    while (source_next(source, true, &frame, &e) == SOURCE_FRAME)
        trace_add(*state, &frame);
    source_close(source);
    return 0;
}

static int forget_session(void **state)
{
    trace_free(*state);
    return 0;
}

static const char flags_paper[] = "What flags does the answer carry?  answer: flags of S > C [S.]\n"
                                  "wrong S: Only the first has SYN alone.\n"
                                  "wrong {flags of C > S [.]}: That comes last.\n"
                                  "right: J is {J}.\n";
static const char number_paper[] = "What does it acknowledge?\n"
                                   "answer: ack of first S > C [S.]\n"
                                   "wrong {J}: {J} has arrived already.\n"
                                   "wrong: Look again.\n";
static const char time_paper[] = "How long?  answer: time of first C > S [S] delivered - time of "
                                 "first C > S [S]\n";
static const char text_paper[] = "Who sends it?\nanswer: \"the kernel\" or \"kernel\"\n"
                                 "wrong \"accept()\": It only fetches.\n";
static const char choice_paper[] = "How many?\nanswer: \"3 segments\"\n"
                                   "choices: 3 bytes | 3 segments | none\n";
static const char begun_paper[] = "Will it?\nanswer: \"yes, its kernel does\"\n"
                                  "choices: yes, its kernel does | no, it is lost | no, it waits\n";
static const char plain_number_paper[] = "How many?\nanswer: \"60\" or \"60 s\"\nwrong: No.\n";
static const char none_paper[] = "Which?\nanswer: \"0\" or \"none\"\nwrong: No.\n";
static const char fin_wait_paper[] =
    "Which state?\nanswer: \"FIN-WAIT-1\"\nwrong FIN-WAIT-2: No.\n";
static const char state_paper[] = "Which state?  answer: state of C\n";
static const char count_paper[] = "How many?  answer: count of C > S data\n";

static const struct {
    const char *paper, *typed;
    enum judgement judged;
    const char *says;
} typed_rows[] = {
    {flags_paper, "SYN, ACK", ANSWER_RIGHT, "J is 1759881472."},
    {flags_paper, "[S.]", ANSWER_RIGHT, "J is 1759881472."},
    {flags_paper, "syn-ack", ANSWER_RIGHT, "J is 1759881472."},
    {flags_paper, "SYN/ACK", ANSWER_RIGHT, "J is 1759881472."},
    {flags_paper, "ack and syn", ANSWER_RIGHT, "J is 1759881472."},
    {flags_paper, "SA", ANSWER_RIGHT, "J is 1759881472."},
    {flags_paper, "SynAck", ANSWER_RIGHT, "J is 1759881472."},
    {flags_paper, "SYN flag and ACK flag", ANSWER_RIGHT, "J is 1759881472."},
    {flags_paper, "[S]", ANSWER_WRONG, "Only the first has SYN alone."},
    {flags_paper, "syn", ANSWER_WRONG, "Only the first has SYN alone."},
    {flags_paper, "ack", ANSWER_WRONG, "That comes last."},
    {flags_paper, "FIN", ANSWER_WRONG, ""},
    {flags_paper, "hello", ANSWER_UNREAD, "Write flags, such as SYN, [S.] or FIN+ACK."},
    {flags_paper, "", ANSWER_UNREAD, ""},
    {number_paper, "1759881473", ANSWER_RIGHT, ""},
    {number_paper, "1,759,881,473", ANSWER_RIGHT, ""},
    {number_paper, "J+1", ANSWER_RIGHT, ""},
    {number_paper, " = j + 1 ", ANSWER_RIGHT, ""},
    {number_paper, "0x68e5a901", ANSWER_RIGHT, ""},
    {number_paper, "J", ANSWER_WRONG, "1759881472 has arrived already."},
    {number_paper, "7", ANSWER_WRONG, "Look again."},
    {number_paper, "what?", ANSWER_UNREAD, "Write a number, such as 18, 0x12 or J+1."},
    {number_paper, "ack J+1", ANSWER_RIGHT, ""},
    {number_paper, "ack=1759881473", ANSWER_RIGHT, ""},
    {number_paper, "the number: J + 1", ANSWER_RIGHT, ""},
    {number_paper, "确认号 J+1", ANSWER_RIGHT, ""},
    {number_paper, "ack", ANSWER_UNREAD, "Write a number, such as 18, 0x12 or J+1."},
    {time_paper, "about 10 ms", ANSWER_RIGHT, ""},
    {time_paper, "~10MS", ANSWER_RIGHT, ""},
    {time_paper, "10 milliseconds", ANSWER_RIGHT, ""},
    {time_paper, "10毫秒", ANSWER_RIGHT, ""},
    {time_paper, "10 秒", ANSWER_WRONG, ""},
    {time_paper, "10 ms", ANSWER_RIGHT, ""},
    {time_paper, "0.01", ANSWER_RIGHT, ""},
    {time_paper, "0.010s", ANSWER_RIGHT, ""},
    {time_paper, "20ms", ANSWER_WRONG, ""},
    {time_paper, "soon", ANSWER_UNREAD, "Write a time, such as 0.2 s or 10 ms."},
    {text_paper, "The Kernel", ANSWER_RIGHT, ""},
    {text_paper, "kernel.", ANSWER_RIGHT, ""},
    {text_paper, "accept", ANSWER_WRONG, "It only fetches."},
    {text_paper, "the wire", ANSWER_WRONG, ""},
    {choice_paper, "2", ANSWER_RIGHT, ""},
    {choice_paper, "b", ANSWER_RIGHT, ""},
    {choice_paper, "3 Segments", ANSWER_RIGHT, ""},
    {choice_paper, "1", ANSWER_WRONG, ""},
    {choice_paper, "3 bytes", ANSWER_WRONG, ""},
    {choice_paper, "4", ANSWER_UNREAD, "Choose one by its number."},
    {begun_paper, "Yes", ANSWER_RIGHT, ""},
    {begun_paper, "yes its", ANSWER_RIGHT, ""},
    {begun_paper, "no", ANSWER_UNREAD, "Choose one by its number."},
    {begun_paper, "no, it w", ANSWER_WRONG, ""},
    {begun_paper, "y", ANSWER_UNREAD, "Choose one by its number."},
    {plain_number_paper, "60", ANSWER_RIGHT, ""},
    {plain_number_paper, "60 sec", ANSWER_RIGHT, ""},
    {plain_number_paper, "30", ANSWER_WRONG, "No."},
    {plain_number_paper, "sixty", ANSWER_UNREAD, "Write a number, such as 18, 0x12 or J+1."},
    {plain_number_paper, "1E25", ANSWER_UNREAD, "Write a number, such as 18, 0x12 or J+1."},
    {none_paper, "port 0", ANSWER_RIGHT, ""},
    {none_paper, "None", ANSWER_RIGHT, ""},
    {none_paper, "nothing", ANSWER_WRONG, "No."},
    {fin_wait_paper, "fin wait 1", ANSWER_RIGHT, ""},
    {fin_wait_paper, "FIN_WAIT_2", ANSWER_WRONG, "No."},
    {fin_wait_paper, "closed", ANSWER_WRONG, ""},
    {state_paper, "time_wait", ANSWER_RIGHT, ""},
    {state_paper, "TIME WAIT", ANSWER_RIGHT, ""},
    {state_paper, "closed", ANSWER_WRONG, ""},
    {count_paper, "1", ANSWER_RIGHT, ""},
    {count_paper, "1 segment", ANSWER_RIGHT, ""},
    {count_paper, "1 个报文段", ANSWER_RIGHT, ""},
    {count_paper, "1 s", ANSWER_WRONG, ""},
    {count_paper, "99999999999999999999999", ANSWER_UNREAD,
     "Write a number, such as 18, 0x12 or J+1."},
};

static void typed_answers(void **state)
{
    for (size_t i = 0; i < sizeof typed_rows / sizeof typed_rows[0]; i++) {
        struct ask ask;
        struct error e = {0};
        struct text says = {0};
        const struct place at = {.path = "p", .line = 1, .e = &e};
        assert_int_equal(lesson_ask(typed_rows[i].paper, &ask, &at), 0);
        enum judgement j = answer_judge(&ask, *state, typed_rows[i].typed, &says);
        if (j != typed_rows[i].judged || strcmp(text_str(&says), typed_rows[i].says) != 0)
            fail_msg("'%s' is judged %d, '%s'", typed_rows[i].typed, (int)j, text_str(&says));
        text_free(&says);
        lesson_ask_free(&ask);
    }
}

static void the_right_answer_is_shown(void **state)
{
    static const struct {
        const char *paper, *shown;
    } rows[] = {
        {flags_paper, "[S.]"},        {number_paper, "1759881473"}, {text_paper, "the kernel"},
        {choice_paper, "3 segments"}, {state_paper, "TIME-WAIT"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ask ask;
        struct error e = {0};
        struct text shown = {0};
        const struct place at = {.path = "p", .line = 1, .e = &e};
        assert_int_equal(lesson_ask(rows[i].paper, &ask, &at), 0);
        assert_true(answer_shown(&ask, *state, &shown));
        assert_string_equal(text_str(&shown), rows[i].shown);
        text_free(&shown);
        lesson_ask_free(&ask);
    }
}

static void values_in_prose(void **state)
{
    static const struct {
        const char *markdown, *filled;
    } rows[] = {
        {"", ""},
        {"**{J}** and {K}", "**1759881472** and 542055559"},
        {"`{J}` ``a`{K}`` {count of C > S data}", "`{J}` ``a`{K}`` 1"},
        {"\\{J} {", "{J} {"},
        {"{seq of first [R]}", "(not seen)"},
        {"```\n{ int x; }\n```\n{ack of S > C [S.] - J}", "```\n{ int x; }\n```\n1"},
        {"a ` b {J}", "a ` b 1759881472"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text filled = {0};
        answer_fill(rows[i].markdown, *state, &filled);
        assert_string_equal(text_str(&filled), rows[i].filled);
        text_free(&filled);
    }
    struct select_fault fault = {0};
    assert_true(answer_fill_check("{J}\n`{x y}`", &fault));
    assert_false(answer_fill_check("{J}\n\n{x y}", &fault));
    assert_int_equal(fault.line, 3);
}

static void faults_of_questions(void **state)
{
    (void)state;
    static const struct {
        const char *paper, *says;
    } rows[] = {
        {"", "p:7: this ask block asks nothing"},
        {"answer: 3\n", "p:7: this ask block asks nothing"},
        {"What?\n", "p:7: the question has no answer"},
        {"What?\nanswer: ack off S > C\n", "p:8: Expected"},
        {"What?\nanswer: 3\nanswer: 4\n", "p:9: the question has an answer already"},
        {"What?\nanswer: \"one\" or\n", "p:8: write the answer as"},
        {"What?\nanswer: \"a\"\nchoices: b | c\n", "p:7: the answer is none of the choices"},
        {"What?\nanswer: \"a\"\nchoices: a || c\n", "p:9: write choices as"},
        {"What?\nanswer: 3\npoints: many\n", "p:9: the points are 'many'"},
        {"What?\nanswer: 3\ntolerance: 5\n", "p:9: a tolerance is a time"},
        {"What?\nanswer: 3\nwrong 4\n", "p:9: write a wrong answer as"},
        {"What?\nanswer: 3\nwrong {J: why\n", "p:9: write a wrong answer as"},
        {"What?\nanswer: 3\nwrong {x}: why\n", "p:9: Expected"},
        {"What?\nanswer: 3\ncolour: red\n", "p:9: 'colour: red' is no key of a question"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ask ask;
        struct error e = {0};
        const struct place at = {.path = "p", .line = 7, .e = &e};
        assert_int_equal(lesson_ask(rows[i].paper, &ask, &at), -1);
        if (strncmp(e.text, rows[i].says, strlen(rows[i].says)) != 0)
            fail_msg("'%s' is told so: %s", rows[i].paper, e.text);
        lesson_ask_free(&ask);
    }
}

int main(void)
{
#ifndef HAVE_JANSSON
    puts("SKIP: sessions cannot be read: this was built without libjansson");
    return 77;
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typed_answers),
        cmocka_unit_test(the_right_answer_is_shown),
        cmocka_unit_test(values_in_prose),
        cmocka_unit_test(faults_of_questions),
    };
    return cmocka_run_group_tests(tests, read_session, forget_session);
}
