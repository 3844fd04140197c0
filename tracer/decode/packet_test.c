/* Every header kind, well formed. */
#include "tracer/decode/packet.h"

#include "tracer/decode/test_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define SYN_OPTIONS "020405b4 0402 080a 00000001 00000000 01 030307"

static const struct test_segment syn = {.flags = TCP_SYN, .seq = 1000, .options = SYN_OPTIONS};
static const struct test_segment syn_v6 = {
    .v6 = true, .flags = TCP_SYN, .seq = 1000, .options = SYN_OPTIONS};

static struct packet decode(struct test_frame *f, int linktype)
{
    struct frame frame = test_frame_of(f, linktype);
    struct packet p;
    packet_decode(&frame, &p);
    return p;
}

static void expect_syn(const struct packet *p, size_t link_bytes, size_t net_bytes)
{
    assert_int_equal(p->verdict, VERDICT_OK);
    assert_int_equal(p->link_header_bytes, link_bytes);
    assert_int_equal(p->net_at, link_bytes);
    assert_int_equal(p->net_header_bytes, net_bytes);
    assert_int_equal(p->net_payload_bytes, 40);
    assert_true(p->is_tcp);
    assert_int_equal(p->protocol, PROTO_TCP);
    assert_int_equal(p->transport_at, link_bytes + net_bytes);
    assert_int_equal(p->tcp.source_port, 40000);
    assert_int_equal(p->tcp.destination_port, 9502);
    assert_int_equal(p->tcp.seq, 1000);
    assert_int_equal(p->tcp.flags, TCP_SYN);
    assert_int_equal(p->tcp.window, 32792);
    assert_int_equal(p->tcp.checksum, 0xbeef);
    assert_int_equal(p->tcp.header_bytes, 40);
    assert_int_equal(p->tcp.options_at, p->transport_at + 20);
    assert_int_equal(p->tcp.options_bytes, 20);
    assert_int_equal(p->tcp.payload_at, p->transport_at + 40);
    assert_int_equal(p->tcp.payload_bytes, 0);
    assert_true(p->tcp.has_mss && p->tcp.mss == 1460);
    assert_true(p->tcp.has_window_scale && p->tcp.window_scale == 7);
    assert_true(p->tcp.has_sack_permitted);
    assert_true(p->tcp.has_timestamps && p->tcp.ts_value == 1 && p->tcp.ts_echo == 0);
}

