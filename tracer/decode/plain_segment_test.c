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

enum { HEADERS_BYTES = 14 + 20 + 20, OPTIONS_MOST = 40, PAYLOAD_BYTES = 10 };

static const uint8_t headers[HEADERS_BYTES] = {
    2,    0,    0,    0,    0,  1, 2,    0, 0,  0, 0, 2, 8, 0, /* Ethernet */
    0x45, 0,    0,    0,    1,  2, 0x40, 0, 64, 6, 0, 0,       /* IPv4; its length comes below */
    10,   0,    0,    1,    10, 0, 0,    2,                    /* addresses */
    0x80, 0,    0,    80,   1,  2, 3,    4, 5,  6, 7, 8,       /* TCP */
    0,    0x18, 0x01, 0xf6, 0,  0, 0,    0,
};

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

static uint32_t make_frame(const struct options *options, uint8_t *bytes)
{
    uint32_t n = HEADERS_BYTES + options->length + PAYLOAD_BYTES;
    memcpy(bytes, headers, HEADERS_BYTES);
    memcpy(bytes + HEADERS_BYTES, options->bytes, options->length);
    memset(bytes + HEADERS_BYTES + options->length, 'x', PAYLOAD_BYTES);
    bytes[17] = (uint8_t)(n - 14);
    bytes[46] = (uint8_t)((20 + options->length) << 2);
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
        uint8_t bytes[HEADERS_BYTES + OPTIONS_MOST + PAYLOAD_BYTES];
        uint32_t kind = random_below(KINDS), n = make_frame(&kinds[kind], bytes);
        if (kind == SYN_KIND || random_below(16) == 0)
            bytes[47] |= TCP_SYN;
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
        if (!plain_segment_read(&frame, without, &s))
            continue;
        packet_decode(&frame, &p);
        assert_same(&s, &p, without);
        taken++;
        syns += s.is_ordinary_syn;
    }
    assert_in_range(taken, rounds / 5, rounds * 9 / 10);
    assert_in_range(syns, rounds / 80, rounds / 5);
}

static bool is_taken(const uint8_t *bytes, uint32_t n, uint32_t wire_bytes, uint16_t without)
{
    struct frame frame = {.linktype = LINKTYPE_ETHERNET,
                          .bytes = bytes,
                          .captured_bytes = n,
                          .wire_bytes = wire_bytes};
    struct plain_segment s;
    return plain_segment_read(&frame, without, &s);
}

static void ordinary_segments_are_taken_and_odd_ones_not(void **state)
{
    (void)state;
    static const struct {
        unsigned at;
        uint8_t byte;
    } odd[] = {
        {12, 0x81}, {14, 0x46}, {14, 0x65}, {16, 1},    {17, 39},   {20, 0x20}, {21, 1},
        {23, 17},   {46, 0x40}, {46, 0xf0}, {47, 0x12}, {47, 0x11}, {47, 0x14}, {47, 0x30},
    };
    uint8_t bytes[HEADERS_BYTES + OPTIONS_MOST + PAYLOAD_BYTES];
    for (size_t i = 0; i < KINDS; i++) {
        uint32_t n = make_frame(&kinds[i], bytes);
        assert_int_equal(is_taken(bytes, n, n, ODD), i < ORDINARY_KINDS);
        assert_false(is_taken(bytes, n, n - 1, ODD));
    }
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        uint32_t n = make_frame(&kinds[1], bytes);
        bytes[odd[i].at] = odd[i].byte;
        assert_false(is_taken(bytes, n, n, ODD));
    }
}

static void a_syn_is_taken_where_its_options_are_ordinary(void **state)
{
    (void)state;
    static const unsigned kinds_and_lengths[] = {54, 55, 58, 59, 60, 61, 70, 71, 72};
    uint8_t bytes[HEADERS_BYTES + OPTIONS_MOST + PAYLOAD_BYTES];
    for (size_t i = 0; i < KINDS; i++) {
        uint32_t n = make_frame(&kinds[i], bytes);
        bytes[47] = TCP_SYN;
        assert_int_equal(is_taken(bytes, n, n, TCP_URG), i == 0 || i == SYN_KIND);
        assert_false(is_taken(bytes, n, n, ODD));
    }
    for (size_t i = 0; i < sizeof kinds_and_lengths / sizeof kinds_and_lengths[0]; i++) {
        uint32_t n = make_frame(&kinds[SYN_KIND], bytes);
        bytes[47] = TCP_SYN;
        bytes[kinds_and_lengths[i]]++;
        assert_false(is_taken(bytes, n, n, TCP_URG));
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
