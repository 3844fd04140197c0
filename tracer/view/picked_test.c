#include "tracer/view/picked.h"

#include "tracer/session/readable_test.h"
#include "tracer/view/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { PLENTY_NS = 1000000000 };

static struct picked *pick(const struct scene *s, const char *words)
{
    struct select_fault fault = {0};
    struct selector *selector = selector_parse(words, &fault);
    if (!selector)
        fail_msg("%s: %s", words, fault.text);
    return picked_new(s->trace, selector);
}

static uint32_t segment_event(const struct scene *s, uint32_t segment)
{
    return trace_event_of(s->trace, TRACE_SEGMENT, segment);
}

static void test_segments_are_picked(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, false);
    scene_sends(&s, 0, SCENE_SYN);
    scene_sends(&s, 20030, SCENE_SYN_ACK);
    scene_sends(&s, 20040, SCENE_ACK);
    struct picked *p = pick(&s, "[S.]");
    assert_true(picked_busy(p));
    assert_true(picked_update(p, PLENTY_NS));
    assert_false(picked_busy(p));
    assert_int_equal(picked_count(p), trace_event_count(s.trace));
    assert_false(picked_has(p, segment_event(&s, 0)));
    assert_true(picked_has(p, segment_event(&s, 1)));
    assert_false(picked_has(p, segment_event(&s, 2)));
    assert_int_equal(picked_late(p), SIZE_MAX);
    assert_false(picked_update(p, PLENTY_NS));
    assert_string_equal(picked_words(p), "[S.]");
    picked_free(p);
    scene_end(&s);
}

/* A segment that is picked by its loss is picked from its sending on. */
static void test_what_ends_later_is_picked_late(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, true);
    scene_sends(&s, 1000, SCENE_SYN);
    struct picked *p = pick(&s, "[S] dropped");
    picked_update(p, PLENTY_NS);
    assert_false(picked_has(p, segment_event(&s, 0)));
    scene_fate(&s, 1020, 'C', 1000, FATE_DROPPED);
    assert_true(picked_update(p, PLENTY_NS));
    assert_true(picked_has(p, segment_event(&s, 0)));
    assert_int_equal(picked_late(p), segment_event(&s, 0));
    assert_int_equal(picked_late(p), SIZE_MAX);
    picked_free(p);
    scene_end(&s);
}

/* What was the last for now is so no more when another has come. */
static void test_the_last_one_moves_on(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, false);
    scene_sends(&s, 0, SCENE_SYN);
    struct picked *p = pick(&s, "last [S]");
    picked_update(p, PLENTY_NS);
    assert_true(picked_has(p, segment_event(&s, 0)));
    scene_sends(&s, 1000000, SCENE_SYN);
    picked_update(p, PLENTY_NS);
    assert_int_equal(picked_late(p), 0);
    assert_false(picked_has(p, segment_event(&s, 0)));
    assert_true(picked_has(p, segment_event(&s, 1)));
    picked_free(p);
    scene_end(&s);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments_are_picked),
        cmocka_unit_test(test_what_ends_later_is_picked_late),
        cmocka_unit_test(test_the_last_one_moves_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
