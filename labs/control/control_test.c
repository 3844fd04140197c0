#include "labs/control/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct control parsed(const char *line)
{
    struct control c;
    struct error e;
    if (control_parse(line, &c, &e) != 1)
        fail_msg("%s: %s", line, e.text);
    return c;
}

static void commands_are_parsed(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum control_command command;
        const char *hosts; /* "CS" */
        uint64_t number;
        int64_t duration_ns;
        const char *selector, *rule, *text;
    } rows[] = {
        {"hold", CONTROL_HOLD, "", 0, 0, NULL, NULL, ""},
        {"  hold C > S  ", CONTROL_HOLD, "", 0, 0, "C > S", NULL, ""},
        {"hold S > C [S.]", CONTROL_HOLD, "", 0, 0, "S > C [S.]", NULL, ""},
        {"hold C", CONTROL_HOLD_PROGRAMS, "C", 0, 0, NULL, NULL, ""},
        {"hold S", CONTROL_HOLD_PROGRAMS, "S", 0, 0, NULL, NULL, ""},
        {"hold programs", CONTROL_HOLD_PROGRAMS, "CS", 0, 0, NULL, NULL, ""},
        {"flight\n", CONTROL_FLIGHT, "", 0, 0, NULL, NULL, ""},
        {"let", CONTROL_LET, "", 0, 0, NULL, NULL, ""},
        {"let 17", CONTROL_LET, "", 17, 0, NULL, NULL, ""},
        {"drop 2", CONTROL_DROP, "", 2, 0, NULL, NULL, ""},
        {"dup", CONTROL_DUP, "", 0, 0, NULL, NULL, ""},
        {"delay 1.5s", CONTROL_DELAY, "", 0, 1500000000, NULL, NULL, ""},
        {"delay  200ms  3", CONTROL_DELAY, "", 3, 200000000, NULL, NULL, ""},
        {"rule drop C > S data 3", CONTROL_RULE, "", 0, 0, NULL, "drop C > S data 3", ""},
        {"rule 'drop C > S data 3'", CONTROL_RULE, "", 0, 0, NULL, "drop C > S data 3", ""},
        {"go", CONTROL_GO, "", 0, 0, NULL, NULL, ""},
        {"go S", CONTROL_GO_PROGRAMS, "S", 0, 0, NULL, NULL, ""},
        {"step C", CONTROL_STEP, "C", 0, 0, NULL, NULL, ""},
        {"until C enters connect()", CONTROL_UNTIL, "", 0, 0, "C enters connect()", NULL, ""},
        {"type S \"a \\\"b\\\"\\x41\\n\"", CONTROL_TYPE, "S", 0, 0, NULL, NULL, "a \"b\"A\n"},
        {"wait 2min", CONTROL_WAIT, "", 0, 120000000000, NULL, NULL, ""},
        {"wait 10us", CONTROL_WAIT, "", 0, 10000, NULL, NULL, ""},
        {"expect never [R]", CONTROL_EXPECT, "", 0, 0, NULL, NULL, ""},
        {"note Here it waits.", CONTROL_NOTE, "", 0, 0, NULL, NULL, "Here it waits."},
        {"quit", CONTROL_QUIT, "", 0, 0, NULL, NULL, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct control c = parsed(rows[i].line);
        assert_int_equal(c.row->command, rows[i].command);
        assert_int_equal(c.hosts[0], strchr(rows[i].hosts, 'C') != NULL);
        assert_int_equal(c.hosts[1], strchr(rows[i].hosts, 'S') != NULL);
        assert_int_equal(c.number, rows[i].number);
        assert_int_equal(c.duration_ns, rows[i].duration_ns);
        assert_int_equal(c.selector != NULL, rows[i].selector != NULL);
        if (c.selector)
            assert_string_equal(selector_text(c.selector), rows[i].selector);
        assert_int_equal(c.rules != NULL, rows[i].rule != NULL);
        if (c.rules)
            assert_string_equal(c.rules->at[0].text, rows[i].rule);
        assert_int_equal(c.expect != NULL, rows[i].command == CONTROL_EXPECT);
        assert_string_equal(text_str(&c.text), rows[i].text);
        assert_true(control_is(rows[i].line));
        control_free(&c);
    }
}

