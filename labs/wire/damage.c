#include "labs/wire/damage.h"

#include "tracer/capture/source.h"
#include "tracer/decode/packet.h"

#include <stddef.h>

enum { ETHERNET_BYTES = 14, UDP_CHECKSUM_AT = 6, SUM_MODULUS = 65535 };

/* Which bytes are to be turned, and whether a checksum of their transport covers them. */
struct target {
    uint32_t from, to, sum_from;
    bool summed;
};

static bool has_checksum(const struct packet *p, const uint8_t *bytes, uint32_t length_bytes)
{
    if (p->is_fragment || p->transport_at == 0)
        return false;
    if (p->protocol != PROTO_UDP)
        return p->is_tcp || p->protocol == PROTO_ICMP || p->protocol == PROTO_ICMPV6;
    uint32_t at = p->transport_at + UDP_CHECKSUM_AT;
    return at + 1 < length_bytes && (bytes[at] || bytes[at + 1]);
}

static struct target target_of(const uint8_t *bytes, uint32_t length_bytes)
{
    struct packet p;
    packet_decode(&(struct frame){.linktype = LINKTYPE_ETHERNET,
                                  .bytes = bytes,
                                  .captured_bytes = length_bytes,
                                  .wire_bytes = length_bytes},
                  &p);
    struct target t = {.from = ETHERNET_BYTES, .to = length_bytes};
    uint64_t end = (uint64_t)p.net_at + p.net_header_bytes + p.net_payload_bytes;
    if (p.transport_at == 0 || end > length_bytes || end <= p.transport_at)
        return t;
    t = (struct target){.from = p.transport_at, .to = (uint32_t)end, .sum_from = p.transport_at};
    t.summed = has_checksum(&p, bytes, length_bytes);
    if (p.is_tcp && p.tcp.payload_bytes > 0)
        t.from = p.tcp.payload_at;
    return t;
}

/* By how much a turned byte changes the sum of 16-bit words from `sum_from` on. */
static int64_t weight(const struct target *t, uint32_t at, uint8_t was, uint8_t is)
{
    return ((int64_t)is - was) * ((at - t->sum_from) % 2 == 0 ? 256 : 1);
}

bool damage(uint8_t *bytes, uint32_t length_bytes, int64_t count, uint64_t chance)
{
    if (length_bytes <= ETHERNET_BYTES)
        return false;
    struct target t = target_of(bytes, length_bytes);
    uint32_t size = t.to - t.from;
    int64_t turned = count < size ? count : size, change = 0;
    uint32_t at = 0;
    uint8_t was = 0;
    for (int64_t i = 0; i < turned; i++) {
        at = t.from + (uint32_t)((chance + (uint64_t)i) % size);
        was = bytes[at];
        bytes[at] ^= (uint8_t)(1 + (chance >> (i % 8 * 8) & 0xff) % 255);
        change += weight(&t, at, was, bytes[at]);
    }
    /* Changes may cancel each other out in the sum; another value of one byte never does too. */
    if (change % SUM_MODULUS == 0) {
        uint8_t other = bytes[at] + 1;
        bytes[at] = other == was ? other + 1 : other;
    }
    return t.summed;
}
