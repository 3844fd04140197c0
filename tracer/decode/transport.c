#include "tracer/decode/layers.h"

enum { UDP_HEADER_BYTES = 8 };

uint8_t decode_authentication(struct cursor *c, struct packet *p)
{
    uint8_t next = cursor_u8(c);
    size_t bytes = (cursor_u8(c) + 2u) * 4;
    cursor_skip(c, bytes - 2);
    return cursor_ok(c) ? next : p->protocol;
}

static void decode_udp(struct cursor *c, struct packet *p)
{
    size_t at = c->at;
    p->udp_source_port = cursor_be16(c);
    p->udp_destination_port = cursor_be16(c);
    p->udp_bytes = cursor_be16(c);
    cursor_skip(c, 2);
    /* A length of 0 is a jumbogram's (RFC 2675 section 4). */
    if (p->udp_bytes < UDP_HEADER_BYTES &&
        !(p->udp_bytes == 0 && p->net_payload_bytes > UINT16_MAX))
        layer_malformed(c, at + 4);
    if (cursor_ok(c))
        decode_udp_tunnel(c, p);
}

static void decode_icmp(struct cursor *c, struct packet *p)
{
    (void)p;
    cursor_skip(c, 4); /* type, code, checksum */
}

/* IPv4 only: in IPv6 it is one of the extension headers. */
static void decode_behind_authentication(struct cursor *c, struct packet *p)
{
    size_t at = c->at;
    uint8_t next = decode_authentication(c, p);
    uint32_t bytes = (uint32_t)(c->at - at);
    if (!cursor_ok(c))
        return;
    p->protocol = next;
    p->net_header_bytes += bytes;
    p->net_payload_bytes -= bytes < p->net_payload_bytes ? bytes : p->net_payload_bytes;
    if (next != PROTO_AH)
        decode_transport(c, p);
}

void decode_transport(struct cursor *c, struct packet *p)
{
    static const struct {
        uint8_t protocol;
        void (*decode)(struct cursor *c, struct packet *p);
    } transports[] = {
        {PROTO_TCP, decode_tcp},
        {PROTO_UDP, decode_udp},
        {PROTO_ICMP, decode_icmp},
        {PROTO_ICMPV6, decode_icmp},
    };
    for (size_t i = 0; i < sizeof transports / sizeof transports[0]; i++) {
        if (transports[i].protocol != p->protocol)
            continue;
        p->transport_at = (uint32_t)c->at;
        transports[i].decode(c, p);
        return;
    }
    if (p->protocol == PROTO_AH && p->net == NET_IPV4)
        decode_behind_authentication(c, p);
    else if (p->protocol == PROTO_GRE)
        decode_gre(c, p);
    else if (p->protocol == PROTO_IPV4 || p->protocol == PROTO_IPV6)
        decode_ip_in_ip(c, p, p->protocol);
}
