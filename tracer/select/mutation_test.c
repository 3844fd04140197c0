/* One field of a trace is changed, and the expectation that held before must fail and name it. */
#include "tracer/base/alloc.h"
#include "tracer/select/expect_parts.h"
#include "tracer/select/mutation_rows.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static void set_number(void *at, size_t bytes, int64_t v)
{
    switch (bytes) {
    case 1: memcpy(at, &(uint8_t){(uint8_t)v}, 1); break;
    case 2: memcpy(at, &(uint16_t){(uint16_t)v}, 2); break;
    case 4: memcpy(at, &(uint32_t){(uint32_t)v}, 4); break;
    default: memcpy(at, &v, sizeof v);
    }
}

/* Take an item away, or to another time: what is kept in time order stays so. */
static void move(struct story *s, size_t i, const struct row *r)
{
    struct story_item moved = s->items[i];
    memmove(&s->items[i], &s->items[i + 1], (--s->count - i) * sizeof moved);
    if (r->member == GONE)
        return;
    moved.us = r->number;
    for (i = 0; i < s->count && s->items[i].us < moved.us;)
        i++;
    memmove(&s->items[i + 1], &s->items[i], (s->count++ - i) * sizeof moved);
    s->items[i] = moved;
}

static void change(struct story *s, size_t i, const struct row *r)
{
    struct story_item *it = &s->items[i];
    if (r->member < NUMBERS) {
        set_number((char *)it + numbers[r->member].at, numbers[r->member].bytes, r->number);
        return;
    }
    switch (r->member) {
    case DATA: it->data = r->text; break;
    case NAME: it->name = r->text; break;
    case ERRNO: it->ret = r->number, it->error = r->text; break;
    case KIND: it->kind = (enum story_kind)r->number; break;
    default: move(s, i, r);
    }
}

static enum expect_result judge(const struct story *s, const char *lines, struct text *why)
{
    struct text text = {0};
    struct select_fault f;
    text_format(&text, lines[0] == ' ' ? "\"x\"\n%s" : "\"x\" %s", lines);
    struct expectations *e = expectations_parse(text.s, text.len, &f);
    if (!e)
        fail_msg("%s: %s", lines, f.text);
    struct trace *t = story_trace(s);
    struct expect_outcome *o = expectations_check(e, t);
    enum expect_result result = o[0].result;
    text_add(why, text_str(&o[0].why));
    expect_outcomes_free(o, expectations_count(e));
    expectations_free(e);
    trace_free(t);
    text_free(&text);
    return result;
}

static size_t item_of(const struct story *s, const struct row *r)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].us == r->us && s->items[i].kind == r->kind)
            return i;
    fail_msg("%s: the story has no such item", r->lines);
    return 0;
}

static int try_row(const struct row *r, void (*tell)(struct story *))
{
    struct story s;
    struct text before = {0}, after = {0};
    tell(&s);
    enum expect_result first = judge(&s, r->lines, &before);
    change(&s, item_of(&s, r), r);
    enum expect_result second = judge(&s, r->lines, &after);
    bool good =
        first == EXPECT_MET && second != EXPECT_MET && strstr(text_str(&after), r->says) != NULL;
    if (!good)
        printf("%s  before: %s\n  after: %s\n  expected: %s\n", r->lines,
               first == EXPECT_MET ? "met" : text_str(&before),
               second == EXPECT_MET ? "met" : text_str(&after), r->says);
    text_free(&before);
    text_free(&after);
    return !good;
}

static void tell_classic(struct story *s)
{
    story_classic(s, true);
}

static void a_changed_field_is_noticed_and_named(void **state)
{
    (void)state;
    int faults = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        faults += try_row(&rows[i], tell_classic);
    for (size_t i = 0; i < sizeof rare_rows / sizeof rare_rows[0]; i++)
        faults += try_row(&rare_rows[i], story_rare);
    assert_int_equal(faults, 0);
}

/* ---- that no construct is left out ---- */

static bool is_of_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static bool stands_in(const char *lines, const char *word)
{
    for (const char *at = lines; (at = strstr(at, word)); at++)
        if ((at == lines || !is_of_word(at[-1])) && !is_of_word(at[strlen(word)]))
            return true;
    return false;
}

static bool has_row(const char *word)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (stands_in(rows[i].lines, word))
            return true;
    for (size_t i = 0; i < sizeof rare_rows / sizeof rare_rows[0]; i++)
        if (stands_in(rare_rows[i].lines, word))
            return true;
    return false;
}

/* What the analysis finds is one construct with many names: each is tried below. A hint asks for
 * nothing. */
static bool needs_row(const char *word)
{
    enum finding_kind kind;
    return !finding_by_name(word, &kind) && strcmp(word, "hint") != 0;
}

static void every_word_has_a_row(void **state)
{
    (void)state;
    const char *const *const lists[] = {selector_words(), expectation_words()};
    int missing = 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (const char *const *w = lists[i]; *w; w++)
            if (needs_row(*w) && !has_row(*w)) {
                printf("no row changes what \"%s\" asks for\n", *w);
                missing++;
            }
    assert_int_equal(missing, 0);
}

static void mark_terms(const char *lines, bool *seen)
{
    struct text text = {0};
    struct select_fault f;
    text_format(&text, lines[0] == ' ' ? "\"x\"\n%s" : "\"x\" %s", lines);
    struct expectations *e = expectations_parse(text.s, text.len, &f);
    for (size_t k = 0; e && k < e->at[0].line_count; k++) {
        const struct selector *s = e->at[0].lines[k].selector;
        for (size_t i = 0; i < s->count; i++)
            if (s->nodes[i].kind == NODE_TERM)
                seen[s->nodes[i].term.kind] = true;
    }
    expectations_free(e);
    text_free(&text);
}

static void every_kind_of_term_has_a_row(void **state)
{
    (void)state;
    bool seen[TERM_KIND_COUNT] = {false};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        mark_terms(rows[i].lines, seen);
    for (size_t i = 0; i < sizeof rare_rows / sizeof rare_rows[0]; i++)
        mark_terms(rare_rows[i].lines, seen);
    for (int i = 0; i < TERM_KIND_COUNT; i++)
        if (!seen[i])
            fail_msg("no row has a term of kind %d of enum term_kind", i);
}

/* A finding that the story has is selected and, where its absence is asked for, named; one that it
 * has not is named as missing. */
static void every_finding_is_named(void **state)
{
    (void)state;
    struct story s;
    int found = 0;
    story_classic(&s, true);
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        const char *name = finding_name((enum finding_kind)kind);
        struct text lines = {0}, why = {0}, says = {0};
        text_format(&lines, " C > S %s\n", name);
        bool met = judge(&s, lines.s, &why) == EXPECT_MET;
        if (met) {
            text_clear(&lines);
            text_format(&lines, " never %s\n", name);
            assert_int_equal(judge(&s, lines.s, &why), EXPECT_MISSED);
            text_add(&says, "This must not happen, and it did");
        } else {
            text_format(&says, "the analysis does not call it %s", name);
        }
        if (!strstr(text_str(&why), text_str(&says)))
            fail_msg("%s: %s", name, text_str(&why));
        found += met;
        text_free(&lines);
        text_free(&why);
        text_free(&says);
    }
    assert_true(found > 0);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_field_is_noticed_and_named),
        cmocka_unit_test(every_word_has_a_row),
        cmocka_unit_test(every_kind_of_term_has_a_row),
        cmocka_unit_test(every_finding_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
