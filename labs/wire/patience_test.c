#include "labs/wire/patience.h"

#include "tracer/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { DELAY_MS = 10, TICK_MS = 4, WAITS_MS = DELAY_MS / 2 + TICK_MS };

static struct patience begin(int delay_ms)
{
    struct patience p;
    patience_begin(&p, delay_ms * NS_PER_MS, TICK_MS * NS_PER_MS);
    return p;
}

/* S acknowledges up to 1000 and tells of what it has from `from` on; 0: of nothing. */
static void acknowledges(struct patience *p, uint32_t from, int at_ms, int late_ms)
{
    uint8_t b[66] = {[12] = 0x08, [14] = 0x45, [22] = 64, [23] = 6};
    uint8_t *tcp = b + 34;
    size_t n = from ? sizeof b : sizeof b - 12;
    b[17] = (uint8_t)(n - 14);
    b[26] = 10, b[29] = 2, b[30] = 10, b[33] = 1;
    tcp[0] = 0x25, tcp[1] = 0x1e, tcp[2] = 0x87, tcp[3] = 0x07;
    tcp[10] = 1000 >> 8, tcp[11] = 1000 & 255;
    tcp[12] = (uint8_t)((n - 34) / 4 << 4), tcp[13] = TCP_ACK;
    tcp[20] = tcp[21] = 1, tcp[22] = 5, tcp[23] = 10;
    for (int i = 0; i < 4; i++) {
        tcp[24 + i] = (uint8_t)(from >> (24 - 8 * i));
        tcp[28 + i] = (uint8_t)((from + 500) >> (24 - 8 * i));
    }
    struct frame f = {.linktype = LINKTYPE_ETHERNET,
                      .bytes = b,
                      .captured_bytes = (uint32_t)n,
                      .wire_bytes = (uint32_t)n};
    struct packet packet;
    packet_decode(&f, &packet);
    assert_true(packet.is_tcp);
    patience_delivered(p, &packet, at_ms * NS_PER_MS, late_ms * NS_PER_MS);
}

/* A segment of C's or S's with so much data, into `b`. */
static struct packet segment(uint8_t b[154], bool of_s, size_t data_bytes)
{
    size_t n = 54 + data_bytes;
    memset(b, 0, 154);
    b[12] = 0x08, b[14] = 0x45, b[22] = 64, b[23] = 6, b[17] = (uint8_t)(n - 14);
    b[26] = b[30] = 10, b[29] = of_s ? 2 : 1, b[33] = of_s ? 1 : 2;
    b[34 + !of_s * 2] = 0x25, b[35 + !of_s * 2] = 0x1e;
    b[34 + of_s * 2] = 0x87, b[35 + of_s * 2] = 0x07;
    b[46] = 0x50, b[47] = TCP_ACK;
    struct frame f = {.linktype = LINKTYPE_ETHERNET,
                      .bytes = b,
                      .captured_bytes = (uint32_t)n,
                      .wire_bytes = (uint32_t)n};
    struct packet packet;
    packet_decode(&f, &packet);
    assert_true(packet.is_tcp);
    return packet;
}

static void data_comes(struct patience *p, int at_ms, int late_ms)
{
    uint8_t b[154];
    struct packet packet = segment(b, false, 100);
    patience_delivered(p, &packet, at_ms * NS_PER_MS, late_ms * NS_PER_MS);
}

static void s_sends(struct patience *p, size_t data_bytes, int at_ms)
{
    uint8_t b[154];
    struct packet packet = segment(b, true, data_bytes);
    patience_sent(p, &packet, at_ms * NS_PER_MS);
}

static void a_wire_on_time_decides_nothing(void **state)
{
    (void)state;
    struct patience p = begin(DELAY_MS);
    for (int i = 0; i < 5; i++)
        acknowledges(&p, 2000, 100 + i, 1);
    acknowledges(&p, 2000, 200, 0); /* long after, and on time: so it is with this network */
    assert_int_equal(p.decided_ns, 0);
    patience_free(&p);
}

static void a_late_one_decides_before_the_third_tells_of_the_gap(void **state)
{
    (void)state;
    for (int before = 1; before <= 4; before++) {
        struct patience p = begin(DELAY_MS);
        acknowledges(&p, 0, 50, 0);
        for (int i = 0; i < before; i++)
            acknowledges(&p, 2000, 100 + i, 0);
        acknowledges(&p, 2000, 100 + before + WAITS_MS, WAITS_MS);
        assert_int_equal(p.decided_ns, before < 3 ? WAITS_MS * NS_PER_MS : 0);
        patience_free(&p);
    }
}

/* Late, but not by as much as the sender waits; late, and it would have been too late anyway. */
static void lateness_that_changes_nothing_is_let_pass(void **state)
{
    (void)state;
    struct patience p = begin(DELAY_MS);
    acknowledges(&p, 2000, 100, 0);
    acknowledges(&p, 2000, 100 + WAITS_MS - 1, WAITS_MS - 2);
    assert_int_equal(p.decided_ns, 0);
    acknowledges(&p, 2000, 200, 20);
    assert_int_equal(p.decided_ns, 0);
    acknowledges(&p, 0, 210, 0);
    acknowledges(&p, 2000, 300, 40); /* the first that tells of another gap */
    assert_int_equal(p.decided_ns, 0);
    patience_free(&p);
}

