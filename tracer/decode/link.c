/* Link layers: what each has in front of the network layer, and how it names that layer. */
#include "tracer/decode/layers.h"

#include <string.h>

enum { LARGEST_802_3_LENGTH = 1500 };

static bool is_vlan_tag(uint16_t ethertype)
{
    return ethertype == 0x8100 || ethertype == 0x88a8 || ethertype == 0x9100 || ethertype == 0x9200;
}

/* Nothing above the link is known: its header ends here. */
static void other_network(struct cursor *c, struct packet *p)
{
    decode_network(c, p, 0);
}

/* IEEE 802.2: IP behind SNAP (RFC 1042) or, seldom, behind a SAP of its own (RFC 948). */
static void decode_llc(struct cursor *c, struct packet *p)
{
    uint8_t destination = cursor_u8(c) & 0xfe;
    uint8_t source = cursor_u8(c) & 0xfe;
    uint8_t control = cursor_u8(c);
    if (control == 3 && destination == 0xaa && source == 0xaa) {
        uint32_t organisation = (uint32_t)cursor_be16(c) << 8;
        organisation |= cursor_u8(c);
        uint16_t type = cursor_be16(c);
        if (organisation == 0 || organisation == 0x0000f8) {
            decode_network(c, p, type);
            return;
        }
    } else if (control == 3 && destination == 6 && source == 6) {
        decode_network(c, p, ETHERTYPE_IPV4);
        return;
    }
    other_network(c, p);
}

/* What follows a link header's type field: VLAN tags, then a length and 802.2, or the network. */
static void decode_typed(struct cursor *c, struct packet *p, uint16_t type)
{
    for (int depth = 0; is_vlan_tag(type); depth++) {
        if (depth == LAYER_DEPTH_MAX)
            layer_malformed(c, c->at);
        cursor_skip(c, 2);
        type = cursor_be16(c);
    }
    if (!cursor_ok(c)) {
        other_network(c, p);
    } else if (type <= LARGEST_802_3_LENGTH) {
        cursor_narrow(c, type);
        decode_llc(c, p);
    } else if (type == ETHERTYPE_JUMBO) {
        decode_llc(c, p);
    } else {
        decode_network(c, p, type);
    }
}

static void decode_ethernet(struct cursor *c, struct packet *p)
{
    enum { ETHERNET_HEADER_BYTES = 14 };
    struct cursor whole;
    uint16_t type = 0;
    p->has_macs = cursor_whole(c, ETHERNET_HEADER_BYTES, &whole);
    if (p->has_macs) {
        memcpy(p->destination_mac, cursor_bytes(&whole, 6), 6);
        memcpy(p->source_mac, cursor_bytes(&whole, 6), 6);
        type = cursor_be16(&whole);
    } else {
        cursor_skip(c, 6);
        cursor_skip(c, 6);
        cursor_skip(c, 2); /* the first of them that is not here has failed */
    }
    decode_typed(c, p, type);
}

void decode_bridged(struct cursor *c, struct packet *p)
{
    cursor_skip(c, 12);
    decode_typed(c, p, cursor_be16(c));
}

/* A cooked header's protocol field has Linux's own small numbers in place of an 802.3 length. */
static void decode_cooked(struct cursor *c, struct packet *p, uint16_t hardware, uint16_t protocol)
{
    enum { HARDWARE_RADIOTAP = 803, PROTOCOL_802_2 = 4 };
    if (hardware == HARDWARE_RADIOTAP || !cursor_ok(c))
        other_network(c, p);
    else if (protocol == PROTOCOL_802_2)
        decode_llc(c, p);
    else if (protocol <= LARGEST_802_3_LENGTH)
        other_network(c, p);
    else
        decode_typed(c, p, protocol);
}

static void decode_sll(struct cursor *c, struct packet *p)
{
    uint16_t packet_type = cursor_be16(c);
    uint16_t hardware = cursor_be16(c);
    cursor_skip(c, 10); /* the sender's address and its length */
    uint16_t protocol = cursor_be16(c);
    if (cursor_ok(c)) {
        p->has_packet_type = true;
        p->packet_type = packet_type > UINT8_MAX ? UINT8_MAX : (uint8_t)packet_type;
    }
    decode_cooked(c, p, hardware, protocol);
}

static void decode_sll2(struct cursor *c, struct packet *p)
{
    uint16_t protocol = cursor_be16(c);
    cursor_skip(c, 2);
    uint32_t interface_index = cursor_be32(c);
    uint16_t hardware = cursor_be16(c);
    uint8_t packet_type = cursor_u8(c);
    cursor_skip(c, 9); /* the sender's address and its length */
    if (cursor_ok(c)) {
        p->has_interface = true;
        p->interface_index = interface_index;
        p->has_packet_type = true;
        p->packet_type = packet_type;
    }
    decode_cooked(c, p, hardware, protocol);
}

/* BSD loopback: the address family as 32 bits in the byte order of the host that captured (NULL)
 * or of the network (LOOP). Families are small, so the order shows. */
static void decode_family(struct cursor *c, struct packet *p)
{
    struct cursor again = *c;
    uint32_t family = cursor_le32(c);
    if (family > UINT16_MAX)
        family = cursor_be32(&again);
    switch (family) {
    case 2: decode_network(c, p, ETHERTYPE_IPV4); break;
    case 24: /* NetBSD, OpenBSD */
    case 28: /* FreeBSD */
    case 30: /* Darwin */ decode_network(c, p, ETHERTYPE_IPV6); break;
    default: other_network(c, p); break;
    }
    p->ethertype = 0;
}

static void decode_raw(struct cursor *c, struct packet *p)
{
    struct cursor look = *c;
    switch (cursor_u8(&look) >> 4) {
    case 4: decode_network(c, p, ETHERTYPE_IPV4); break;
    case 6: decode_network(c, p, ETHERTYPE_IPV6); break;
    default:
        other_network(c, p);
        if (cursor_ok(&look))
            layer_malformed(c, c->at);
        else
            *c = look;
        break;
    }
    p->ethertype = 0;
}

static const struct link_decoder {
    int linktype;
    void (*decode)(struct cursor *c, struct packet *p);
} links[] = {
    {LINKTYPE_NULL, decode_family},   {LINKTYPE_ETHERNET, decode_ethernet},
    {LINKTYPE_RAW, decode_raw},       {LINKTYPE_LOOP, decode_family},
    {LINKTYPE_LINUX_SLL, decode_sll}, {LINKTYPE_IPV4, decode_raw},
    {LINKTYPE_IPV6, decode_raw},      {LINKTYPE_LINUX_SLL2, decode_sll2},
};

static const struct link_decoder *find_link(int linktype)
{
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (links[i].linktype == linktype)
            return &links[i];
    return NULL;
}

bool packet_linktype_known(int linktype)
{
    return find_link(linktype) != NULL;
}

bool decode_link(struct cursor *c, struct packet *p)
{
    const struct link_decoder *link = find_link(p->frame.linktype);
    if (!link)
        return false;
    link->decode(c, p);
    return true;
}
