/* Frames cut short at every byte, against a page that must not be read past, and frames whose
 * fields lie. */
#include "tracer/decode/packet.h"

#include "tracer/decode/test_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define ALL_OPTIONS                                                                                \
    "020405b4 030307 0402 080a0000000100000002 050a0000000100000002 1e080001 01020304"

struct core_frame {
    int linktype;
    const char *link;
    struct test_segment s;
};

static const struct core_frame core[] = {
    {LINKTYPE_ETHERNET, ETHERNET_V4, {.flags = TCP_SYN, .options = ALL_OPTIONS}},
    {LINKTYPE_ETHERNET, ETHERNET_V6, {.v6 = true, .flags = TCP_ACK, .payload_bytes = 9}},
    {LINKTYPE_ETHERNET,
     "020000000002 020000000001 88a8 0001 8100 0002 0800",
     {.flags = TCP_ACK, .options = "01010101", .payload_bytes = 9}},
    {LINKTYPE_ETHERNET,
     "020000000002 020000000001 0034 aaaa03 000000 0800",
     {.flags = TCP_ACK, .extensions = "94040000"}},
    {LINKTYPE_ETHERNET,
     ETHERNET_V6,
     {.v6 = true,
      .flags = TCP_ACK,
      .extensions = "2b 00 0104 00000000"
                    "2c 02 04 00 00 00 0000 20010db8000000000000000000000001"
                    "33 00 0001 00000001"
                    "3c 04 0000 00000001 00000002 000102030405060708090a0b"
                    "06 00 0104 00000000"}},
    {LINKTYPE_LINUX_SLL,
     "0000 0001 0006 0000000000000000 8100 0005 0800",
     {.flags = TCP_ACK, .payload_bytes = 3}},
    {LINKTYPE_LINUX_SLL2, "86dd 0000 00000001 0304 00 06 0000000000000000", {.v6 = true}},
    {LINKTYPE_NULL, "02000000", {.flags = TCP_FIN}},
    {LINKTYPE_RAW, "", {.v6 = true, .flags = TCP_RST}},
};

static size_t header_end(const struct packet *whole)
{
    return whole->tcp.payload_at;
}

/* With the wire length kept, a capture cut short is truncated up to the last header byte, never
 * malformed; from there on all is well. */
static void test_every_truncation(void **state)
{
    (void)state;
    struct test_guard guard = test_guard_new();
    for (size_t i = 0; i < sizeof core / sizeof core[0]; i++) {
        struct test_frame f = {.n = 0};
        test_put_segment(&f, core[i].link, &core[i].s);
        struct frame frame = test_frame_of(&f, core[i].linktype);
        struct packet whole, p;
        packet_decode(&frame, &whole);
        assert_int_equal(whole.verdict, VERDICT_OK);
        assert_true(whole.is_tcp);
        for (size_t n = 0; n <= f.n; n++) {
            frame.bytes = test_guard_place(&guard, f.bytes, n);
            frame.captured_bytes = (uint32_t)n;
            packet_decode(&frame, &p);
            assert_int_equal(p.verdict, n < header_end(&whole) ? VERDICT_TRUNCATED : VERDICT_OK);
            assert_true(p.verdict_at <= f.n);
            assert_int_equal(p.is_tcp, n >= whole.transport_at + 20u);
            if (p.is_tcp) {
                assert_int_equal(p.tcp.payload_bytes, whole.tcp.payload_bytes);
                assert_int_equal(p.tcp.seq, whole.tcp.seq);
            }
        }
    }
    test_guard_free(&guard);
}

/* With the wire length cut too, the length fields lie: malformed, never a read past the end. */
static void test_every_shortening(void **state)
{
    (void)state;
    struct test_guard guard = test_guard_new();
    for (size_t i = 0; i < sizeof core / sizeof core[0]; i++) {
        struct test_frame f = {.n = 0};
        test_put_segment(&f, core[i].link, &core[i].s);
        struct frame frame = test_frame_of(&f, core[i].linktype);
        struct packet whole, p;
        packet_decode(&frame, &whole);
        for (size_t n = 0; n <= f.n; n++) {
            frame.bytes = test_guard_place(&guard, f.bytes, n);
            frame.captured_bytes = frame.wire_bytes = (uint32_t)n;
            packet_decode(&frame, &p);
            assert_int_equal(p.verdict, n < header_end(&whole) ? VERDICT_MALFORMED : VERDICT_OK);
        }
    }
    test_guard_free(&guard);
}

