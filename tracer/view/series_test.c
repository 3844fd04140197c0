#include "tracer/view/series.h"

#include "tracer/view/series_store.h"
#include "tracer/view/transfer.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define C0 2927179379u /* the first sequence numbers after the SYNs */
#define S0 1181523845u

static struct series series_of(const struct scene *s, int side)
{
    struct series r;
    series_begin(&r, s->trace, trace_flow_count(s->trace) > 0 ? 0 : TRACE_NONE, side);
    series_update(&r, INT64_MAX);
    return r;
}

static void data(struct scene *s, int64_t at_us, uint32_t seq, const char *bytes)
{
    scene_sends(s, at_us, (struct scene_segment){'C', TCP_ACK, seq, S0, bytes, 0, 0});
}

static void acks(struct scene *s, int64_t at_us, uint32_t ack)
{
    scene_sends(s, at_us, (struct scene_segment){'S', TCP_ACK, S0, ack, NULL, 0, 0});
}

static void opens(struct scene *s)
{
    scene_sends(s, 0, SCENE_SYN);
    scene_sends(s, 20000, SCENE_SYN_ACK);
    scene_sends(s, 20050, SCENE_ACK);
}

static void a_round_trip_is_from_the_newest_segment_that_is_acknowledged(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, false);
    opens(&s);
    data(&s, 30000, C0, "one");
    data(&s, 31000, C0 + 3, "two");
    data(&s, 32000, C0 + 6, "three");
    acks(&s, 51500, C0 + 6);
    acks(&s, 52500, C0 + 11);
    struct series r = series_of(&s, SIDE_INITIATOR);
    assert_int_equal(r.count, 7); /* the bare ACK belongs to the other direction */
    assert_int_equal(series_at(&r, 0).rtt_ns, SERIES_UNKNOWN);
    assert_int_equal(series_at(&r, 1).rtt_ns, 20000000);
    assert_int_equal(series_at(&r, 5).rtt_ns, 20500000);
    assert_int_equal(series_at(&r, 6).rtt_ns, 20500000);
    assert_int_equal(series_at(&r, 2).from, 1);
    assert_int_equal(series_at(&r, 4).to, 12);
    assert_int_equal(series_at(&r, 4).flight, 11);
    assert_int_equal(series_at(&r, 5).flight, 5);
    assert_int_equal(series_at(&r, 5).gained, 6);
    assert_int_equal(series_at(&r, 4).gained, 5);
    series_free(&r);
    scene_end(&s);
}

/* An ACK of what was sent twice does not say which sending it answers. */
static void karn_leaves_out_what_was_sent_twice(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, false);
    opens(&s);
    data(&s, 30000, C0, "one");
    data(&s, 30100, C0 + 3, "two");
    data(&s, 230000, C0, "one");
    acks(&s, 250000, C0 + 6);
    data(&s, 260000, C0 + 6, "three");
    acks(&s, 280000, C0 + 11);
    struct series r = series_of(&s, SIDE_INITIATOR);
    assert_true(series_at(&r, 2).flags & SERIES_TWICE);
    assert_false(series_at(&r, 3).flags & SERIES_TWICE);
    assert_true(series_at(&r, 4).flags & SERIES_AGAIN);
    assert_int_equal(series_at(&r, 5).rtt_ns, SERIES_UNKNOWN);
    assert_int_equal(series_at(&r, 7).rtt_ns, 20000000);
    series_free(&r);
    scene_end(&s);
}

