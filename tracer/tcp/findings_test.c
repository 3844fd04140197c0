/* What we say beside tshark: for each of our own findings a case and a near miss, the numbers and
 * the sentences, round trips, the RTO, bytes in flight, completeness. */
#include "tracer/tcp/rto.h"
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

static const struct finding *found(const struct story *s, enum finding_kind kind)
{
    for (unsigned i = 0; i < s->result.count; i++)
        if (s->result.findings[i].kind == kind)
            return &s->result.findings[i];
    fail_msg("no %s", finding_name(kind));
    return NULL;
}

static void assert_reason(const struct story *s, enum finding_kind kind, const char *sentence)
{
    struct text t = {0};
    finding_reason(found(s, kind), &t);
    assert_string_equal(text_str(&t), sentence);
    text_free(&t);
}

/* Segments of 100 bytes from 1 on, 1 us apart, and the ACK of the first after 10 ms. */
static void sends_five(struct story *s)
{
    for (uint32_t i = 0; i < 5; i++)
        story_sends(s, 1000, S, TCP_ACK, 1 + i * 100, 1, 100);
    story_sends(s, 10 * MS, C, TCP_ACK, 1, 101, 0);
}

static void three_duplicates_explain_what_is_sent_again(void **state)
{
    struct story *s = *state;
    sends_five(s);
    for (int i = 0; i < 3; i++)
        story_sends(s, 1000, C, TCP_ACK, 1, 101, 0);
    has_not(story_sends(s, 30 * MS, S, TCP_ACK, 101, 1, 100), TIMEOUT);
    assert_reason(s, FINDING_RETRANSMISSION,
                  "sent again 40 ms later; 3 duplicate ACKs for 101 had come; RTO not reached "
                  "(200 ms)");
}

static void the_rto_explains_the_rest(void **state)
{
    struct story *s = *state;
    sends_five(s);
    has(story_sends(s, 213 * MS, S, TCP_ACK, 101, 1, 100), TIMEOUT);
    assert_reason(s, FINDING_RETRANSMISSION, "sent again 223 ms later; the RTO was over (200 ms)");
    has_not(story_sends(s, 100 * MS, S, TCP_ACK, 201, 1, 100), SACK_IGNORED);
}

static void a_probe_of_the_tail_is_no_timeout(void **state)
{
    struct story *s = *state;
    sends_five(s);
    has_not(story_sends(s, 40 * MS, S, TCP_ACK, 401, 1, 100), TIMEOUT);
    assert_int_equal(found(s, FINDING_RETRANSMISSION)->why, WHY_PROBE);
}

static void a_syn_is_sent_again_for_want_of_an_answer(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_sends(&s, MS, C, TCP_SYN, 0, 0, 0);
    story_sends(&s, 1020 * MS, C, TCP_SYN, 0, 0, 0);
    assert_reason(&s, FINDING_RETRANSMISSION, "sent again 1.02 s later; nothing had answered it");
    story_end(&s);
}

static void sack_ignored(void **state)
{
    struct story *s = *state;
    sends_five(s);
    story_sacks(s, 1000, 1, 101, 1, (struct sack_block[]){{201, 401}});
    uint32_t kinds = story_sends(s, 300 * MS, S, TCP_ACK, 101, 1, 100);
    has_not(kinds, SACK_IGNORED);
    has(story_sends(s, MS, S, TCP_ACK, 201, 1, 100), SACK_IGNORED);
    has_not(story_sends(s, MS, S, TCP_ACK, 301, 1, 150), SACK_IGNORED); /* not all of it was */
}

static void sack_tells_of_a_loss_without_three_duplicates(void **state)
{
    struct story *s = *state;
    sends_five(s);
    story_sacks(s, 1000, 1, 101, 1, (struct sack_block[]){{201, 501}});
    story_sends(s, MS, S, TCP_ACK, 101, 1, 100);
    assert_int_equal(s->result.findings[0].why, WHY_DUPLICATES);
    assert_true(s->result.in_flight_known);
    assert_int_equal(s->result.in_flight, 100);
}

