/* tshark's rules: for each a case that sets its flag and a near miss that does not. Each test tells
 * a connection anew; side S sends data, C acknowledges, unless it says otherwise. */
#include "tracer/tcp/story_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define has(kinds, kind)     assert_true((kinds)&FINDING_BIT(FINDING_##kind))
#define has_not(kinds, kind) assert_false((kinds)&FINDING_BIT(FINDING_##kind))
#define DATA                 (TCP_PSH | TCP_ACK)

static int begin(void **state)
{
    static struct story s;
    story_begin(&s);
    story_opens(&s);
    *state = &s;
    return 0;
}

static int end(void **state)
{
    story_end(*state);
    return 0;
}

static void segments_in_order_have_no_flag(void **state)
{
    struct story *s = *state;
    assert_int_equal(story_sends(s, MS, C, DATA, 1, 1, 10), 0);
    assert_int_equal(story_sends(s, 10 * MS, S, DATA, 1, 11, 100), 0);
    assert_int_equal(story_sends(s, MS, C, TCP_ACK, 11, 101, 0), 0);
    assert_int_equal(story_sends(s, MS, C, TCP_FIN | TCP_ACK, 11, 101, 0), 0);
    assert_int_equal(story_sends(s, MS, S, TCP_FIN | TCP_ACK, 101, 12, 0), 0);
    assert_int_equal(story_sends(s, MS, C, TCP_ACK, 12, 102, 0), 0);
}

static void a_probe_is_the_next_byte_at_a_zero_window(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    has(story_window(s, MS, C, 1, 101, 0, 0), ZERO_WINDOW);
    has_not(story_sends(s, MS, S, TCP_ACK, 102, 1, 1), ZERO_WINDOW_PROBE);
    story_end(s);
    begin(state);
    story_sends(s, MS, S, DATA, 1, 1, 100);
    story_window(s, MS, C, 1, 101, 0, 0);
    uint32_t kinds = story_sends(s, MS, S, TCP_ACK, 101, 1, 1);
    has(kinds, ZERO_WINDOW_PROBE);
    has_not(kinds, WINDOW_FULL);
    has(story_sends(s, MS, S, TCP_ACK, 101, 1, 1), ZERO_WINDOW_PROBE); /* it moved nothing on */
}

static void two_bytes_are_no_probe_and_neither_is_one_at_an_open_window(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    has_not(story_sends(s, MS, S, TCP_ACK, 101, 1, 1), ZERO_WINDOW_PROBE);
    story_window(s, MS, C, 1, 102, 0, 0);
    has_not(story_sends(s, MS, S, TCP_ACK, 102, 1, 2), ZERO_WINDOW_PROBE);
}

static void a_zero_window_is_no_reset_nor_fin(void **state)
{
    struct story *s = *state;
    has(story_window(s, MS, C, 1, 1, 0, 0), ZERO_WINDOW);
    has_not(story_window(s, MS, C, 1, 1, 0, 1), ZERO_WINDOW);
    struct analysis_facts f = {
        .side = C, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1, .previous = FLOW_NONE};
    has_not(story_facts(s, MS, f), ZERO_WINDOW);
    f.flags = TCP_RST | TCP_ACK;
    has_not(story_facts(s, MS, f), ZERO_WINDOW);
}

static void a_gap_is_a_lost_segment_but_for_a_reset(void **state)
{
    struct story *s = *state;
    has_not(story_sends(s, MS, S, DATA, 1, 1, 100), LOST_SEGMENT);
    has(story_sends(s, MS, S, DATA, 102, 1, 100), LOST_SEGMENT);
    assert_int_equal(s->result.findings[0].bytes, 1);
    assert_int_equal(s->result.findings[0].seq, 101);
    has_not(story_sends(s, MS, S, DATA, 202, 1, 100), LOST_SEGMENT);
    has_not(story_sends(s, MS, S, TCP_RST | TCP_ACK, 900, 1, 0), LOST_SEGMENT);
}

static void a_keep_alive_is_one_before_the_next(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    story_sends(s, MS, C, TCP_ACK, 1, 101, 0);
    has(story_sends(s, 75000 * MS, S, TCP_ACK, 100, 1, 0), KEEP_ALIVE);
    has(story_sends(s, 75000 * MS, S, TCP_ACK, 100, 1, 1), KEEP_ALIVE);
    has_not(s->result.flags, SPURIOUS_RETRANSMISSION);
    has_not(story_sends(s, MS, S, TCP_ACK, 101, 1, 0), KEEP_ALIVE);
    has_not(story_sends(s, MS, S, TCP_ACK, 99, 1, 0), KEEP_ALIVE);
    has_not(story_sends(s, MS, S, TCP_ACK, 100, 1, 2), KEEP_ALIVE);
}

