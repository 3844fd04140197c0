#include "tracer/tcp/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

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
    const struct side_summary *i = summary_side(c, SIDE_INITIATOR);
    const struct side_summary *r = summary_side(c, SIDE_RESPONDER);
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
    const struct side_summary *i = summary_side(summary_at(summary, 0), SIDE_INITIATOR);
    const struct side_summary *r = summary_side(summary_at(summary, 0), SIDE_RESPONDER);
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
    const struct side_summary *i = summary_side(summary_at(summary, 0), SIDE_INITIATOR);
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
    const struct side_summary *i = summary_side(summary_at(summary, 0), SIDE_INITIATOR);
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
    const struct side_summary *i = summary_side(summary_at(summary, 0), SIDE_INITIATOR);
    const struct side_summary *r = summary_side(summary_at(summary, 0), SIDE_RESPONDER);
    sends(1, SIDE_INITIATOR, TCP_PSH | TCP_ACK, 1, 1, 100);
    assert_false(summary_stream(i, 50000, &bytes, &missed));
    sends(1, SIDE_INITIATOR, TCP_PSH | TCP_ACK, 101, 1, 50);
    sends(1, SIDE_RESPONDER, TCP_ACK, 1, 151, 500);
    sends(1, SIDE_RESPONDER, TCP_ACK, 1001, 151, 500);
    sends(1, SIDE_INITIATOR, TCP_ACK, 150, 501, 1);
    sends(1, SIDE_RESPONDER, TCP_FIN | TCP_ACK, 1501, 151, 0);
    sends(1, SIDE_INITIATOR, TCP_FIN | TCP_ACK, 151, 1502, 0);
    assert_true(summary_stream(i, 50000, &bytes, &missed));
    assert_int_equal(bytes, 150);
    assert_int_equal(missed, 0);
    assert_int_equal(i->bytes, 151);
    assert_int_equal(i->again_bytes, 1);
    assert_true(summary_stream(r, 50000, &bytes, &missed));
    assert_int_equal(bytes, 1500);
    assert_int_equal(missed, 500);
    assert_int_equal(i->first_flight_bytes, 150);
    assert_int_equal(i->first_flight_segments, 2);
    assert_int_equal(i->pushed, 2);
    assert_int_equal(i->fins, 1);
    assert_int_equal(r->bare_acks, 0);
    assert_int_equal(i->bare_acks, 1); /* the handshake's */
    assert_int_equal(r->last_data_ns - r->first_data_ns, MS);
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
    const struct side_summary *i = summary_side(summary_at(summary, 0), SIDE_INITIATOR);
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

/* ---- the shorter way, from the frame ---- */

enum { FRAME_HEADERS = 54, FRAME_MOST = FRAME_HEADERS + 40 + 100, FRAMES = 20000, PEERS = 3 };

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

