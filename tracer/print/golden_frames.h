/* For tests: the golden captures, as data. Each set of frames becomes a capture file of one link
 * type, and a text in tracer/tests/golden that tcpdump printed of it (scripts/record-golden). */
#ifndef TRACER_PRINT_GOLDEN_FRAMES_H
#define TRACER_PRINT_GOLDEN_FRAMES_H

#include "tracer/decode/test_frames.h"
#include "tracer/print/line.h"

struct golden_frame {
    const char *link; /* the link header, in hexadecimal; NULL is the set's */
    struct test_segment s;
    const char *whole; /* in place of a segment: what follows the link header */
};

struct golden_set {
    const char *name;
    int linktype;
    const char *link;      /* the link header of frames without their own */
    const char *arguments; /* tcpdump's, beside -nn */
    struct line_options options;
    const struct golden_frame *frames;
    size_t count;
    bool every_cut; /* each frame once for every length of a shorter capture */
};

#define CLIENT(f, q, a, n)                                                                         \
    {                                                                                              \
        .s = {.flags = (f), .seq = (q), .ack = (a), .payload_bytes = (n) }                         \
    }
#define SERVER(f, q, a, n)                                                                         \
    {                                                                                              \
        .s = {.from_server = true, .flags = (f), .seq = (q), .ack = (a), .payload_bytes = (n) }    \
    }
#define WITH(f, o)                                                                                 \
    {                                                                                              \
        .s = {.flags = (f), .seq = 5, .ack = 9, .options = (o) }                                   \
    }
#define V6_WITH(n, e)                                                                              \
    {                                                                                              \
        .s = {                                                                                     \
            .v6 = true,                                                                            \
            .flags = TCP_ACK,                                                                      \
            .seq = 5,                                                                              \
            .ack = 9,                                                                              \
            .payload_bytes = 4,                                                                    \
            .next = (n),                                                                           \
            .extensions = (e)                                                                      \
        }                                                                                          \
    }

enum { SA = TCP_SYN | TCP_ACK, PA = TCP_PSH | TCP_ACK, FA = TCP_FIN | TCP_ACK };

/* The walk-through: handshake, data both ways, teardown; the same ports again; and what else has
 * its own rule for numbers. */
static const struct golden_frame conversation[] = {
    CLIENT(TCP_SYN, 2927179378, 0, 0),
    SERVER(SA, 1721825043, 2927179379, 0),
    CLIENT(TCP_ACK, 2927179379, 1721825044, 0),
    CLIENT(PA, 2927179379, 1721825044, 7),
    SERVER(TCP_ACK, 1721825044, 2927179386, 0),
    SERVER(PA, 1721825044, 2927179386, 1200),
    CLIENT(FA, 2927179386, 1721826244, 0),
    SERVER(FA, 1721826244, 2927179387, 0),
    CLIENT(TCP_ACK, 2927179387, 1721826245, 0),
    CLIENT(TCP_SYN, 4294967290, 0, 0),
    SERVER(SA, 4294967295, 4294967291, 0),
    CLIENT(TCP_ACK, 4294967291, 0, 0),
    CLIENT(PA, 4294967291, 0, 20),
    SERVER(TCP_ACK, 0, 15, 0),
    CLIENT(TCP_ACK, 4294967290, 0, 1), /* keep-alive, below its first byte */
    CLIENT(TCP_RST, 15, 0, 0),
    SERVER(TCP_RST | TCP_ACK, 0, 15, 3),
    CLIENT(TCP_SYN, 7, 0, 5),
    {.s = {.flags = PA, .seq = 50, .ack = 60, .payload_bytes = 3, .port_error = 1}},
    {.s = {.from_server = true, .flags = TCP_ACK, .seq = 60, .ack = 53, .port_error = 1}},
    {.s = {.flags = TCP_ACK,
           .seq = 53,
           .ack = 60,
           .port_error = 1,
           .options = "0101 050a 0000003e 00000048"}},
    {.s = {.from_server = true,
           .flags = TCP_ACK,
           .seq = 60,
           .ack = 53,
           .port_error = 1,
           .options = "0101 0512 0000003e 00000048 00000050 00000060"}},
    {.s = {.flags = PA | TCP_URG,
           .seq = 53,
           .ack = 60,
           .urgent = 2,
           .payload_bytes = 2,
           .port_error = 1}},
    {.s = {.flags = PA, .seq = 8, .ack = 9, .payload_bytes = 2, .port_error = 9502 - 40000}},
    {.s = {.from_server = true, .flags = PA, .seq = 9, .ack = 10, .port_error = 9502 - 40000}},
    {.s = {.v6 = true, .flags = TCP_SYN, .seq = 100}},
    {.s = {.v6 = true, .from_server = true, .flags = SA, .seq = 200, .ack = 101}},
    {.s = {.v6 = true, .flags = PA, .seq = 101, .ack = 201, .payload_bytes = 10}},
};

