/* UDP, and Geneve (RFC 8926) over it, for the segments that it carries. */
#include "tracer/print/line_parts.h"

enum { UDP_HEADER_BYTES = 8, GENEVE_PORT = 6081, ETHERTYPE_BRIDGED = 0x6558 };

void line_udp(struct line *l, uint32_t bytes)
{
    const struct packet *p = l->p;
    l->protocol = "udp";
    if (cursor_captured_left(&l->c) < 4 || p->transport_at != l->c.at) {
        line_addresses(l);
        line_cut(l);
        return;
    }
    line_endpoints(l, "udp", p->udp_source_port, p->udp_destination_port);
    uint32_t said = p->udp_bytes == 0 && bytes > UINT16_MAX ? bytes : p->udp_bytes;
    if (bytes < UDP_HEADER_BYTES) {
        line_u64(l, "truncated-udp ", bytes);
    } else if (!cursor_skip(&l->c, UDP_HEADER_BYTES)) {
        line_cut(l);
    } else if (said < UDP_HEADER_BYTES) {
        line_u64(l, "truncated-udplength ", said);
    } else if (p->udp_destination_port == GENEVE_PORT || p->udp_source_port == GENEVE_PORT) {
        line_geneve(l, (said < bytes ? said : bytes) - UDP_HEADER_BYTES);
    } else if (said > bytes && !p->is_fragment) {
        line_u64(l, "UDP, bad length ", said - UDP_HEADER_BYTES);
        line_u64(l, " > ", bytes - UDP_HEADER_BYTES);
    } else {
        line_u64(l, "UDP, length ", said - UDP_HEADER_BYTES);
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

/* The frame or packet inside, by its EtherType. */
static void geneve_payload(struct line *l, uint16_t type)
{
    line_add(l, ": ");
    if (type == ETHERTYPE_BRIDGED)
        line_inner(l, LINKTYPE_ETHERNET);
    else if (type == 0x0800)
        line_inner(l, LINKTYPE_IPV4);
    else if (type == 0x86dd)
        line_inner(l, LINKTYPE_IPV6);
    else
        line_hex(l, "geneve-proto-0x", type);
}

void line_geneve(struct line *l, uint32_t bytes)
{
    l->protocol = "geneve";
    cursor_narrow(&l->c, bytes);
    line_add(l, "Geneve");
    if (bytes < 8) {
        line_u64(l, " [length ", bytes);
        line_add(l, " < 8] (invalid)");
        return;
    }
    uint8_t first = cursor_u8(&l->c);
    uint8_t flags = cursor_u8(&l->c);
    uint16_t type = cursor_be16(&l->c);
    uint32_t network = cursor_be32(&l->c);
    uint32_t options_bytes = (first & 0x3fu) * 4;
    if (!cursor_ok(&l->c)) {
        line_cut(l);
        return;
    }
    if (first >> 6 != 0) {
        line_u64(l, " ERROR: unknown-version ", first >> 6);
        return;
    }
    geneve_flags(l, flags);
    line_hex(l, ", vni 0x", network >> 8);
    if (network & 0xff)
        line_hex(l, ", rsvd 0x", network & 0xff);
    if (cursor_claimed_left(&l->c) < options_bytes) {
        line_u64(l, " truncated-geneve - ", options_bytes - cursor_claimed_left(&l->c));
        line_add(l, " bytes missing");
    } else if (!cursor_skip(&l->c, options_bytes)) {
        line_cut(l);
    } else {
        if (options_bytes > 0) {
            line_u64(l, ", options [", options_bytes);
            line_add(l, " bytes]");
        }
        geneve_payload(l, type);
    }
}
