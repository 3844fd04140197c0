/* What stands between the link and IP: label stacks (RFC 3032), PPP (RFC 1661) and PPP over
 * Ethernet (RFC 2516). */
#include "tracer/print/line_parts.h"

void line_mpls(struct line *l, uint32_t bytes)
{
    enum { ENTRY_BYTES = 4, BOTTOM = 0x100, V4_NULL = 0, V6_NULL = 2, IMPLICIT_NULL = 3 };
    uint32_t entry = 0, first = 0;
    l->protocol = "mpls";
    line_add(l, "MPLS");
    do {
        if (bytes < ENTRY_BYTES) {
            line_add(l, " (invalid)");
            if (cursor_captured_left(&l->c) < bytes)
                line_abandon(l);
            return;
        }
        if (!line_field(l, ENTRY_BYTES, LINE_HEX, NULL, &entry))
            return;
        line_u64(l, " (label ", entry >> 12);
        line_u64(l, ", tc ", entry >> 9 & 7);
        line_u64(l, entry & BOTTOM ? ", [S], ttl " : ", ttl ", entry & 0xff);
        line_add(l, ")");
        bytes -= ENTRY_BYTES;
    } while (!(entry & BOTTOM));
    bool by_label =
        entry >> 12 == V4_NULL || entry >> 12 == V6_NULL || entry >> 12 == IMPLICIT_NULL;
    if (!by_label) { /* the first bits of the payload say what it is */
        if (bytes == 0)
            return;
        struct cursor look = l->c;
        if (!line_field(l, 1, LINE_HEX, NULL, &first))
            return;
        l->c = look;
    }
    bool v6 = by_label ? entry >> 12 == V6_NULL : first >> 4 == 6;
    if (!by_label && !v6 && (first < 0x45 || first > 0x4f))
        return;
    line_add(l, " ");
    line_inside(l, v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4, bytes);
}

static const struct line_name protocols[] = {
    {0xc021, "LCP"},    {0xc023, "PAP"},   {0xc223, "CHAP"},
    {0x8021, "IPCP"},   {0x8057, "IP6CP"}, {0x80fd, "CCP"},
    {0x8281, "MPLSCP"}, {0xc227, "EAP"},   {0x00fd, "compressed PPP data"},
    {0, NULL},
};

/* As tcpdump has it, EtherTypes too, and the addresses that pppd marks directions with. */
static uint16_t inside_ppp(uint32_t protocol)
{
    switch (protocol) {
    case 0x0021:
    case 0x002f:
    case ETHERTYPE_IPV4: return ETHERTYPE_IPV4;
    case 0x0057:
    case ETHERTYPE_IPV6: return ETHERTYPE_IPV6;
    case 0x0281:
    case 0x0283: return ETHERTYPE_MPLS;
    default: return 0;
    }
}

void line_ppp(struct line *l, uint32_t bytes)
{
    uint32_t head, protocol;
    struct cursor start = l->c;
    l->protocol = "ppp";
    if (bytes < 2) {
        line_cut(l);
        return;
    }
    if (!line_field(l, 2, LINE_HEX, NULL, &head))
        return;
    if (head == 0xff03 || head == 0x0003 || head == 0x0103)
        bytes -= 2;
    else
        l->c = start;
    if (bytes < 2) {
        line_cut(l);
        return;
    }
    if (!line_field(l, 1, LINE_HEX, NULL, &protocol))
        return;
    bytes--;
    if (protocol % 2 == 0) { /* an odd first byte is the whole number */
        uint32_t high = protocol;
        if (!line_field(l, 1, LINE_HEX, NULL, &protocol))
            return;
        protocol |= high << 8;
        bytes--;
    }
    if (inside_ppp(protocol) != 0) {
        line_inside(l, inside_ppp(protocol), bytes);
        return;
    }
    const char *name = line_name(protocols, protocol);
    if (name)
        line_add(l, name);
    else
        line_hex(l, "unknown PPP protocol 0x", protocol);
    line_u64(l, ", length ", bytes);
}

static void pppoe_code(struct line *l, uint32_t code)
{
    static const struct line_name codes[] = {
        {0x09, "PADI"}, {0x07, "PADO"}, {0x19, "PADR"}, {0x65, "PADS"}, {0xa7, "PADT"}, {0, NULL},
    };
    const char *name = line_name(codes, code);
    line_add(l, "PPPoE ");
    if (name)
        line_add(l, name);
    else if (code != 0)
        line_hex(l, "PAD-", code);
}

void line_pppoe(struct line *l, uint32_t bytes)
{
    enum { PPPOE_BYTES = 6, CODE_PADI = 9, PADI_MOST = 1478 };
    uint32_t head, session, length;
    l->protocol = "pppoe";
    if (bytes < PPPOE_BYTES) {
        line_u64(l, " (length ", bytes);
        line_u64(l, " < ", PPPOE_BYTES);
        line_add(l, ") (invalid)");
        return;
    }
    if (!line_field(l, 2, LINE_HEX, NULL, &head) || !line_field(l, 2, LINE_HEX, NULL, &session) ||
        !line_field(l, 2, LINE_HEX, NULL, &length))
        return;
    bytes -= PPPOE_BYTES;
    uint32_t version = head >> 12, type = head >> 8 & 0xf, code = head & 0xff;
    if (version != 1) {
        line_u64(l, " [ver ", version);
        line_add(l, "]");
    }
    if (type != 1) {
        line_u64(l, " [type ", type);
        line_add(l, "]");
    }
    pppoe_code(l, code);
    if (code == CODE_PADI && length > PADI_MOST) {
        line_u64(l, " [len ", length);
        line_add(l, "!]");
    }
    if (length > bytes) {
        line_u64(l, " [len ", length);
        line_u64(l, " > ", bytes);
        line_add(l, "!]");
        length = bytes;
    }
    if (session) {
        line_hex(l, " [ses 0x", session);
        line_add(l, "]");
    }
    if (code != 0)
        return;
    line_add(l, " ");
    line_ppp(l, length);
}

bool line_is_shim(uint16_t ethertype)
{
    return ethertype == ETHERTYPE_MPLS || ethertype == ETHERTYPE_MPLS_MULTICAST ||
           ethertype == ETHERTYPE_PPPOE_DISCOVERY || ethertype == ETHERTYPE_PPPOE_SESSION;
}

bool line_shim(struct line *l, uint16_t ethertype, uint32_t bytes)
{
    if (!line_is_shim(ethertype))
        return false;
    if (ethertype == ETHERTYPE_MPLS || ethertype == ETHERTYPE_MPLS_MULTICAST)
        line_mpls(l, bytes);
    else
        line_pppoe(l, bytes);
    return true;
}