static const struct golden_frame flags[] = {
    WITH(0, ""),
    WITH(TCP_FIN, ""),
    WITH(TCP_SYN, ""),
    WITH(TCP_RST, ""),
    WITH(TCP_PSH, ""),
    WITH(TCP_ACK, ""),
    WITH(TCP_URG, ""),
    WITH(TCP_ECE, ""),
    WITH(TCP_CWR, ""),
    WITH(0x0ff, ""),
    WITH(SA | TCP_ECE, ""),
    WITH(TCP_SYN | TCP_ECE | TCP_CWR, ""),
    WITH(TCP_ACK | TCP_AE, ""),
};

static const struct golden_frame option_frames[] = {
    WITH(TCP_SYN, "0204 05b4 0402 080a 0f3a4dd8 00000000 01 030307"),
    WITH(TCP_ACK, "0101 080a 00000001 ffffffff"),
    WITH(TCP_ACK, "0101 051a 00000001 00000002 00000003 00000004 00000005 00000006"),
    WITH(TCP_ACK, "0507 0102030405 00"),
    WITH(TCP_ACK, "0502 0000"),
    WITH(TCP_ACK, "0606 01020304 0706 01020304"),
    WITH(TCP_ACK, "0903 07 0a02 0e03 02"),
    WITH(TCP_SYN, "0b06 00000001 0c06 00000002 0d06 00000003"),
    WITH(TCP_ACK, "1312 000102030405060708090a0b0c0d0e0f 0101"),
    WITH(TCP_ACK, "1404 8001 1c04 8005 1c04 000a"),
    WITH(TCP_ACK, "1d10 0102 000102030405060708090a0b"),
    WITH(TCP_ACK, "1d04 0102 1d03 01 00"),
    WITH(TCP_SYN, "2202 0101 220a 0001020304050607"),
    WITH(TCP_SYN, "2206 00010203 2205 000102 00"),
    WITH(TCP_SYN, "fe04 f989 fe08 f989 01020304 fe06 abcd 0102"),
    WITH(TCP_SYN, "fe03 01 00"),
    WITH(TCP_ACK, "fd04 0102 ff02 4806 01020304 0000"),
    WITH(TCP_ACK, "00 020405b4 010101"),
    WITH(TCP_SYN, "0206 05b4 0000 0303 07 01"),
    WITH(TCP_SYN, "0203 05 00 0101 0101"),
    WITH(TCP_SYN, "0200 0000"),
    WITH(TCP_SYN, "0101 0201"),
    WITH(TCP_SYN, "0204 05b4 02ff 0000"),
    WITH(TCP_SYN, "0101 0102"),
    WITH(TCP_SYN, "0101 0202"),
    WITH(TCP_ACK, "0804 0000"),
    {.s = {.flags = PA, .options = "0101 0102", .payload_bytes = 3}},
};