static void d_sack_is_below_the_ack_or_within_the_next_block(void **state)
{
    struct story *s = *state;
    sends_five(s);
    has(story_sacks(s, MS, 1, 501, 1, (struct sack_block[]){{101, 201}}), D_SACK);
    assert_int_equal(found(s, FINDING_D_SACK)->bytes, 100);
    has_not(story_sacks(s, MS, 1, 501, 1, (struct sack_block[]){{501, 601}}), D_SACK);
    has(story_sacks(s, MS, 1, 501, 2, (struct sack_block[]){{701, 801}, {601, 901}}), D_SACK);
    has_not(story_sacks(s, MS, 1, 501, 2, (struct sack_block[]){{701, 801}, {901, 999}}), D_SACK);
}

static void fast_after_two_duplicates_is_disputed(void **state)
{
    struct story *s = *state;
    sends_five(s);
    story_sends(s, 1000, C, TCP_ACK, 1, 101, 0);
    story_sends(s, 1000, C, TCP_ACK, 1, 101, 0);
    has(story_sends(s, MS, S, TCP_ACK, 101, 1, 100), DISPUTED);
    story_end(s);
    begin(state);
    sends_five(s);
    for (int i = 0; i < 3; i++)
        story_sends(s, 1000, C, TCP_ACK, 1, 101, 0);
    uint32_t kinds = story_sends(s, MS, S, TCP_ACK, 101, 1, 100);
    has(kinds, FAST_RETRANSMISSION);
    has_not(kinds, DISPUTED);
}

static void what_was_seen_before_is_not_out_of_order(void **state)
{
    struct story *s = *state;
    sends_five(s);
    uint32_t kinds = story_sends(s, MS, S, TCP_ACK, 101, 1, 100);
    has(kinds, OUT_OF_ORDER); /* tshark's rule asks the clock alone */
    has(kinds, DISPUTED);
    story_sends(s, MS, S, TCP_ACK, 601, 1, 100);
    kinds = story_sends(s, MS, S, TCP_ACK, 501, 1, 100);
    has(kinds, OUT_OF_ORDER);
    has_not(kinds, DISPUTED);
}

static void a_syn_is_refused_by_a_reset(void **state)
{
    (void)state;
    for (uint32_t ack = 1; ack < 3; ack++) {
        struct story s;
        story_begin(&s);
        story_sends(&s, MS, C, TCP_SYN, 0, 0, 0);
        uint32_t kinds = story_sends(&s, MS, S, TCP_RST | TCP_ACK, 0, ack, 0);
        assert_int_equal(!!(kinds & FINDING_BIT(FINDING_REFUSED)), ack == 1);
        story_end(&s);
    }
}

static void an_abort_is_a_reset_and_told_once(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    uint32_t kinds = story_sends(s, MS, S, TCP_RST | TCP_ACK, 101, 1, 0);
    has(kinds, RESET);
    has_not(kinds, REFUSED);
    has_not(kinds, HALF_OPEN);
    assert_int_equal(found(s, FINDING_RESET)->bytes, 100);
    has_not(story_sends(s, MS, S, TCP_RST | TCP_ACK, 101, 1, 0), RESET);
}

static void a_stranger_answers_with_the_number_it_was_given(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, C, DATA, 1, 1, 100);
    has(story_sends(s, MS, S, TCP_RST, 1, 0, 0), HALF_OPEN);
    story_end(s);
    begin(state);
    story_sends(s, MS, S, TCP_FIN | TCP_ACK, 1, 1, 0);
    story_sends(s, MS, C, DATA, 1, 2, 100);
    uint32_t kinds = story_sends(s, MS, S, TCP_RST, 2, 0, 0); /* it has closed, not forgotten */
    has_not(kinds, HALF_OPEN);
    has(kinds, RESET);
}

static void a_syn_answered_from_an_older_connection(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_sends(&s, MS, C, TCP_SYN, 0, 0, 0);
    has(story_sends(&s, MS, S, TCP_ACK, 900, 777, 0), HALF_OPEN);
    story_end(&s);
    story_begin(&s);
    story_sends(&s, MS, C, TCP_SYN, 0, 0, 0);
    has_not(story_sends(&s, MS, S, TCP_ACK, 1, 1, 0), HALF_OPEN);
    story_end(&s);
}

