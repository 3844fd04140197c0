/* RFC 791, and RFC 826 for the addresses below it. */
#include "tracer/decode/layers.h"

enum { IPV4_LEAST_BYTES = 20, IPV4_MORE_FRAGMENTS = 0x2000, IPV4_OFFSET_MASK = 0x1fff };

/* The header's length fields, checked. Returns the total length, 0 where they contradict. */
static size_t checked_length(struct cursor *c, const struct packet *p, size_t total_bytes,
                             size_t available)
{
    /* A segment that the card is still to cut up (TSO) has total length 0 where it is too big. */
    if (total_bytes == 0)
        total_bytes = available;
    if (p->net_header_bytes < IPV4_LEAST_BYTES) {
        layer_malformed(c, p->net_at);
        return 0;
    }
    if (total_bytes < p->net_header_bytes) {
        layer_malformed(c, p->net_at + 2);
        return 0;
    }
    return total_bytes;
}

/* Fields of the fixed header that are not the packet's as they stand. */
struct ipv4_fixed {
    uint8_t first;
    uint16_t total_bytes, fragment;
};

/* Inlined twice: where the header is whole, no read needs a check. */
__attribute__((always_inline)) static inline void read_fixed(struct cursor *c, struct packet *p,
                                                             struct ipv4_fixed *f)
{
    f->first = cursor_u8(c);
    p->traffic_class = cursor_u8(c);
    f->total_bytes = cursor_be16(c);
    p->ip_id = cursor_be16(c);
    f->fragment = cursor_be16(c);
    p->hop_limit = cursor_u8(c);
    p->protocol = cursor_u8(c);
    cursor_skip(c, 2);
    const uint8_t *source = cursor_bytes(c, 4);
    const uint8_t *destination = cursor_bytes(c, 4);
    if (!cursor_ok(c))
        return;
    p->source = address_from_v4(source);
    p->destination = address_from_v4(destination);
}

void decode_ipv4(struct cursor *c, struct packet *p)
{
    p->net = NET_IPV4;
    size_t available = cursor_claimed_left(c);
    struct ipv4_fixed fixed;
    struct cursor whole;
    if (cursor_whole(c, IPV4_LEAST_BYTES, &whole))
        read_fixed(&whole, p, &fixed);
    else
        read_fixed(c, p, &fixed);
    if (!cursor_ok(c))
        return;
    if (fixed.first >> 4 != 4)
        layer_malformed(c, p->net_at);
    p->net_header_bytes = (fixed.first & 0xfu) * 4;
    size_t total_bytes = checked_length(c, p, fixed.total_bytes, available);
    if (!cursor_ok(c))
        return;
    p->net_payload_bytes = (uint32_t)(total_bytes - p->net_header_bytes);
    p->fragment_offset_bytes = (fixed.fragment & IPV4_OFFSET_MASK) * 8u;
    p->is_fragment = p->fragment_offset_bytes > 0 || (fixed.fragment & IPV4_MORE_FRAGMENTS);
    cursor_narrow(c, total_bytes - IPV4_LEAST_BYTES);
    cursor_skip(c, p->net_header_bytes - IPV4_LEAST_BYTES);
    if (cursor_ok(c) && p->fragment_offset_bytes == 0)
        decode_transport(c, p);
}

void decode_arp(struct cursor *c, struct packet *p)
{
    p->net = NET_ARP;
    cursor_skip(c, 2); /* hardware type */
    uint16_t protocol = cursor_be16(c);
    uint8_t hardware_bytes = cursor_u8(c);
    uint8_t protocol_bytes = cursor_u8(c);
    cursor_skip(c, 2); /* operation */
    cursor_skip(c, hardware_bytes);
    const uint8_t *sender = cursor_bytes(c, protocol_bytes);
    cursor_skip(c, hardware_bytes);
    const uint8_t *target = cursor_bytes(c, protocol_bytes);
    if (!cursor_ok(c) || protocol != ETHERTYPE_IPV4 || protocol_bytes != 4)
        return;
    p->source = address_from_v4(sender);
    p->destination = address_from_v4(target);
}
