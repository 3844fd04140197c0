/* IPv4, and what IP carries in either version. */
#include "tracer/print/line_parts.h"

enum {
    IPV4_LEAST_BYTES = 20,
    PROTO_IPV4 = 4,

    PROTO_IPV6 = 41,
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

void line_ipv4(struct line *l)
{
    l->protocol = "ip";
    struct cursor c = l->c;
    uint32_t available = (uint32_t)cursor_claimed_left(&c);
    uint8_t first = cursor_u8(&c);
    if (!cursor_ok(&c)) {
        line_abandon(l);
        return;
    }
    if (wrong_version(l, first >> 4))
        return;
    line_add(l, "IP ");
    cursor_skip(&c, 1);
    uint32_t total = cursor_be16(&c);
    cursor_skip(&c, 2);
    uint16_t offset = cursor_be16(&c) & 0x1fff;
    cursor_skip(&c, 1);
    uint8_t protocol = cursor_u8(&c);
    if (!cursor_skip(&c, 10)) {
        line_cut(l);
        return;
    }
    uint32_t header_bytes = (first & 0xfu) * 4;
    if (header_bytes < IPV4_LEAST_BYTES) {
        line_u64(l, "bad-hlen ", header_bytes);
        return;
    }
    if (total == 0)
        total = header_bytes + l->p->net_payload_bytes; /* still to be cut up by the card */
    if (available < total) {
        line_u64(l, "truncated-ip - ", total - available);
        line_add(l, " bytes missing! ");
    }
    if (total < header_bytes) {
        line_u64(l, "bad-len ", total);
        return;
    }
    cursor_narrow(&l->c, total);
    if (offset > 0)
        later_fragment(l, protocol);
    else
        first_fragment(l, protocol, header_bytes, total);
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
    case PROTO_IPV4: line_inner(l, LINKTYPE_IPV4); break;
    case PROTO_IPV6: line_inner(l, LINKTYPE_IPV6); break;
    case PROTO_NONE: line_add(l, "no next header"); break;
    default:
        line_u64(l, " ip-proto-", protocol);
        line_u64(l, " ", bytes);
        break;
    }
}