static void both_open_at_once(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_sends(&s, MS, C, TCP_SYN, 0, 0, 0);
    has(story_sends(&s, MS, S, TCP_SYN, 0, 0, 0), SIMULTANEOUS_OPEN);
    has_not(story_sends(&s, MS, C, TCP_SYN | TCP_ACK, 0, 1, 0), SIMULTANEOUS_OPEN);
    story_end(&s);
    story_begin(&s);
    story_sends(&s, MS, C, TCP_SYN, 0, 0, 0);
    has_not(story_sends(&s, MS, S, TCP_SYN | TCP_ACK, 0, 1, 0), SIMULTANEOUS_OPEN);
    story_end(&s);
}

static void both_close_at_once(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, C, TCP_FIN | TCP_ACK, 1, 1, 0);
    has(story_sends(s, MS, S, TCP_FIN | TCP_ACK, 1, 1, 0), SIMULTANEOUS_CLOSE);
    story_end(s);
    begin(state);
    story_sends(s, MS, C, TCP_FIN | TCP_ACK, 1, 1, 0);
    has_not(story_sends(s, MS, S, TCP_FIN | TCP_ACK, 1, 2, 0), SIMULTANEOUS_CLOSE);
}

/* Opens again on the same ports after a close, or after a reset. */
static uint32_t opens_again(struct story *s, bool reset, int64_t after)
{
    if (reset) {
        story_sends(s, MS, C, TCP_RST | TCP_ACK, 1, 1, 0);
    } else {
        story_sends(s, MS, C, TCP_FIN | TCP_ACK, 1, 1, 0);
        story_sends(s, MS, S, TCP_FIN | TCP_ACK, 1, 2, 0);
        story_sends(s, MS, C, TCP_ACK, 2, 2, 0);
    }
    s->flow = 1;
    return story_facts(
        s, after, (struct analysis_facts){.flags = TCP_SYN, .seq = 9, .window = 10, .previous = 0});
}

static void ports_in_time_wait(void **state)
{
    struct story *s = *state;
    has(opens_again(s, false, 59000 * MS), TIME_WAIT_REUSE);
    assert_int_equal(found(s, FINDING_REUSED_PORTS)->wait_ns, 59000 * MS);
    s->flow = 0;
    story_end(s);
    begin(state);
    has_not(opens_again(s, false, 60000 * MS), TIME_WAIT_REUSE);
    story_end(s);
    begin(state);
    uint32_t kinds = opens_again(s, true, MS);
    has_not(kinds, TIME_WAIT_REUSE);
    has(kinds, REUSED_PORTS);
}

static void a_capture_begins_in_the_middle(void **state)
{
    (void)state;
    struct story s;
    struct analysis_connection c;
    story_begin(&s);
    has(story_sends(&s, MS, C, TCP_ACK, 1, 1, 10), MIDSTREAM);
    has_not(story_sends(&s, MS, C, TCP_ACK, 11, 1, 10), MIDSTREAM);
    analysis_connection(s.analysis, 0, &c);
    assert_true(c.midstream && c.one_sided && c.sides[C].seen && !c.sides[S].seen);
    story_end(&s);
}

static void one_direction_is_told_once(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    has_not(story_sends(&s, MS, C, TCP_ACK, 1, 1, 10), ONE_SIDED);
    has_not(story_sends(&s, MS, C, TCP_ACK, 11, 1, 10), ONE_SIDED);
    has(story_sends(&s, MS, C, TCP_ACK, 21, 50, 10), ONE_SIDED);
    has_not(story_sends(&s, MS, C, TCP_ACK, 31, 90, 10), ONE_SIDED);
    story_end(&s);
    story_begin(&s);
    story_sends(&s, MS, C, TCP_SYN, 0, 0, 0);
    has(story_sends(&s, MS, C, TCP_ACK, 1, 1, 0), ONE_SIDED);
    story_end(&s);
}

