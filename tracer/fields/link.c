/* Link layers, as decode knows them. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"

enum { LARGEST_802_3_LENGTH = 1500, ETHERTYPE_JUMBO_LLC = 0x8870, TAGS_MOST = 33 };

static const struct field_name packet_types[] = {
    {0, "to this host"}, {1, "to everyone"},       {2, "to a group"},
    {3, "to another"},   {4, "sent by this host"}, {0, NULL},
};

static const struct field_name hardware_types[] = {
    {1, "Ethernet"}, {512, "PPP"},         {768, "tunnel"},   {772, "loopback"},
    {776, "sit"},    {778, "GRE"},         {803, "radiotap"}, {65534, "none"},
    {801, "Wi-Fi"},  {769, "IPv6 tunnel"}, {0, NULL},
};

static const struct field_name families[] = {
    {2, "IPv4"}, {24, "IPv6"}, {28, "IPv6"}, {30, "IPv6"}, {0, NULL},
};

static const struct field_row ethernet_rows[] = {
    {N_("destination"), 0, 6, 1, 0, tell_mac, NULL,
     N_("The card on this link that is to take the frame: the next hop, not the far end.")},
    {N_("source"), 6, 6, 1, 0, tell_mac, NULL, N_("The card on this link that sent the frame.")},
    {N_("type"), 12, 2, 1, 0, tell_ethertype, NULL,
     N_("What the frame carries; up to 1500 it is a length instead (IEEE 802.3).")},
};

static const struct field_row tag_rows[] = {
    {N_("priority"), 0, 2, 1, 0xe000, NULL, NULL,
     N_("How urgent the frame is to a switch, 0 to 7 (IEEE 802.1Q).")},
    {N_("drop eligible"), 0, 2, 1, 0x1000, tell_set, NULL,
     N_("Set: a switch that is full may drop this frame first.")},
    {N_("VLAN"), 0, 2, 1, 0x0fff, NULL, NULL,
     N_("The number of the virtual network that the frame belongs to.")},
    {N_("type"), 2, 2, 1, 0, tell_ethertype, NULL, N_("What follows the tag.")},
};

static const struct field_row llc_rows[] = {
    {N_("destination SAP"), 0, 1, 1, 0, tell_hex, NULL,
     N_("The protocol that is to take the frame; 0xaa says that a SNAP header follows (IEEE "
        "802.2).")},
    {N_("source SAP"), 1, 1, 1, 0, tell_hex, NULL, N_("The protocol that sent the frame.")},
    {N_("control"), 2, 1, 1, 0, tell_hex, NULL, N_("3 is a frame that nobody acknowledges.")},
};

static const struct field_row snap_rows[] = {
    {N_("organisation"), 3, 3, 1, 0, tell_hex, NULL,
     N_("Whose numbers the type is from; 0 is the EtherTypes (RFC 1042).")},
    {N_("type"), 6, 2, 1, 0, tell_ethertype, NULL, N_("What the frame carries.")},
};

static const struct field_row sll_rows[] = {
    {N_("packet type"), 0, 2, 1, 0, NULL, packet_types,
     N_("How the capturing host met the packet; this header is its kernel's, not the wire's.")},
    {N_("hardware"), 2, 2, 1, 0, NULL, hardware_types, N_("The kind of interface (Linux ARPHRD).")},
    {N_("address length"), 4, 2, 1, 0, NULL, NULL, N_("Bytes of the sender's link address.")},
    {N_("sender"), 6, 8, 1, 0, tell_bytes, NULL,
     N_("The sender's link address, filled up with zeros.")},
    {N_("type"), 14, 2, 1, 0, tell_ethertype, NULL, N_("What the packet is.")},
};

static const struct field_row sll2_rows[] = {
    {N_("type"), 0, 2, 1, 0, tell_ethertype, NULL,
     N_("What the packet is; this header is the capturing kernel's, not the wire's.")},
    {N_("reserved"), 2, 2, 1, 0, tell_zero, NULL, N_("Without a use, always 0.")},
    {N_("interface"), 4, 4, 1, 0, NULL, NULL,
     N_("The number of the interface that it was captured on.")},
    {N_("hardware"), 8, 2, 1, 0, NULL, hardware_types, N_("The kind of interface (Linux ARPHRD).")},
    {N_("packet type"), 10, 1, 1, 0, NULL, packet_types,
     N_("How the capturing host met the packet.")},
    {N_("address length"), 11, 1, 1, 0, NULL, NULL, N_("Bytes of the sender's link address.")},
    {N_("sender"), 12, 8, 1, 0, tell_bytes, NULL,
     N_("The sender's link address, filled up with zeros.")},
};

static void tell_family(struct writer *w, const struct reading *r)
{
    uint32_t family = (uint32_t)r->number, turned = __builtin_bswap32(family);
    family = turned > UINT16_MAX ? family : turned;
    text_u64(&w->value, family);
    const char *name = name_of(families, family);
    if (name)
        text_format(&w->value, " (%s)", name);
}

static const struct field_row family_rows[] = {
    {N_("family"), 0, 4, 1, 0, tell_family, NULL,
     N_("The kind of packet that follows, as the capturing BSD kernel numbers it.")},
};

static void write_llc(struct writer *w, struct cursor *c)
{
    struct cursor look = *c;
    uint32_t saps = cursor_be16(&look);
    size_t n = (saps & 0xfefe) == 0xaaaa && cursor_u8(&look) == 3 ? 8 : 3;
    text_add(&w->value, n == 8 ? "with SNAP" : "");
    write_field(
        w, "802.2", w->depth, c->at, n,
        N_("The header that says what an 802.3 frame carries, its type field being a length."));
    if (WRITE_ROWS(w, *c, llc_rows) && n == 8)
        WRITE_ROWS(w, *c, snap_rows);
}

/* What stands between a type and the network layer: VLAN tags, then perhaps 802.2. */
static void write_tags(struct writer *w, struct cursor *c, uint16_t type)
{
    for (int i = 0;
         i < TAGS_MOST && (type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200);
         i++) {
        struct cursor look = *c;
        unsigned tag = cursor_be16(&look);
        type = cursor_be16(&look);
        if (cursor_ok(&look))
            text_format(&w->value, _("network %u"), tag & 0xfff);
        write_field(w, "VLAN tag", w->depth, c->at, 4,
                    N_("It lets one cable carry several networks apart (IEEE 802.1Q)."));
        if (!WRITE_ROWS(w, *c, tag_rows))
            return;
        *c = look;
    }
    if (type <= LARGEST_802_3_LENGTH || type == ETHERTYPE_JUMBO_LLC)
        write_llc(w, c);
}

