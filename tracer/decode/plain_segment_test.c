/* plain_segment_read() is a shorter way to what packet_decode() says: over frames with any byte
 * changed and any end cut off, what it takes is the same there. */
#include "tracer/decode/plain_segment.h"

#include "tracer/base/rounds_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum {
    OPTIONS_MOST = 40,
    PAYLOAD_BYTES = 10,
    MOST_BYTES = 14 + 40 + 20 + OPTIONS_MOST + PAYLOAD_BYTES
};

static const uint8_t link_v4[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0};
static const uint8_t link_v6[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd};
static const uint8_t ipv4[] = {0x45, 0, 0,  0, 1, 2, 0x40, 0, 64, 6, /* its length comes below */
                               0,    0, 10, 0, 0, 1, 10,   0, 0,  2};
static const uint8_t ipv6[] = {0x60, 1,    2,    3,    0, 0, 6, 64, /* as here */
                               0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 1,
                               0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 2};
static const uint8_t tcp[] = {0x80, 0, 0, 80,   1,    2,    3, 4, 5, 6,
                              7,    8, 0, 0x18, 0x01, 0xf6, 0, 0, 0, 0};

/* The options of an ordinary segment, and such as are not one's. */
static const struct options {
    uint32_t length;
    uint8_t bytes[OPTIONS_MOST];
} kinds[] = {
    {0, {0}},
    {12, {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}},
    {12, {1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 9}},
    {24, {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 5, 10, 0, 0, 0, 3, 0, 0, 0, 4}},
    {40, {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 5, 26, 0, 0, 0, 3,
          0, 0, 0, 4,  0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7,  0, 0, 0, 8}},
    {16, {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 4, 2}},
    {4, {2, 4, 5, 0xb4}},
    {20, {2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7}},
};
enum { ODD = TCP_SYN | TCP_FIN | TCP_RST | TCP_URG };
enum { KINDS = sizeof kinds / sizeof kinds[0], ORDINARY_KINDS = 5, SYN_KIND = KINDS - 1 };

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

static uint32_t append(uint8_t *bytes, uint32_t at, const uint8_t *more, size_t n)
{
    memcpy(bytes + at, more, n);
    return at + (uint32_t)n;
}

/* A frame; `*tcp_at` is where its TCP header is. */
static uint32_t make_frame(const struct options *options, enum packet_net net, uint8_t *bytes,
                           uint32_t *tcp_at)
{
    bool is_v4 = net == NET_IPV4;
    uint32_t n = append(bytes, 0, is_v4 ? link_v4 : link_v6, sizeof link_v4);
    n = append(bytes, n, is_v4 ? ipv4 : ipv6, is_v4 ? sizeof ipv4 : sizeof ipv6);
    *tcp_at = n;
    n = append(bytes, n, tcp, sizeof tcp);
    n = append(bytes, n, options->bytes, options->length);
    memset(bytes + n, 'x', PAYLOAD_BYTES);
    n += PAYLOAD_BYTES;
    bytes[is_v4 ? 17 : 19] = (uint8_t)(is_v4 ? n - 14 : n - *tcp_at);
    bytes[*tcp_at + 12] = (uint8_t)((20 + options->length) << 2);
    return n;
}

static void assert_same_blocks(const struct plain_segment *s, const struct packet *p)
{
    struct sack_block blocks[SACK_BLOCKS_MAX], others[SACK_BLOCKS_MAX];
    unsigned count = plain_sack_blocks(s, blocks);
    assert_int_equal(count, packet_sack_blocks(p, others));
    if (count > 0)
        assert_memory_equal(blocks, others, count * sizeof blocks[0]);
}

static void assert_same_syn(const struct plain_segment *s, const struct tcp_header *t)
{
    assert_true((t->flags & TCP_SYN) && t->options_bytes == 20);
    assert_true(t->has_mss && t->has_sack_permitted && t->has_timestamps && t->has_window_scale);
    assert_int_equal(s->mss, t->mss);
    assert_int_equal(s->window_scale, t->window_scale);
}

static void assert_same(const struct plain_segment *s, const struct packet *p, uint16_t without)
{
    const struct tcp_header *t = &p->tcp;
    uint32_t end = t->payload_at + t->payload_bytes, captured = p->frame.captured_bytes;
    assert_true(p->is_tcp && p->verdict == VERDICT_OK && !t->odd_options && !p->is_fragment);
    assert_false(t->flags & without);
    if (s->is_ordinary_syn)
        assert_same_syn(s, t);
    else
        assert_false(t->has_mss || t->has_window_scale || t->has_sack_permitted);
    assert_int_equal(s->net, p->net);
    assert_int_equal(s->tcp_at, p->transport_at);
    assert_memory_equal(&s->source, &p->source, sizeof s->source);
    assert_memory_equal(&s->destination, &p->destination, sizeof s->destination);
    assert_int_equal(s->source_port, t->source_port);
    assert_int_equal(s->destination_port, t->destination_port);
    assert_int_equal(s->seq, t->seq);
    assert_int_equal(s->ack, t->ack);
    assert_int_equal(s->flags, t->flags);
    assert_int_equal(s->window, t->window);
    assert_int_equal(s->header_bytes, t->header_bytes);
    assert_int_equal(s->payload_bytes, t->payload_bytes);
    assert_int_equal(s->has_timestamps, t->timestamps_first);
    if (s->has_timestamps || s->is_ordinary_syn) {
        assert_int_equal(s->ts_value, t->ts_value);
        assert_int_equal(s->ts_echo, t->ts_echo);
    }
    assert_int_equal(s->cut_bytes, end > captured ? end - captured : 0);
    assert_true(end <= p->frame.wire_bytes);
    assert_same_blocks(s, p);
}

