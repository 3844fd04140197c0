/* Overlay networks, whose frames UDP carries: VXLAN (RFC 7348), its extension that says what it
 * carries, Geneve (RFC 8926), OTV, and MPLS (RFC 7510). */
#include "tracer/print/line_parts.h"

enum { OVERLAY_HEADER_BYTES = 8 };

static void invalid(struct line *l)
{
    line_add(l, " (invalid)");
}

static void too_short(struct line *l, const char *before, uint32_t bytes)
{
    line_u64(l, before, bytes);
    line_u64(l, " < ", OVERLAY_HEADER_BYTES);
}

/* Two digits, as a byte's bits are best read. */
static void flag_byte(struct line *l, uint32_t flags)
{
    line_add(l, "] (0x");
    text_hex_padded(l->out, flags, 2);
    line_add(l, "), ");
}

/* tcpdump ends the line here, and begins another for the frame inside. */
static void line_vxlan(struct line *l, uint32_t bytes)
{
    uint32_t flags, ignored;
    l->protocol = "vxlan";
    line_add(l, "VXLAN");
    if (bytes < OVERLAY_HEADER_BYTES) {
        invalid(l);
        return;
    }
    if (!line_field(l, 1, LINE_HEX, NULL, &flags))
        return;
    line_add(l, flags & 0x08 ? ", flags [I" : ", flags [invalid");
    flag_byte(l, flags);
    cursor_skip(&l->c, 3);
    if (!line_field(l, 3, LINE_DECIMAL, "vni ", &ignored))
        return;
    line_add(l, "\n");
    if (line_field(l, 1, LINE_HEX, NULL, &ignored))
        line_inside(l, ETHERTYPE_BRIDGED, bytes - OVERLAY_HEADER_BYTES);
}

static void line_otv(struct line *l, uint32_t bytes)
{
    uint32_t flags, ignored;
    l->protocol = "otv";
    line_add(l, "OTV, ");
    if (bytes < OVERLAY_HEADER_BYTES) {
        too_short(l, "[length ", bytes);
        line_add(l, "]");
        invalid(l);
        if (cursor_captured_left(&l->c) < bytes)
            line_abandon(l);
        return;
    }
    if (!line_field(l, 1, LINE_HEX, NULL, &flags))
        return;
    line_add(l, flags & 0x08 ? "flags [I" : "flags [.");
    flag_byte(l, flags);
    if (!line_field(l, 3, LINE_DECIMAL, "overlay ", &ignored))
        return;
    line_add(l, ", ");
    if (!line_field(l, 3, LINE_DECIMAL, "instance ", &ignored))
        return;
    line_add(l, "\n");
    if (line_field(l, 1, LINE_HEX, NULL, &ignored))
        line_inside(l, ETHERTYPE_BRIDGED, bytes - OVERLAY_HEADER_BYTES);
}

static void line_gpe(struct line *l, uint32_t bytes)
{
    static const char *const names[] = {"O", "B", "P", "I"}; /* from the lowest bit on */
    static const uint16_t insides[] = {0, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_BRIDGED};
    uint32_t flags, next, ignored;
    l->protocol = "vxlan_gpe";
    line_add(l, "VXLAN-GPE, ");
    if (bytes < OVERLAY_HEADER_BYTES) {
        too_short(l, " (len ", bytes);
        line_add(l, ")");
        invalid(l);
        return;
    }
    if (!line_field(l, 1, LINE_HEX, NULL, &flags))
        return;
    line_add(l, flags & 0x0f ? "flags [" : "flags [none");
    for (unsigned bit = 4; bit-- > 0;)
        line_add(l, flags & (1u << bit) ? names[bit] : "");
    line_add(l, "], ");
    cursor_skip(&l->c, 2);
    if (!line_field(l, 1, LINE_DECIMAL, NULL, &next))
        return;
    struct cursor network = l->c;
    cursor_skip(&l->c, 3);
    if (!line_field(l, 1, LINE_HEX, NULL, &ignored))
        return;
    line_u64(l, "vni ", cursor_be32(&network) >> 8);
    line_add(l, ": ");
    uint16_t type = next < sizeof insides / sizeof insides[0] ? insides[next] : 0;
    if (!line_inside(l, type, bytes - OVERLAY_HEADER_BYTES) && next != 4) { /* 4: NSH */
        line_add(l, "ERROR: unknown-next-protocol");
        invalid(l);
    }
}

static void geneve_flags(struct line *l, uint8_t flags)
{
    static const char *const names[] = {"O", "C", "R1", "R2", "R3", "R4", "R5", "R6"};
    line_add(l, ", Flags [");
    for (unsigned i = 0; i < 8; i++)
        if (flags & (0x80u >> i))
            line_add(l, names[i]);
    line_add(l, flags ? "]" : "none]");
}

/* What follows the fixed header; `options_bytes` and `type` stood in it. */
static void geneve_rest(struct line *l, uint32_t options_bytes, uint16_t type, uint32_t bytes)
{
    if (bytes < options_bytes) {
        line_u64(l, " truncated-geneve - ", options_bytes - bytes);
        line_add(l, " bytes missing");
        return;
    }
    if (!cursor_skip(&l->c, options_bytes)) {
        line_cut(l);
        return;
    }
    if (options_bytes > 0) {
        line_u64(l, ", options [", options_bytes);
        line_add(l, " bytes]");
    }
    line_add(l, ": ");
    if (!line_inside(l, type, bytes - options_bytes))
        line_hex(l, "geneve-proto-0x", type);
}

static void line_geneve(struct line *l, uint32_t bytes)
{
    l->protocol = "geneve";
    line_add(l, "Geneve");
    if (bytes < OVERLAY_HEADER_BYTES) {
        too_short(l, " [length ", bytes);
        line_add(l, "]");
        invalid(l);
        return;
    }
    uint8_t first = cursor_u8(&l->c);
    uint8_t flags = cursor_u8(&l->c);
    uint16_t type = cursor_be16(&l->c);
    uint32_t network = cursor_be32(&l->c);
    if (!cursor_ok(&l->c)) {
        line_cut(l);
    } else if (first >> 6 != 0) {
        line_u64(l, " ERROR: unknown-version ", first >> 6);
    } else {
        geneve_flags(l, flags);
        line_hex(l, ", vni 0x", network >> 8);
        if (network & 0xff)
            line_hex(l, ", rsvd 0x", network & 0xff);
        geneve_rest(l, (first & 0x3fu) * 4, type, bytes - OVERLAY_HEADER_BYTES);
    }
}

bool line_overlay(struct line *l, uint32_t bytes)
{
    static const struct {
        uint16_t port;
        void (*line)(struct line *l, uint32_t bytes);
    } overlays[] = {
        {PORT_OTV, line_otv},       {PORT_VXLAN, line_vxlan}, {PORT_GENEVE, line_geneve},
        {PORT_VXLAN_GPE, line_gpe}, {PORT_MPLS, line_mpls},
    };
    const struct packet *p = l->p;
    for (size_t i = 0; i < sizeof overlays / sizeof overlays[0]; i++)
        if (p->udp_source_port == overlays[i].port || p->udp_destination_port == overlays[i].port) {
            overlays[i].line(l, bytes);
            return true;
        }
    return false;
}