static const struct golden_frame multipath[] = {
    WITH(TCP_SYN, "1e04 0181"),
    WITH(TCP_SYN, "1e0c 0001 0102030405060708"),
    WITH(TCP_ACK, "1e14 0181 0102030405060708 1112131415161718"),
    WITH(TCP_ACK, "1e16 0101 0102030405060708 1112131415161718 0007"),
    WITH(TCP_SYN, "1e0c 0501 0102030405060708"),
    WITH(TCP_ACK, "1e0c 0001 0102030405060708"),
    WITH(TCP_SYN, "1e0c 1105 01020304 05060708"),
    WITH(SA, "1e10 1005 0102030405060708 090a0b0c"),
    WITH(TCP_ACK, "1e18 1000 000102030405060708090a0b0c0d0e0f10111213"),
    WITH(TCP_SYN, "1e18 1000 000102030405060708090a0b0c0d0e0f10111213"),
    WITH(TCP_ACK, "1e08 2001 00000007"),
    WITH(TCP_ACK, "1e0c 2003 0000000000000007"),
    WITH(TCP_ACK, "1e14 2005 00000007 00000008 00000001 0005 abcd"),
    WITH(TCP_ACK, "1e1a 200f 0000000000000007 0000000000000008 00000001 0005 0101"),
    WITH(TCP_ACK, "1e12 2014 00000008 00000001 0000 0000 0000 0101"),
    WITH(TCP_ACK, "1e06 2001 0000 0101"),
    WITH(TCP_SYN, "1e04 2000"),
    WITH(TCP_ACK, "1e10 3002 0a000003 0102030405060708"),
    WITH(TCP_ACK, "1e12 3002 0a000003 251e 0102030405060708 0101"),
    WITH(TCP_ACK, "1e08 3402 0a000003"),
    WITH(TCP_ACK, "1e0a 3402 0a000003 251e 0101"),
    WITH(TCP_ACK, "1e14 3602 20010db8000000000000000000000003"),
    WITH(TCP_ACK, "1e16 3602 20010db8000000000000000000000003 251e 0101"),
    WITH(TCP_ACK, "1e1c 3102 20010db8000000000000000000000003 0102030405060708"),
    WITH(TCP_ACK, "1e1e 3802 20010db8000000000000000000000003 251e 0102030405060708 0101"),
    WITH(TCP_ACK, "1e09 3402 0a000003 25 010101"),
    WITH(TCP_ACK, "1e06 4001 0203 0101"),
    WITH(TCP_ACK, "1e03 40 01"),
    WITH(TCP_ACK, "1e03 50 1e04 5107 01"),
    WITH(TCP_ACK, "1e05 5001 02 010101"),
    WITH(TCP_ACK, "1e0c 6000 0102030405060708"),
    WITH(TCP_ACK, "1e0c 7000 0102030405060708"),
    WITH(TCP_ACK, "1e04 6000 1e04 7000"),
    WITH(TCP_ACK, "1e04 8000 1e04 f000"),
    WITH(TCP_ACK, "1e02 0101"),
};

static const struct golden_frame headers[] = {
    {.s = {.flags = TCP_ACK, .offset_words = -1, .payload_bytes = 4}},
    {.s = {.flags = TCP_ACK, .offset_words = 4, .payload_bytes = 4}},
    {.s = {.flags = TCP_ACK, .offset_words = 15, .payload_bytes = 4}},
    {.s = {.flags = TCP_ACK, .length_error = 100}},
    {.s = {.flags = PA, .payload_bytes = 8, .length_error = -4}},
    {.s = {.flags = TCP_SYN, .options = "020405b4", .length_error = -4}},
    {.s = {.flags = TCP_SYN, .length_error = -4}},
    {.s = {.flags = TCP_SYN, .length_error = -20}},
    {.s = {.flags = TCP_SYN, .length_error = -30}},
    {.s = {.flags = TCP_ACK, .extensions = "94040000", .payload_bytes = 3}},
    {.s = {.flags = TCP_ACK, .fragment = 0x2000, .payload_bytes = 8}},
    {.s = {.flags = TCP_ACK, .fragment = 0x2003, .payload_bytes = 8}},
    {.s = {.flags = TCP_ACK, .fragment = 0x0006, .payload_bytes = 8}},
    {.whole = "44000028 00000000 40060000 0a000001 0a000002"},
    {.whole = "65000028 00000000 40060000 0a000001 0a000002"},
    {.whole = "55000028 00000000 40060000 0a000001 0a000002"},
    {.whole = "4500003c 00000000 40330000 0a000001 0a000002"
              "06040000 00000001 00000002 000102030405060708090a0b"
              "9c40251e 00000001 00000002 50100100 00000000"},
    {.whole = "4500003c 00000000 40040000 0a000001 0a000002"
              "45000028 00000000 40060000 0a000003 0a000004"
              "9c40251e 00000001 00000002 50100100 00000000"},
};

