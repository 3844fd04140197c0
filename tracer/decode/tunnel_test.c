/* Packets inside packets: each kind of tunnel, cut short at every byte and with every byte changed,
 * against a page that must not be read past. */
#include "tracer/decode/packet.h"

#include "tracer/decode/test_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define V4(total, protocol) "4500" total "00000000 40" protocol "0000 cb007101 cb007102"
#define UDP(port, bytes)    "c350" port bytes "0000"
#define FRAME               "020000000022 020000000021 0800"

/* Around a segment of 40 bytes of IPv4, or 60 of IPv6. */
static const struct carried {
    int linktype;
    const char *prefix;
    bool v6;
    unsigned count;
    struct tunnel tunnels[TUNNELS_MAX];
} carried[] = {
    {LINKTYPE_ETHERNET,
     ETHERNET_V4 V4("003c", "04"),
     false,
     1,
     {{TUNNEL_IP, ETHERTYPE_IPV4, 34, 34, 0}}},
    {LINKTYPE_RAW, V4("0050", "29"), true, 1, {{TUNNEL_IP, ETHERTYPE_IPV6, 20, 20, 0}}},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4 V4("004c", "2f") "b000 0800 12340000 0000002a 00000007",
     false,
     1,
     {{TUNNEL_GRE, ETHERTYPE_IPV4, 34, 50, 42}}},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4 V4("0050", "2f") "4000 0800 00000000 0800 0004 0a000003 00000000",
     false,
     1,
     {{TUNNEL_GRE, ETHERTYPE_IPV4, 34, 54, 0}}},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4 V4("004e", "2f") "3081 880b 002a0005 00000001 00000002 0021",
     false,
     1,
     {{TUNNEL_GRE, ETHERTYPE_IPV4, 34, 52, 5}}},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4 V4("005a", "11") UDP("12b5", "0046") "08000000 00002a00" FRAME,
     false,
     1,
     {{TUNNEL_VXLAN, ETHERTYPE_BRIDGED, 42, 50, 42}}},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4 V4("004c", "11") UDP("12b6", "0038") "0c000001 00002a00",
     false,
     1,
     {{TUNNEL_GPE, ETHERTYPE_IPV4, 42, 50, 42}}},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4 V4("0054", "11") UDP("17c1", "0040") "0240 0800 00002a00 0102800100000009",
     false,
     1,
     {{TUNNEL_GENEVE, ETHERTYPE_IPV4, 42, 58, 42}}},
    {LINKTYPE_ETHERNET,
     "020000000002 020000000001 8847 00064040 0002a140",
     false,
     1,
     {{TUNNEL_MPLS, ETHERTYPE_IPV4, 14, 22, 42}}},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4 V4("0048", "11") UDP("19eb", "0034") "0002a140",
     false,
     1,
     {{TUNNEL_MPLS, ETHERTYPE_IPV4, 42, 46, 42}}},
    {LINKTYPE_ETHERNET,
     "020000000002 020000000001 8864 1100 0007 002a 0021",
     false,
     1,
     {{TUNNEL_PPPOE, ETHERTYPE_IPV4, 14, 22, 7}}},
    {LINKTYPE_LINUX_SLL,
     "0000 0001 0006 0200000000010000 8864 1100 0007 003f ff03 57",
     true,
     1,
     {{TUNNEL_PPPOE, ETHERTYPE_IPV6, 16, 25, 7}}},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4 V4("0086", "04") V4("0072", "2f") "0000 0800" V4("005a", "11")
         UDP("12b5", "0046") "08000000 00002a00" FRAME,
     false,
     3,
     {{TUNNEL_IP, ETHERTYPE_IPV4, 34, 34, 0},
      {TUNNEL_GRE, ETHERTYPE_IPV4, 54, 58, 0},
      {TUNNEL_VXLAN, ETHERTYPE_BRIDGED, 86, 94, 42}}},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4 V4("0044", "2f") "0000 8847 0002a140",
     false,
     2,
     {{TUNNEL_GRE, ETHERTYPE_MPLS, 34, 38, 0}, {TUNNEL_MPLS, ETHERTYPE_IPV4, 38, 42, 42}}},
};
enum { CARRIED = sizeof carried / sizeof carried[0] };

