/* usage: carry TUNNEL [SNAPLEN] <CAPTURE
 *
 * Write the packets of a capture of Ethernet (pcap, whole frames, as generate writes it) to
 * standard output again, each carried by a tunnel: a row of `tunnels` below. SNAPLEN cuts each
 * frame (262144); with 0 each is cut one byte later than the one before, over and over. Without
 * arguments, list the tunnels.
 *
 * A tunnel is made of layers, each a header as it stands on the wire but for its length and what it
 * says of its inside, which are filled in. */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LAYERS = 8,
    PREFIX_MOST = 512,
    FRAME_MOST = 1 << 16,
    ETHERNET_BYTES = 14,
    GROWING_MOST = 200
};

/* How a header says that IPv4 or IPv6 follows. */
enum inside { NOTHING, ETHERTYPE, PROTOCOL, PPP, GPE };

struct layer {
    const char *hex;
    int length_at;    /* of two bytes that count from the header's start on; 0: none */
    int length_less;  /* but not so many */
    enum inside kind; /* how the inside is named, */
    int inside_at;    /* and where */
};

#define ETHERNET(type)                                                                             \
    {                                                                                              \
        "020000000012 020000000011" type, 0, 0, NOTHING, 0                                         \
    }
#define ETHERNET_LAST                                                                              \
    {                                                                                              \
        "020000000022 020000000021 0000", 0, 0, ETHERTYPE, 12                                      \
    }
#define IPV4(protocol)                                                                             \
    {                                                                                              \
        "4500 0000 0001 0000 40" protocol "0000 cb007101 cb007102", 2, 0, NOTHING, 0               \
    }
#define IPV6(next)                                                                                 \
    {                                                                                              \
        "60000000 0000" next                                                                       \
        "40 20010db8000000000000000000000001 20010db8000000000000000000000002",                    \
            4, 40, NOTHING, 0                                                                      \
    }
#define UDP(port)                                                                                  \
    {                                                                                              \
        "c350" port "0000 0000", 4, 0, NOTHING, 0                                                  \
    }

static const struct tunnel {
    const char *name;
    uint32_t linktype;
    struct layer layers[LAYERS];
} tunnels[] = {
    {"ip-in-ip",
     1,
     {ETHERNET("0800"), {"4500 0000 0001 0000 40 00 0000 cb007101 cb007102", 2, 0, PROTOCOL, 9}}},
    {"ip-in-ipv6",
     1,
     {ETHERNET("86dd"),
      {"60000000 0000 00 40 20010db8000000000000000000000001 20010db8000000000000000000000002", 4,
       40, PROTOCOL, 6}}},
    {"gre", 1, {ETHERNET("0800"), IPV4("2f"), {"0000 0000", 0, 0, ETHERTYPE, 2}}},
    {"gre-keyed",
     1,
     {ETHERNET("86dd"), IPV6("2f"), {"b000 0000 1234 0000 0000002a 00000007", 0, 0, ETHERTYPE, 2}}},
    {"gre-ethernet", 1, {ETHERNET("0800"), IPV4("2f"), {.hex = "0000 6558"}, ETHERNET_LAST}},
    {"gre-mpls",
     1,
     {ETHERNET("0800"), IPV4("2f"), {.hex = "0000 8847"}, {.hex = "00064040 0002a140"}}},
    {"gre-ppp",
     1,
     {ETHERNET("0800"), IPV4("2f"), {"3001 880b 0000 0005 00000009 0000", 4, 12, PPP, 12}}},
    {"vxlan",
     1,
     {ETHERNET("0800"), IPV4("11"), UDP("12b5"), {.hex = "08000000 00002a00"}, ETHERNET_LAST}},
    {"vxlan-vlan",
     1,
     {ETHERNET("8100 0005 86dd"),
      IPV6("11"),
      UDP("12b5"),
      {.hex = "08000000 00002a00"},
      {"020000000022 020000000021 8100 0007 0000", 0, 0, ETHERTYPE, 16}}},
    {"otv",
     1,
     {ETHERNET("0800"), IPV4("11"), UDP("2118"), {.hex = "08000000 00002a00"}, ETHERNET_LAST}},
    {"vxlan-gpe",
     1,
     {ETHERNET("0800"), IPV4("11"), UDP("12b6"), {"0c000000 00002a00", 0, 0, GPE, 3}}},
    {"geneve",
     1,
     {ETHERNET("0800"), IPV4("11"), UDP("17c1"), {"0000 0000 00002a00", 0, 0, ETHERTYPE, 2}}},
    {"geneve-ethernet",
     1,
     {ETHERNET("0800"),
      IPV4("11"),
      UDP("17c1"),
      {.hex = "0240 6558 00002a00 01028001 00000009"},
      ETHERNET_LAST}},
    {"mpls", 1, {ETHERNET("8847"), {.hex = "00064040 0002a140"}}},
    {"mpls-cooked", 113, {{.hex = "0000 0001 0006 020000000011 0000 8847"}, {.hex = "0002a140"}}},
    {"mpls-udp", 1, {ETHERNET("0800"), IPV4("11"), UDP("19eb"), {.hex = "0002a140"}}},
    {"pppoe", 1, {ETHERNET("8864"), {"1100 0007 0000 0000", 4, 6, PPP, 6}}},
    {"pppoe-vlan", 1, {ETHERNET("8100 0005 8864"), {"1100 0007 0000 ff03 0000", 4, 6, PPP, 8}}},
    {"vxlan-in-gre-in-ip",
     276,
     {{.hex = "0800 0000 00000063 0001 00 06 0200000000110000"},
      IPV4("04"),
      IPV4("2f"),
      {.hex = "0000 0800"},
      IPV4("11"),
      UDP("12b5"),
      {.hex = "08000000 00002a00"},
      ETHERNET_LAST}},
};