static const struct golden_frame extensions[] = {
    {.s = {.v6 = true, .flags = TCP_SYN}},
    {.s = {.v6 = true, .flags = TCP_ACK, .payload_bytes = 4, .length_error = 50}},
    {.s = {.v6 = true, .flags = TCP_ACK, .payload_bytes = 4, .length_error = -4}},
    {.s = {.v6 = true, .flags = TCP_SYN, .length_error = -20}},
    V6_WITH(0, "06 00 0104 00000000"),
    V6_WITH(0, "06 00 0502 0000 0100"),
    V6_WITH(0, "06 00 0503 0000 0000"),
    V6_WITH(0, "06 00 0106 00000000"),
    V6_WITH(0, "3c 00 0104 00000000 06 01 0104 00000000 0106 000000000000"),
    V6_WITH(0, "00 00 0104 00000000 06 00 0104 00000000"),
    V6_WITH(60, "00 00 0104 00000000 06 00 0104 00000000"),
    V6_WITH(43, "06 02 00 01 00000000 20010db8000000000000000000000001"),
    V6_WITH(43, "06 02 02 01 00000001 20010db8000000000000000000000001"),
    V6_WITH(43, "06 04 04 01 01 80 abcd 20010db8000000000000000000000001"
                "20010db8000000000000000000000002"),
    V6_WITH(43, "06 02 03 01 00000000 20010db8000000000000000000000001"),
    V6_WITH(43, "06 01 04 01 00 00 0000 20010db800000000"),
    V6_WITH(44, "06 00 0001 00000007"),
    V6_WITH(44, "06 00 0000 00000007"),
    V6_WITH(44, "06 00 0028 00000007"),
    V6_WITH(51, "06 04 0000 00000001 00000002 000102030405060708090a0b"),
    {.s = {.v6 = true,
           .flags = TCP_ACK,
           .extensions = "06 00 c204 00010020",
           .payload_bytes = 4,
           .length_error = -32}},
    {.s = {.v6 = true,
           .flags = TCP_ACK,
           .extensions = "06 00 c204 00000020",
           .payload_bytes = 4,
           .length_error = -32}},
};

static const struct golden_frame tags[] = {
    {.link = "020000000002 020000000001 8100 0005 0800", .s = {.flags = TCP_SYN}},
    {.link = "020000000002 020000000001 88a8 0005 8100 0006 0800", .s = {.flags = TCP_SYN}},
    {.link = "020000000002 020000000001 9100 0005 9200 0006 86dd",
     .s = {.v6 = true, .flags = TCP_SYN}},
    {.link = "020000000002 020000000001 0030 aaaa03 000000 0800", .s = {.flags = TCP_SYN}},
    {.link = "020000000002 020000000001 002b 060603", .s = {.flags = TCP_SYN}},
};

static const struct golden_frame cooked[] = {
    {.link = "0000 0001 0006 0200000000010000 0800", .s = {.flags = TCP_SYN}},
    {.link = "0004 0304 0006 0000000000000000 86dd", .s = {.v6 = true, .flags = TCP_SYN}},
    {.link = "0003 0001 0006 0200000000010000 8100 0005 0800", .s = {.flags = TCP_SYN}},
    {.link = "0000 0001 0006 0200000000010000 8100 0005 8100 0006 86dd",
     .s = {.v6 = true, .flags = TCP_SYN}},
};

static const struct golden_frame cooked_2[] = {
    {.link = "0800 0000 00000001 0304 00 06 0000000000000000", .s = {.flags = TCP_SYN}},
    {.link = "0800 0000 00000001 0304 04 06 0000000000000000", .s = {.flags = TCP_SYN}},
    {.link = "86dd 0000 7ffffff0 0001 01 06 0000000000000000", .s = {.v6 = true, .flags = TCP_SYN}},
    {.link = "0800 0000 7ffffff0 0001 02 06 0000000000000000", .s = {.flags = TCP_SYN}},
    {.link = "0800 0000 7ffffff0 0001 03 06 0000000000000000", .s = {.flags = TCP_SYN}},
    {.link = "0800 0000 7ffffff0 0001 09 06 0000000000000000", .s = {.flags = TCP_SYN}},
    {.link = "8100 0000 00000001 0001 00 06 0000000000000000 0005 0800", .s = {.flags = TCP_SYN}},
};