static void wrong_lines_are_told_by_sentences(void **state)
{
    (void)state;
    static const struct {
        const char *line, *sentence;
    } rows[] = {
        {"hlod", "There is no command \"hlod\". Did you mean \"hold\"?"},
        {"flght", "There is no command \"flght\". Did you mean \"flight\"?"},
        {"\033[31m", "There is no command \"\\x1b[31m\"."},
        {"flight 3", "`flight` is used so: flight"},
        {"let it", "`let` is used so: let [N]. N is a number that `flight` lists."},
        {"let 0", "`let` is used so: let [N]. N is a number that `flight` lists."},
        {"drop 99999999999999999999999",
         "`drop` is used so: drop [N]. N is a number that `flight` lists."},
        {"delay 3", "`delay` is used so: delay TIME [N]. A time touches its unit and is a day at "
                    "the most: 1.5s, 200ms, 2min."},
        {"wait 1.s", "`wait` is used so: wait TIME. A time touches its unit and is a day at the "
                     "most: 1.5s, 200ms, 2min."},
        {"wait 1.2.3s", "`wait` is used so: wait TIME. A time touches its unit and is a day at the "
                        "most: 1.5s, 200ms, 2min."},
        {"wait 100000s", "`wait` is used so: wait TIME. A time touches its unit and is a day at "
                         "the most: 1.5s, 200ms, 2min."},
        {"go away", "`go` is used so: go C | S | programs, or go"},
        {"step", "`step` is used so: step C | S"},
        {"step programs", "`step` is used so: step C | S"},
        {"hold C enters connect()", "Column 6: The wire sees packets as they are sent, and this "
                                    "asks for a call."},
        {"type C hello", "`type` is used so: type C | S \"TEXT\", such as type C \"hello\\n\". "
                         "Within the quotation marks \\n \\r \\t \\0 \\\\ \\\" and \\x41 are "
                         "bytes."},
        {"until", "`until` is used so: until EVENT"},
        {"until last [F.]",
         "Column 7: This cannot be waited for: which one is the last is known only "
         "when all is over."},
        {"note", "`note` is used so: note SENTENCE"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct control c;
        struct error e = {0};
        assert_int_equal(control_parse(rows[i].line, &c, &e), -1);
        assert_string_equal(e.text, rows[i].sentence);
        assert_int_equal(e.status, EXIT_WRONG_USAGE);
        assert_null(c.line);
    }
}

/* The language's faults are counted in the whole line. */
static void faults_stand_at_their_columns(void **state)
{
    (void)state;
    static const struct {
        const char *line, *begins;
    } rows[] = {
        {"hold C > S dta 3", "Column 12: "},       {"until   C > S dta 3", "Column 15: "},
        {"rule drop C > S dta 3", "Column 17: "},  {"rule 'drop C > S dta 3'", "Column 18: "},
        {"expect never C > S dta", "Column 20: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct control c;
        struct error e = {0};
        assert_int_equal(control_parse(rows[i].line, &c, &e), -1);
        if (strncmp(e.text, rows[i].begins, strlen(rows[i].begins)) != 0)
            fail_msg("%s: %s", rows[i].line, e.text);
        assert_non_null(strstr(e.text, "Did you mean \"data\"?"));
    }
}

static void blank_lines_and_comments_say_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {"", "   ", "\t\r\n", "# let 3", "   # let 3"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct control c;
        struct error e;
        assert_int_equal(control_parse(lines[i], &c, &e), 0);
        assert_false(control_is(lines[i]));
    }
    assert_false(control_is("connect S 9502"));
}

/* Rows of a word are tried in their order, which only works where they stand together. */
static void the_table_is_in_order(void **state)
{
    (void)state;
    struct text help = {0};
    for (size_t i = 0; i < control_row_count; i++) {
        assert_int_equal(control_rows[i].command < CONTROL_COUNT, 1);
        for (size_t k = i + 1; k < control_row_count; k++) {
            assert_int_not_equal(control_rows[i].command, control_rows[k].command);
            if (strcmp(control_rows[i].word, control_rows[k].word) == 0)
                assert_string_equal(control_rows[k - 1].word, control_rows[k].word);
        }
        assert_true(control_rows[i].help[strlen(control_rows[i].help) - 1] == '.');
    }
    control_help(&help);
    assert_non_null(strstr(text_str(&help), "  let [N]               Let one held segment"));
    text_free(&help);
}

/* Each row stands on the page, in the table's order and words. */
static void the_page_is_the_table(void **state)
{
    (void)state;
    struct text page = {0}, row = {0};
    char part[4096];
    FILE *f = fopen(TEST_SOURCE_DIR "/docs/stepping.md", "r");
    assert_non_null(f);
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        text_bytes(&page, part, n);
    fclose(f);
    const char *at = text_str(&page);
    for (size_t i = 0; i < control_row_count; i++) {
        text_clear(&row);
        control_document(&control_rows[i], &row);
        const char *here = strstr(at, text_str(&row));
        if (!here)
            fail_msg("docs/stepping.md lacks, or has in another place: %s", text_str(&row));
        else
            at = here + row.len;
    }
    assert_int_equal(strncmp(at, "| `", 3) != 0, 1); /* and no others */
    text_free(&page);
    text_free(&row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_parsed),
        cmocka_unit_test(wrong_lines_are_told_by_sentences),
        cmocka_unit_test(faults_stand_at_their_columns),
        cmocka_unit_test(blank_lines_and_comments_say_nothing),
        cmocka_unit_test(the_table_is_in_order),
        cmocka_unit_test(the_page_is_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