static struct frame frame_of(struct test_frame *f, const struct carried *c)
{
    struct test_segment s = {.v6 = c->v6, .flags = TCP_ACK, .seq = 1000};
    f->n = 0;
    test_put_segment(f, c->prefix, &s);
    return test_frame_of(f, c->linktype);
}

static void expect_tunnels(const struct packet *p, const struct carried *c)
{
    assert_int_equal(p->tunnel_count, c->count);
    for (unsigned i = 0; i < c->count; i++) {
        const struct tunnel *got = &p->tunnels[i], *due = &c->tunnels[i];
        assert_int_equal(got->kind, due->kind);
        assert_int_equal(got->inside, due->inside);
        assert_int_equal(got->header_at, due->header_at);
        assert_int_equal(got->inside_at, due->inside_at);
        assert_int_equal(got->identifier, due->identifier);
    }
}

static void test_innermost(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARRIED; i++) {
        struct test_frame f;
        struct frame frame = frame_of(&f, &carried[i]);
        struct packet p, outermost;
        struct address a;
        packet_decode(&frame, &p);
        packet_decode_to(&frame, 0, &outermost);
        expect_tunnels(&p, &carried[i]);
        assert_int_equal(p.verdict, VERDICT_OK);
        assert_true(p.is_tcp);
        assert_int_equal(p.tcp.seq, 1000);
        assert_int_equal(p.tcp.payload_bytes, 0);
        assert_int_equal(p.transport_at, f.n - 20);
        assert_int_equal(p.net_at, f.n - (carried[i].v6 ? 60 : 40));
        assert_true(address_parse(carried[i].v6 ? "fd00::1" : "10.0.0.1", &a));
        assert_true(address_equal(&a, &p.source));
        /* the link is the frame's own */
        assert_int_equal(p.link_header_bytes, outermost.link_header_bytes);
        assert_int_equal(p.ethertype, outermost.ethertype);
        assert_memory_equal(p.source_mac, outermost.source_mac, 6);
        assert_int_equal(outermost.tunnel_count, 0);
        assert_false(outermost.is_tcp);
    }
}

/* Cut short by the capture it is truncated up to the segment's end, never malformed; the packets
 * around are told of until the next one's addresses are there. */
static void test_every_truncation(void **state)
{
    (void)state;
    struct test_guard guard = test_guard_new();
    for (size_t i = 0; i < CARRIED; i++) {
        struct test_frame f;
        struct frame frame = frame_of(&f, &carried[i]);
        unsigned tunnels = 0;
        for (size_t n = 0; n <= f.n; n++) {
            struct packet p;
            frame.bytes = test_guard_place(&guard, f.bytes, n);
            frame.captured_bytes = (uint32_t)n;
            packet_decode(&frame, &p);
            assert_int_equal(p.verdict, n < f.n ? VERDICT_TRUNCATED : VERDICT_OK);
            assert_int_equal(p.is_tcp, n == f.n);
            assert_in_range(p.tunnel_count, tunnels, carried[i].count);
            tunnels = p.tunnel_count;
        }
        assert_int_equal(tunnels, carried[i].count);
    }
    test_guard_free(&guard);
}

/* A frame that was so short on the wire contradicts its own lengths, or is no tunnel. */
static void test_every_shortening(void **state)
{
    (void)state;
    struct test_guard guard = test_guard_new();
    for (size_t i = 0; i < CARRIED; i++) {
        struct test_frame f;
        struct frame frame = frame_of(&f, &carried[i]);
        for (size_t n = 0; n < f.n; n++) {
            struct packet p;
            frame.bytes = test_guard_place(&guard, f.bytes, n);
            frame.captured_bytes = frame.wire_bytes = (uint32_t)n;
            packet_decode(&frame, &p);
            assert_int_not_equal(p.verdict, VERDICT_TRUNCATED);
            assert_false(p.is_tcp);
            if (p.tunnel_count == carried[i].count)
                assert_int_equal(p.verdict, VERDICT_MALFORMED);
        }
    }
    test_guard_free(&guard);
}