/* What comes to the other end late is why the answer is. */
static void lateness_either_way_counts(void **state)
{
    (void)state;
    struct patience p = begin(DELAY_MS);
    struct packet other = {0};
    acknowledges(&p, 2000, 100, 0);
    patience_delivered(&p, &other, 108 * NS_PER_MS, 7 * NS_PER_MS);
    acknowledges(&p, 2000, 110, 1);
    assert_int_equal(p.decided_ns, 8 * NS_PER_MS);
    patience_free(&p);
}

static void old_bytes_are_no_gap(void **state)
{
    (void)state;
    struct patience p = begin(DELAY_MS);
    acknowledges(&p, 400, 100, 0); /* a D-SACK */
    acknowledges(&p, 400, 200, 95);
    assert_int_equal(p.decided_ns, 0);
    patience_free(&p);
}

static void a_wire_without_a_delay_promises_no_times(void **state)
{
    (void)state;
    struct patience p = begin(0);
    acknowledges(&p, 2000, 100, 0);
    acknowledges(&p, 2000, 200, 99);
    assert_int_equal(p.decided_ns, 0);
    patience_free(&p);
}

/* C's second segment is due 20 ms after its first, and S waits for 40. */
static void data_later_than_the_receiver_waits_decides(void **state)
{
    (void)state;
    struct patience p = begin(DELAY_MS);
    data_comes(&p, 100, 0);
    s_sends(&p, 0, 140);
    data_comes(&p, 145, 25);
    assert_int_equal(p.decided_ns, 25 * NS_PER_MS);
    patience_free(&p);
}

static void lateness_of_what_it_answers_counts_there_too(void **state)
{
    (void)state;
    struct patience p = begin(DELAY_MS);
    struct packet other = {0};
    data_comes(&p, 100, 0);
    patience_delivered(&p, &other, 110 * NS_PER_MS, 20 * NS_PER_MS);
    s_sends(&p, 0, 140);
    data_comes(&p, 141, 1);
    assert_int_equal(p.decided_ns, 21 * NS_PER_MS);
    patience_free(&p);
}

/* Data that is due within a tick of the receiver's timer comes before it or behind it, late or not.
 */
static void a_tick_of_lateness_decides_nothing(void **state)
{
    (void)state;
    for (int late_ms = TICK_MS; late_ms <= TICK_MS + 1; late_ms++) {
        struct patience p = begin(DELAY_MS);
        data_comes(&p, 100, 0);
        s_sends(&p, 0, 141);
        data_comes(&p, 142, late_ms);
        assert_int_equal(p.decided_ns, late_ms > TICK_MS ? late_ms * NS_PER_MS : 0);
        patience_free(&p);
    }
}

/* Ten that are late by 2 ms at one time are no 20 ms. */
static void what_is_late_together_counts_once(void **state)
{
    (void)state;
    struct patience p = begin(DELAY_MS);
    struct packet other = {0};
    data_comes(&p, 100, 0);
    for (int i = 0; i < 10; i++)
        patience_delivered(&p, &other, 110 * NS_PER_MS, 2 * NS_PER_MS);
    s_sends(&p, 0, 140);
    data_comes(&p, 143, 0);
    assert_int_equal(p.decided_ns, 0);
    patience_free(&p);
}

static void a_late_one_decides_nothing_where_no_timer_was_first(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int sent_ms, comes_ms, late_ms;
        size_t data_bytes;
    } rows[] = {
        {"acknowledged at once", 101, 145, 45, 0},
        {"answered", 140, 145, 25, 50},
        {"due after the timer", 140, 150, 9, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct patience p = begin(DELAY_MS);
        data_comes(&p, 100, 0);
        s_sends(&p, rows[i].data_bytes, rows[i].sent_ms);
        data_comes(&p, rows[i].comes_ms, rows[i].late_ms);
        if (p.decided_ns != 0)
            fail_msg("%s", rows[i].why);
        patience_free(&p);
    }
}

/* "sent for that acknowledgement" would be judged otherwise, had it been due a little sooner. */
static void a_round_trip_bounds_what_an_acknowledgement_can_cause(void **state)
{
    (void)state;
    for (int due_ms = 159; due_ms <= 160; due_ms++) {
        struct patience p = begin(DELAY_MS);
        struct packet other = {0};
        data_comes(&p, 100, 0);
        patience_delivered(&p, &other, 110 * NS_PER_MS, 50 * NS_PER_MS);
        s_sends(&p, 0, 140);
        data_comes(&p, due_ms, 0);
        assert_int_equal(p.decided_ns, due_ms < 160 ? 50 * NS_PER_MS : 0);
        patience_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wire_on_time_decides_nothing),
        cmocka_unit_test(a_late_one_decides_before_the_third_tells_of_the_gap),
        cmocka_unit_test(lateness_that_changes_nothing_is_let_pass),
        cmocka_unit_test(lateness_either_way_counts),
        cmocka_unit_test(old_bytes_are_no_gap),
        cmocka_unit_test(data_later_than_the_receiver_waits_decides),
        cmocka_unit_test(lateness_of_what_it_answers_counts_there_too),
        cmocka_unit_test(a_tick_of_lateness_decides_nothing),
        cmocka_unit_test(what_is_late_together_counts_once),
        cmocka_unit_test(a_late_one_decides_nothing_where_no_timer_was_first),
        cmocka_unit_test(a_round_trip_bounds_what_an_acknowledgement_can_cause),
        cmocka_unit_test(a_wire_without_a_delay_promises_no_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