static void test_links(void **state)
{
    (void)state;
    static const struct {
        int linktype;
        const char *link;
        bool v6;
        uint16_t ethertype;
    } rows[] = {
        {LINKTYPE_ETHERNET, ETHERNET_V4, false, 0x0800},
        {LINKTYPE_ETHERNET, ETHERNET_V6, true, 0x86dd},
        {LINKTYPE_ETHERNET, "020000000002 020000000001 8100 0005 0800", false, 0x0800},
        {LINKTYPE_ETHERNET, "020000000002 020000000001 88a8 0005 8100 0006 86dd", true, 0x86dd},
        {LINKTYPE_ETHERNET, "020000000002 020000000001 9100 0005 9200 0006 0800", false, 0x0800},
        {LINKTYPE_ETHERNET, "020000000002 020000000001 0044 aaaa03 000000 0800", false, 0x0800},
        {LINKTYPE_ETHERNET, "020000000002 020000000001 003f 060603", false, 0x0800},
        {LINKTYPE_ETHERNET, "020000000002 020000000001 8870 aaaa03 000000 0800", false, 0x0800},
        {LINKTYPE_LINUX_SLL, "0004 0001 0006 0200000000010000 0800", false, 0x0800},
        {LINKTYPE_LINUX_SLL, "0000 0304 0006 0000000000000000 86dd", true, 0x86dd},
        {LINKTYPE_LINUX_SLL, "0000 0001 0006 0000000000000000 8100 0005 0800", false, 0x0800},
        {LINKTYPE_LINUX_SLL, "0000 0001 0006 0000000000000000 0004 aaaa03 000000 0800", false,
         0x0800},
        {LINKTYPE_LINUX_SLL2, "0800 0000 00000003 0001 04 06 0200000000010000", false, 0x0800},
        {LINKTYPE_LINUX_SLL2, "86dd 0000 00000001 0304 00 06 0000000000000000", true, 0x86dd},
        {LINKTYPE_NULL, "02000000", false, 0},
        {LINKTYPE_NULL, "00000002", false, 0},
        {LINKTYPE_NULL, "18000000", true, 0},
        {LINKTYPE_NULL, "1c000000", true, 0},
        {LINKTYPE_NULL, "1e000000", true, 0},
        {LINKTYPE_LOOP, "00000002", false, 0},
        {LINKTYPE_LOOP, "00000018", true, 0},
        {LINKTYPE_RAW, "", false, 0},
        {LINKTYPE_RAW, "", true, 0},
        {LINKTYPE_IPV4, "", false, 0},
        {LINKTYPE_IPV6, "", true, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct test_frame link = {.n = 0}, f = {.n = 0};
        test_put_hex(&link, rows[i].link);
        test_put_segment(&f, rows[i].link, rows[i].v6 ? &syn_v6 : &syn);
        struct packet p = decode(&f, rows[i].linktype);
        expect_syn(&p, link.n, rows[i].v6 ? 40 : 20);
        assert_int_equal(p.net, rows[i].v6 ? NET_IPV6 : NET_IPV4);
        assert_int_equal(p.ethertype, rows[i].ethertype);
        assert_int_equal(p.has_macs, rows[i].linktype == LINKTYPE_ETHERNET);
        assert_int_equal(p.has_interface, rows[i].linktype == LINKTYPE_LINUX_SLL2);
        assert_true(packet_linktype_known(rows[i].linktype));
    }
}

static void test_link_fields(void **state)
{
    (void)state;
    struct test_frame f = {.n = 0};
    test_put_segment(&f, ETHERNET_V4, &syn);
    struct packet p = decode(&f, LINKTYPE_ETHERNET);
    assert_memory_equal(p.source_mac, "\2\0\0\0\0\1", 6);
    assert_memory_equal(p.destination_mac, "\2\0\0\0\0\2", 6);
    f.n = 0;
    test_put_segment(&f, "0800 0000 00000003 0001 04 06 0200000000010000", &syn);
    p = decode(&f, LINKTYPE_LINUX_SLL2);
    assert_int_equal(p.interface_index, 3);
    assert_true(p.has_packet_type && p.packet_type == 4);
    f.n = 0;
    test_put_segment(&f, "fff0 0001 0006 0200000000010000 0800", &syn);
    p = decode(&f, LINKTYPE_LINUX_SLL);
    assert_true(p.has_packet_type && p.packet_type == 255);
}

/* A 802.3 length, and an IP length, leave an Ethernet trailer out. */
static void test_trailer(void **state)
{
    (void)state;
    struct test_frame f = {.n = 0};
    struct test_segment s = {.flags = TCP_ACK, .payload_bytes = 2};
    test_put_segment(&f, "020000000002 020000000001 0032 aaaa03 000000 0800", &s);
    test_put(&f, 0xffffffff, 4);
    struct packet p = decode(&f, LINKTYPE_ETHERNET);
    assert_int_equal(p.link_payload_bytes, 42);
    assert_int_equal(p.tcp.payload_bytes, 2);
    f.n = 0;
    test_put_segment(&f, ETHERNET_V4, &s);
    test_put(&f, 0xffffffff, 4);
    p = decode(&f, LINKTYPE_ETHERNET);
    assert_int_equal(p.link_payload_bytes, 46);
    assert_int_equal(p.tcp.payload_bytes, 2);
}

static void test_network_fields(void **state)
{
    (void)state;
    struct test_frame f = {.n = 0};
    test_put_segment(&f, ETHERNET_V4, &syn);
    struct packet p = decode(&f, LINKTYPE_ETHERNET);
    struct address a;
    assert_true(address_parse("10.0.0.1", &a) && address_equal(&a, &p.source));
    assert_true(address_parse("10.0.0.2", &a) && address_equal(&a, &p.destination));
    assert_int_equal(p.ip_id, 0x1234);
    assert_int_equal(p.hop_limit, 64);
    f.n = 0;
    test_put_segment(&f, ETHERNET_V6, &syn_v6);
    p = decode(&f, LINKTYPE_ETHERNET);
    assert_true(address_parse("fd00::1", &a) && address_equal(&a, &p.source));
    assert_int_equal(p.flow_label, 0x12345);
    assert_int_equal(p.traffic_class, 0);
}

static void test_ipv4_options(void **state)
{
    (void)state;
    struct test_frame f = {.n = 0};
    struct test_segment s = {.flags = TCP_ACK, .extensions = "94040000", .payload_bytes = 7};
    test_put_segment(&f, ETHERNET_V4, &s);
    struct packet p = decode(&f, LINKTYPE_ETHERNET);
    assert_int_equal(p.verdict, VERDICT_OK);
    assert_int_equal(p.net_header_bytes, 24);
    assert_int_equal(p.tcp.payload_bytes, 7);
}

static void test_fragments(void **state)
{
    (void)state;
    struct test_frame f = {.n = 0};
    struct test_segment s = {.flags = TCP_ACK, .fragment = 0x2000, .payload_bytes = 8};
    test_put_segment(&f, ETHERNET_V4, &s);
    struct packet p = decode(&f, LINKTYPE_ETHERNET);
    assert_true(p.is_fragment && p.fragment_offset_bytes == 0 && p.is_tcp);
    assert_int_equal(p.tcp.payload_bytes, 8);
    s.fragment = 0x4000; /* DF alone is none */
    f.n = 0;
    test_put_segment(&f, ETHERNET_V4, &s);
    p = decode(&f, LINKTYPE_ETHERNET);
    assert_false(p.is_fragment);
    s.fragment = 3;
    f.n = 0;
    test_put_segment(&f, ETHERNET_V4, &s);
    p = decode(&f, LINKTYPE_ETHERNET);
    assert_true(p.is_fragment && p.fragment_offset_bytes == 24);
    assert_false(p.is_tcp);
    assert_int_equal(p.transport_at, 0);
    assert_int_equal(p.verdict, VERDICT_OK);
}

static void test_ipv6_extensions(void **state)
{
    (void)state;
    static const struct {
        uint8_t first;
        const char *headers;
        size_t bytes;
        bool is_fragment, is_tcp;
    } rows[] = {
        {0, "06 00 0104 00000000", 8, false, true},
        {60, "06 01 0104 00000000 0106 000000000000", 16, false, true},
        {43, "06 02 04 00 00 00 0000 20010db8000000000000000000000001", 24, false, true},
        {44, "06 00 0000 00000001", 8, false, true},
        {44, "06 00 0001 00000001", 8, true, true},
        {44, "06 00 0008 00000001", 8, true, false},
        {51, "06 04 0000 00000001 00000002 000102030405060708090a0b", 24, false, true},
        {0, "3c 00 0104 00000000 06 00 0104 00000000", 16, false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct test_frame f = {.n = 0};
        struct test_segment s = {.v6 = true,
                                 .flags = TCP_ACK,
                                 .extensions = rows[i].headers,
                                 .next = rows[i].first,
                                 .payload_bytes = 5};
        test_put_segment(&f, ETHERNET_V6, &s);
        struct packet p = decode(&f, LINKTYPE_ETHERNET);
        assert_int_equal(p.verdict, VERDICT_OK);
        assert_int_equal(p.net_header_bytes, 40 + rows[i].bytes);
        assert_int_equal(p.is_fragment, rows[i].is_fragment);
        assert_int_equal(p.is_tcp, rows[i].is_tcp);
        assert_int_equal(p.protocol, PROTO_TCP);
        assert_int_equal(p.net_payload_bytes, 25);
        assert_int_equal(p.tcp.payload_bytes, rows[i].is_tcp ? 5 : 0);
    }
}

static void test_ipv4_authentication(void **state)
{
    (void)state;
    struct test_frame f = {.n = 0}, ah = {.n = 0};
    struct test_segment s = {.flags = TCP_ACK, .next = 51, .payload_bytes = 5};
    test_put_segment(&f, ETHERNET_V4, &s);
    test_put_hex(&ah, "06 04 0000 00000001 00000002 000102030405060708090a0b");
    memmove(f.bytes + 34 + ah.n, f.bytes + 34, f.n - 34);
    memcpy(f.bytes + 34, ah.bytes, ah.n);
    f.n += ah.n;
    f.bytes[17] = (uint8_t)(f.n - 14);
    struct packet p = decode(&f, LINKTYPE_ETHERNET);
    assert_int_equal(p.verdict, VERDICT_OK);
    assert_true(p.is_tcp);
    assert_int_equal(p.net_header_bytes, 44);
    assert_int_equal(p.tcp.payload_bytes, 5);
}

static void test_udp_icmp_arp(void **state)
{
    (void)state;
    struct test_frame f = {.n = 0};
    test_put_hex(&f, ETHERNET_V4 "45000020 00000000 40110000 0a000001 0a000002"
                                 "04d2 162e 000c 0000 01020304");
    struct packet p = decode(&f, LINKTYPE_ETHERNET);
    assert_int_equal(p.verdict, VERDICT_OK);
    assert_int_equal(p.udp_source_port, 1234);
    assert_int_equal(p.udp_destination_port, 5678);
    assert_int_equal(p.udp_bytes, 12);
    assert_int_equal(p.transport_at, 34);
    f.n = 0;
    test_put_hex(&f, ETHERNET_V4 "4500001c 00000000 40010000 0a000001 0a000002 08000000 00010002");
    p = decode(&f, LINKTYPE_ETHERNET);
    assert_int_equal(p.verdict, VERDICT_OK);
    assert_int_equal(p.protocol, PROTO_ICMP);
    assert_int_equal(p.transport_at, 34);
    f.n = 0;
    test_put_hex(&f, "ffffffffffff 020000000001 0806 0001 0800 06 04 0001"
                     "020000000001 0a000001 000000000000 0a000002");
    p = decode(&f, LINKTYPE_ETHERNET);
    struct address a;
    assert_int_equal(p.net, NET_ARP);
    assert_int_equal(p.verdict, VERDICT_OK);
    assert_true(address_parse("10.0.0.2", &a) && address_equal(&a, &p.destination));
}

static void test_annotation_and_other(void **state)
{
    (void)state;
    struct test_frame f = {.n = 0};
    test_put_hex(&f, "000000000000 000000000000 88b5 7b7d");
    struct packet p = decode(&f, LINKTYPE_ETHERNET);
    assert_int_equal(p.net, NET_ANNOTATION);
    assert_int_equal(p.net_at, 14);
    f.bytes[13] = 0xcc;
    p = decode(&f, LINKTYPE_ETHERNET);
    assert_int_equal(p.net, NET_OTHER);
    assert_int_equal(p.verdict, VERDICT_OK);
    p = decode(&f, 9999);
    assert_int_equal(p.net, NET_OTHER);
    assert_false(packet_linktype_known(9999));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links),           cmocka_unit_test(test_link_fields),
        cmocka_unit_test(test_trailer),         cmocka_unit_test(test_network_fields),
        cmocka_unit_test(test_ipv4_options),    cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_ipv6_extensions), cmocka_unit_test(test_ipv4_authentication),
        cmocka_unit_test(test_udp_icmp_arp),    cmocka_unit_test(test_annotation_and_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
