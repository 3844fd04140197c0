#include "tracer/select/query.h"
#include "tracer/select/rule.h"
#include "tracer/select/story.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

/* ---- rules ---- */

static struct rules *parsed(const char *text)
{
    struct select_fault f;
    struct rules *r = rules_parse(text, strlen(text), &f);
    if (!r)
        fail_msg("%s: %d:%d: %s", text, f.line, f.column, f.text);
    return r;
}

static void rules_say_what_the_wire_does(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum rule_action action;
        int64_t delay_ns, count;
        uint32_t ppm;
        uint64_t seed;
        bool first_sending;
        const char *selector;
    } rows[] = {
        {"drop C > S data 3", RULE_DROP, 0, 0, 1000000, 0, true, "C > S data 3"},
        {"drop every C > S data 3", RULE_DROP, 0, 0, 1000000, 0, false, "C > S data 3"},
        {"drop C > S data 3 again", RULE_DROP, 0, 0, 1000000, 0, false, "C > S data 3 again"},
        {"delay 200ms S > C [.] first", RULE_DELAY, 200000000, 0, 1000000, 0, false,
         "S > C [.] first"},
        {"drop C > S probability 5% seed 7", RULE_DROP, 0, 0, 50000, 7, false, "C > S"},
        {"drop udp probability 0.5%", RULE_DROP, 0, 0, 5000, 0, false, "udp"},
        {"duplicate [S.]", RULE_DUPLICATE, 0, 1, 1000000, 0, false, "[S.]"},
        {"duplicate 3 [S.]", RULE_DUPLICATE, 0, 3, 1000000, 0, false, "[S.]"},
        {"reorder 2 C > S bytes 1..10", RULE_REORDER, 0, 2, 1000000, 0, true, "C > S bytes 1..10"},
        {"corrupt 4 2nd C > S data", RULE_CORRUPT, 0, 4, 1000000, 0, false, "2nd C > S data"},
        {"jitter 5ms S > C probability 50%", RULE_JITTER, 5000000, 0, 500000, 0, false, "S > C"},
        {"rate 1.5mbit C > S", RULE_RATE, 0, 100, 1000000, 0, false, "C > S"},
        {"rate 8kbit queue 3 C > S", RULE_RATE, 0, 3, 1000000, 0, false, "C > S"},
        {"hold [S.] for 3s", RULE_HOLD, 3000000000, 0, 1000000, 0, false, "[S.]"},
        {"hold [S.] until C > S again", RULE_HOLD, 0, 0, 1000000, 0, false, "[S.]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rules *r = parsed(rows[i].text);
        assert_int_equal(r->count, 1);
        assert_int_equal(r->at[0].action, rows[i].action);
        assert_int_equal(r->at[0].delay_ns, rows[i].delay_ns);
        assert_int_equal(r->at[0].count, rows[i].count);
        assert_int_equal(r->at[0].probability_ppm, rows[i].ppm);
        assert_int_equal(r->at[0].seed, rows[i].seed);
        assert_int_equal(r->at[0].first_sending, rows[i].first_sending);
        assert_int_equal(r->at[0].bits_per_s > 0, rows[i].action == RULE_RATE);
        assert_string_equal(selector_text(r->at[0].selector), rows[i].selector);
        assert_string_equal(r->at[0].text, rows[i].text);
        assert_int_equal(r->at[0].until != NULL, strstr(rows[i].text, "until") != NULL);
        rules_free(r);
    }
}

static void rules_stand_a_line_each(void **state)
{
    (void)state;
    struct rules *r = parsed("# two losses\ndrop C > S data 2\n\ndrop C > S data 3 # too\n");
    assert_int_equal(r->count, 2);
    assert_int_equal(r->at[0].line, 2);
    assert_int_equal(r->at[1].line, 4);
    assert_string_equal(rule_action_name(r->at[1].action), "drop");
    assert_string_equal(r->at[1].text, "drop C > S data 3");
    rules_free(r);
}