static void an_ack_that_waited(void **state)
{
    struct story *s = *state; /* 10 ms for the path of S, by the handshake */
    story_sends(s, MS, S, DATA, 1, 1, 100);
    has_not(story_sends(s, 39 * MS, C, TCP_ACK, 1, 101, 0), DELAYED_ACK);
    story_sends(s, MS, S, DATA, 101, 1, 100);
    has(story_sends(s, 50 * MS, C, TCP_ACK, 1, 201, 0), DELAYED_ACK);
    story_sends(s, MS, S, DATA, 201, 1, 100);
    has_not(story_sends(s, 50 * MS, C, DATA, 1, 301, 7), DELAYED_ACK); /* it had data to carry */
}

static void a_small_segment_that_waited_for_an_ack(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, C, DATA, 1, 1, 10);
    story_sends(s, 40 * MS, S, TCP_ACK, 1, 11, 0);
    has(story_sends(s, MS / 10, C, DATA, 11, 1, 10), NAGLE);
    story_sends(s, 40 * MS, S, DATA, 1, 21, 5);
    has_not(story_sends(s, MS / 10, C, DATA, 21, 6, 10), NAGLE); /* it answers data */
    story_sends(s, 40 * MS, S, TCP_ACK, 6, 31, 0);
    has_not(story_sends(s, 30 * MS, C, DATA, 31, 6, 10), NAGLE); /* it came when it liked */
}

static void a_keep_alive_at_a_zero_window_probes_it(void **state)
{
    struct story *s = *state;
    story_sends(s, MS, S, DATA, 1, 1, 100);
    story_sends(s, MS, C, TCP_ACK, 1, 101, 0);
    story_sends(s, 75000 * MS, S, TCP_ACK, 100, 1, 0);
    assert_reason(s, FINDING_KEEP_ALIVE,
                  "after 1 min 15 s of silence, to ask whether the other end is still there");
    story_window(s, MS, C, 1, 101, 0, 0);
    story_sends(s, 200 * MS, S, TCP_ACK, 100, 1, 0);
    assert_reason(s, FINDING_KEEP_ALIVE,
                  "after 200 ms of silence, to ask whether the window is still 0: the way in which "
                  "Linux probes it");
}

static void round_trips_by_karns_rule(void **state)
{
    struct story *s = *state;
    assert_int_equal(s->result.rtt_ns, 10 * MS); /* the SYN-ACK's */
    assert_int_equal(s->result.irtt_ns, 20 * MS);
    story_sends(s, MS, S, DATA, 1, 1, 100);
    assert_int_equal(s->result.in_flight, 100);
    story_sends(s, 12 * MS, C, TCP_ACK, 1, 101, 0);
    assert_int_equal(s->result.rtt_ns, 12 * MS);
    story_sends(s, MS, C, TCP_ACK, 1, 101, 0);
    assert_int_equal(s->result.rtt_ns, -1);
    story_sends(s, MS, S, DATA, 101, 1, 100);
    story_sends(s, 300 * MS, S, DATA, 101, 1, 100);
    story_sends(s, 12 * MS, C, TCP_ACK, 1, 201, 0); /* of which of the two? */
    assert_int_equal(s->result.rtt_ns, -1);
}

static void the_rto_is_that_of_rfc_6298(void **state)
{
    (void)state;
    struct rto r = {0};
    assert_int_equal(rto_us(&r), 0);
    rto_measure(&r, 100 * MS);
    assert_int_equal(rto_us(&r), 300000); /* 100 + 4 * 50 */
    rto_measure(&r, 200 * MS);
    assert_int_equal(r.rttvar_us, 62500);
    assert_int_equal(r.srtt_us, 112500);
    assert_int_equal(rto_us(&r), 362500);
    for (int i = 0; i < 100; i++)
        rto_measure(&r, MS);
    assert_int_equal(rto_us(&r), RTO_LEAST_US);
    rto_measure(&r, INT64_MAX);
    assert_true(rto_us(&r) < 600000000);
}