static void the_window_is_scaled_only_where_both_syns_say_so(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, false);
    opens(&s);
    data(&s, 30000, C0, "one");
    acks(&s, 50000, C0 + 3);
    struct series r = series_of(&s, SIDE_INITIATOR);
    assert_int_equal(series_at(&r, 1).window, 64240); /* of a SYN: never scaled */
    assert_int_equal(series_at(&r, 3).window, 64240 << 7);
    assert_int_equal(series_at(&r, 3).edge, 4 + (64240 << 7));
    series_free(&r);
    scene_end(&s);

    scene_begin(&s, false); /* from the middle on: the scale cannot be known */
    data(&s, 30000, C0, "one");
    acks(&s, 50000, C0 + 3);
    r = series_of(&s, SIDE_INITIATOR);
    assert_int_equal(r.count, 2);
    assert_int_equal(series_at(&r, 1).window, SERIES_UNKNOWN);
    assert_int_equal(series_at(&r, 1).edge, SERIES_UNKNOWN);
    assert_int_equal(series_at(&r, 1).rtt_ns, 20000000);
    series_free(&r);
    scene_end(&s);

    scene_begin(&s, false); /* a SYN-ACK offers it only as an answer */
    scene_sends(&s, 0, SCENE_SYN_ACK);
    data(&s, 30000, C0, "one");
    acks(&s, 50000, C0 + 3);
    r = series_of(&s, SIDE_INITIATOR);
    assert_int_equal(series_at(&r, 2).window, 64240 << 7);
    series_free(&r);
    scene_end(&s);
}

static void one_side_alone_is_enough(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, false);
    data(&s, 30000, C0, "one");
    data(&s, 30100, C0 + 3, "two");
    data(&s, 30200, C0, "one");
    struct series r = series_of(&s, SIDE_INITIATOR);
    assert_int_equal(r.count, 3);
    assert_false(r.acks);
    assert_int_equal(series_at(&r, 1).flight, SERIES_UNKNOWN);
    assert_int_equal(series_at(&r, 1).to, 7);
    series_free(&r);
    r = series_of(&s, SIDE_RESPONDER); /* the same segments as ACKs of what was not seen */
    assert_int_equal(r.count, 3);
    assert_false(r.data);
    assert_int_equal(series_at(&r, 2).rtt_ns, SERIES_UNKNOWN);
    assert_int_equal(series_at(&r, 2).flight, SERIES_UNKNOWN);
    series_free(&r);
    scene_end(&s);
}

static void numbers_go_on_counting_past_their_end(void **state)
{
    struct scene plain, wrapped;
    (void)state;
    scene_begin(&plain, false);
    scene_begin(&wrapped, false);
    transfer_story(&plain, false, 1000);
    transfer_story(&wrapped, false, UINT32_MAX - 100000);
    struct series a = series_of(&plain, SIDE_INITIATOR), b = series_of(&wrapped, SIDE_INITIATOR);
    assert_int_equal(a.count, b.count);
    struct series_walk wa = series_walk(&a, 0), wb = series_walk(&b, 0);
    struct series_point pa, pb;
    int64_t most = 0;
    while (series_next(&wa, &pa)) {
        assert_true(series_next(&wb, &pb));
        assert_int_equal(pa.from, pb.from);
        assert_int_equal(pa.to, pb.to);
        assert_int_equal(pa.edge, pb.edge);
        assert_int_equal(pa.flight, pb.flight);
        assert_int_equal(pa.rtt_ns, pb.rtt_ns);
        assert_int_equal(pa.flags, pb.flags);
        most = pa.to > most ? pa.to : most;
    }
    assert_int_equal(most, TRANSFER_SEGMENTS * TRANSFER_MSS + 2);
    series_free(&a);
    series_free(&b);
    scene_end(&plain);
    scene_end(&wrapped);
}

/* Eleven times round the sequence space: only what is near decides. */
static void a_long_transfer_wraps_many_times(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, false);
    uint32_t at = C0;
    for (int i = 0; i < 100; i++) {
        data(&s, i * 1000, at, "x");
        at += UINT32_C(0x1c000000);
    }
    struct series r = series_of(&s, SIDE_INITIATOR);
    assert_true(series_at(&r, 99).from == INT64_C(99) * 0x1c000000 + 1);
    series_free(&r);
    scene_end(&s);
}