static const struct golden_frame families[] = {
    {.link = "02000000", .s = {.flags = TCP_SYN}},
    {.link = "00000002", .s = {.flags = TCP_SYN}},
    {.link = "18000000", .s = {.v6 = true, .flags = TCP_SYN}},
    {.link = "0000001c", .s = {.v6 = true, .flags = TCP_SYN}},
    {.link = "1e000000", .s = {.v6 = true, .flags = TCP_SYN}},
};

static const struct golden_frame bare[] = {
    {.s = {.flags = TCP_SYN}},
    {.s = {.v6 = true, .flags = TCP_SYN}},
};

static const struct golden_frame others[] = {
    {.whole = "45000020 00000000 40110000 0a000001 0a000002 04d2162e 000c0000 01020304"},
    {.whole = "45000020 00000000 40110000 0a000001 0a000002 04d2162e 00200000 01020304"},
    {.whole = "45000020 00000000 40110000 0a000001 0a000002 04d2162e 00040000 01020304"},
    {.whole = "4500001c 00000000 40010000 0a000001 0a000002 08000000 00010002"},
    {.whole = "4500001c 00000000 40010000 0a000001 0a000002 00000000 00010002"},
    {.whole = "45000038 00000000 40010000 0a000001 0a000002 03030000 00000000"
              "45000028 00000000 40060000 0a000002 0a000001 9c40251e 00000001"},
    {.whole = "45000038 00000000 40010000 0a000001 0a000002 03040000 000005dc"
              "45000028 00000000 40060000 0a000002 0a000001 9c40251e 00000001"},
    {.whole = "45000038 00000000 40010000 0a000001 0a000002 030d0000 00000000"
              "45000028 00000000 40060000 0a000002 0a000001 9c40251e 00000001"},
    {.whole = "45000038 00000000 40010000 0a000001 0a000002 0b000000 00000000"
              "45000028 00000000 40060000 0a000002 0a000001 9c40251e 00000001"},
    {.whole = "45000038 00000000 40010000 0a000001 0a000002 05010000 0a000009"
              "45000028 00000000 40060000 0a000002 0a000001 9c40251e 00000001"},
    {.whole = "4500001c 00000000 40fd0000 0a000001 0a000002 00000000 00000000"},
    {.link = "020000000002 020000000001 86dd",
     .whole = "60000000 00083a40 fe800000000000000000000000000001"
              "fe800000000000000000000000000002 80000000 00010002"},
    {.link = "020000000002 020000000001 86dd",
     .whole = "60000000 00183aff fe800000000000000000000000000001"
              "ff0200000000000000000001ff000002 87000000 00000000"
              "fe800000000000000000000000000002"},
    {.link = "020000000002 020000000001 86dd",
     .whole = "60000000 00183aff fe800000000000000000000000000001"
              "fe800000000000000000000000000002 88000000 60000000"
              "fe800000000000000000000000000002"},
    {.link = "ffffffffffff 020000000001 0806",
     .whole = "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002"},
    {.link = "020000000001 020000000002 0806",
     .whole = "0001 0800 06 04 0002 020000000002 0a000002 020000000001 0a000001"},
};

/* A segment in IPv4, IPv6 or Ethernet, in Geneve or IP. */
#define INNER                                                                                      \
    "45000028 00000000 40060000 0a010001 0a010002 9c40251e 00000001 00000002"                      \
    "50100100 00000000"
#define GENEVE(total, udp) "4500" total "00000000 40110000 0a000001 0a000002 a9b317c1" udp "0000"

