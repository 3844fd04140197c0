/* IPv6 and its extension headers, each of which leaves a word in the line. */
#include "tracer/print/line_parts.h"

enum {
    IPV6_HEADER_BYTES = 40,
    EXTENSIONS_MAX = 32, /* as deep as decode goes */
    NEXT_HOP_BY_HOP = 0,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_DESTINATION = 60,
};

struct ipv6_walk {
    size_t net_at;
    uint32_t payload_bytes; /* as the header says; 0 in a jumbogram */
    bool has_hop_by_hop, has_jumbo;
};

/* The options of a hop-by-hop header: only what contradicts itself is printed. `fixed` options have
 * one length, the others a least one; both count type and length. */
static const struct option_rule {
    uint8_t type, bytes;
    bool fixed;
    const char *name;
} option_rules[] = {
    {0x01, 2, false, "padn"},
    {0x05, 4, true, "rtalert"},
    {0xc2, 6, true, "jumbo"},
    {0xc9, 18, false, "homeaddr"},
};

static const struct option_rule *find_rule(uint8_t type)
{
    for (size_t i = 0; i < sizeof option_rules / sizeof option_rules[0]; i++)
        if (option_rules[i].type == type)
            return &option_rules[i];
    return NULL;
}

/* One option of two bytes or more; `left` counts from its type. False where the walk must end. */
static bool check_option(struct line *l, struct cursor *options, uint8_t type, size_t left,
                         struct ipv6_walk *walk)
{
    uint8_t data_bytes = cursor_u8(options);
    if (!cursor_ok(options) || data_bytes + 2u > left)
        return false;
    const struct option_rule *rule = find_rule(type);
    if (rule && left < rule->bytes) {
        line_add(l, "(");
        line_add(l, rule->name);
        line_add(l, ": trunc)");
        return false;
    }
    bool wrong =
        rule && (rule->fixed ? data_bytes + 2u != rule->bytes : data_bytes + 2u < rule->bytes);
    if (wrong) {
        line_add(l, "(");
        line_add(l, rule->name);
        line_u64(l, ": invalid len ", data_bytes);
        line_add(l, ")");
        return false;
    }
    struct cursor data = cursor_sub(options, data_bytes);
    if (rule && rule->type == 0xc2 && walk->payload_bytes == 0)
        walk->has_jumbo = walk->has_jumbo || cursor_be32(&data) > UINT16_MAX;
    return true;
}

static bool check_options(struct line *l, struct cursor options, struct ipv6_walk *walk)
{
    while (cursor_claimed_left(&options) > 0) {
        size_t left = cursor_claimed_left(&options);
        uint8_t type = cursor_u8(&options);
        if (type != 0 && !check_option(l, &options, type, left, walk))
            return false;
    }
    return true;
}

/* The length of an extension header that says it in its second byte; 0 where it is not all here. */
static size_t sized_header(struct line *l)
{
    struct cursor look = l->c;
    cursor_skip(&look, 1);
    size_t bytes = (cursor_u8(&look) + 1u) * 8;
    return cursor_ok(&look) && cursor_skip(&look, bytes - 2) ? bytes : 0;
}

static bool hop_by_hop(struct line *l, struct ipv6_walk *walk)
{
    if (walk->has_hop_by_hop) {
        line_add(l, "[The Hop-by-Hop Options header was already found] (invalid)");
        return false;
    }
    if (l->c.at != walk->net_at + IPV6_HEADER_BYTES) {
        line_add(l, "[The Hop-by-Hop Options header don't follow the IPv6 header] (invalid)");
        return false;
    }
    walk->has_hop_by_hop = true;
    l->protocol = "hbhopt";
    size_t bytes = sized_header(l);
    if (bytes == 0) {
        line_cut(l);
        return false;
    }
    line_add(l, "HBH ");
    struct cursor options = l->c;
    cursor_narrow(&options, bytes);
    cursor_skip(&options, 2);
    cursor_skip(&l->c, bytes);
    bool sound = check_options(l, options, walk);
    if (!sound)
        line_cut(l);
    if (walk->payload_bytes == 0 && !walk->has_jumbo) {
        line_add(l, "[No valid Jumbo Payload Hop-by-Hop option found] (invalid)");
        return false;
    }
    return sound;
}

static bool destination(struct line *l)
{
    l->protocol = "dstopt";
    size_t bytes = sized_header(l);
    if (bytes == 0) {
        line_cut(l);
        return false;
    }
    line_add(l, "DSTOPT ");
    return cursor_skip(&l->c, bytes);
}

static bool fragment(struct line *l, const struct ipv6_walk *walk)
{
    l->protocol = "frag6";
    size_t at = l->c.at - walk->net_at;
    cursor_skip(&l->c, 2);
    uint16_t offset = cursor_be16(&l->c) & 0xfff8;
    if (!cursor_ok(&l->c)) {
        line_abandon(l);
        return false;
    }
    line_u64(l, "frag (", offset);
    /* Where the header is longer than the payload said, tcpdump's count wraps around below zero. */
    line_u64(l, "|", (uint64_t)IPV6_HEADER_BYTES + walk->payload_bytes - at - 8);
    line_add(l, offset ? ")" : ") ");
    return offset == 0 && cursor_skip(&l->c, 4) && cursor_captured_left(&l->c) > 0;
}

enum { ROUTING_SOURCE = 0, ROUTING_MOBILE = 2, ROUTING_SEGMENTS = 4 };