static size_t put_hex(uint8_t *to, const char *hex)
{
    size_t digits = 0;
    for (; hex && *hex; hex++) {
        if (isspace((unsigned char)*hex))
            continue;
        unsigned value = (unsigned)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
        to[digits / 2] = (uint8_t)(digits % 2 == 0 ? value << 4 : to[digits / 2] | value);
        digits++;
    }
    return digits / 2;
}

static void put16(uint8_t *to, unsigned v)
{
    to[0] = (uint8_t)(v >> 8);
    to[1] = (uint8_t)v;
}

static void put_inside(uint8_t *to, enum inside kind, bool v6)
{
    switch (kind) {
    case NOTHING: break;
    case ETHERTYPE: put16(to, v6 ? 0x86dd : 0x0800); break;
    case PROTOCOL: *to = v6 ? 41 : 4; break;
    case PPP: put16(to, v6 ? 0x0057 : 0x0021); break;
    case GPE: *to = v6 ? 2 : 1; break;
    }
}

/* All headers before a packet of so many bytes; returns how long they are. */
static size_t put_prefix(uint8_t *to, const struct tunnel *t, size_t packet_bytes, bool v6)
{
    size_t at[LAYERS], end = 0;
    for (size_t i = 0; i < LAYERS; i++) {
        at[i] = end;
        end += put_hex(to + end, t->layers[i].hex);
    }
    for (size_t i = 0; i < LAYERS; i++) {
        const struct layer *layer = &t->layers[i];
        uint8_t *header = to + at[i];
        if (layer->length_at > 0)
            put16(header + layer->length_at,
                  (unsigned)(end - at[i] + packet_bytes) - (unsigned)layer->length_less);
        put_inside(header + layer->inside_at, layer->kind, v6);
    }
    return end;
}

static bool carry(const struct tunnel *t, uint32_t record[4], const uint8_t *frame,
                  uint32_t snaplen)
{
    static uint8_t out[PREFIX_MOST + FRAME_MOST];
    uint32_t packet_bytes = record[2] - ETHERNET_BYTES;
    const uint8_t *packet = frame + ETHERNET_BYTES;
    size_t prefix = put_prefix(out, t, packet_bytes, packet[0] >> 4 == 6);
    memcpy(out + prefix, packet, packet_bytes);
    record[3] = (uint32_t)prefix + packet_bytes;
    static uint32_t growing;
    if (snaplen == 0)
        snaplen = growing = growing % GROWING_MOST + 1;
    record[2] = record[3] < snaplen ? record[3] : snaplen;
    return fwrite(record, 16, 1, stdout) == 1 && fwrite(out, record[2], 1, stdout) == 1;
}

static const struct tunnel *find(const char *name)
{
    for (size_t i = 0; i < sizeof tunnels / sizeof tunnels[0]; i++)
        if (strcmp(tunnels[i].name, name) == 0)
            return &tunnels[i];
    return NULL;
}

static int list(void)
{
    for (size_t i = 0; i < sizeof tunnels / sizeof tunnels[0]; i++)
        puts(tunnels[i].name);
    return fflush(stdout) ? 1 : 0;
}

int main(int argc, char **argv)
{
    static uint8_t frame[FRAME_MOST];
    if (argc == 1)
        return list();
    const struct tunnel *t = find(argv[1]);
    uint32_t snaplen = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 262144;
    uint32_t header[6], record[4];
    if (!t || fread(header, sizeof header, 1, stdin) != 1 || header[0] != 0xa1b2c3d4 ||
        header[5] != 1) {
        fprintf(stderr, "usage: carry TUNNEL [SNAPLEN] <CAPTURE\n");
        return 2;
    }
    header[4] = snaplen > 0 ? snaplen : 262144;
    header[5] = t->linktype;
    bool ok = fwrite(header, sizeof header, 1, stdout) == 1;
    while (ok && fread(record, sizeof record, 1, stdin) == 1)
        ok = record[2] > ETHERNET_BYTES && record[2] <= sizeof frame && record[2] == record[3] &&
             fread(frame, record[2], 1, stdin) == 1 && carry(t, record, frame, snaplen);
    if (!ok || ferror(stdin) || fflush(stdout) != 0) {
        fprintf(stderr, "carry: the capture was not read, or not written, to its end\n");
        return 1;
    }
    return 0;
}