/* Every value of every byte of the headers: whatever it is, no read past the end, and the offsets
 * that later layers use stay true to each other. */
static void test_every_byte(void **state)
{
    (void)state;
    struct test_guard guard = test_guard_new();
    for (size_t i = 0; i < sizeof core / sizeof core[0]; i++) {
        struct test_frame f = {.n = 0};
        test_put_segment(&f, core[i].link, &core[i].s);
        struct frame frame = test_frame_of(&f, core[i].linktype);
        for (size_t at = 0; at < f.n; at++) {
            uint8_t kept = f.bytes[at];
            for (unsigned v = 0; v < 256; v++) {
                struct packet p;
                f.bytes[at] = (uint8_t)v;
                frame.bytes = test_guard_place(&guard, f.bytes, f.n);
                packet_decode(&frame, &p);
                assert_true(p.link_header_bytes <= f.n);
                if (!p.is_tcp)
                    continue;
                assert_true(p.transport_at + 20 <= f.n);
                if (p.tcp.payload_bytes > 0)
                    assert_int_equal(p.tcp.payload_at, p.transport_at + p.tcp.header_bytes);
            }
            f.bytes[at] = kept;
        }
    }
    test_guard_free(&guard);
}

static struct packet decode_segment(struct test_frame *f, const struct test_segment *s)
{
    f->n = 0;
    test_put_segment(f, s->v6 ? ETHERNET_V6 : ETHERNET_V4, s);
    struct frame frame = test_frame_of(f, LINKTYPE_ETHERNET);
    struct packet p;
    packet_decode(&frame, &p);
    return p;
}

static void test_tcp_offset(void **state)
{
    (void)state;
    struct test_frame f;
    for (int words = -1; words < 16; words++) {
        if (words == 0)
            continue;
        struct test_segment s = {.flags = TCP_ACK, .offset_words = words, .payload_bytes = 8};
        struct packet p = decode_segment(&f, &s);
        bool fits = words >= 5 && words <= 7;
        assert_true(p.is_tcp);
        if (words == 5)
            assert_int_equal(p.verdict, VERDICT_OK);
        if (!fits) {
            assert_int_equal(p.verdict, VERDICT_MALFORMED);
            assert_int_equal(p.verdict_at, p.transport_at + 12);
            assert_int_equal(p.tcp.payload_bytes, 0);
        }
    }
}

static void test_tcp_option_lengths(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "0200 0000", "0201 0000", "02ff 0000", "0205 0000", "0101 0102", "0a00 0000", "1e05 0000",
    };
    struct test_frame f;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct test_segment s = {.flags = TCP_SYN, .options = wrong[i]};
        struct packet p = decode_segment(&f, &s);
        assert_true(p.is_tcp);
        assert_int_equal(p.verdict, VERDICT_MALFORMED);
        assert_false(p.tcp.has_mss);
    }
    static const char *const sound[] = {
        "0204 05b4", "0101 0101", "0000 ffff", "0003 ff00", "0302 0101", "fe04 f989", "0802 0101",
    };
    for (size_t i = 0; i < sizeof sound / sizeof sound[0]; i++) {
        struct test_segment s = {.flags = TCP_SYN, .options = sound[i]};
        struct packet p = decode_segment(&f, &s);
        assert_int_equal(p.verdict, VERDICT_OK);
        assert_int_equal(p.tcp.has_mss, i == 0);
        assert_false(p.tcp.has_window_scale || p.tcp.has_timestamps);
    }
}

static void test_ipv4_lengths(void **state)
{
    (void)state;
    struct test_frame f;
    struct test_segment s = {.flags = TCP_ACK, .payload_bytes = 8};
    s.length_error = -48; /* total length 0: still to be cut up by the card */
    struct packet p = decode_segment(&f, &s);
    assert_int_equal(p.verdict, VERDICT_OK);
    assert_int_equal(p.tcp.payload_bytes, 8);
    s.length_error = -47;
    p = decode_segment(&f, &s);
    assert_int_equal(p.verdict, VERDICT_MALFORMED);
    assert_int_equal(p.verdict_at, 16);
    s.length_error = 1000; /* longer than the frame: told as it was claimed */
    p = decode_segment(&f, &s);
    assert_int_equal(p.verdict, VERDICT_OK);
    assert_int_equal(p.tcp.payload_bytes, 1008);
    assert_true(p.net_header_bytes + p.net_payload_bytes > p.link_payload_bytes);
    f.bytes[14] = 0x44;
    struct frame frame = test_frame_of(&f, LINKTYPE_ETHERNET);
    packet_decode(&frame, &p);
    assert_int_equal(p.verdict, VERDICT_MALFORMED);
    assert_false(p.is_tcp);
}

