#include "tracer/decode/packet.h"

#include "tracer/decode/layers.h"

#include <string.h>

void layer_malformed(struct cursor *c, size_t at)
{
    if (!cursor_ok(c))
        return;
    c->verdict = VERDICT_MALFORMED;
    c->at = at;
}

void decode_network(struct cursor *c, struct packet *p, uint16_t ethertype)
{
    p->ethertype = ethertype;
    p->link_header_bytes = (uint32_t)c->at;
    p->link_payload_bytes = (uint32_t)cursor_claimed_left(c);
    p->net_at = p->link_header_bytes;
    switch (ethertype) {
    case ETHERTYPE_IPV4: decode_ipv4(c, p); break;
    case ETHERTYPE_IPV6: decode_ipv6(c, p); break;
    case ETHERTYPE_ARP:
    case ETHERTYPE_REVARP: decode_arp(c, p); break;
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
        p->net = NET_OTHER;
        decode_mpls(c, p);
        break;
    case ETHERTYPE_PPPOE_DISCOVERY:
    case ETHERTYPE_PPPOE_SESSION:
        p->net = NET_OTHER;
        decode_pppoe(c, p);
        break;
    case ETHERTYPE_ANNOTATION: p->net = NET_ANNOTATION; break;
    default: p->net = NET_OTHER; break;
    }
}

/* All behind the frame. A layer at a time, each a few wide stores: for all at once the compiler
 * takes an instruction that is slow to start. */
static void clear(struct packet *p)
{
    const size_t link = offsetof(struct packet, verdict), net = offsetof(struct packet, net),
                 transport = offsetof(struct packet, is_tcp),
                 tunnels = offsetof(struct packet, tunnels);
    memset((char *)p + link, 0, net - link);
    memset((char *)p + net, 0, transport - net);
    memset((char *)p + transport, 0, tunnels - transport);
}

void packet_decode_in_place(struct packet *p, unsigned tunnels_most)
{
    const struct frame *frame = &p->frame;
    clear(p);
    p->tunnels_most = (uint8_t)(tunnels_most < TUNNELS_MAX ? tunnels_most : TUNNELS_MAX);
    struct cursor c;
    /* A frame said to be shorter than what was captured of it is believed to be as captured. */
    uint32_t wire_bytes =
        frame->wire_bytes < frame->captured_bytes ? frame->captured_bytes : frame->wire_bytes;
    cursor_init(&c, frame->bytes, frame->captured_bytes, wire_bytes);
    if (!decode_plain(&c, p) && !decode_link(&c, p))
        p->net = NET_OTHER;
    p->verdict = c.verdict;
    p->verdict_at = (uint32_t)c.at;
}

void packet_decode_to(const struct frame *frame, unsigned tunnels_most, struct packet *p)
{
    p->frame = *frame;
    packet_decode_in_place(p, tunnels_most);
}

void packet_decode(const struct frame *frame, struct packet *p)
{
    packet_decode_to(frame, TUNNELS_MAX, p);
}
