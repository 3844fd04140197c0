/* A trace that is followed while it grows says of each event what the whole one says of it. */
#include "tracer/select/run.h"

#include "tracer/select/story.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static struct selector *parsed(const char *text)
{
    struct select_fault f;
    struct selector *s = selector_parse(text, &f);
    if (!s)
        fail_msg("%s: %s", text, f.text);
    return s;
}

/* What can be waited for: of each sort of term one. */
static const char *const waited[] = {
    "C enters connect()",
    "C returns connect()",
    "S > C [S.]",
    "S > C [S.] delivered",
    "C connect() = 0",
    "C connected",
    "S accepted",
    "C closed",
    "C becomes ESTABLISHED",
    "S is ESTABLISHED",
    "C > S data 2 again",
    "C > S data 2 dropped",
    "2nd C > S data",
    "S > C [.] dup 3",
    "fast_retransmission",
    "S prints \"got\"",
    "C exits = 0",
    "udp",
    "icmp unreachable",
    "C > S [.] seq J+1",
    "not C > S",
};
enum { WAITED = sizeof waited / sizeof waited[0] };

/* As the stepper does: ask after each item that came. */
static void an_event_is_met_as_soon_as_it_is_there(void **state)
{
    (void)state;
    struct story s;
    story_classic(&s, true);
    struct trace *whole = story_trace(&s);
    for (size_t i = 0; i < WAITED; i++) {
        struct selector *selector = parsed(waited[i]);
        struct trace *growing = story_begin(&s);
        struct select_run *late = select_run_new(whole), *live = select_run_new(growing);
        select_run_add(late, selector);
        select_run_add(live, selector);
        assert_true(selector_is_known_at_once(selector, NULL));
        size_t met = 0, event = 0, expected = 0;
        for (size_t k = 0; k < s.count; k++) {
            size_t had = trace_event_count(growing);
            story_add(growing, &s, &s.items[k]);
            while (select_run_until(live, 0, &event)) {
                assert_in_range(event, had, trace_event_count(growing) - 1);
                assert_true(select_run_until(late, 0, &expected));
                if (event != expected)
                    fail_msg("%s: %zu while it grows, %zu of the whole", waited[i], event,
                             expected);
                met++;
            }
        }
        if (met == 0 || select_run_until(late, 0, &expected))
            fail_msg("%s: met %zu times while it grows", waited[i], met);
        select_run_free(late);
        select_run_free(live);
        selector_free(selector);
        trace_free(growing);
    }
    trace_free(whole);
}

/* One run, a slot a step: each begins behind the event that met the one before. */
static void steps_follow_each_other(void **state)
{
    (void)state;
    static const char *const steps[] = {"C enters connect()", "S > C [S.]", "C returns connect()",
                                        "C > S data", "C > S data"};
    enum { STEPS = sizeof steps / sizeof steps[0] };
    static const int64_t when_us[STEPS] = {100000, 110080, 120140, 140040, 170000};
    struct selector *selectors[STEPS];
    struct story s;
    story_classic(&s, true);
    struct trace *t = story_begin(&s);
    struct select_run *r = select_run_new(t);
    for (size_t i = 0; i < STEPS; i++) {
        selectors[i] = parsed(steps[i]);
        assert_int_equal(select_run_add(r, selectors[i]), i);
    }
    size_t step = 0, event;
    for (size_t k = 0; k < s.count && step < STEPS; k++) {
        story_add(t, &s, &s.items[k]);
        while (step < STEPS && select_run_until(r, step, &event)) {
            assert_int_equal(trace_time(t, event), STORY_START_NS + when_us[step] * 1000);
            step++;
        }
    }
    assert_int_equal(step, STEPS);
    select_run_free(r);
    for (size_t i = 0; i < STEPS; i++)
        selector_free(selectors[i]);
    trace_free(t);
}

static void what_is_known_at_the_end_only_cannot_be_waited_for(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"last C > S data", "which one is the last is known only when all is over."},
        {"C > S not dropped", "what becomes of a packet is not known when it is sent."},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct text why = {0};
        struct selector *s = parsed(texts[i][0]);
        assert_false(selector_is_known_at_once(s, &why));
        assert_string_equal(text_str(&why), texts[i][1]);
        assert_false(selector_is_known_at_once(s, NULL));
        text_free(&why);
        selector_free(s);
    }
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_met_as_soon_as_it_is_there),
        cmocka_unit_test(steps_follow_each_other),
        cmocka_unit_test(what_is_known_at_the_end_only_cannot_be_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