static void its_answer_repeats_the_last_ack(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    story_sends(s, MS, C, TCP_ACK, 1, 101, 0);
    story_sends(s, 75000 * MS, S, TCP_ACK, 100, 1, 0);
    uint32_t kinds = story_sends(s, MS, C, TCP_ACK, 1, 101, 0);
    has(kinds, KEEP_ALIVE_ACK);
    has_not(kinds, DUPLICATE_ACK);
    story_sends(s, MS, S, TCP_ACK, 101, 1, 0);
    kinds = story_sends(s, MS, C, TCP_ACK, 1, 101, 0); /* no keep-alive is the last to have come */
    has_not(kinds, KEEP_ALIVE_ACK);
    has(kinds, DUPLICATE_ACK);
}

static void a_window_update_changes_the_window_alone(void **state)
{
    struct story *s = *state;
    has(story_window(s, MS, C, 1, 1, 0, 900), WINDOW_UPDATE);
    assert_int_equal(s->result.findings[0].bytes, 3600);
    has_not(story_window(s, MS, C, 1, 1, 0, 900), WINDOW_UPDATE);
    has_not(story_window(s, MS, C, 1, 1, 5, 800), WINDOW_UPDATE);
    story_sends(s, MS, S, DATA, 1, 6, 10);
    has_not(story_window(s, MS, C, 6, 11, 0, 700), WINDOW_UPDATE);
}

static void a_window_is_full_at_its_last_byte(void **state)
{
    struct story *s = *state; /* 1000 << 2 from 1 on: 4000 is the last */
    has_not(story_sends(s, MS, S, DATA, 1, 1, 3999), WINDOW_FULL);
    has(story_sends(s, MS, S, DATA, 4000, 1, 1), WINDOW_FULL);
    has_not(story_sends(s, MS, S, DATA, 4001, 1, 1), WINDOW_FULL);
}

static void a_window_whose_scale_is_not_known_is_never_full(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_sends(&s, MS, C, TCP_ACK, 1, 1, 0);
    has_not(story_sends(&s, MS, S, DATA, 1, 1, 1000), WINDOW_FULL);
    has_not(story_sends(&s, MS, S, DATA, 1001, 1, 3000), WINDOW_FULL);
    story_end(&s);
}

static void an_unscaled_window_is_full_as_it_stands(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_sends(&s, MS, C, TCP_SYN, 0, 0, 0); /* offers no scale */
    story_sends(&s, MS, S, TCP_SYN | TCP_ACK, 0, 1, 0);
    story_sends(&s, MS, C, TCP_ACK, 1, 1, 0);
    has(story_sends(&s, MS, S, DATA, 1, 1, 1000), WINDOW_FULL);
    story_end(&s);
}

static void the_answer_to_a_probe_repeats_the_zero_window(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    story_window(s, MS, C, 1, 101, 0, 0);
    story_sends(s, 200 * MS, S, TCP_ACK, 101, 1, 1);
    uint32_t kinds = story_window(s, MS, C, 1, 101, 0, 0);
    has(kinds, ZERO_WINDOW_PROBE_ACK);
    has(kinds, ZERO_WINDOW);
    kinds = story_window(s, MS, C, 1, 101, 0, 0);
    has(kinds, ZERO_WINDOW_PROBE_ACK); /* the probe is still the last that came */
    story_sends(s, MS, S, TCP_ACK, 101, 1, 0);
    has_not(story_window(s, MS, C, 1, 101, 0, 0), ZERO_WINDOW_PROBE_ACK);
    has(story_window(s, MS, C, 1, 101, 0, 10), WINDOW_UPDATE);
}

static void a_duplicate_ack_repeats_all_of_the_last(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    has_not(story_sends(s, MS, C, TCP_ACK, 1, 101, 0), DUPLICATE_ACK);
    has(story_sends(s, MS, C, TCP_ACK, 1, 101, 0), DUPLICATE_ACK);
    assert_int_equal(s->result.findings[0].count, 1);
    assert_int_equal(s->result.findings[0].other, 4); /* the ACK that it repeats */
    has(story_sends(s, MS, C, TCP_ACK, 1, 101, 0), DUPLICATE_ACK);
    assert_int_equal(s->result.findings[0].count, 2);
    has_not(story_window(s, MS, C, 1, 101, 0, 999), DUPLICATE_ACK);
    has_not(story_window(s, MS, C, 1, 101, 7, 999), DUPLICATE_ACK);
    has_not(story_sends(s, MS, C, TCP_FIN | TCP_ACK, 8, 101, 0), DUPLICATE_ACK);
}