static void put_be32(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* What two sides of a connection say of each other. */
struct talk {
    uint32_t next[2];
};

static size_t put_options(uint8_t *at, const struct talk *t, int side)
{
    static const uint8_t timestamps[12] = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
    static const uint8_t sack[4] = {1, 1, 5, 10};
    switch (random_below(6)) {
    case 0: return 0;
    case 1:
        memcpy(at, sack, 4);
        put_be32(at + 4, t->next[!side] - random_below(300));
        put_be32(at + 8, t->next[!side] - random_below(100));
        return 12;
    default: memcpy(at, timestamps, 12); return 12;
    }
}

/* A segment of one of a few connections, most of them as they should be. */
static struct frame random_frame(struct talk *talks, uint8_t *b)
{
    static const uint16_t often[] = {TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK | TCP_PSH};
    static const uint16_t seldom[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK | TCP_FIN, TCP_RST,
                                      TCP_ACK | TCP_URG};
    uint8_t peer = (uint8_t)random_below(PEERS), side = random_below(2) != 0;
    struct talk *t = &talks[peer];
    uint16_t flags = random_below(30) ? often[random_below(4)] : seldom[random_below(5)];
    uint32_t payload = random_below(2) ? random_below(100) : 0;
    memset(b, 0, FRAME_MOST);
    size_t options = put_options(b + FRAME_HEADERS, t, side);
    uint32_t n = (uint32_t)(FRAME_HEADERS + options + payload);
    b[12] = 8;
    b[14] = 0x45;
    b[17] = (uint8_t)(n - 14);
    b[23] = PROTO_TCP;
    b[26] = b[30] = 10;
    b[29] = side ? 100 : peer;
    b[33] = side ? peer : 100;
    b[35] = side ? 80 : 90;
    b[37] = side ? 90 : 80;
    put_be32(b + 38, t->next[side] - (random_below(20) ? 0 : random_below(200)));
    put_be32(b + 42, flags & TCP_ACK ? t->next[!side] - random_below(2) * random_below(200) : 0);
    b[46] = (uint8_t)((20 + options) << 2);
    b[47] = (uint8_t)flags;
    b[48] = (uint8_t)(random_below(40) ? 9 : 0);
    t->next[side] += random_below(20) ? payload + (flags & TCP_SYN ? 1 : 0) : 50;
    now_ns += random_below(MS);
    uint32_t captured = random_below(10) ? n : random_below(n + 1);
    return (struct frame){.time_ns = now_ns,
                          .linktype = LINKTYPE_ETHERNET,
                          .bytes = b,
                          .captured_bytes = captured,
                          .wire_bytes = n};
}

static void assert_same_connection(const struct summary *one, const struct summary *other,
                                   uint32_t i)
{
    struct analysis_connection known[2];
    memset(known, 0, sizeof known);
    const struct connection_summary *c = summary_at(one, i), *d = summary_at(other, i);
    assert_int_equal(c->first_ns, d->first_ns);
    assert_int_equal(c->last_ns, d->last_ns);
    for (int side = 0; side < SIDE_COUNT; side++) {
        assert_int_equal(c->sides[side] == NULL, d->sides[side] == NULL);
        assert_memory_equal(summary_side(c, side), summary_side(d, side),
                            sizeof(struct side_summary));
    }
    const struct flow *f = summary_flow(one, i), *g = summary_flow(other, i);
    assert_memory_equal(f->payload_bytes, g->payload_bytes, sizeof f->payload_bytes);
    assert_memory_equal(f->segments, g->segments, sizeof f->segments);
    assert_memory_equal(f->iss, g->iss, sizeof f->iss);
    assert_int_equal(f->previous, g->previous);
    summary_analysis(one, i, &known[0]);
    summary_analysis(other, i, &known[1]);
    assert_int_equal(known[0].completeness, known[1].completeness);
    assert_int_equal(known[0].irtt_ns, known[1].irtt_ns);
    for (int side = 0; side < SIDE_COUNT; side++) {
        assert_int_equal(known[0].sides[side].srtt_us, known[1].sides[side].srtt_us);
        assert_int_equal(known[0].sides[side].rto_us, known[1].sides[side].rto_us);
    }
}

static void a_frame_counts_as_its_packet_does(void **state)
{
    (void)state;
    struct talk talks[PEERS] = {0};
    struct summary *by_packets = summary_new();
    uint8_t bytes[FRAME_MOST];
    for (unsigned i = 0; i < FRAMES; i++) {
        struct frame frame = random_frame(talks, bytes);
        struct packet p;
        summary_take_frame(summary, &frame);
        packet_decode(&frame, &p);
        summary_take(by_packets, &p);
    }
    assert_int_equal(summary_count(summary), summary_count(by_packets));
    assert_in_range(summary_count(summary), PEERS, FRAMES);
    assert_int_equal(summary_others(summary), summary_others(by_packets));
    for (uint32_t i = 0; i < summary_count(summary); i++)
        assert_same_connection(summary, by_packets, i);
    summary_free(by_packets);
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
        cmocka_unit_test_setup_teardown(a_frame_counts_as_its_packet_does, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
