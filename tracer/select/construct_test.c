/* Each construct of the language with an example that is taken and one that is refused. No word of
 * the parsers' tables may be left out. */
#include "tracer/select/expect.h"
#include "tracer/select/field.h"
#include "tracer/select/query.h"
#include "tracer/select/rule.h"
#include "tracer/select/story.h"
#include "tracer/session/readable_test.h"
#include "tracer/tcp/analysis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

enum language { SELECTOR, EXPECTATION, VALUE, RULE };

static bool is_taken(enum language l, const char *text, struct select_fault *f)
{
    bool taken = false;
    *f = (struct select_fault){0};
    if (l == SELECTOR) {
        struct selector *s = selector_parse(text, f);
        taken = s != NULL;
        selector_free(s);
    } else if (l == VALUE) {
        struct query *q = query_parse(text, f);
        taken = q != NULL;
        query_free(q);
    } else if (l == RULE) {
        struct rules *r = rules_parse(text, strlen(text), f);
        taken = r != NULL;
        rules_free(r);
    } else {
        struct text all = {0};
        text_format(&all, text[0] == ' ' ? "\"x\"\n%s\n" : "\"x\" %s\n", text);
        struct expectations *e = expectations_parse(all.s, all.len, f);
        taken = e != NULL;
        expectations_free(e);
        text_free(&all);
    }
    return taken;
}

static const struct row {
    enum language language;
    const char *taken, *refused, *says;
} rows[] = {
    /* what takes something behind it */
    {SELECTOR, "C > S", "C > ", "a host here"},
    {SELECTOR, "C > S [S.]", "C > S [Sx]", "Flags are written as tcpdump prints them"},
    {SELECTOR, "[*] or [none]", "[]", "No flag stands in these brackets"},
    {SELECTOR, "data 2..4", "data 0", "which one, from 1"},
    {SELECTOR, "bytes 1..7", "bytes", "the bytes' numbers"},
    {SELECTOR, "byte 7", "byte x", "the bytes' numbers"},
    {SELECTOR, "from C", "from 5", "a host here"},
    {SELECTOR, "to 10.0.0.1:80", "to", "a host here"},
    {SELECTOR, "host S", "host data", "a host here"},
    {SELECTOR, "port 9502", "port 70000", "a port, from 1 to 65535"},
    {SELECTOR, "payload starts \"he\"", "payload starts", "a text in quotation marks"},
    {SELECTOR, "\"he\"", "\"he", "no other one on its line"},
    {SELECTOR, "hex \"48 65\"", "hex \"4\"", "pairs of hex digits"},
    {SELECTOR, "C connected", "C connectd", "Did you mean \"connected\"?"},
    {SELECTOR, "S accepted", "S acepted", "Did you mean \"accepted\"?"},
    {SELECTOR, "C closed", "C closes", "Did you mean \"closed\"?"},
    {SELECTOR, "C enters connect(3, S:9502)", "C enters conect()", "Did you mean \"connect\"?"},
    {SELECTOR, "C calls send()", "C calls send", "a call with its parentheses"},
    {SELECTOR, "C returns recv() = 0", "C returns", "a call with its parentheses"},
    {SELECTOR, "C connect() fails ECONNREFUSED", "C connect() fails 5", "Expected a term"},
    {SELECTOR, "C is ESTABLISHED", "C is OPEN", "a state, as RFC 9293 writes it"},
    {SELECTOR, "becomes FIN-WAIT-1", "becomes FIN-WAIT", "Did you mean \"FIN-WAIT-1\"?"},
    {SELECTOR, "C kernel ESTABLISHED", "C kernel ESTABLISHD", "Expected a term"},
    {SELECTOR, "S prints \"x\"", "S prints x", "Expected a term"},
    {SELECTOR, "C types", "C types 5", "Expected a term"},
    {SELECTOR, "C starts", "C starts = 1", "Expected a term"},
    {SELECTOR, "C exits = 1", "C exits = 300", "out of range"},
    {SELECTOR, "C killed = 9", "C killed =", "a number or a variable"},
    {SELECTOR, "first C > S", "first", "what is to be counted"},
    {SELECTOR, "last of C > S", "last last C > S", "counted once"},
    {SELECTOR, "3rd [S]", "0th [S]", "begins with the 1st"},
    {SELECTOR, "not (C > S)", "not", "Expected a term"},
    {SELECTOR, "syn and C > S", "syn and", "Expected a term"},
    {SELECTOR, "syn or fin", "or fin", "Expected a term"},
    {SELECTOR, "seq 1:8", "seq 1:", "where the range ends"},
    {SELECTOR, "ack J+1", "ack J+", "the number that is added"},
    /* expectations */
    {EXPECTATION, " next [S]", " next", "what is expected"},
    {EXPECTATION, " never [R]", " never", "what is expected"},
    {EXPECTATION, " exactly 2 [F.]", " exactly [F.]", "how many"},
    {EXPECTATION, " at least 2 [F.]", " at lest 2 [F.]", "\"least\" or \"most\""},
    {EXPECTATION, " at most 2 [F.]", " at most many [F.]", "how many"},
    {EXPECTATION, " between 2 and 3 [F.]", " between 3 and 2 [F.]", "lower number to the higher"},
    {EXPECTATION, " any order {\n [S]\n }", " any order {\n [S]\n", "is not closed"},
    {EXPECTATION, " hint \"x\"\n [S]", " hint x\n [S]", "the hint in quotation marks"},
    {EXPECTATION, "needs \"y\"\n [S]\n\"y\"\n [S]", "needs \"z\"\n [S]\n\"y\"\n [S]",
     "an expectation that is not there"},
    {EXPECTATION, " [S] after 1s", " [S] after", "Expected a term"},
    {EXPECTATION, " [S] before [S.]", " [S] before [S.] before [F]", "one \"before\" already"},
    {EXPECTATION, " [S] within 1s..2s", " [S] within 5", "a time: within 200ms"},
    {EXPECTATION, "every connection\n [S]", "every conection\n [S]", "every connection"},
    {EXPECTATION, "across connections\n [S]", "across\n [S]", "across connections"},
    {EXPECTATION, "connection 2\n [S]", "connection 0\n [S]", "numbered from 1"},
    /* values */
    {VALUE, "count of [S]", "count", "\"of\""},
    {VALUE, "state of C at [S]", "state of [S]", "a host here"},
    {VALUE, "flags of [S]", "flags of [S] + 1", "Only numbers"},
    {VALUE, "errno of C returns connect()", "errno of", "Expected a term"},
    {VALUE, "args of C enters connect()", "args of args of [S]", "Expected a term"},
    {VALUE, "payload of data", "payload data", "\"of\""},
    {VALUE, "time of [S.] - time of [S] + 1", "time of [S.] -", "a value, such as"},
    /* rules */
    {RULE, "drop C > S data 3", "drop", "Expected a term"},
    {RULE, "delay 200ms [S]", "delay [S]", "how long"},
    {RULE, "jitter 5ms C > S", "jitter C > S", "how long"},
    {RULE, "duplicate 2 [S]", "duplicate 0 [S]", "from 1 to 1000"},
    {RULE, "reorder 2 data 1", "reorder 0 data 1", "from 1 to 1000"},
    {RULE, "corrupt 2 data 1", "corrupt 0 data 1", "from 1 to 1000"},
    {RULE, "rate 10mbit queue 20 C > S", "rate 10 C > S", "rate"},
    {RULE, "hold [S] until [S.]", "hold [S]", "until"},
    {RULE, "drop C > S probability 5% seed 7", "drop C > S probability 5", "%"},
};

