/* RFC 8200, with RFC 2675 jumbograms. */
#include "tracer/decode/layers.h"

enum { IPV6_HEADER_BYTES = 40, OPTION_PAD1 = 0, OPTION_JUMBO = 0xc2, JUMBO_LEAST_BYTES = 65536 };

/* What is still to be learnt while the extension headers are walked. */
struct ipv6_walk {
    size_t total_bytes; /* header and payload; 0 until known (a jumbogram's option tells) */
    bool more;          /* another extension header, or the transport, follows */
};

/* The jumbo payload length in a hop-by-hop header's options, 0 where there is none. */
static uint32_t jumbo_length(struct cursor options)
{
    while (cursor_claimed_left(&options) > 0) {
        uint8_t type = cursor_u8(&options);
        if (type == OPTION_PAD1 && cursor_ok(&options))
            continue;
        uint8_t bytes = cursor_u8(&options);
        if (type == OPTION_JUMBO && bytes == 4) {
            uint32_t length = cursor_be32(&options);
            return length >= JUMBO_LEAST_BYTES ? length : 0;
        }
        if (!cursor_skip(&options, bytes))
            return 0;
    }
    return 0;
}

/* A header that says its own length, in units of eight bytes less one. */
static void decode_sized(struct cursor *c, struct packet *p, struct ipv6_walk *walk)
{
    size_t at = c->at;
    bool hop_by_hop = p->protocol == PROTO_HOP_BY_HOP;
    p->protocol = cursor_u8(c);
    size_t bytes = (cursor_u8(c) + 1u) * 8;
    struct cursor options = *c;
    if (!cursor_skip(c, bytes - 2) || !hop_by_hop)
        return;
    if (at != p->net_at + IPV6_HEADER_BYTES) { /* RFC 8200 section 4.1: first or nowhere */
        layer_malformed(c, at);
        return;
    }
    cursor_narrow(&options, bytes - 2);
    uint32_t jumbo = walk->total_bytes == 0 ? jumbo_length(options) : 0;
    if (jumbo > 0) {
        walk->total_bytes = (size_t)jumbo + IPV6_HEADER_BYTES;
        cursor_narrow(c, walk->total_bytes - (c->at - p->net_at));
    }
}

static void decode_fragment(struct cursor *c, struct packet *p, struct ipv6_walk *walk)
{
    uint8_t next = cursor_u8(c);
    cursor_skip(c, 1);
    uint16_t field = cursor_be16(c);
    cursor_skip(c, 4);
    if (!cursor_ok(c))
        return;
    p->protocol = next;
    p->fragment_offset_bytes = field & 0xfff8u;
    p->is_fragment = p->fragment_offset_bytes > 0 || (field & 1);
    walk->more = p->fragment_offset_bytes == 0;
}

static bool decode_extension(struct cursor *c, struct packet *p, struct ipv6_walk *walk)
{
    switch (p->protocol) {
    case PROTO_HOP_BY_HOP:
    case PROTO_ROUTING:
    case PROTO_DESTINATION: decode_sized(c, p, walk); return true;
    case PROTO_FRAGMENT: decode_fragment(c, p, walk); return true;
    case PROTO_AH: p->protocol = decode_authentication(c, p); return true;
    default: return false;
    }
}

/* A payload length of 0 is an empty payload, except in a jumbogram, and in a segment too big for
 * the field that the card is still to cut up (BIG TCP). */
static size_t length_from_zero(const struct cursor *c, const struct packet *p, size_t available)
{
    bool extended = c->at - p->net_at > IPV6_HEADER_BYTES;
    bool big = available >= (size_t)JUMBO_LEAST_BYTES + IPV6_HEADER_BYTES;
    return big && !extended ? available : IPV6_HEADER_BYTES;
}

static void decode_extensions(struct cursor *c, struct packet *p, size_t payload_bytes,
                              size_t available)
{
    struct ipv6_walk walk = {payload_bytes ? payload_bytes + IPV6_HEADER_BYTES : 0, true};
    for (int depth = 0; walk.more && cursor_ok(c) && decode_extension(c, p, &walk); depth++)
        if (depth == LAYER_DEPTH_MAX)
            layer_malformed(c, c->at);
    if (!cursor_ok(c))
        return;
    if (walk.total_bytes == 0)
        walk.total_bytes = length_from_zero(c, p, available);
    p->net_header_bytes = (uint32_t)(c->at - p->net_at);
    if (walk.total_bytes < p->net_header_bytes) {
        layer_malformed(c, p->net_at + 4);
        return;
    }
    p->net_payload_bytes = (uint32_t)(walk.total_bytes - p->net_header_bytes);
    cursor_narrow(c, p->net_payload_bytes);
    if (walk.more)
        decode_transport(c, p);
}

void decode_ipv6(struct cursor *c, struct packet *p)
{
    p->net = NET_IPV6;
    size_t available = cursor_claimed_left(c);
    uint32_t first = cursor_be32(c);
    size_t payload_bytes = cursor_be16(c);
    p->protocol = cursor_u8(c);
    p->hop_limit = cursor_u8(c);
    const uint8_t *source = cursor_bytes(c, 16);
    const uint8_t *destination = cursor_bytes(c, 16);
    if (!cursor_ok(c))
        return;
    p->traffic_class = (uint8_t)(first >> 20);
    p->flow_label = first & 0xfffff;
    p->source = address_from_v6(source);
    p->destination = address_from_v6(destination);
    p->net_header_bytes = IPV6_HEADER_BYTES;
    if (first >> 28 != 6) {
        layer_malformed(c, p->net_at);
        return;
    }
    if (payload_bytes > 0)
        cursor_narrow(c, payload_bytes);
    decode_extensions(c, p, payload_bytes, available);
}