static void a_session_is_seen_by_the_sender(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, true);
    scene_crosses(&s, 1000, SCENE_SYN);
    scene_crosses(&s, 12000, SCENE_SYN_ACK);
    data(&s, 30000, C0, "one");
    scene_fate(&s, 30020, 'C', 30000, FATE_DROPPED);
    data(&s, 230000, C0, "one");
    acks(&s, 230010, C0); /* lost: it never arrives */
    scene_fate(&s, 230030, 'S', 230010, FATE_DROPPED);
    struct series r = series_of(&s, SIDE_INITIATOR);
    assert_int_equal(r.count, 4);
    assert_int_equal(series_at(&r, 0).time_ns - s.start_ns, 1000000);
    assert_int_equal(series_at(&r, 1).time_ns - s.start_ns, 22000000);
    assert_int_equal(series_at(&r, 1).rtt_ns, 21000000);
    assert_true(series_at(&r, 2).flags & SERIES_LOST);
    assert_true(series_at(&r, 3).flags & SERIES_AGAIN);
    series_free(&r);
    r = series_of(&s, SIDE_RESPONDER); /* the SYN-ACK leaves, its ACK comes with the data, later */
    assert_int_equal(series_at(&r, 0).time_ns - s.start_ns, 12000000);
    assert_int_equal(r.count, 1);
    series_free(&r);
    scene_end(&s);
}

static void silences_and_time_that_goes_back_are_taken(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, false);
    data(&s, 0, C0, "one");
    data(&s, 10000000, C0 + 3, "two");
    data(&s, 9000000, C0 + 6, "three");
    data(&s, INT64_C(40000000000), C0 + 11, "four");
    struct series r = series_of(&s, SIDE_INITIATOR);
    assert_int_equal(r.block_count, 3);
    assert_true(series_at(&r, 1).time_ns - s.start_ns == INT64_C(10000000000));
    assert_true(series_at(&r, 2).time_ns == series_at(&r, 1).time_ns);
    assert_true(series_at(&r, 3).time_ns - s.start_ns == INT64_C(40000000000000));
    assert_int_equal(series_find_time(&r, INT64_MIN), 0);
    assert_int_equal(series_find_time(&r, s.start_ns + 1), 1);
    assert_int_equal(series_find_time(&r, s.start_ns + INT64_C(10000000001)), 3);
    assert_int_equal(series_find_time(&r, INT64_MAX), 4);
    series_free(&r);
    scene_end(&s);
}

static void nothing_and_one_item_are_series_too(void **state)
{
    struct scene s;
    struct series_point p;
    (void)state;
    scene_begin(&s, false);
    struct series r = series_of(&s, SIDE_INITIATOR);
    assert_int_equal(r.count, 0);
    assert_int_equal(series_at(&r, 0).event, TRACE_NONE);
    assert_int_equal(series_find_time(&r, 0), 0);
    struct series_walk w = series_walk(&r, 0);
    assert_false(series_next(&w, &p));
    series_free(&r);
    scene_sends(&s, 0, (struct scene_segment){'C', TCP_RST, C0, 0, NULL, 0, 0});
    r = series_of(&s, SIDE_INITIATOR);
    assert_int_equal(r.count, 1);
    assert_true(series_at(&r, 0).flags & SERIES_RST);
    series_free(&r);
    r = series_of(&s, SIDE_RESPONDER);
    assert_int_equal(r.count, 1);
    assert_int_equal(series_at(&r, 0).flags, SERIES_ACK | SERIES_RST);
    series_free(&r);
    scene_end(&s);
}

static void sacks_are_read_near_their_ack(void **state)
{
    struct scene s;
    struct series_point p;
    struct series_range blocks[SERIES_SACK_MAX];
    int seen = 0;
    (void)state;
    scene_begin(&s, false);
    transfer_story(&s, false, UINT32_MAX - 22000);
    struct series r = series_of(&s, SIDE_INITIATOR);
    struct series_walk w = series_walk(&r, 0);
    while (series_next(&w, &p)) {
        if (!(p.flags & SERIES_ACK) || !(p.flags & SERIES_SACK))
            continue;
        seen++;
        assert_int_equal(series_sacks(&r, p.event, p.to, blocks), 1);
        assert_in_range(blocks[0].from - p.to, 1000, 40000);
        assert_in_range(blocks[0].to - blocks[0].from, 1000, 40000);
    }
    assert_true(seen > 20);
    series_free(&r);
    scene_end(&s);
}

