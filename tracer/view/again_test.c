#include "tracer/view/again.h"

#include "tracer/view/ladder.h"
#include "tracer/session/readable_test.h"
#include "tracer/view/scene.h"
#include "tracer/view/track.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct scene_segment data(char from, uint32_t seq, const char *bytes, uint16_t port)
{
    return (struct scene_segment){from, TCP_ACK, seq, 900, bytes, port, 0};
}

static void test_the_last_one_that_overlaps(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, false);
    scene_sends(&s, 0, data('C', 1000, "0123456789", 1));
    scene_sends(&s, 1, data('C', 1010, "0123456789", 1));
    scene_sends(&s, 2, data('C', 1020, "0123456789", 1));
    scene_sends(&s, 3, data('S', 1010, "0123456789", 1)); /* the other side's numbers */
    scene_sends(&s, 4, data('C', 1010, "0123456789", 2)); /* another connection's */
    scene_sends(&s, 5, data('C', 1015, NULL, 1));         /* takes no number */
    scene_sends(&s, 6, data('C', 1015, "01234", 1));      /* the end of 1 */
    scene_sends(&s, 7, data('C', 1010, "0123456789", 1)); /* and 6 */
    scene_sends(&s, 8, data('C', 1010, "01234", 1));
    scene_sends(&s, 9, data('C', 1000, "01234", 1));
    static const uint32_t expected[] = {TRACE_NONE, TRACE_NONE, TRACE_NONE, TRACE_NONE, TRACE_NONE,
                                        TRACE_NONE, 1,          6,          7,          0};
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(again_of(s.trace, i), expected[i]);
    scene_end(&s);
}

/* Over the end of the sequence space, and SYN and FIN count. */
static void test_numbers_wrap(void **state)
{
    (void)state;
    struct scene s;
    struct scene_segment syn = {'C', TCP_SYN, UINT32_MAX - 5, 0, NULL, 1, 0};
    struct scene_segment fin = {'C', TCP_FIN | TCP_ACK, 5, 900, NULL, 1, 0};
    scene_begin(&s, false);
    scene_sends(&s, 0, syn);
    scene_sends(&s, 1, data('C', UINT32_MAX - 4, "0123456789", 1)); /* up to 4 */
    scene_sends(&s, 2, fin);
    scene_sends(&s, 3, data('C', 2, "01", 1));
    scene_sends(&s, 4, fin);
    scene_sends(&s, 5, syn);
    static const uint32_t expected[] = {TRACE_NONE, TRACE_NONE, TRACE_NONE, 1, 2, 0};
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(again_of(s.trace, i), expected[i]);
    scene_end(&s);
}

/* A repetition among so many others that the original is not searched for so far back. */
static void test_the_search_is_bounded(void **state)
{
    (void)state;
    struct scene s;
    enum { BETWEEN = 20000 };
    scene_begin(&s, false);
    scene_sends(&s, 0, data('C', 1000, "0123456789", 1));
    for (uint32_t i = 1; i <= BETWEEN; i++)
        scene_sends(&s, i, data('C', 1000 + 10 * i, "0123456789", 1));
    scene_sends(&s, BETWEEN + 1, data('C', 1000 + 10 * (BETWEEN - 500), "0123456789", 1));
    scene_sends(&s, BETWEEN + 2, data('C', 1000, "0123456789", 1));
    assert_int_equal(again_of(s.trace, BETWEEN + 1), BETWEEN - 500);
    assert_int_equal(again_of(s.trace, BETWEEN + 2), TRACE_NONE);
    struct ladder *v = ladder_view.open(s.trace);
    while (ladder_view.busy(v))
        ladder_view.update(v);
    ladder_view.command(v, COMMAND_LAST);
    ladder_view.command(v, COMMAND_ORIGINAL);
    assert_non_null(strstr(ladder_view.said(v), "too long before"));
    assert_null(ladder_view.said(v));
    ladder_view.command(v, COMMAND_UP);
    ladder_view.command(v, COMMAND_ORIGINAL);
    assert_null(ladder_view.said(v));
    assert_int_equal(v->cursor, BETWEEN - 500);
    ladder_view.command(v, COMMAND_ORIGINAL);
    assert_non_null(strstr(ladder_view.said(v), "no retransmission"));
    ladder_view.close(v);
    scene_end(&s);
}

/* What is remembered is what is found afresh, though slots are shared. */
static void test_memory_is_of_the_segment_asked_for(void **state)
{
    (void)state;
    struct scene s;
    struct layout l;
    struct again_memory m = {0};
    scene_begin(&s, false);
    for (uint32_t i = 0; i < 3 * AGAIN_SLOTS; i++)
        scene_sends(&s, i, data('C', 1000 + 10 * (i / 3), "0123456789", 1));
    layout_init(&l, s.trace, NULL, 0);
    layout_update(&l);
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 3 * AGAIN_SLOTS; i++) {
            const struct again *a = again_find(&m, &l, i, i);
            assert_int_equal(a->original, i % 3 ? i - 1 : TRACE_NONE);
            assert_int_equal(a->row, i % 3 ? i - 1 : SIZE_MAX);
        }
    layout_free(&l);
    scene_end(&s);
}

/* Of two lines that would lie over each other one is drawn; the cursor's comes first. */
static void test_lines_do_not_lie_over_each_other(void **state)
{
    (void)state;
    struct scene s;
    struct layout l;
    struct again_memory m = {0};
    struct track k;
    scene_begin(&s, false);
    for (uint32_t i = 0; i < 6; i++) /* 0 1 2, and again 0 1 2 */
        scene_sends(&s, i, data('C', 1000 + 10 * (i % 3), "0123456789", 1));
    scene_sends(&s, 6, data('C', 1020, "0123456789", 1)); /* 5, once more */
    layout_init(&l, s.trace, NULL, 0);
    layout_update(&l);
    track_find(&k, &l, &m, 0, 20, 0);
    assert_true(track_ends(&k, 3, HOST_LEFT));
    assert_false(track_ends(&k, 4, HOST_LEFT));
    assert_false(track_ends(&k, 5, HOST_LEFT));
    assert_true(track_ends(&k, 6, HOST_LEFT));
    assert_false(track_ends(&k, 3, HOST_RIGHT));
    track_find(&k, &l, &m, 0, 20, 4);
    assert_false(track_ends(&k, 3, HOST_LEFT));
    assert_true(track_ends(&k, 4, HOST_LEFT));
    track_find(&k, &l, &m, 1, 20, 0); /* the first is out of sight */
    assert_false(track_ends(&k, 3, HOST_LEFT));
    assert_true(track_ends(&k, 4, HOST_LEFT));
    layout_free(&l);
    scene_end(&s);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_one_that_overlaps),
        cmocka_unit_test(test_numbers_wrap),
        cmocka_unit_test(test_the_search_is_bounded),
        cmocka_unit_test(test_memory_is_of_the_segment_asked_for),
        cmocka_unit_test(test_lines_do_not_lie_over_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