static void neither_syn_nor_fin_is_a_byte_in_flight(void **state)
{
    struct story *s = *state;
    s->flow = 1;
    story_sends(s, MS, S, TCP_SYN, 0, 0, 100); /* as TCP Fast Open has it */
    assert_int_equal(s->result.in_flight, 100);
    story_sends(s, MS, C, TCP_SYN | TCP_ACK, 0, 101, 0);
    story_sends(s, MS, S, TCP_FIN | TCP_ACK, 101, 1, 50);
    assert_int_equal(s->result.in_flight, 50);
}

static void completeness_adds_up(void **state)
{
    struct story *s = *state;
    assert_int_equal(s->result.completeness, 7);
    story_sends(s, MS, C, DATA, 1, 1, 10);
    assert_int_equal(s->result.completeness, 15);
    story_sends(s, MS, C, TCP_FIN | TCP_ACK, 11, 1, 0);
    assert_int_equal(s->result.completeness, 31);
    story_sends(s, MS, S, TCP_RST, 1, 0, 0);
    assert_int_equal(s->result.completeness, 63);
}

static void a_closed_connection_is_known_to_be(void **state)
{
    struct story *s = *state;
    struct analysis_connection c;
    story_sends(s, MS, C, TCP_FIN | TCP_ACK, 1, 1, 0);
    story_sends(s, MS, S, TCP_FIN | TCP_ACK, 1, 2, 0);
    analysis_connection(s->analysis, 0, &c);
    assert_false(c.closed);
    assert_true(c.sides[S].rto_us > 0);
    story_sends(s, MS, C, TCP_ACK, 2, 2, 0);
    analysis_connection(s->analysis, 0, &c);
    assert_true(c.closed);
    assert_int_equal(c.sides[S].rto_us, 0);
    analysis_connection(s->analysis, 99, &c);
    assert_int_equal(c.completeness, 0);
}

/* No kind without a name of its own, a title, and a sentence that says something. */
static void every_kind_has_its_words(void **state)
{
    (void)state;
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        enum finding_kind back;
        assert_true(finding_by_name(finding_name((enum finding_kind)kind), &back));
        assert_int_equal(back, kind);
        assert_true(strlen(finding_title((enum finding_kind)kind)) <= 25);
        for (unsigned why = 0; why < FINDING_WHY_COUNT; why++) {
            struct text t = {0};
            struct finding f = {.kind = (uint8_t)kind, .why = (uint8_t)why, .wait_ns = -1};
            finding_reason(&f, &t);
            assert_true(t.len > 10);
            assert_null(strstr(text_str(&t), "  "));
            assert_int_not_equal(t.s[0], ' ');
            text_free(&t);
        }
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(three_duplicates_explain_what_is_sent_again),
        CASE(the_rto_explains_the_rest),
        CASE(a_probe_of_the_tail_is_no_timeout),
        CASE(a_syn_is_sent_again_for_want_of_an_answer),
        CASE(sack_ignored),
        CASE(sack_tells_of_a_loss_without_three_duplicates),
        CASE(d_sack_is_below_the_ack_or_within_the_next_block),
        CASE(fast_after_two_duplicates_is_disputed),
        CASE(what_was_seen_before_is_not_out_of_order),
        CASE(a_syn_is_refused_by_a_reset),
        CASE(an_abort_is_a_reset_and_told_once),
        CASE(a_stranger_answers_with_the_number_it_was_given),
        CASE(a_syn_answered_from_an_older_connection),
        CASE(both_open_at_once),
        CASE(both_close_at_once),
        CASE(ports_in_time_wait),
        CASE(a_capture_begins_in_the_middle),
        CASE(one_direction_is_told_once),
        CASE(an_ack_that_waited),
        CASE(a_small_segment_that_waited_for_an_ack),
        CASE(a_keep_alive_at_a_zero_window_probes_it),
        CASE(round_trips_by_karns_rule),
        CASE(the_rto_is_that_of_rfc_6298),
        CASE(neither_syn_nor_fin_is_a_byte_in_flight),
        CASE(completeness_adds_up),
        CASE(a_closed_connection_is_known_to_be),
        CASE(every_kind_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