static void an_ack_of_what_was_never_seen_is_told_once(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    has_not(story_sends(s, MS, C, TCP_ACK, 1, 101, 0), ACK_LOST_SEGMENT);
    has(story_sends(s, MS, C, TCP_ACK, 1, 301, 0), ACK_LOST_SEGMENT);
    assert_int_equal(s->result.findings[0].bytes, 200);
    has_not(story_sends(s, MS, C, TCP_ACK, 1, 401, 0), ACK_LOST_SEGMENT);
}

static void a_hole_that_is_acknowledged_is_lost_to_the_capture(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    story_sends(s, MS, S, DATA, 201, 1, 100);
    has(story_sends(s, MS, C, TCP_ACK, 1, 301, 0), ACK_LOST_SEGMENT);
    story_sends(s, MS, S, DATA, 301, 1, 100);
    has_not(story_sends(s, MS, C, TCP_ACK, 1, 401, 0), ACK_LOST_SEGMENT);
}

static void what_was_acknowledged_is_sent_again_spuriously(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    story_sends(s, MS, C, TCP_ACK, 1, 101, 0);
    uint32_t kinds = story_sends(s, MS, S, DATA, 1, 1, 100);
    has(kinds, SPURIOUS_RETRANSMISSION);
    has(kinds, RETRANSMISSION);
    kinds = story_sends(s, 300 * MS, S, DATA, 1, 1, 150); /* some of it is new */
    has_not(kinds, SPURIOUS_RETRANSMISSION);
    has(kinds, RETRANSMISSION);
}

/* Three segments, the first lost; `dups` duplicate ACKs, then it is sent again after `after`. */
static uint32_t again_after_duplicates(void **state, int dups, int64_t after, uint32_t seq)
{
    struct story *s = *state;
    for (uint32_t i = 0; i < 5; i++)
        story_sends(s, 1000, S, TCP_ACK, 1 + i * 100, 1, 100);
    story_sends(s, 10 * MS, C, TCP_ACK, 1, 101, 0);
    for (int i = 0; i < dups; i++)
        story_sends(s, 1000, C, TCP_ACK, 1, 101, 0);
    return story_sends(s, after, S, TCP_ACK, seq, 1, 100);
}

static void two_duplicates_and_twenty_milliseconds_make_it_fast(void **state)
{
    uint32_t kinds = again_after_duplicates(state, 2, 20 * MS - 1, 101);
    has(kinds, FAST_RETRANSMISSION);
    has(kinds, RETRANSMISSION);
}

static void later_it_is_not_fast(void **state)
{
    uint32_t kinds = again_after_duplicates(state, 3, 20 * MS, 101);
    has_not(kinds, FAST_RETRANSMISSION);
    has(kinds, RETRANSMISSION);
}

static void one_duplicate_is_not_enough(void **state)
{
    has_not(again_after_duplicates(state, 1, MS, 101), FAST_RETRANSMISSION);
}

static void another_segment_is_not_the_one_asked_for(void **state)
{
    has_not(again_after_duplicates(state, 3, MS, 201), FAST_RETRANSMISSION);
}

static void what_comes_late_within_irtt_is_out_of_order(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 101, 1, 100);
    uint32_t kinds = story_sends(s, 20 * MS - 1, S, DATA, 1, 1, 100);
    has(kinds, OUT_OF_ORDER);
    has_not(kinds, RETRANSMISSION);
}

static void after_irtt_it_is_sent_again(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 101, 1, 100);
    uint32_t kinds = story_sends(s, 20 * MS, S, DATA, 1, 1, 100);
    has_not(kinds, OUT_OF_ORDER);
    has(kinds, RETRANSMISSION);
}

static void the_highest_segment_is_never_out_of_order(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    uint32_t kinds = story_sends(s, MS, S, DATA, 1, 1, 100);
    has_not(kinds, OUT_OF_ORDER);
    has(kinds, RETRANSMISSION);
}

static void without_irtt_three_milliseconds_are_the_limit(void **state)
{
    (void)state;
    for (int64_t more = 0; more < 2; more++) {
        struct story s;
        story_begin(&s);
        story_sends(&s, MS, S, DATA, 1, 1, 100);
        story_sends(&s, MS, S, DATA, 201, 1, 100);
        uint32_t kinds = story_sends(&s, 3 * MS - 1 + more, S, DATA, 101, 1, 100);
        assert_int_equal(!!(kinds & FINDING_BIT(FINDING_OUT_OF_ORDER)), more == 0);
        story_end(&s);
    }
}