static void each_is_taken_and_refused(void **state)
{
    (void)state;
    int faults = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct select_fault taken, refused;
        bool first = is_taken(rows[i].language, rows[i].taken, &taken);
        bool second = is_taken(rows[i].language, rows[i].refused, &refused);
        if (first && !second && strstr(refused.text, rows[i].says))
            continue;
        printf("%s: %s\n%s: %s\n", rows[i].taken, first ? "taken" : taken.text, rows[i].refused,
               second ? "taken" : refused.text);
        faults++;
    }
    assert_int_equal(faults, 0);
}

/* A field asks for a number that it can have; a name misspelt is met with the name. */
static void each_field_is_taken_and_refused(void **state)
{
    (void)state;
    struct select_fault f;
    const struct field *field;
    for (size_t i = 0; (field = field_at_index(i)); i++) {
        struct text good = {0}, bad = {0}, value = {0};
        if (strcmp(field->name, "flags") == 0)
            continue; /* a value only: the term is [S.] */
        text_format(&good, "%s%s", field->name, field->no_value ? "" : " > 0");
        text_format(&bad, field->no_value ? "%s > 0" : "%s > \"x\"", field->name);
        text_format(&value, "%s of [S]", field->name);
        if (!is_taken(SELECTOR, good.s, &f))
            fail_msg("%s: %s", good.s, f.text);
        if (is_taken(SELECTOR, bad.s, &f))
            fail_msg("%s is taken", bad.s);
        if (is_taken(SELECTOR, field->name, &f) != field->alone)
            fail_msg("%s alone: %s", field->name, field->alone ? f.text : "taken");
        if (is_taken(VALUE, value.s, &f) == field->no_value)
            fail_msg("%s: %s", value.s, field->no_value ? "taken" : f.text);
        text_free(&good);
        text_free(&bad);
        text_free(&value);
    }
}

/* ---- that no word is left out ---- */

static bool is_of_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static bool has_row(const char *word)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (const char *at = rows[i].taken; (at = strstr(at, word)); at++)
            if ((at == rows[i].taken || !is_of_word(at[-1])) && !is_of_word(at[strlen(word)]))
                return true;
    return false;
}

/* A word that stands alone is a whole selector; with a number behind it, it is none. */
static bool stands_alone(const char *word)
{
    struct select_fault f;
    struct text more = {0};
    text_format(&more, "%s 5", word);
    bool alone = is_taken(SELECTOR, word, &f) && !is_taken(SELECTOR, more.s, &f) &&
                 strstr(f.text, "Expected a term") && f.column == (int)strlen(word) + 2;
    text_free(&more);
    return alone;
}

