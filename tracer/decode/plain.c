/* The front of most frames, in one go: an untagged Ethernet header, and IPv4 without options that
 * is not fragmented and fits into the frame. What these headers say is what decode_link() and
 * decode_ipv4() make of them, in a third of the time; a frame that is odd in any way is left to
 * them. */
#include "tracer/decode/layers.h"

#include <string.h>

enum {
    ETHERNET_BYTES = 14,
    IPV4_BYTES = 20,
    VERSION_AND_LENGTH = 0x45,
    FRAGMENT_BITS = 0x3fff, /* more fragments, and the offset */
};

bool decode_plain(struct cursor *c, struct packet *p)
{
    struct cursor look = *c, h;
    if (p->frame.linktype != LINKTYPE_ETHERNET ||
        !cursor_whole(&look, ETHERNET_BYTES + IPV4_BYTES, &h))
        return false;
    const uint8_t *macs = cursor_bytes(&h, 12);
    uint16_t ethertype = cursor_be16(&h);
    size_t available = cursor_claimed_left(c) - ETHERNET_BYTES;
    uint8_t first = cursor_u8(&h), traffic_class = cursor_u8(&h);
    uint16_t total_bytes = cursor_be16(&h), id = cursor_be16(&h), fragment = cursor_be16(&h);
    uint8_t hop_limit = cursor_u8(&h), protocol = cursor_u8(&h);
    if (ethertype != ETHERTYPE_IPV4 || first != VERSION_AND_LENGTH || total_bytes < IPV4_BYTES ||
        total_bytes > available || (fragment & FRAGMENT_BITS) || protocol != PROTO_TCP)
        return false;
    cursor_skip(&h, 2);
    p->has_macs = true;
    memcpy(p->destination_mac, macs, 6);
    memcpy(p->source_mac, macs + 6, 6);
    p->ethertype = ethertype;
    p->link_header_bytes = p->net_at = ETHERNET_BYTES;
    p->link_payload_bytes = (uint32_t)available;
    p->net = NET_IPV4;
    p->traffic_class = traffic_class;
    p->ip_id = id;
    p->hop_limit = hop_limit;
    p->protocol = protocol;
    p->source = address_from_v4(cursor_bytes(&h, 4));
    p->destination = address_from_v4(cursor_bytes(&h, 4));
    p->net_header_bytes = IPV4_BYTES;
    p->net_payload_bytes = total_bytes - (uint32_t)IPV4_BYTES;
    p->transport_at = ETHERNET_BYTES + IPV4_BYTES;
    cursor_narrow(&look, p->net_payload_bytes);
    *c = look;
    decode_tcp(c, p);
    return true;
}
