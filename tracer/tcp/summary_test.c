#include "tracer/tcp/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { CLIENT_PORT = 40000, SERVER_PORT = 80, MS = 1000000, URGENT_BYTES = 7 };

static struct summary *summary;
static int64_t now_ns;

static int begin(void **state)
{
    (void)state;
    summary = summary_new();
    now_ns = INT64_C(1700000000000) * MS;
    return 0;
}

static int end(void **state)
{
    (void)state;
    summary_free(summary);
    return 0;
}

/* A segment `after_ms` later; 50000 stands before the numbers of both sides. */
static void sends(int64_t after_ms, int side, uint16_t flags, uint32_t seq, uint32_t ack,
                  uint32_t len)
{
    static const uint8_t addresses[2][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
    static const uint16_t ports[2] = {CLIENT_PORT, SERVER_PORT};
    now_ns += after_ms * MS;
    struct packet p = {
        .frame = {.time_ns = now_ns, .captured_bytes = 54, .wire_bytes = 54 + len},
        .net = NET_IPV4,
        .source = address_from_v4(addresses[side]),
        .destination = address_from_v4(addresses[!side]),
        .is_tcp = true,
        .tcp = {.source_port = ports[side],
                .destination_port = ports[!side],
                .seq = 50000 + seq,
                .ack = flags & TCP_ACK ? 50000 + ack : 0,
                .flags = flags,
                .window = (uint16_t)(1000 + seq),
                .header_bytes = 20,
                .payload_at = 54,
                .payload_bytes = len,
                .urgent = flags & TCP_URG ? URGENT_BYTES : 0,
                .has_mss = flags & TCP_SYN,
                .mss = 1460},
    };
    summary_take(summary, &p);
}

static void handshake(void)
{
    sends(0, SIDE_INITIATOR, TCP_SYN, 0, 0, 0);
    sends(10, SIDE_RESPONDER, TCP_SYN | TCP_ACK, 0, 1, 0);
    sends(1, SIDE_INITIATOR, TCP_ACK, 1, 1, 0);
}

static void what_each_side_sent_is_counted(void **state)
{
    (void)state;
    handshake();
    sends(1, SIDE_INITIATOR, TCP_ACK | TCP_PSH, 1, 1, 100);
    sends(20, SIDE_RESPONDER, TCP_ACK, 1, 101, 0);
    sends(5, SIDE_INITIATOR, TCP_ACK | TCP_PSH, 101, 1, 40);
    sends(30, SIDE_RESPONDER, TCP_ACK, 1, 141, 0);
    assert_int_equal(summary_count(summary), 1);
    const struct connection_summary *c = summary_at(summary, 0);
    const struct side_summary *i = &c->sides[SIDE_INITIATOR], *r = &c->sides[SIDE_RESPONDER];
    assert_int_equal(c->last_ns - c->first_ns, 67 * MS);
    assert_int_equal(i->segments, 4);
    assert_int_equal(i->data_segments, 2);
    assert_int_equal(i->bytes, 140);
    assert_int_equal(i->largest_bytes, 100);
    assert_int_equal(i->smallest_bytes, 40);
    assert_int_equal(i->mss, 1460);
    assert_int_equal(i->idle_ns, 25 * MS);
    assert_int_equal(r->segments, 3);
    assert_int_equal(r->bytes, 0);
    assert_int_equal(r->idle_ns, 30 * MS + 5 * MS);
}

static void round_trips_belong_to_the_side_that_was_acknowledged(void **state)
{
    (void)state;
    handshake();
    sends(1, SIDE_INITIATOR, TCP_ACK | TCP_PSH, 1, 1, 100);
    sends(20, SIDE_RESPONDER, TCP_ACK, 1, 101, 0);
    const struct side_summary *i = &summary_at(summary, 0)->sides[SIDE_INITIATOR];
    const struct side_summary *r = &summary_at(summary, 0)->sides[SIDE_RESPONDER];
    assert_int_equal(i->rtts, 2); /* its SYN, its data */
    assert_int_equal(i->rtt_least_us, 10000);
    assert_int_equal(i->rtt_most_us, 20000);
    assert_int_equal(i->rtt_sum_us, 30000);
    assert_int_equal(r->rtts, 1); /* its SYN */
    assert_int_equal(r->rtt_most_us, 1000);
}

static void windows_are_those_after_the_handshake(void **state)
{
    (void)state;
    handshake();
    sends(1, SIDE_INITIATOR, TCP_ACK, 1, 1, 100);
    sends(1, SIDE_INITIATOR, TCP_ACK, 101, 1, 100);
    const struct side_summary *i = &summary_at(summary, 0)->sides[SIDE_INITIATOR];
    assert_int_equal(i->windows, 3);
    assert_int_equal(i->window_least_bytes, 1001);
    assert_int_equal(i->window_most_bytes, 1101);
    assert_int_equal(i->window_sum_bytes, 1001 + 1001 + 1101);
}

static void bytes_sent_again_are_told_from_late_ones(void **state)
{
    (void)state;
    handshake();
    sends(1, SIDE_INITIATOR, TCP_ACK, 1, 1, 100);
    sends(300, SIDE_INITIATOR, TCP_ACK, 1, 1, 100); /* again */
    sends(1, SIDE_INITIATOR, TCP_ACK, 201, 1, 50);
    sends(1, SIDE_INITIATOR, TCP_ACK, 101, 1, 100); /* late: never seen before */
    const struct side_summary *i = &summary_at(summary, 0)->sides[SIDE_INITIATOR];
    assert_int_equal(i->again_segments, 1);
    assert_int_equal(i->again_bytes, 100);
    assert_int_equal(i->out_of_order, 1);
    assert_int_equal(i->bytes, 350);
}

/* Half of the answer was never captured, and a keep-alive sends the request's last byte again. */
static void a_stream_is_as_long_as_its_numbers_say(void **state)
{
    uint64_t bytes, missed;
    (void)state;
    handshake();
    const struct side_summary *sides = summary_at(summary, 0)->sides;
    sends(1, SIDE_INITIATOR, TCP_PSH | TCP_ACK, 1, 1, 100);
    assert_false(summary_stream(&sides[SIDE_INITIATOR], 50000, &bytes, &missed));
    sends(1, SIDE_INITIATOR, TCP_PSH | TCP_ACK, 101, 1, 50);
    sends(1, SIDE_RESPONDER, TCP_ACK, 1, 151, 500);
    sends(1, SIDE_RESPONDER, TCP_ACK, 1001, 151, 500);
    sends(1, SIDE_INITIATOR, TCP_ACK, 150, 501, 1);
    sends(1, SIDE_RESPONDER, TCP_FIN | TCP_ACK, 1501, 151, 0);
    sends(1, SIDE_INITIATOR, TCP_FIN | TCP_ACK, 151, 1502, 0);
    assert_true(summary_stream(&sides[SIDE_INITIATOR], 50000, &bytes, &missed));
    assert_int_equal(bytes, 150);
    assert_int_equal(missed, 0);
    assert_int_equal(sides[SIDE_INITIATOR].bytes, 151);
    assert_int_equal(sides[SIDE_INITIATOR].again_bytes, 1);
    assert_true(summary_stream(&sides[SIDE_RESPONDER], 50000, &bytes, &missed));
    assert_int_equal(bytes, 1500);
    assert_int_equal(missed, 500);
    assert_int_equal(sides[SIDE_INITIATOR].first_flight_bytes, 150);
    assert_int_equal(sides[SIDE_INITIATOR].first_flight_segments, 2);
    assert_int_equal(sides[SIDE_INITIATOR].pushed, 2);
    assert_int_equal(sides[SIDE_INITIATOR].fins, 1);
    assert_int_equal(sides[SIDE_RESPONDER].bare_acks, 0);
    assert_int_equal(sides[SIDE_INITIATOR].bare_acks, 1); /* the handshake's */
    assert_int_equal(sides[SIDE_RESPONDER].last_data_ns - sides[SIDE_RESPONDER].first_data_ns, MS);
}

/* Of these frames no payload is captured. */
static void what_is_cut_off_or_urgent_is_counted(void **state)
{
    (void)state;
    handshake();
    sends(1, SIDE_INITIATOR, TCP_ACK | TCP_URG, 1, 1, 100);
    sends(300, SIDE_INITIATOR, TCP_ACK, 1, 1, 100); /* again */
    sends(1, SIDE_INITIATOR, TCP_ACK | TCP_URG, 101, 1, 40);
    sends(1, SIDE_RESPONDER, TCP_ACK, 1, 141, 0);
    sends(1, SIDE_INITIATOR, TCP_ACK, 141, 1, 40);
    const struct side_summary *i = &summary_at(summary, 0)->sides[SIDE_INITIATOR];
    assert_int_equal(i->cut_segments, 4);
    assert_int_equal(i->cut_bytes, 280);
    assert_int_equal(i->urgent, 2);
    assert_int_equal(i->urgent_bytes, 2 * URGENT_BYTES);
    assert_int_equal(i->first_flight_segments, 2);
    assert_int_equal(i->first_flight_bytes, 140);
}

static void packets_without_tcp_are_counted_apart(void **state)
{
    (void)state;
    struct packet p = {.net = NET_ARP};
    summary_take(summary, &p);
    assert_int_equal(summary_count(summary), 0);
    assert_int_equal(summary_others(summary), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_each_side_sent_is_counted, begin, end),
        cmocka_unit_test_setup_teardown(round_trips_belong_to_the_side_that_was_acknowledged, begin,
                                        end),
        cmocka_unit_test_setup_teardown(windows_are_those_after_the_handshake, begin, end),
        cmocka_unit_test_setup_teardown(bytes_sent_again_are_told_from_late_ones, begin, end),
        cmocka_unit_test_setup_teardown(a_stream_is_as_long_as_its_numbers_say, begin, end),
        cmocka_unit_test_setup_teardown(what_is_cut_off_or_urgent_is_counted, begin, end),
        cmocka_unit_test_setup_teardown(packets_without_tcp_are_counted_apart, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