static void same(const struct series_point *a, const struct series_point *b)
{
    assert_int_equal(a->item, b->item);
    assert_int_equal(a->time_ns, b->time_ns);
    assert_int_equal(a->from, b->from);
    assert_int_equal(a->edge, b->edge);
    assert_int_equal(a->flight, b->flight);
    assert_int_equal(a->rtt_ns, b->rtt_ns);
    assert_int_equal(a->gained, b->gained);
}

/* Several thousand items over many blocks: a story, and on and on after it. */
static void long_story(struct scene *s)
{
    transfer_story(s, false, 1000);
    uint32_t at = 1001 + TRANSFER_SEGMENTS * TRANSFER_MSS;
    for (uint32_t i = 0; i < 3000; i++) {
        int64_t now = 3000000 + i * 300;
        scene_sends(s, now, (struct scene_segment){'C', TCP_ACK, at + i * 5, S0, "bytes", 0, 0});
        if (i % 700 == 9)
            scene_sends(s, now + 50,
                        (struct scene_segment){'C', TCP_ACK, at + i * 5 - 20, S0, "bytes", 0, 0});
        if (i > 60)
            scene_sends(s, now + 100,
                        (struct scene_segment){'S', TCP_ACK, S0, at + (i - 60) * 5, NULL, 0, 0});
    }
}

static void a_walk_from_anywhere_knows_what_came_before(void **state)
{
    struct scene s;
    struct series_point p;
    (void)state;
    scene_begin(&s, false);
    long_story(&s);
    struct series r = series_of(&s, SIDE_INITIATOR);
    assert_true(r.block_count > 8);
    struct series_walk w = series_walk(&r, 0);
    for (uint32_t i = 0; series_next(&w, &p); i++) {
        struct series_point alone = series_at(&r, i);
        same(&p, &alone);
        assert_int_equal(series_find_event(&r, p.event), i);
    }
    series_free(&r);
    scene_end(&s);
}

static void add(struct series_span *all, const struct series_span *span)
{
    all->count += span->count;
    all->sent_bytes += span->sent_bytes;
    all->acked_bytes += span->acked_bytes;
    const struct series_extent *from[] = {&span->sent,   &span->acked,  &span->edge,
                                          &span->window, &span->flight, &span->rtt_ns};
    struct series_extent *to[] = {&all->sent,   &all->acked,  &all->edge,
                                  &all->window, &all->flight, &all->rtt_ns};
    for (int i = 0; i < 6; i++) {
        to[i]->low = from[i]->low < to[i]->low ? from[i]->low : to[i]->low;
        to[i]->high = from[i]->high > to[i]->high ? from[i]->high : to[i]->high;
    }
}

static struct series_span sum_of(const struct series *r, double each_ns, bool strict, size_t *steps)
{
    struct series_columns c = {r->blocks[0].base_ns, each_ns, r->now.time_ns, strict};
    struct series_walk w = series_walk(r, 0);
    struct series_span span, all;
    series_span_begin(&all);
    int64_t before = INT64_MIN;
    for (*steps = 0; series_next_span(&w, &c, &span); ++*steps) {
        assert_true(span.from_ns >= before && span.to_ns >= span.from_ns);
        if (strict)
            assert_true((int64_t)((double)(span.from_ns - c.first_ns) / each_ns) ==
                        (int64_t)((double)(span.to_ns - c.first_ns) / each_ns));
        assert_true(span.count == 1 || each_ns <= 0 ||
                    (double)(span.to_ns - span.from_ns) <= each_ns);
        before = span.to_ns;
        add(&all, &span);
    }
    assert_int_equal(w.state.sent, r->now.sent);
    assert_int_equal(w.state.acked, r->now.acked);
    return all;
}

