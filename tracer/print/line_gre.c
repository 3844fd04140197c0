/* GRE: version 0 (RFC 2784, 2890; source routes, RFC 1701), and version 1 that carries PPP (RFC
 * 2637). */
#include "tracer/print/line_parts.h"

enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQ = 0x1000,
    GRE_ACK = 0x0080,
    GRE_VERSION = 0x0007,
};

/* A field of the header behind `before`; the line is cut where it is not here. */
static bool gre_field(struct line *l, size_t bytes, enum line_base base, const char *before,
                      uint32_t *value)
{
    return line_field_or(l, bytes, base, before, value, line_cut);
}

/* The stops of a source route: addresses, or numbers of autonomous systems. A star marks the next
 * one. False where they are not all here. */
static bool stops(struct line *l, bool is_ip, uint32_t next, uint32_t bytes)
{
    struct cursor c = l->c;
    const uint32_t stop_bytes = is_ip ? 4 : 2;
    if (next % stop_bytes != 0) {
        line_u64(l, ", badoffset=", next);
        return true;
    }
    if (bytes % stop_bytes != 0) {
        line_u64(l, ", badlength=", bytes);
        return true;
    }
    if (next >= bytes) {
        line_u64(l, ", badoff/len=", next);
        line_u64(l, "/", bytes);
        return true;
    }
    for (uint32_t at = 0; at < bytes; at += stop_bytes) {
        struct cursor here = c;
        const uint8_t *stop = cursor_bytes(&c, stop_bytes);
        if (!stop)
            return false;
        line_add(l, at == next ? " *" : " ");
        if (is_ip)
            line_address_v4(l, stop);
        else
            line_hex(l, "", cursor_be16(&here));
    }
    return true;
}

static bool source_routes(struct line *l)
{
    enum { FAMILY_IP = 0x0800, FAMILY_AS = 0xfffe };
    uint32_t family, next, bytes;
    for (;;) {
        if (!gre_field(l, 2, LINE_HEX, NULL, &family) ||
            !gre_field(l, 1, LINE_DECIMAL, NULL, &next) ||
            !gre_field(l, 1, LINE_DECIMAL, NULL, &bytes))
            return false;
        if (family == 0 && bytes == 0)
            return true;
        bool known = family == FAMILY_IP || family == FAMILY_AS, whole = true;
        if (known)
            line_add(l, family == FAMILY_IP ? ", (rtaf=ip" : ", (rtaf=asn");
        else
            line_hex(l, ", (rtaf=0x", family);
        if (known)
            whole = stops(l, family == FAMILY_IP, next, bytes);
        line_add(l, ")");
        if (!whole || cursor_claimed_left(&l->c) < bytes) {
            line_cut(l);
            return false;
        }
        cursor_skip(&l->c, bytes);
    }
}

static void version_0(struct line *l, uint32_t flags, uint32_t bytes)
{
    uint32_t type, ignored;
    if (!gre_field(l, 2, LINE_HEX, NULL, &type))
        return;
    if (flags & (GRE_CHECKSUM | GRE_ROUTING) && (!gre_field(l, 2, LINE_HEX, NULL, &ignored) ||
                                                 !gre_field(l, 2, LINE_HEX, ", off 0x", &ignored)))
        return;
    if (flags & GRE_KEY && !gre_field(l, 4, LINE_HEX, ", key=0x", &ignored))
        return;
    if (flags & GRE_SEQ && !gre_field(l, 4, LINE_DECIMAL, ", seq ", &ignored))
        return;
    if (flags & GRE_ROUTING && !source_routes(l))
        return;
    line_u64(l, ", length ", bytes);
    line_add(l, ": ");
    if (!line_inside(l, (uint16_t)type, (uint32_t)cursor_claimed_left(&l->c)))
        line_hex(l, "gre-proto-0x", type);
}

static void version_1(struct line *l, uint32_t flags, uint32_t bytes)
{
    uint32_t type, key, ignored;
    if (!gre_field(l, 2, LINE_HEX, NULL, &type))
        return;
    if (flags & GRE_KEY) {
        if (!gre_field(l, 4, LINE_HEX, NULL, &key))
            return;
        line_u64(l, ", call ", key & 0xffff);
    }
    if (flags & GRE_SEQ && !gre_field(l, 4, LINE_DECIMAL, ", seq ", &ignored))
        return;
    if (flags & GRE_ACK && !gre_field(l, 4, LINE_DECIMAL, ", ack ", &ignored))
        return;
    if (!(flags & GRE_SEQ))
        line_add(l, ", no-payload");
    line_u64(l, ", length ", bytes);
    if (!(flags & GRE_SEQ))
        return;
    line_add(l, ": ");
    if (type == ETHERTYPE_PPP)
        line_ppp(l, (uint32_t)cursor_claimed_left(&l->c));
    else
        line_hex(l, "gre-proto-0x", type);
}

void line_gre(struct line *l, uint32_t bytes)
{
    uint32_t flags;
    l->protocol = "gre";
    if (!gre_field(l, 2, LINE_HEX, NULL, &flags))
        return;
    line_u64(l, "GREv", flags & GRE_VERSION);
    switch (flags & GRE_VERSION) {
    case 0: version_0(l, flags, bytes); break;
    case 1: version_1(l, flags, bytes); break;
    default: line_add(l, " ERROR: unknown-version"); break;
    }
}
