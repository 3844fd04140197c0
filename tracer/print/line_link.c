/* What stands before the network layer: the interface and direction of a cooked capture; or, where
 * the network layer is none of ours, the link header in its place. */
#include "tracer/print/line_parts.h"

enum { SLL_HEADER_BYTES = 16, SLL2_HEADER_BYTES = 20, TAG_8021Q = 0x8100, LARGEST_LENGTH = 1500 };

static const struct line_name ethertypes[] = {
    {0x0800, "IPv4"},
    {0x86dd, "IPv6"},
    {0x0806, "ARP"},
    {0x8035, "Reverse ARP"},
    {TAG_8021Q, "802.1Q"},
    {0x88a8, "802.1Q-QinQ"},
    {0x9100, "802.1Q-9100"},
    {0x9200, "802.1Q-9200"},
    {0x8847, "MPLS unicast"},
    {0x8848, "MPLS multicast"},
    {0x8863, "PPPoE D"},
    {0x8864, "PPPoE S"},
    {0x888e, "EAPOL"},
    {0x88cc, "LLDP"},
    {0x88e5, "802.1AE MACsec"},
    {0x8809, "Slow Protocols"},
    {0x88f7, "PTP"},
    {0x9000, "Loopback"},
    {0, NULL},
};

const char *line_ethertype(uint16_t ethertype)
{
    const char *name = line_name(ethertypes, ethertype);
    return name ? name : "Unknown";
}

static const char *packet_type_name(uint8_t type)
{
    static const struct line_name names[] = {
        {0, "In"}, {1, "B"}, {2, "M"}, {3, "P"}, {4, "Out"}, {0, NULL},
    };
    const char *name = line_name(names, type);
    return name ? name : "?";
}

/* A name and blanks up to a column of `width`, one blank at the least. */
static void add_padded(struct line *l, const char *name, size_t width)
{
    size_t before = l->out->len;
    line_add(l, name);
    size_t used = l->out->len - before;
    text_repeat(l->out, ' ', used < width ? width - used + 1 : 1);
}

static void add_interface(struct line *l)
{
    const char *name = line_interface_name(&l->lp->names, &l->lp->options, l->p->interface_index);
    add_padded(l, name, 5);
    add_padded(l, packet_type_name(l->p->packet_type), 3);
}

/* In a cooked capture tcpdump names what each VLAN tag carries. */
static void add_cooked_tags(struct line *l)
{
    struct cursor c = l->c;
    bool is_sll2 = l->p->frame.linktype == LINKTYPE_LINUX_SLL2;
    cursor_skip(&c, is_sll2 ? 0 : SLL_HEADER_BYTES - 2);
    uint16_t type = cursor_be16(&c);
    cursor_skip(&c, is_sll2 ? SLL2_HEADER_BYTES - 2 : 0);
    while (type == TAG_8021Q && cursor_skip(&c, 2)) {
        type = cursor_be16(&c);
        if (!cursor_ok(&c))
            return;
        line_add(l, "ethertype ");
        line_add(l, type > LARGEST_LENGTH ? line_ethertype(type) : "Unknown");
        line_add(l, ", ");
    }
}

/* The name of the header that was cut short, or whose payload is not ours. */
static const char *link_name(const struct packet *p)
{
    enum { ETHERNET_HEADER_BYTES = 14 };
    static const struct line_name names[] = {
        {LINKTYPE_NULL, "null"},       {LINKTYPE_LOOP, "null"},
        {LINKTYPE_RAW, "raw"},         {LINKTYPE_IPV4, "ip"},
        {LINKTYPE_IPV6, "ip6"},        {LINKTYPE_LINUX_SLL, "sll"},
        {LINKTYPE_LINUX_SLL2, "sll2"}, {0, NULL},
    };
    if (p->frame.linktype == LINKTYPE_ETHERNET)
        return !p->has_macs ? "ether" : p->frame.captured_bytes < p->net_at + 3u ? "vlan" : "llc";
    const char *name = line_name(names, (uint32_t)p->frame.linktype);
    return name ? name : "link";
}

static void add_cut_link(struct line *l)
{
    struct cursor c = l->c;
    uint8_t first = cursor_u8(&c);
    if (l->p->verdict == VERDICT_MALFORMED && l->p->link_header_bytes == 0 && cursor_ok(&c)) {
        line_u64(l, "unknown ip ", first >> 4);
        return;
    }
    l->protocol = link_name(l->p);
    line_abandon(l);
    if (l->p->frame.linktype == LINKTYPE_ETHERNET)
        l->extent = EXTENT_NOTHING; /* all of it is link header */
}

static void other_network(struct line *l)
{
    const struct packet *p = l->p;
    if (p->has_macs) {
        line_mac(l, p->source_mac, 6);
        line_add(l, " > ");
        line_mac(l, p->destination_mac, 6);
        line_add(l, ", ");
    } else if (p->has_packet_type && !p->has_interface) {
        text_repeat(l->out, ' ', p->packet_type == 4 ? 0 : 1); /* the column is right-aligned */
        add_padded(l, packet_type_name(p->packet_type), 0);
    }
    if (p->ethertype > LARGEST_LENGTH) {
        line_add(l, "ethertype ");
        line_add(l, line_ethertype(p->ethertype));
        line_add(l, " (0x");
        text_hex_padded(l->out, p->ethertype, 4);
        line_add(l, "), ");
    } else if (p->has_macs) {
        line_add(l, "802.3, ");
    } else if (!p->has_packet_type) {
        line_u64(l, "link type ", (uint64_t)p->frame.linktype);
        line_add(l, ", ");
    }
    line_u64(l, "length ", p->frame.wire_bytes);
}

void line_link(struct line *l)
{
    const struct packet *p = l->p;
    cursor_init(&l->c, p->frame.bytes, p->frame.captured_bytes, p->net_at + p->link_payload_bytes);
    if (p->net == NET_OTHER && p->verdict != VERDICT_OK && !line_is_shim(p->ethertype)) {
        add_cut_link(l);
        return;
    }
    if (p->has_interface)
        add_interface(l);
    if (p->has_packet_type)
        add_cooked_tags(l);
    cursor_skip(&l->c, p->net_at);
    switch (p->net) {
    case NET_IPV4: line_ipv4(l); break;
    case NET_IPV6: line_ipv6(l); break;
    case NET_ARP: line_arp(l); break;
    case NET_NONE:
    case NET_ANNOTATION:
    case NET_OTHER:
    case NET_COUNT:
        if (!line_shim(l, p->ethertype, (uint32_t)cursor_claimed_left(&l->c)))
            other_network(l);
        break;
    }
}