/* However coarsely it is walked, nothing is lost of what is added up, nor of the extremes. */
static void spans_hold_what_their_items_do(void **state)
{
    struct scene s;
    size_t steps;
    (void)state;
    scene_begin(&s, false);
    long_story(&s);
    struct series r = series_of(&s, SIDE_INITIATOR);
    struct series_span fine = sum_of(&r, 1, true, &steps);
    assert_int_equal(steps, r.count);
    assert_int_equal(fine.count, r.count);
    static const double widths[] = {0, 1e5, 1e7, 3e8, 1e9};
    for (size_t i = 0; i < 5; i++)
        for (int strict = 0; strict < 2; strict++) {
            struct series_span all = sum_of(&r, widths[i], strict && widths[i] > 0, &steps);
            assert_memory_equal(&all.sent, &fine.sent, sizeof fine.sent);
            assert_memory_equal(&all.acked, &fine.acked, sizeof fine.acked);
            assert_memory_equal(&all.edge, &fine.edge, sizeof fine.edge);
            assert_memory_equal(&all.flight, &fine.flight, sizeof fine.flight);
            assert_memory_equal(&all.rtt_ns, &fine.rtt_ns, sizeof fine.rtt_ns);
            assert_int_equal(all.count, fine.count);
            assert_int_equal(all.sent_bytes, fine.sent_bytes);
            assert_int_equal(all.acked_bytes, fine.acked_bytes);
            if (widths[i] <= 0 || (widths[i] >= 3e8 && !strict))
                assert_true(steps < r.count / 3); /* whole blocks: what makes it fast */
        }
    series_free(&r);
    scene_end(&s);
}

/* What a live trace gives piece by piece is what it gives at once. */
static void a_series_that_grows_is_the_same(void **state)
{
    struct scene whole, growing;
    struct series_point pa, pb;
    (void)state;
    scene_begin(&whole, false);
    scene_begin(&growing, false);
    long_story(&whole);
    struct series a = series_of(&whole, SIDE_INITIATOR), b;
    series_begin(&b, growing.trace, 0, SIDE_INITIATOR);
    for (uint32_t i = 0; i < trace_segment_count(whole.trace); i++) {
        struct frame f = trace_segment_frame(whole.trace, i);
        scene_add(&growing, (f.time_ns - whole.start_ns) / 1000, f.bytes, f.captured_bytes);
        series_update(&b, INT64_MAX);
        assert_false(series_update(&b, INT64_MAX));
    }
    assert_int_equal(a.count, b.count);
    struct series_walk wa = series_walk(&a, 0), wb = series_walk(&b, 0);
    while (series_next(&wa, &pa)) {
        assert_true(series_next(&wb, &pb));
        same(&pa, &pb);
    }
    series_free(&a);
    series_free(&b);
    scene_end(&whole);
    scene_end(&growing);
}

static void an_item_takes_few_bytes(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct series_item), 16);
    assert_true(sizeof(struct series_block) < BLOCK_ITEMS);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_trip_is_from_the_newest_segment_that_is_acknowledged),
        cmocka_unit_test(karn_leaves_out_what_was_sent_twice),
        cmocka_unit_test(the_window_is_scaled_only_where_both_syns_say_so),
        cmocka_unit_test(one_side_alone_is_enough),
        cmocka_unit_test(numbers_go_on_counting_past_their_end),
        cmocka_unit_test(a_long_transfer_wraps_many_times),
        cmocka_unit_test(a_session_is_seen_by_the_sender),
        cmocka_unit_test(silences_and_time_that_goes_back_are_taken),
        cmocka_unit_test(nothing_and_one_item_are_series_too),
        cmocka_unit_test(sacks_are_read_near_their_ack),
        cmocka_unit_test(a_walk_from_anywhere_knows_what_came_before),
        cmocka_unit_test(spans_hold_what_their_items_do),
        cmocka_unit_test(a_series_that_grows_is_the_same),
        cmocka_unit_test(an_item_takes_few_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