static void test_every_byte(void **state)
{
    (void)state;
    struct test_guard guard = test_guard_new();
    for (size_t i = 0; i < CARRIED; i++) {
        struct test_frame f;
        struct frame frame = frame_of(&f, &carried[i]);
        for (size_t at = 0; at < f.n; at++) {
            uint8_t kept = f.bytes[at];
            for (unsigned v = 0; v < 256; v++) {
                struct packet p;
                f.bytes[at] = (uint8_t)v;
                frame.bytes = test_guard_place(&guard, f.bytes, f.n);
                packet_decode(&frame, &p);
                assert_true(p.tunnel_count <= TUNNELS_MAX);
                for (unsigned t = 0; t < p.tunnel_count; t++) {
                    assert_true(p.tunnels[t].header_at <= p.tunnels[t].inside_at);
                    assert_true(p.tunnels[t].inside_at <= p.net_at);
                }
                if (p.is_tcp)
                    assert_true(p.transport_at + 20 <= f.n);
            }
            f.bytes[at] = kept;
        }
    }
    test_guard_free(&guard);
}

/* Deeper than TUNNELS_MAX nothing is looked into. */
static void test_depth(void **state)
{
    (void)state;
    for (unsigned depth = 0; depth < 8; depth++) {
        struct test_frame f = {.n = 0};
        struct test_segment s = {.flags = TCP_ACK};
        for (unsigned i = 0; i < depth; i++) {
            test_put_hex(&f, "4500");
            test_put(&f, 40 + (depth - i) * 20, 2);
            test_put_hex(&f, "00000000 40040000 cb007101 cb007102");
        }
        test_put_segment(&f, "", &s);
        struct frame frame = test_frame_of(&f, LINKTYPE_RAW);
        struct packet p;
        packet_decode(&frame, &p);
        assert_int_equal(p.verdict, VERDICT_OK);
        assert_int_equal(p.tunnel_count, depth < TUNNELS_MAX ? depth : TUNNELS_MAX);
        assert_int_equal(p.is_tcp, depth <= TUNNELS_MAX);
        assert_int_equal(p.net_at, p.tunnel_count * 20);
    }
}

/* What is no tunnel, or carries no IP, is told of as it was without tunnels. */
static void test_others(void **state)
{
    (void)state;
    static const struct {
        const char *frame;
        uint8_t protocol;
        enum verdict verdict;
    } rows[] = {
        {V4("0028", "11") UDP("12b5", "0014") "68656c6c6f2c20776f726c64", 17, VERDICT_OK},
        {V4("0020", "11") UDP("12b5", "000c") "08000000", 17, VERDICT_OK},
        {V4("0020", "11") UDP("17c1", "000c") "08000000", 17, VERDICT_OK},
        {V4("0024", "11") UDP("17c1", "0010") "4000 0800 00000000", 17, VERDICT_OK},
        {V4("0032", "11") UDP("12b5", "001e") "08000000 00002a00 020000000022 020000000021 0806",
         17, VERDICT_OK},
        {V4("0034", "11")
             UDP("12b5", "0020") "08000000 00002a00 020000000022 020000000021 88b5 7b7d",
         17, VERDICT_OK},
        {V4("0024", "11") UDP("12b6", "0010") "0c000004 00002a00", 17, VERDICT_OK},
        {V4("0028", "11") UDP("19eb", "0014") "0002a140 21000000 00000000", 17, VERDICT_OK},
        {V4("0018", "2f") "0000 0806", 47, VERDICT_OK},
        {V4("0018", "2f") "0003 0800", 47, VERDICT_OK},
        {V4("0020", "2f") "2081 880b 00000005 00000002", 47, VERDICT_OK},
        {V4("0018", "2f") "2000 0800", 47, VERDICT_MALFORMED},
        {V4("0018", "04") "65000000", 4, VERDICT_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct test_frame f = {.n = 0};
        test_put_hex(&f, rows[i].frame);
        struct frame frame = test_frame_of(&f, LINKTYPE_RAW);
        struct packet p;
        packet_decode(&frame, &p);
        assert_int_equal(p.verdict, rows[i].verdict);
        assert_int_equal(p.net, NET_IPV4);
        assert_int_equal(p.net_at, 0);
        assert_int_equal(p.tunnel_count, 0);
        assert_int_equal(p.protocol, rows[i].protocol);
        assert_int_equal(p.transport_at, rows[i].protocol == PROTO_UDP ? 20 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_innermost),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_every_shortening),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