static void what_is_no_rule_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line, column;
        const char *says;
    } rows[] = {
        {"", 1, 1, "Expected a rule"},
        {"dorp C > S", 1, 1, "Did you mean \"drop\"?"},
        {"drop", 1, 5, "Expected a term"},
        {"delay C > S", 1, 7, "how long"},
        {"delay 200 C > S", 1, 7, "how long"},
        {"duplicate 0 C > S", 1, 11, "from 1 to"},
        {"rate C > S", 1, 6, "how fast"},
        {"rate 0kbit C > S", 1, 6, "how fast"},
        {"rate 1mbit queue C > S", 1, 18, "how many packets"},
        {"rate 1mbit queue 0 C > S", 1, 18, "from 1 to"},
        {"jitter C > S", 1, 8, "how long"},
        {"drop C > S delivered", 1, 6, "asks for delivered or dropped"},
        {"drop C enters connect()", 1, 6, "asks for a call"},
        {"drop last C > S", 1, 6, "asks for the last of something"},
        {"drop C is ESTABLISHED", 1, 6, "asks for a state"},
        {"drop C > S\nhold [S.]", 2, 10, "until or for"},
        {"hold [S.] for 3", 1, 15, "how long"},
        {"hold [S.] until", 1, 16, "Expected a term"},
        {"drop C > S probability 5", 1, 24, "a percentage"},
        {"drop C > S probability 101%", 1, 24, "a percentage"},
        {"drop C > S probability 5% seed x", 1, 32, "a number"},
        {"drop C > S seed 7", 1, 12, "probability or the end"},
        {"drop C > S seq X", 1, 16, "Only J and K"},
    };
    int faults = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct select_fault f;
        struct rules *r = rules_parse(rows[i].text, strlen(rows[i].text), &f);
        bool good = !r && f.line == rows[i].line && f.column == rows[i].column &&
                    strstr(f.text, rows[i].says);
        if (!good)
            printf("%s: %d:%d %s\n", rows[i].text, r ? 0 : f.line, r ? 0 : f.column,
                   r ? "taken" : f.text);
        faults += !good;
        rules_free(r);
    }
    assert_int_equal(faults, 0);
}

/* ---- values ---- */

static const struct {
    const char *query;
    bool good;
    const char *text;
} values[] = {
    {"ack of first S > C [S.]", true, "2927179379"},
    {"ack of S > C [.]", true, "7"},
    {"flags of first C > S", true, "S"},
    {"flags of S > C", true, "S."},
    {"seq of C > S [S]", true, "2927179378"},
    {"len of last C > S data", true, "3"},
    {"count of C > S data", true, "6"},
    {"count of [R]", true, "0"},
    {"time of C > S [S]", true, "0.100040 s"},
    {"time of S > C [S.] - time of C > S [S]", true, "0.010040 s"},
    {"time of C > S [S] - time of S > C [S.]", true, "-0.010040 s"},
    {"ack of S > C [S.] - J", true, "1"},
    {"J", true, "2927179378"},
    {"J+1", true, "2927179379"},
    {"K", true, "1181523844"},
    {"count of C > S data - count of C > S data again + 2", true, "7"},
    {"mss of C > S [S]", true, "1460"},
    {"win of C > S [.]", true, "502"},
    {"window of C > S [.]", true, "64256"},
    {"window of C > S [S]", true, "64240"},
    {"result of C returns connect()", true, "0"},
    {"args of C enters connect()", true, "3, 10.0.0.2:9502"},
    {"payload of C > S data 1", true, "hello\\n"},
    {"state of C", true, "TIME-WAIT"},
    {"state of S", true, "CLOSED"},
    {"state of S at C connected", true, "SYN-RECEIVED"},
    {"errno of C returns connect()", false, "this value is not there: C returns connect()"},
    {"ack of C > S [S]", false, "this value is not there: C > S [S]"},
    {"len of [R]", false, "nothing happened that is [R]"},
};

static void values_are_told(void **state)
{
    (void)state;
    struct story s;
    int faults = 0;
    story_classic(&s, true);
    struct trace *t = story_trace(&s);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct select_fault f;
        struct answer a = {0};
        struct query *q = query_parse(values[i].query, &f);
        bool good = q && query_answer(q, t, &a) == values[i].good &&
                    strcmp(text_str(&a.text), values[i].text) == 0;
        if (!good)
            printf("%s: %s\n", values[i].query, q ? text_str(&a.text) : f.text);
        faults += !good;
        text_free(&a.text);
        query_free(q);
    }
    trace_free(t);
    assert_int_equal(faults, 0);
}

static void what_is_no_value_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        int column;
        const char *says;
    } rows[] = {
        {"", 1, "Expected a value"},
        {"akc of C > S", 1, "Did you mean \"ack\"?"},
        {"ack first C > S", 5, "\"of\""},
        {"ack of", 7, "Expected a term"},
        {"flags of C > S + 1", 18, "Only numbers"},
        {"1 + flags of C > S", 5, "Only numbers"},
        {"state of X", 10, "Expected a host"},
        {"ack of C > S )", 14, "the end of the value"},
        {"X", 1, "Expected a value"},
        {"sackok of C > S", 1, "Expected a value"},
    };
    int faults = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct select_fault f;
        struct query *q = query_parse(rows[i].query, &f);
        bool good = !q && f.column == rows[i].column && strstr(f.text, rows[i].says);
        if (!good)
            printf("%s: %d %s\n", rows[i].query, q ? 0 : f.column, q ? "taken" : f.text);
        faults += !good;
        query_free(q);
    }
    assert_int_equal(faults, 0);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_say_what_the_wire_does), cmocka_unit_test(rules_stand_a_line_each),
        cmocka_unit_test(what_is_no_rule_is_refused),   cmocka_unit_test(values_are_told),
        cmocka_unit_test(what_is_no_value_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