static void every_word_is_tried(void **state)
{
    (void)state;
    const char *const *const lists[] = {selector_words(), expectation_words(), query_words()};
    int missing = 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (const char *const *w = lists[i]; *w; w++)
            if (!has_row(*w) && !field_by_name(*w, strlen(*w)) && !stands_alone(*w)) {
                printf("%s is taken and refused nowhere\n", *w);
                missing++;
            }
    for (int i = 0; i < RULE_ACTION_COUNT; i++)
        if (!has_row(rule_action_name((enum rule_action)i))) {
            printf("%s is taken and refused nowhere\n", rule_action_name((enum rule_action)i));
            missing++;
        }
    assert_int_equal(missing, 0);
}

/* One letter too many: the fault says where, what stands there, and what may have been meant. */
static void a_misspelt_word_is_met_with_the_right_one(void **state)
{
    (void)state;
    int faults = 0;
    for (const char *const *w = selector_words(); *w; w++) {
        struct select_fault f;
        struct text text = {0};
        size_t n = strlen(*w);
        text_format(&text, "%s%c", *w, (*w)[n - 1]);
        bool good = !is_taken(SELECTOR, text.s, &f) && f.line == 1 && f.column == 1;
        if (n >= 4)
            good = good && strstr(f.text, "Did you mean \"") && strstr(f.text, text.s);
        if (!good) {
            printf("%s: %s\n", text.s, f.text);
            faults++;
        }
        text_free(&text);
    }
    assert_int_equal(faults, 0);
}

/* A sentence that is too long ends between two characters. */
static void a_long_sentence_is_cut_whole(void **state)
{
    (void)state;
    for (int shift = 0; shift < 4; shift++) {
        struct select_fault f = {0};
        struct text long_words = {0};
        text_repeat(&long_words, 'x', (size_t)shift);
        for (int i = 0; i < 200; i++)
            text_add(&long_words, "\xf0\x9f\x98\x80");
        assert_false(select_fault_set(&f, 1, 1, "%s", long_words.s));
        size_t n = strlen(f.text);
        assert_int_equal((n - (size_t)shift) % 4, 0);
        assert_in_range(n, sizeof f.text - 4, sizeof f.text - 1);
        text_free(&long_words);
    }
}

/* ---- values: one thing of the story is changed, and the answer is another ---- */

static void answer_of(const char *text, const struct story *s, struct text *out)
{
    struct select_fault f;
    struct answer a;
    struct query *q = query_parse(text, &f);
    if (!q)
        fail_msg("%s: %s", text, f.text);
    struct trace *t = story_trace(s);
    query_answer(q, t, &a);
    text_add(out, text_str(&a.text));
    text_free(&a.text);
    trace_free(t);
    query_free(q);
}

/* The classic story with its SYN-ACK, its first data and its connect() as no test expects them. */
static void change(struct story *s)
{
    for (size_t i = 0; i < s->count; i++) {
        struct story_item *it = &s->items[i];
        if (it->us == 110080 && it->kind == STORY_SEGMENT)
            it->flags = TCP_SYN | TCP_ACK | TCP_ECE, it->ack++, it->win = 1;
        if (it->us == 140040)
            it->data = "hallo\n", it->seq++;
        if (it->kind == STORY_ENTER && strcmp(it->name, "connect") == 0)
            it->data = "3, 10.0.0.2:80";
        if (it->us == 120140)
            it->ret = -1, it->error = "ECONNREFUSED";
        if (it->us == 311000)
            it->flags = TCP_ACK;
    }
}

static void a_changed_field_is_another_answer(void **state)
{
    (void)state;
    static const struct {
        const char *query, *before, *after;
    } values[] = {
        {"count of fin", "2", "1"},
        {"state of S", "CLOSED", "ESTABLISHED"},
        {"flags of S > C", "S.", "S.E"},
        {"errno of C returns connect()", "this value is not there: C returns connect()",
         "ECONNREFUSED"},
        {"args of C enters connect()", "3, 10.0.0.2:9502", "3, 10.0.0.2:80"},
        {"payload of C > S data", "hello\\n", "hallo\\n"},
        {"ack of S > C [S.] - J", "1", "2"},
        {"win of S > C [S.]", "65160", "1"},
        {"seq of C > S data", "1", "2"},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct story s;
        struct text before = {0}, after = {0};
        story_classic(&s, true);
        answer_of(values[i].query, &s, &before);
        change(&s);
        answer_of(values[i].query, &s, &after);
        if (strcmp(text_str(&before), values[i].before) != 0 ||
            strcmp(text_str(&after), values[i].after) != 0)
            fail_msg("%s: %s, then %s", values[i].query, text_str(&before), text_str(&after));
        text_free(&before);
        text_free(&after);
    }
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_taken_and_refused),
        cmocka_unit_test(each_field_is_taken_and_refused),
        cmocka_unit_test(every_word_is_tried),
        cmocka_unit_test(a_misspelt_word_is_met_with_the_right_one),
        cmocka_unit_test(a_long_sentence_is_cut_whole),
        cmocka_unit_test(a_changed_field_is_another_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