/* The addresses of a routing header, "[0]2001:db8::1" and so on. */
static bool routing_addresses(struct line *l, uint32_t length)
{
    if (length % 2 == 1) {
        line_u64(l, " (invalid length ", length);
        line_add(l, ") (invalid)");
        return false;
    }
    for (unsigned i = 0; i < length / 2; i++) {
        const uint8_t *address = cursor_bytes(&l->c, 16);
        if (!address) {
            line_abandon(l);
            return false;
        }
        line_u64(l, ", [", i);
        line_add(l, "]");
        line_address_v6(l, address);
    }
    line_add(l, ") ");
    return true;
}

/* The four bytes between a routing header's fixed part and its addresses. */
static bool routing_details(struct line *l, uint32_t type)
{
    uint32_t reserved, last, flags, tag;
    if (type != ROUTING_SEGMENTS) {
        if (!line_field(l, 4, LINE_HEX, NULL, &reserved))
            return false;
        if (reserved)
            line_hex(l, ", rsv=0x", reserved);
        return true;
    }
    if (!line_field(l, 1, LINE_DECIMAL, ", last-entry=", &last) ||
        !line_field(l, 1, LINE_HEX, NULL, &flags))
        return false;
    if (flags)
        line_hex(l, ", flags=0x", flags);
    return line_field(l, 2, LINE_HEX, ", tag=", &tag);
}

static bool routing(struct line *l)
{
    uint32_t next, length, type, left;
    if (cursor_captured_left(&l->c) == 0) {
        l->protocol = "ip6";
        line_cut(l);
        return false;
    }
    l->protocol = "rt6";
    line_add(l, "RT6");
    if (!line_field(l, 1, LINE_DECIMAL, NULL, &next) ||
        !line_field(l, 1, LINE_DECIMAL, " (len=", &length) ||
        !line_field(l, 1, LINE_DECIMAL, ", type=", &type))
        return false;
    line_add(l, type == ROUTING_SOURCE ? " [Deprecated]" : "");
    if (!line_field(l, 1, LINE_DECIMAL, ", segleft=", &left))
        return false;
    if (type != ROUTING_SOURCE && type != ROUTING_MOBILE && type != ROUTING_SEGMENTS) {
        line_add(l, " (unknown type) (invalid)");
        return false;
    }
    return routing_details(l, type) && routing_addresses(l, length);
}

/* One extension header; `*more` is false where `next` is none, and what it names is the payload. */
static bool extension(struct line *l, uint8_t next, struct ipv6_walk *walk, bool *more)
{
    switch (next) {
    case NEXT_HOP_BY_HOP: return hop_by_hop(l, walk);
    case NEXT_ROUTING: return routing(l);
    case NEXT_FRAGMENT: return fragment(l, walk);
    case NEXT_DESTINATION: return destination(l);
    default: *more = false; return true;
    }
}

/* What the headers carry. Without a payload length, decode found out how long it is. */
static void payload(struct line *l, uint8_t protocol, const struct ipv6_walk *walk,
                    uint32_t available)
{
    uint32_t header_bytes = (uint32_t)(l->c.at - walk->net_at);
    uint32_t bytes = l->p->net_payload_bytes;
    if (walk->payload_bytes > 0)
        bytes = IPV6_HEADER_BYTES + walk->payload_bytes - header_bytes;
    else if (header_bytes > IPV6_HEADER_BYTES && !walk->has_jumbo) {
        l->protocol = "ip6";
        line_cut(l);
        return;
    } else if (walk->has_jumbo && available < header_bytes + bytes) {
        line_u64(l, "truncated-ip6 - ", header_bytes + bytes - available);
        line_add(l, " bytes missing!");
    }
    line_transport(l, protocol, bytes);
}

static void walk_headers(struct line *l, uint8_t next, struct ipv6_walk *walk, uint32_t available)
{
    bool more = true;
    if (next != PROTO_TCP && next != PROTO_UDP)
        line_addresses(l);
    for (int depth = 0; depth <= EXTENSIONS_MAX; depth++) {
        struct cursor here = l->c;
        uint8_t after = cursor_u8(&here);
        if (!extension(l, next, walk, &more))
            return;
        if (!more) {
            payload(l, next, walk, available);
            return;
        }
        /* A header longer than the payload: what was to follow it is not there. */
        if (walk->payload_bytes > 0 &&
            l->c.at > walk->net_at + IPV6_HEADER_BYTES + walk->payload_bytes) {
            l->protocol = "ip6";
            line_cut(l);
            return;
        }
        next = after;
    }
    line_add(l, "[more extension headers than a packet may have] (invalid)");
}

void line_ipv6(struct line *l)
{
    l->protocol = "ip6";
    struct ipv6_walk walk = {.net_at = l->c.at};
    uint32_t available = (uint32_t)cursor_claimed_left(&l->c);
    uint8_t version = cursor_u8(&l->c) >> 4;
    cursor_skip(&l->c, 3);
    walk.payload_bytes = cursor_be16(&l->c);
    uint8_t next = cursor_u8(&l->c);
    if (!cursor_skip(&l->c, IPV6_HEADER_BYTES - 7)) {
        line_cut(l);
        return;
    }
    line_add(l, "IP6 ");
    if (version != 6) {
        line_u64(l, "version error: ", version);
        line_add(l, " != 6");
        return;
    }
    if (walk.payload_bytes > 0 && available < IPV6_HEADER_BYTES + walk.payload_bytes) {
        line_u64(l, "truncated-ip6 - ", IPV6_HEADER_BYTES + walk.payload_bytes - available);
        line_add(l, " bytes missing!");
    }
    if (walk.payload_bytes > 0)
        cursor_narrow(&l->c, walk.payload_bytes);
    walk_headers(l, next, &walk, available);
}
