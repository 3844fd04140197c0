/* IPv4, and what IP carries in either version. */
#include "tracer/print/line_parts.h"

enum {
    IPV4_LEAST_BYTES = 20,
    PROTO_AUTHENTICATION = 51,
    PROTO_NONE = 59,
};

/* These print the addresses themselves, each with its port. */
static bool prints_addresses(uint8_t protocol)
{
    return protocol == PROTO_TCP || protocol == PROTO_UDP;
}

static bool wrong_version(struct line *l, uint8_t version)
{
    if (version == 4)
        return false;
    if (version == 6)
        line_add(l, "IP6, wrong link-layer encapsulation");
    else
        line_u64(l, "IP", version);
    line_add(l, " (invalid)");
    return true;
}

/* The payload of an IPv4 packet that is the first or only fragment. `total` is checked. */
static void first_fragment(struct line *l, uint8_t protocol, uint32_t header_bytes, uint32_t total)
{
    if (!prints_addresses(protocol))
        line_addresses(l);
    if (cursor_captured_left(&l->c) < header_bytes) {
        line_u64(l, " [remaining caplen(", cursor_captured_left(&l->c));
        line_u64(l, ") < header length(", header_bytes);
        line_add(l, ")]");
        line_abandon(l);
        return;
    }
    cursor_skip(&l->c, header_bytes);
    line_transport(l, protocol, total - header_bytes);
}

static void later_fragment(struct line *l, uint8_t protocol)
{
    line_addresses(l);
    line_u64(l, "ip-proto-", protocol);
}

/* The fields of the header that the line depends on. */
struct ipv4_fields {
    uint32_t header_bytes, total_bytes;
    uint16_t offset;
    uint8_t protocol;
};

/* False where the fixed header is not all here. */
static bool read_fields(struct cursor c, struct ipv4_fields *f)
{
    struct cursor whole;
    if (!cursor_whole(&c, IPV4_LEAST_BYTES, &whole))
        return false;
    f->header_bytes = (cursor_u8(&whole) & 0xfu) * 4;
    cursor_skip(&whole, 1);
    f->total_bytes = cursor_be16(&whole);
    cursor_skip(&whole, 2);
    f->offset = cursor_be16(&whole) & 0x1fff;
    cursor_skip(&whole, 1);
    f->protocol = cursor_u8(&whole);
    return true;
}

/* Complaints about the lengths. False where they end the line. */
static bool check_lengths(struct line *l, struct ipv4_fields *f)
{
    uint32_t available = (uint32_t)cursor_claimed_left(&l->c);
    if (f->header_bytes < IPV4_LEAST_BYTES) {
        line_u64(l, "bad-hlen ", f->header_bytes);
        return false;
    }
    if (f->total_bytes == 0) /* still to be cut up by the card: decode knows how long it is */
        f->total_bytes = f->header_bytes + l->p->net_payload_bytes;
    if (available < f->total_bytes) {
        line_u64(l, "truncated-ip - ", f->total_bytes - available);
        line_add(l, " bytes missing! ");
    }
    if (f->total_bytes < f->header_bytes)
        line_u64(l, "bad-len ", f->total_bytes);
    return f->total_bytes >= f->header_bytes;
}

void line_ipv4(struct line *l)
{
    l->protocol = "ip";
    struct cursor look = l->c;
    uint8_t version = cursor_u8(&look) >> 4;
    if (!cursor_ok(&look)) {
        line_abandon(l);
        return;
    }
    if (wrong_version(l, version))
        return;
    line_add(l, "IP ");
    struct ipv4_fields f;
    if (!read_fields(l->c, &f)) {
        line_cut(l);
        return;
    }
    if (!check_lengths(l, &f))
        return;
    cursor_narrow(&l->c, f.total_bytes);
    if (f.offset > 0)
        later_fragment(l, f.protocol);
    else
        first_fragment(l, f.protocol, f.header_bytes, f.total_bytes);
}

/* RFC 4302. Returns how long it is, 0 where the line has ended. */
static uint32_t authentication(struct line *l, uint8_t *next)
{
    enum { AH_FIXED_BYTES = 12 };
    uint32_t following, length, reserved, spi, seq;
    l->protocol = "ah";
    if (cursor_captured_left(&l->c) == 0) {
        line_cut(l);
        return 0;
    }
    line_add(l, "AH");
    if (!line_field(l, 1, LINE_DECIMAL, NULL, &following) ||
        !line_field(l, 1, LINE_DECIMAL, NULL, &length))
        return 0;
    line_add(l, "(");
    if (!line_field(l, 2, LINE_HEX, NULL, &reserved))
        return 0;
    if (reserved) {
        line_hex(l, "reserved=0x", reserved);
        line_add(l, "[MustBeZero],");
    }
    if (!line_field(l, 4, LINE_HEX, NULL, &spi))
        return 0;
    line_add(l, "spi=0x");
    text_hex_padded(l->out, spi, 8);
    line_add(l, ",");
    if (!line_field(l, 4, LINE_HEX, "seq=0x", &seq))
        return 0;
    line_add(l, ",icv=0x");
    uint32_t bytes = (length + 2) * 4;
    for (uint32_t i = AH_FIXED_BYTES; i < bytes; i++) {
        const uint8_t *byte = cursor_bytes(&l->c, 1);
        if (!byte) {
            line_abandon(l);
            return 0;
        }
        line_hex_bytes(l, byte, 1);
    }
    line_add(l, "): ");
    *next = (uint8_t)following;
    return bytes < AH_FIXED_BYTES ? 0 : bytes;
}

static void behind_authentication(struct line *l, uint32_t bytes)
{
    uint8_t next;
    uint32_t header_bytes = authentication(l, &next);
    if (header_bytes == 0 || header_bytes > bytes || ++l->depth > LINE_DEPTH_MAX)
        return;
    line_transport(l, next, bytes - header_bytes);
}

static void wrong_ip(struct line *l, const char *name, int version)
{
    line_add(l, "[");
    line_add(l, name);
    line_u64(l, " requires IPv", (uint64_t)version);
    line_add(l, "] (invalid)");
}

void line_transport(struct line *l, uint8_t protocol, uint32_t bytes)
{
    bool is_v4 = l->p->net == NET_IPV4;
    cursor_narrow(&l->c, bytes);
    if (!prints_addresses(protocol))
        line_addresses(l);
    switch (protocol) {
    case PROTO_TCP: line_tcp(l, bytes); break;
    case PROTO_UDP: line_udp(l, bytes); break;
    case PROTO_ICMP: is_v4 ? line_icmp(l, bytes) : wrong_ip(l, "ICMP", 4); break;
    case PROTO_ICMPV6: is_v4 ? wrong_ip(l, "ICMPv6", 6) : line_icmpv6(l, bytes); break;
    case PROTO_AUTHENTICATION: behind_authentication(l, bytes); break;
    case PROTO_IPV4: line_inside(l, ETHERTYPE_IPV4, bytes); break;
    case PROTO_IPV6: line_inside(l, ETHERTYPE_IPV6, bytes); break;
    case PROTO_GRE: line_gre(l, bytes); break;
    case PROTO_NONE: line_add(l, "no next header"); break;
    default:
        line_u64(l, " ip-proto-", protocol);
        line_u64(l, " ", bytes);
        break;
    }
}