static void what_is_taken_is_what_decoding_says(void **state)
{
    (void)state;
    unsigned taken = 0, syns = 0;
    const uint32_t rounds = rounds_of(300000, 60000);
    for (unsigned round = 0; round < rounds; round++) {
        uint8_t bytes[MOST_BYTES];
        enum packet_net net = random_below(2) ? NET_IPV6 : NET_IPV4;
        uint32_t kind = random_below(KINDS), tcp_at;
        uint32_t n = make_frame(&kinds[kind], net, bytes, &tcp_at);
        if (kind == SYN_KIND || random_below(16) == 0)
            bytes[tcp_at + 13] |= TCP_SYN;
        for (uint32_t i = random_below(4); i > 0; i--)
            bytes[random_below(n)] = (uint8_t)random_below(256);
        uint32_t captured = random_below(4) ? n : random_below(n + 1);
        struct frame frame = {
            .linktype = LINKTYPE_ETHERNET,
            .bytes = bytes,
            .captured_bytes = captured,
            .wire_bytes = captured + (random_below(4) ? n - captured : random_below(9)),
        };
        struct plain_segment s;
        struct packet p;
        uint16_t without = random_below(2) ? ODD : TCP_URG;
        if (!plain_segment_read(&frame, net, without, &s))
            continue;
        packet_decode(&frame, &p);
        assert_same(&s, &p, without);
        taken++;
        syns += s.is_ordinary_syn;
    }
    assert_in_range(taken, rounds / 5, rounds * 9 / 10);
    assert_in_range(syns, rounds / 80, rounds / 5);
}

static bool is_taken(const uint8_t *bytes, uint32_t n, uint32_t wire_bytes, enum packet_net net,
                     uint16_t without)
{
    struct frame frame = {.linktype = LINKTYPE_ETHERNET,
                          .bytes = bytes,
                          .captured_bytes = n,
                          .wire_bytes = wire_bytes};
    struct plain_segment s;
    return plain_segment_read(&frame, net, without, &s);
}

static void ordinary_segments_are_taken_and_odd_ones_not(void **state)
{
    (void)state;
    static const struct {
        enum packet_net net;
        unsigned at;
        uint8_t byte;
    } odd[] = {
        {NET_IPV4, 12, 0x81}, {NET_IPV4, 14, 0x46}, {NET_IPV4, 14, 0x65}, {NET_IPV4, 16, 1},
        {NET_IPV4, 17, 39},   {NET_IPV4, 17, 20},   {NET_IPV4, 20, 0x20}, {NET_IPV4, 21, 1},
        {NET_IPV4, 23, 17},   {NET_IPV6, 12, 0x81}, {NET_IPV6, 14, 0x45}, {NET_IPV6, 18, 1},
        {NET_IPV6, 19, 19},   {NET_IPV6, 19, 0},    {NET_IPV6, 20, 17},   {NET_IPV6, 20, 0},
    };
    static const struct {
        unsigned at;
        uint8_t byte;
    } odd_tcp[] = {{12, 0x40}, {12, 0xf0}, {13, 0x12}, {13, 0x11}, {13, 0x14}, {13, 0x30}};
    uint8_t bytes[MOST_BYTES];
    uint32_t tcp_at;
    for (enum packet_net net = NET_IPV4; net <= NET_IPV6; net++) {
        for (size_t i = 0; i < KINDS; i++) {
            uint32_t n = make_frame(&kinds[i], net, bytes, &tcp_at);
            assert_int_equal(is_taken(bytes, n, n, net, ODD), i < ORDINARY_KINDS);
            assert_false(is_taken(bytes, n, n - 1, net, ODD));
            assert_false(is_taken(bytes, n, n, net == NET_IPV4 ? NET_IPV6 : NET_IPV4, ODD));
        }
        for (size_t i = 0; i < sizeof odd_tcp / sizeof odd_tcp[0]; i++) {
            uint32_t n = make_frame(&kinds[1], net, bytes, &tcp_at);
            bytes[tcp_at + odd_tcp[i].at] = odd_tcp[i].byte;
            assert_false(is_taken(bytes, n, n, net, ODD));
        }
    }
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        uint32_t n = make_frame(&kinds[1], odd[i].net, bytes, &tcp_at);
        bytes[odd[i].at] = odd[i].byte;
        assert_false(is_taken(bytes, n, n, odd[i].net, ODD));
    }
}

static void a_syn_is_taken_where_its_options_are_ordinary(void **state)
{
    (void)state;
    static const unsigned kinds_and_lengths[] = {20, 21, 24, 25, 26, 27, 36, 37, 38};
    uint8_t bytes[MOST_BYTES];
    uint32_t tcp_at;
    for (size_t i = 0; i < KINDS; i++) {
        uint32_t n = make_frame(&kinds[i], NET_IPV4, bytes, &tcp_at);
        bytes[tcp_at + 13] = TCP_SYN;
        assert_int_equal(is_taken(bytes, n, n, NET_IPV4, TCP_URG), i == 0 || i == SYN_KIND);
        assert_false(is_taken(bytes, n, n, NET_IPV4, ODD));
    }
    for (size_t i = 0; i < sizeof kinds_and_lengths / sizeof kinds_and_lengths[0]; i++) {
        uint32_t n = make_frame(&kinds[SYN_KIND], NET_IPV4, bytes, &tcp_at);
        bytes[tcp_at + 13] = TCP_SYN;
        bytes[tcp_at + kinds_and_lengths[i]]++;
        assert_false(is_taken(bytes, n, n, NET_IPV4, TCP_URG));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_is_what_decoding_says),
        cmocka_unit_test(ordinary_segments_are_taken_and_odd_ones_not),
        cmocka_unit_test(a_syn_is_taken_where_its_options_are_ordinary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