static void test_ipv6_lengths(void **state)
{
    (void)state;
    struct test_frame f;
    struct test_segment s = {.v6 = true, .flags = TCP_ACK, .payload_bytes = 8, .length_error = -28};
    struct packet p = decode_segment(&f, &s); /* payload length 0, no jumbogram, no big segment */
    assert_int_equal(p.verdict, VERDICT_MALFORMED);
    assert_int_equal(p.net_payload_bytes, 0);
    struct frame frame = test_frame_of(&f, LINKTYPE_ETHERNET);
    frame.wire_bytes = 14 + 40 + 100000; /* ... which it is with so many bytes on the wire */
    packet_decode(&frame, &p);
    assert_int_equal(p.verdict, VERDICT_OK);
    assert_int_equal(p.tcp.payload_bytes, 100000 - 20);
    struct test_segment jumbo = {.v6 = true,
                                 .flags = TCP_ACK,
                                 .extensions = "06 00 c204 00010020",
                                 .payload_bytes = 8,
                                 .length_error = -36};
    p = decode_segment(&f, &jumbo);
    assert_int_equal(p.net_payload_bytes, 0x10020 - 8);
    assert_int_equal(p.tcp.payload_bytes, 0x10020 - 8 - 20);
    jumbo.extensions = "06 00 c204 00000020"; /* a jumbogram that is none */
    p = decode_segment(&f, &jumbo);
    assert_int_equal(p.verdict, VERDICT_MALFORMED);
}

/* A chain that never ends is given up; one of thirty headers is walked. */
static void test_ipv6_depth(void **state)
{
    (void)state;
    static char headers[4096];
    for (int count = 30; count <= 100; count += 70) {
        headers[0] = '\0';
        for (int i = 0; i < count; i++)
            strcat(headers, i + 1 < count ? "3c00010400000000" : "0600010400000000");
        struct test_frame f;
        struct test_segment s = {.v6 = true, .flags = TCP_ACK, .extensions = headers, .next = 60};
        struct packet p = decode_segment(&f, &s);
        assert_int_equal(p.is_tcp, count == 30);
        assert_int_equal(p.verdict, count == 30 ? VERDICT_OK : VERDICT_MALFORMED);
    }
    struct test_frame f;
    struct test_segment twice = {
        .v6 = true, .flags = TCP_ACK, .extensions = "0000010400000000 0600010400000000"};
    struct packet p = decode_segment(&f, &twice);
    assert_int_equal(p.verdict, VERDICT_MALFORMED);
}

static void test_vlan_depth(void **state)
{
    (void)state;
    for (int depth = 20; depth <= 60; depth += 40) {
        struct test_frame f = {.n = 0};
        struct test_segment s = {.flags = TCP_ACK};
        test_put_hex(&f, "020000000002 020000000001");
        for (int i = 0; i < depth; i++)
            test_put_hex(&f, "8100 0001");
        test_put_segment(&f, "0800", &s);
        struct frame frame = test_frame_of(&f, LINKTYPE_ETHERNET);
        struct packet p;
        packet_decode(&frame, &p);
        assert_int_equal(p.is_tcp, depth == 20);
        assert_int_equal(p.verdict, depth == 20 ? VERDICT_OK : VERDICT_MALFORMED);
    }
}

static void test_captured_more_than_wire(void **state)
{
    (void)state;
    struct test_frame f = {.n = 0};
    struct test_segment s = {.flags = TCP_ACK};
    test_put_segment(&f, ETHERNET_V4, &s);
    struct frame frame = test_frame_of(&f, LINKTYPE_ETHERNET);
    struct packet p;
    frame.wire_bytes = 0;
    packet_decode(&frame, &p);
    assert_true(p.is_tcp);
    frame.wire_bytes = UINT32_MAX;
    packet_decode(&frame, &p);
    assert_true(p.is_tcp);
    assert_int_equal(p.tcp.payload_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_truncation),   cmocka_unit_test(test_every_shortening),
        cmocka_unit_test(test_every_byte),         cmocka_unit_test(test_tcp_offset),
        cmocka_unit_test(test_tcp_option_lengths), cmocka_unit_test(test_ipv4_lengths),
        cmocka_unit_test(test_ipv6_lengths),       cmocka_unit_test(test_ipv6_depth),
        cmocka_unit_test(test_vlan_depth),         cmocka_unit_test(test_captured_more_than_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