static const struct golden_frame tunnels[] = {
    {.whole = GENEVE("004c", "0038") "0000 0800 00000b00" INNER},
    {.whole = GENEVE("005a", "0046") "0080 6558 00000b00 020000000002 020000000001 0800" INNER},
    {.whole = GENEVE("0054", "0040") "0240 0800 00000a07 0102030405060708" INNER},
    {.whole = GENEVE("004c", "0038") "4000 0800 00000b00" INNER},
    {.whole = GENEVE("004c", "0038") "0000 1234 00000b00" INNER},
    {.whole = GENEVE("0020", "000c") "0000 0800"},
    {.whole = "4500003c 00000000 40040000 0a000001 0a000002" INNER},
    {.link = "020000000002 020000000001 86dd",
     .whole = "60000000 00280440 fe800000000000000000000000000001"
              "fe800000000000000000000000000002" INNER},
};

/* A segment in IPv6; IP that carries it, by protocol, or in UDP to a port; a frame around it. */
#define INNER_V6                                                                                   \
    "60000000 00140640 fd000000000000000000000000000001 fd000000000000000000000000000002"          \
    "9c40251e 00000001 00000002 50100100 00000000"
#define CARRIER(total, proto) "4500" total "00000000 40" proto "0000 0a000001 0a000002"
#define CARRIER_V6(payload, next)                                                                  \
    "60000000" payload next "40 fe800000000000000000000000000001 fe800000000000000000000000000002"
#define DATAGRAM(total, port, udp) CARRIER(total, "11") "a9b3" port udp "0000"
#define FRAME                      "020000000002 020000000001 0800"
#define ON_LINK(type)              .link = "020000000002 020000000001" type

/* The kinds of tunnel, as they are sent. */
static const struct golden_frame carriers[] = {
    {.whole = CARRIER("003c", "04") INNER},
    {.whole = CARRIER("0050", "29") INNER_V6},
    {ON_LINK("86dd"), .whole = CARRIER_V6("003c", "29") INNER_V6},
    {.whole = CARRIER("0040", "2f") "0000 0800" INNER},
    {.whole = CARRIER("0054", "2f") "b000 86dd abcd0000 0000002a 00000007" INNER_V6},
    {.whole = CARRIER("004e", "2f") "0000 6558" FRAME INNER},
    {.whole = CARRIER("0050", "2f") "3081 880b 00300005 00000001 00000002 ff03 0021" INNER},
    {.whole = DATAGRAM("005a", "12b5", "0046") "08000000 00002a00" FRAME INNER},
    {.whole = DATAGRAM("004c", "12b6", "0038") "0c000001 00002a00" INNER},
    {.whole = DATAGRAM("0048", "19eb", "0034") "0002a140" INNER},
    {ON_LINK("8847"), .whole = "00064040 0002a140" INNER},
    {ON_LINK("8864"), .whole = "1100 0007 002a 0021" INNER},
};