void write_ethernet(struct writer *w, size_t at)
{
    struct cursor c = cursor_over(w->p, at), look = c, macs = c;
    const struct reading to = {.bytes = cursor_bytes(&macs, 6), .n = 6},
                         from = {.bytes = cursor_bytes(&macs, 6), .n = 6};
    if (cursor_ok(&macs)) {
        tell_mac(w, &from);
        text_add(&w->value, " > ");
        tell_mac(w, &to);
    }
    write_field(
        w, "Ethernet", w->depth, at, 14,
        N_("From one card to the next on the same link; every router makes this header anew."));
    if (!WRITE_ROWS(w, c, ethernet_rows))
        return;
    cursor_skip(&look, 12);
    uint16_t type = cursor_be16(&look);
    write_tags(w, &look, type);
}

static void write_outer_ethernet(struct writer *w)
{
    write_ethernet(w, 0);
}

static void write_sll(struct writer *w)
{
    struct cursor c = cursor_over(w->p, 0), look = c;
    write_field(
        w, "Linux cooked", w->depth, 0, 16,
        N_("What Linux gives in place of a link header where it captures on any interface."));
    if (!WRITE_ROWS(w, c, sll_rows))
        return;
    cursor_skip(&look, 14);
    uint16_t type = cursor_be16(&look);
    if (type > LARGEST_802_3_LENGTH || type == 4)
        write_tags(w, &look, type);
}

static void write_sll2(struct writer *w)
{
    struct cursor c = cursor_over(w->p, 0), look = c;
    if (w->p->has_interface)
        text_format(&w->value, _("interface %u"), w->p->interface_index);
    write_field(
        w, "Linux cooked, v2", w->depth, 0, 20,
        N_("What Linux gives in place of a link header where it captures on any interface."));
    if (!WRITE_ROWS(w, c, sll2_rows))
        return;
    uint16_t type = cursor_be16(&look);
    cursor_skip(&look, 18);
    if (type > LARGEST_802_3_LENGTH || type == 4)
        write_tags(w, &look, type);
}

static void write_family(struct writer *w)
{
    write_field(w, "BSD loopback", w->depth, 0, 4,
                N_("All that a BSD system puts before a packet that does not leave it."));
    WRITE_ROWS(w, cursor_over(w->p, 0), family_rows);
}

void write_link(struct writer *w)
{
    static const struct {
        int linktype;
        void (*write)(struct writer *w);
    } links[] = {
        {LINKTYPE_ETHERNET, write_outer_ethernet},
        {LINKTYPE_LINUX_SLL, write_sll},
        {LINKTYPE_LINUX_SLL2, write_sll2},
        {LINKTYPE_NULL, write_family},
        {LINKTYPE_LOOP, write_family},
    };
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (links[i].linktype == w->p->frame.linktype)
            links[i].write(w);
}
