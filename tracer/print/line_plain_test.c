/* line_plain(), and line_plain_frame() before decoding, are shorter ways to what the parts make of
 * a line: over segments with any byte changed and any end cut off, they agree. */
#include "tracer/decode/plain_segment.h"
#include "tracer/print/line_parts.h"

#include "tracer/base/rounds_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

enum {
    HEADERS_BYTES = PLAIN_FIXED_BYTES, /* of IPv4 */
    PAYLOAD_BYTES = 10,
    FRAME_MOST = PLAIN_FIXED_V6_BYTES + 40 + PAYLOAD_BYTES,
};

static const uint8_t headers[HEADERS_BYTES] = {
    2,    0,    0,    0,    0,  1, 2,    0, 0,  0, 0, 2, 8, 0, /* Ethernet */
    0x45, 0,    0,    0,    1,  2, 0x40, 0, 64, 6, 0, 0,       /* IPv4 */
    10,   0,    0,    1,    10, 0, 0,    2,                    /* addresses */
    0x80, 0,    0,    80,   1,  2, 3,    4, 5,  6, 7, 8,       /* TCP */
    0,    0x18, 0x01, 0xf6, 0,  0, 0,    0,
};

/* What segments carry: nothing, timestamps, a SYN's options, SACK, timestamps twice. */
static const struct {
    uint8_t bytes, options[40];
} options[] = {
    {0, {0}},
    {12, {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}},
    {20, {2, 4, 5, 0xb4, 4, 2, 8, 10, 9, 9, 9, 9, 0, 0, 0, 0, 1, 3, 3, 7}},
    {24, {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 5, 10, 1, 2, 9, 9, 1, 2, 10, 0}},
    {24, {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 8, 10, 4, 3, 2, 1, 8, 7, 6, 5}},
    {20, {8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 8, 10, 4, 3, 2, 1, 8, 7, 6, 5}},
    {8, {1, 1, 5, 2, 0, 0, 0, 0}},
};

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

/* In place of the first two headers; its length comes below. */
static const uint8_t v6_headers[PLAIN_ETHERNET_BYTES + PLAIN_IPV6_BYTES] = {
    2,    0,    0,    0,    0, 1, 2, 0,  0, 0, 0, 2, 0x86, 0xdd, /* Ethernet */
    0x60, 1,    2,    3,    0, 0, 6, 64,                         /* IPv6 */
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,  0, 0, 0, 0, 0,    0,    0, 1,
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,  0, 0, 0, 0, 0,    0,    0, 2,
};

/* A segment with some of those, and up to three bytes changed. Returns its bytes' number. */
static uint32_t make_segment(uint8_t bytes[FRAME_MOST])
{
    unsigned kind = random_below(sizeof options / sizeof options[0]);
    uint32_t options_bytes = options[kind].bytes;
    memset(bytes, 'x', FRAME_MOST);
    bool is_v6 = random_below(2);
    uint32_t tcp_at = PLAIN_ETHERNET_BYTES + (is_v6 ? PLAIN_IPV6_BYTES : PLAIN_IPV4_BYTES);
    memcpy(bytes, is_v6 ? v6_headers : headers, tcp_at);
    memcpy(bytes + tcp_at, headers + PLAIN_ETHERNET_BYTES + PLAIN_IPV4_BYTES, PLAIN_TCP_BYTES);
    memcpy(bytes + tcp_at + PLAIN_TCP_BYTES, options[kind].options, options_bytes);
    uint32_t behind_bytes = PLAIN_TCP_BYTES + options_bytes + random_below(PAYLOAD_BYTES + 1);
    bytes[is_v6 ? 19 : 17] = (uint8_t)(is_v6 ? behind_bytes : PLAIN_IPV4_BYTES + behind_bytes);
    bytes[tcp_at + 12] = (uint8_t)((PLAIN_TCP_BYTES + options_bytes) / 4 << 4);
    bytes[tcp_at + 13] = (uint8_t)(random_below(8) ? 0x10 : random_below(256));
    uint32_t all_bytes = tcp_at + PLAIN_TCP_BYTES + options_bytes + PAYLOAD_BYTES;
    for (uint32_t i = random_below(4); i > 0; i--)
        bytes[random_below(all_bytes)] = (uint8_t)random_below(256);
    return all_bytes;
}

/* The line of a frame by the shortest way that takes it. */
static bool print_frame(struct line_printer *lp, const struct frame *frame, const struct packet *p,
                        struct text *out)
{
    bool plain = line_plain_frame(lp, frame, out);
    if (!plain) {
        assert_int_equal(out->len, 0);
        line_any(lp, p, out);
    }
    return plain;
}

static void the_ways_agree(void **state)
{
    (void)state;
    const struct line_options choices = {.time = LINE_TIME_EPOCH};
    struct line_printer *one = line_printer_new(&choices), *other = line_printer_new(&choices);
    struct line_printer *third = line_printer_new(&choices);
    struct text by_one = {0}, by_other = {0}, by_third = {0};
    unsigned taken = 0, undecoded = 0;
    const uint32_t rounds = rounds_of(300000, 60000);
    for (unsigned round = 0; round < rounds; round++) {
        uint8_t bytes[FRAME_MOST];
        uint32_t all_bytes = make_segment(bytes);
        uint32_t captured = random_below(4) ? all_bytes : random_below(all_bytes + 1);
        struct frame frame = {
            .time_ns = INT64_C(1700000000000000000) + (int64_t)round * 1000000,
            .linktype = LINKTYPE_ETHERNET,
            .bytes = bytes,
            .captured_bytes = captured,
            .wire_bytes = random_below(8) ? all_bytes : random_below(all_bytes + 9),
        };
        struct packet p;
        packet_decode(&frame, &p);
        text_clear(&by_one);
        text_clear(&by_other);
        text_clear(&by_third);
        bool plain = line_plain(one, &p, &by_one);
        taken += plain;
        if (!plain) {
            assert_int_equal(by_one.len, 0);
            line_any(one, &p, &by_one);
        }
        line_any(other, &p, &by_other);
        assert_string_equal(text_str(&by_one), text_str(&by_other));
        undecoded += print_frame(third, &frame, &p, &by_third);
        assert_string_equal(text_str(&by_third), text_str(&by_other));
    }
    assert_in_range(taken, rounds / 4, rounds * 9 / 10); /* all ways were gone */
    assert_in_range(undecoded, rounds / 6, taken);
    text_free(&by_one);
    text_free(&by_other);
    text_free(&by_third);
    line_printer_free(one);
    line_printer_free(other);
    line_printer_free(third);
}

/* Dumps and names are the parts' to add. */
static void what_follows_a_line_is_left_to_the_parts(void **state)
{
    (void)state;
    static const struct line_options choices[] = {{.dump = LINE_DUMP_HEX}, {.names = true}};
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        struct line_printer *lp = line_printer_new(&choices[i]);
        uint8_t bytes[HEADERS_BYTES];
        memcpy(bytes, headers, sizeof bytes);
        bytes[17] = 40;
        bytes[46] = 0x50;
        struct frame frame = {.linktype = LINKTYPE_ETHERNET,
                              .bytes = bytes,
                              .captured_bytes = sizeof bytes,
                              .wire_bytes = sizeof bytes};
        struct packet p;
        struct text out = {0};
        packet_decode(&frame, &p);
        assert_false(line_plain(lp, &p, &out) || line_plain_frame(lp, &frame, &out));
        assert_int_equal(out.len, 0);
        text_free(&out);
        line_printer_free(lp);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ways_agree),
        cmocka_unit_test(what_follows_a_line_is_left_to_the_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