/* What else their headers may say, and what they may not. */
static const struct golden_frame odd_carriers[] = {
    {.whole = CARRIER("003c", "04") "65" INNER},
    {.whole = CARRIER("003c", "29") INNER},
    {.whole = CARRIER("0014", "04")},
    {.whole = CARRIER("0044", "2f") "0000 8847 0002a140" INNER},
    {.whole = CARRIER("005c", "2f") "4000 0800 00000000 0800 0408 0a000003 0a000004"
                                    "fffe 0004 0001000a 0000 0000" INNER},
    {.whole = CARRIER("0064", "2f") "4000 0800 00000000 0800 0108 0a000003 0a000004"
                                    "fffe 0003 000100 0001 0001 02 0000 0000" INNER},
    {.whole = CARRIER("0034", "2f") "4000 0800 00000000 0800 0804 0a000003 0800 0020 0a000003"},
    {.whole = CARRIER("0020", "2f") "2081 880b 00000005 00000002"},
    {.whole = CARRIER("0024", "2f") "3001 0800 00000005 00000002 00000003"},
    {.whole = CARRIER("0018", "2f") "0002 0800"},
    {.whole = CARRIER("0018", "2f") "0000 1234"},
    {.whole = CARRIER("0016", "2f") "0000"},
    {.whole = DATAGRAM("005e", "12b5", "004a") "88000000 00002a00 020000000002 020000000001"
                                               "8100 0005 0800" INNER},
    {.whole = DATAGRAM("005a", "12b5", "0046") "00000000 00002a00" FRAME INNER},
    {.whole = DATAGRAM("005a", "12b5", "0030") "08000000 00002a00" FRAME INNER},
    {.whole = DATAGRAM("0020", "12b5", "000c") "08000000"},
    {.whole = DATAGRAM("005a", "2118", "0046") "08000001 00002a00" FRAME INNER},
    {.whole = DATAGRAM("0020", "2118", "000c") "08000001"},
    {.whole = DATAGRAM("005a", "12b6", "0046") "0f000003 00002a00" FRAME INNER},
    {.whole = DATAGRAM("0060", "12b6", "004c") "00000002 00002a00" INNER_V6},
    {.whole = DATAGRAM("0024", "12b6", "0010") "00000009 00002a00"},
    {.whole = DATAGRAM("0020", "12b6", "000c") "08000001"},
    {.whole = DATAGRAM("005e", "17c1", "004a") "0000 8847 00000b00 0002a140" INNER},
    {ON_LINK("8848"), .whole = "00000140" INNER},
    {ON_LINK("8847"), .whole = "00002140" INNER_V6},
    {ON_LINK("8847"), .whole = "00003f40" INNER},
    {ON_LINK("8847"), .whole = "0002a140"},
    {ON_LINK("8847"), .whole = "0002a040 0002"},
    {ON_LINK("8100 0005 8847"), .whole = "0002a140" INNER},
    {ON_LINK("8864"), .whole = "1100 0007 003e 0057" INNER_V6},
    {ON_LINK("8864"), .whole = "1100 0007 0029 21" INNER},
    {ON_LINK("8864"), .whole = "1100 0007 002c ff03 0021" INNER},
    {ON_LINK("8864"), .whole = "1100 0007 002e 0281 0002a140" INNER},
    {ON_LINK("8864"), .whole = "2200 0007 002a 0021" INNER},
    {ON_LINK("8864"), .whole = "1100 0000 0040 0021" INNER},
    {ON_LINK("8864"), .whole = "1100 0007 0001 00"},
    {ON_LINK("8864"), .whole = "1100 0007"},
    {ON_LINK("8863"), .whole = "1109 0000 0000"},
    {ON_LINK("8863"), .whole = "1142 0000 0000"},
    {.whole = CARRIER("0086", "04") CARRIER("0072", "2f") "0000 0800" DATAGRAM(
         "005a", "12b5", "0046") "08000000 00002a00" FRAME INNER},
};

static const struct golden_frame cut[] = {
    {.s = {.flags = TCP_ACK,
           .seq = 1,
           .ack = 2,
           .payload_bytes = 3,
           .options = "0101 080a 00000001 00000002 050a 00000003 00000004 fd05 010203"}},
    {.s = {.flags = TCP_ACK,
           .seq = 4,
           .ack = 2,
           .payload_bytes = 3,
           .options = "1e14 2005 00000007 00000008 00000001 0005 abcd 1d10 0102 000102030405"}},
};

static const struct golden_frame cut_v6[] = {
    V6_WITH(0, "2b 00 0104 00000000 2c 02 04 00 00 00 0000 20010db8000000000000000000000001"
               "33 00 0001 00000007 3c 02 0000 00000001 00000002 01020304 06 00 0104 00000000"),
};

#define ROW(n, type, l, args, frames, ...)                                                         \
    {                                                                                              \
        n, type, l, args, {__VA_ARGS__}, frames, sizeof(frames) / sizeof(frames)[0], false         \
    }
#define CUT(n, type, l, args, frames, ...)                                                         \
    {                                                                                              \
        n, type, l, args, {__VA_ARGS__}, frames, sizeof(frames) / sizeof(frames)[0], true          \
    }