static void syn_and_fin_are_sent_again_too(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, C, TCP_FIN | TCP_ACK, 1, 1, 0);
    has(story_sends(s, 300 * MS, C, TCP_FIN | TCP_ACK, 1, 1, 0), RETRANSMISSION);
    story_end(s);
    story_begin(s);
    has_not(story_sends(s, MS, C, TCP_SYN, 0, 0, 0), RETRANSMISSION);
    has(story_sends(s, 1000 * MS, C, TCP_SYN, 0, 0, 0), RETRANSMISSION);
    has_not(story_sends(s, MS, S, TCP_SYN | TCP_ACK, 0, 1, 0), RETRANSMISSION);
}

static void more_from_one_before_the_next_is_new_data(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    has_not(story_sends(s, 300 * MS, S, DATA, 100, 1, 50), RETRANSMISSION);
    has(story_sends(s, 300 * MS, S, DATA, 148, 1, 50), RETRANSMISSION);
}

static void ports_are_used_again_by_another_connection(void **state)
{
    struct story *s = *state;
    struct analysis_facts syn = {.flags = TCP_SYN, .window = 1000, .previous = FLOW_NONE};
    s->flow = 1;
    has_not(story_facts(s, MS, syn), REUSED_PORTS);
    s->flow = 2;
    syn.previous = 1;
    has(story_facts(s, MS, syn), REUSED_PORTS);
    syn.flags = TCP_SYN | TCP_ACK;
    syn.side = S;
    syn.seq = 0;
    syn.ack = 1;
    has_not(story_facts(s, MS, syn), REUSED_PORTS);
    syn.seq = 70; /* another ISS */
    has(story_facts(s, MS, syn), REUSED_PORTS);
}

static void numbers_wrap(void **state)
{
    struct story *s = *state;
    story_end(s);
    story_begin(s);
    uint32_t near = UINT32_MAX - STORY_ISS_S - 49; /* 50 bytes before the end */
    story_sends(s, MS, S, DATA, near, 1, 20);
    story_sends(s, MS, C, TCP_ACK, 1, near + 20, 0);
    has(story_sends(s, MS, S, DATA, near + 20, 1, 100), SEQUENCE_WRAP);
    assert_int_equal(s->result.flags, 0);
    story_sends(s, MS, C, TCP_ACK, 1, near + 120, 0);
    assert_int_equal(story_sends(s, MS, S, DATA, near + 120, 1, 100), 0);
    assert_int_equal(story_sends(s, MS, C, TCP_ACK, 1, near + 220, 0), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(segments_in_order_have_no_flag),
        CASE(a_probe_is_the_next_byte_at_a_zero_window),
        CASE(two_bytes_are_no_probe_and_neither_is_one_at_an_open_window),
        CASE(a_zero_window_is_no_reset_nor_fin),
        CASE(a_gap_is_a_lost_segment_but_for_a_reset),
        CASE(a_keep_alive_is_one_before_the_next),
        CASE(its_answer_repeats_the_last_ack),
        CASE(a_window_update_changes_the_window_alone),
        CASE(a_window_is_full_at_its_last_byte),
        CASE(a_window_whose_scale_is_not_known_is_never_full),
        CASE(an_unscaled_window_is_full_as_it_stands),
        CASE(the_answer_to_a_probe_repeats_the_zero_window),
        CASE(a_duplicate_ack_repeats_all_of_the_last),
        CASE(an_ack_of_what_was_never_seen_is_told_once),
        CASE(a_hole_that_is_acknowledged_is_lost_to_the_capture),
        CASE(what_was_acknowledged_is_sent_again_spuriously),
        CASE(two_duplicates_and_twenty_milliseconds_make_it_fast),
        CASE(later_it_is_not_fast),
        CASE(one_duplicate_is_not_enough),
        CASE(another_segment_is_not_the_one_asked_for),
        CASE(what_comes_late_within_irtt_is_out_of_order),
        CASE(after_irtt_it_is_sent_again),
        CASE(the_highest_segment_is_never_out_of_order),
        CASE(without_irtt_three_milliseconds_are_the_limit),
        CASE(syn_and_fin_are_sent_again_too),
        CASE(more_from_one_before_the_next_is_new_data),
        CASE(ports_are_used_again_by_another_connection),
        CASE(numbers_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