static const struct golden_set golden_sets[] = {
    ROW("conversation", LINKTYPE_ETHERNET, NULL, "", conversation, .time = LINE_TIME_OF_DAY),
    ROW("absolute", LINKTYPE_ETHERNET, NULL, "-S -t", conversation, .time = LINE_TIME_NONE,
        .absolute_seq = true),
    ROW("epoch", LINKTYPE_ETHERNET, NULL, "-tt", flags, .time = LINE_TIME_EPOCH),
    ROW("since-previous", LINKTYPE_ETHERNET, NULL, "-ttt", flags, .time = LINE_TIME_SINCE_PREVIOUS),
    ROW("date", LINKTYPE_ETHERNET, NULL, "-tttt --nano", flags, .time = LINE_TIME_DATE,
        .nanoseconds = true),
    ROW("since-first", LINKTYPE_ETHERNET, NULL, "-ttttt", flags, .time = LINE_TIME_SINCE_FIRST),
    ROW("options", LINKTYPE_ETHERNET, NULL, "-t", option_frames, .time = LINE_TIME_NONE),
    ROW("multipath", LINKTYPE_ETHERNET, NULL, "-t", multipath, .time = LINE_TIME_NONE),
    ROW("headers", LINKTYPE_ETHERNET, NULL, "-t", headers, .time = LINE_TIME_NONE),
    ROW("ipv6", LINKTYPE_ETHERNET, NULL, "-t", extensions, .time = LINE_TIME_NONE),
    ROW("tags", LINKTYPE_ETHERNET, NULL, "-t", tags, .time = LINE_TIME_NONE),
    ROW("sll", LINKTYPE_LINUX_SLL, NULL, "-t", cooked, .time = LINE_TIME_NONE),
    ROW("sll2", LINKTYPE_LINUX_SLL2, NULL, "-t", cooked_2, .time = LINE_TIME_NONE),
    ROW("null", LINKTYPE_NULL, NULL, "-t", families, .time = LINE_TIME_NONE),
    ROW("loop", LINKTYPE_LOOP, NULL, "-t", families, .time = LINE_TIME_NONE),
    ROW("raw", LINKTYPE_RAW, "", "-t", bare, .time = LINE_TIME_NONE),
    ROW("ipv4-link", LINKTYPE_IPV4, "", "-t", bare, .time = LINE_TIME_NONE),
    ROW("ipv6-link", LINKTYPE_IPV6, "", "-t", bare, .time = LINE_TIME_NONE),
    ROW("others", LINKTYPE_ETHERNET, NULL, "-t", others, .time = LINE_TIME_NONE),
    ROW("tunnels", LINKTYPE_ETHERNET, NULL, "-t", tunnels, .time = LINE_TIME_NONE),
    CUT("tunnels-cut", LINKTYPE_ETHERNET, NULL, "-t", tunnels, .time = LINE_TIME_NONE),
    CUT("carriers", LINKTYPE_ETHERNET, NULL, "-t", carriers, .time = LINE_TIME_NONE),
    ROW("odd-carriers", LINKTYPE_ETHERNET, NULL, "-t", odd_carriers, .time = LINE_TIME_NONE),
    ROW("hex", LINKTYPE_ETHERNET, NULL, "-t -x", conversation, .time = LINE_TIME_NONE,
        .dump = LINE_DUMP_HEX),
    ROW("hex-link", LINKTYPE_ETHERNET, NULL, "-t -xx", tags, .time = LINE_TIME_NONE,
        .dump = LINE_DUMP_HEX, .dump_link = true),
    ROW("hex-ascii", LINKTYPE_LINUX_SLL2, NULL, "-t -X", cooked_2, .time = LINE_TIME_NONE,
        .dump = LINE_DUMP_HEX_AND_ASCII),
    ROW("ascii", LINKTYPE_ETHERNET, NULL, "-t -A", headers, .time = LINE_TIME_NONE,
        .dump = LINE_DUMP_ASCII),
    CUT("cut", LINKTYPE_ETHERNET, NULL, "-t", cut, .time = LINE_TIME_NONE),
    CUT("cut-hex", LINKTYPE_NULL, "02000000", "-t -x", cut, .time = LINE_TIME_NONE,
        .dump = LINE_DUMP_HEX),
    CUT("cut-v6", LINKTYPE_ETHERNET, NULL, "-t", cut_v6, .time = LINE_TIME_NONE),
};

#endif
