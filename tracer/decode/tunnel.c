/* Packets inside packets: the headers between the two, and the step from the one to the other. */
#include "tracer/decode/layers.h"

#include <string.h>

/* What a tunnel's header says of its inside, while it is read. */
struct way_in {
    struct tunnel tunnel;
    bool is_guess; /* its first bits alone tell what it is: it may be something else */
};

/* The IP packet whose header is next; where its version is another one, it is none. */
static void decode_ip(struct cursor *c, struct packet *p, unsigned version)
{
    struct cursor look = *c;
    p->net_at = (uint32_t)c->at;
    unsigned first = cursor_u8(&look);
    if (!cursor_ok(&look))
        *c = look;
    else if (first >> 4 != version)
        layer_malformed(c, c->at);
    else if (version == 4)
        decode_ipv4(c, p);
    else
        decode_ipv6(c, p);
}

static void decode_inside(struct cursor *c, struct packet *p, uint16_t ethertype)
{
    switch (ethertype) {
    case ETHERTYPE_IPV4: decode_ip(c, p, 4); break;
    case ETHERTYPE_IPV6: decode_ip(c, p, 6); break;
    case ETHERTYPE_BRIDGED: decode_bridged(c, p); break;
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST: decode_mpls(c, p); break;
    default: break;
    }
}

/* Decode what is inside in place of the packet so far. Where that is no IP packet, or its addresses
 * are not there, the packet around it stays. */
static void enter(struct cursor *c, struct packet *p, const struct way_in *way)
{
    const size_t net = offsetof(struct packet, net),
                 tunnel_count = offsetof(struct packet, tunnel_count);
    if (!cursor_ok(c) || p->tunnel_count >= p->tunnels_most)
        return;
    const struct packet around = *p;
    const struct cursor before = *c;
    struct tunnel *tunnel = &p->tunnels[p->tunnel_count++];
    *tunnel = way->tunnel;
    tunnel->inside_at = (uint32_t)c->at;
    memset((char *)p + net, 0, tunnel_count - net);
    decode_inside(c, p, tunnel->inside);
    memcpy(p, &around, net); /* the link is the frame's own */
    if ((p->net == NET_IPV4 || p->net == NET_IPV6) && p->net_header_bytes > 0)
        return;
    *p = around;
    if (way->is_guess && c->verdict == VERDICT_MALFORMED)
        *c = before;
}

static struct way_in way_of(enum tunnel_kind kind, size_t header_at, uint16_t inside)
{
    return (struct way_in){
        .tunnel = {.kind = (uint8_t)kind, .header_at = (uint32_t)header_at, .inside = inside}};
}

void decode_ip_in_ip(struct cursor *c, struct packet *p, uint8_t protocol)
{
    struct way_in way =
        way_of(TUNNEL_IP, c->at, protocol == PROTO_IPV4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
    enter(c, p, &way);
}

/* The protocol field of PPP, behind the address and control bytes where they are (RFC 1661, RFC
 * 1662); the EtherType for it, 0 where it has none here. */
static uint16_t read_ppp(struct cursor *c)
{
    static const struct {
        uint16_t ppp, ethertype;
    } protocols[] = {
        {0x0021, ETHERTYPE_IPV4},
        {0x0057, ETHERTYPE_IPV6},
        {0x0281, ETHERTYPE_MPLS},
        {0x0283, ETHERTYPE_MPLS_MULTICAST},
    };
    struct cursor look = *c;
    bool has_address = cursor_be16(&look) == 0xff03;
    if (has_address || !cursor_ok(&look))
        *c = look;
    uint16_t protocol = cursor_u8(c);
    if (protocol % 2 == 0) /* an odd first byte is the whole number */
        protocol = (uint16_t)(protocol << 8 | cursor_u8(c));
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        if (protocols[i].ppp == protocol)
            return protocols[i].ethertype;
    return 0;
}

void decode_pppoe(struct cursor *c, struct packet *p)
{
    enum { VERSION_AND_TYPE = 0x11, CODE_SESSION = 0 };
    struct way_in way = way_of(TUNNEL_PPPOE, c->at, 0);
    uint8_t version = cursor_u8(c), code = cursor_u8(c);
    way.tunnel.identifier = cursor_be16(c);
    uint16_t bytes = cursor_be16(c);
    if (!cursor_ok(c) || version != VERSION_AND_TYPE || code != CODE_SESSION)
        return;
    cursor_narrow(c, bytes);
    way.tunnel.inside = read_ppp(c);
    enter(c, p, &way);
}

/* Source routes, which nobody sends any more, end with one of nothing. */
static void skip_routes(struct cursor *c)
{
    uint16_t family;
    uint8_t bytes;
    do {
        family = cursor_be16(c);
        cursor_skip(c, 1);
        bytes = cursor_u8(c);
        cursor_skip(c, bytes);
    } while (cursor_ok(c) && (family != 0 || bytes != 0));
}

void decode_gre(struct cursor *c, struct packet *p)
{
    enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQ = 0x1000, ACK = 0x0080 };
    struct way_in way = way_of(TUNNEL_GRE, c->at, 0);
    uint16_t flags = cursor_be16(c);
    unsigned version = flags & 7;
    way.tunnel.inside = cursor_be16(c);
    if (version > 1)
        return;
    if (version == 0 && flags & (CHECKSUM | ROUTING))
        cursor_skip(c, 4);
    if (flags & KEY)
        way.tunnel.identifier = cursor_be32(c);
    if (flags & SEQ)
        cursor_skip(c, 4);
    if (version == 0 && flags & ROUTING)
        skip_routes(c);
    if (version == 1) {
        way.tunnel.identifier &= 0xffff; /* above it is a length */
        if (flags & ACK)
            cursor_skip(c, 4);
        bool has_ppp = way.tunnel.inside == ETHERTYPE_PPP && flags & SEQ;
        way.tunnel.inside = has_ppp ? read_ppp(c) : 0;
    }
    enter(c, p, &way);
}

void decode_mpls(struct cursor *c, struct packet *p)
{
    enum { IPV4_EXPLICIT_NULL = 0, IPV6_EXPLICIT_NULL = 2, IMPLICIT_NULL = 3, BOTTOM = 0x100 };
    struct way_in way = way_of(TUNNEL_MPLS, c->at, 0);
    uint32_t entry = 0;
    for (int depth = 0; !(entry & BOTTOM) && cursor_ok(c); depth++) {
        if (depth == LAYER_DEPTH_MAX)
            layer_malformed(c, c->at);
        entry = cursor_be32(c);
    }
    if (!cursor_ok(c))
        return;
    way.tunnel.identifier = entry >> 12;
    struct cursor look = *c;
    unsigned first = cursor_u8(&look);
    way.is_guess = way.tunnel.identifier > IMPLICIT_NULL;
    switch (way.tunnel.identifier) {
    case IPV4_EXPLICIT_NULL:
    case IMPLICIT_NULL: way.tunnel.inside = ETHERTYPE_IPV4; break;
    case IPV6_EXPLICIT_NULL: way.tunnel.inside = ETHERTYPE_IPV6; break;
    default: /* nothing says what it is; IP begins with its version, other things with less */
        if (look.verdict == VERDICT_TRUNCATED)
            *c = look;
        else if (first >> 4 == 6)
            way.tunnel.inside = ETHERTYPE_IPV6;
        else if (first > 0x44 && first < 0x50)
            way.tunnel.inside = ETHERTYPE_IPV4;
        break;
    }
    if (way.tunnel.inside != 0)
        enter(c, p, &way);
}

static bool read_vxlan(struct cursor *c, struct way_in *way)
{
    enum { HAS_IDENTIFIER = 0x08 };
    uint8_t flags = cursor_u8(c);
    cursor_skip(c, 3);
    way->tunnel.identifier = cursor_be32(c) >> 8;
    way->tunnel.inside = ETHERTYPE_BRIDGED;
    return flags & HAS_IDENTIFIER;
}

static bool read_gpe(struct cursor *c, struct way_in *way)
{
    static const uint16_t insides[] = {0, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_BRIDGED};
    cursor_skip(c, 3);
    uint8_t next = cursor_u8(c);
    way->tunnel.identifier = cursor_be32(c) >> 8;
    way->tunnel.inside = next < sizeof insides / sizeof insides[0] ? insides[next] : 0;
    return way->tunnel.inside != 0;
}

static bool read_geneve(struct cursor *c, struct way_in *way)
{
    uint8_t first = cursor_u8(c);
    cursor_skip(c, 1);
    way->tunnel.inside = cursor_be16(c);
    way->tunnel.identifier = cursor_be32(c) >> 8;
    cursor_skip(c, (first & 0x3fu) * 4);
    return first >> 6 == 0;
}

static const struct udp_tunnel {
    uint16_t port;
    uint8_t kind;
    bool (*read)(struct cursor *c, struct way_in *way); /* false: it is something else */
} udp_tunnels[] = {
    {PORT_VXLAN, TUNNEL_VXLAN, read_vxlan},
    {PORT_OTV, TUNNEL_VXLAN, read_vxlan},
    {PORT_GENEVE, TUNNEL_GENEVE, read_geneve},
    {PORT_VXLAN_GPE, TUNNEL_GPE, read_gpe},
    {PORT_MPLS, TUNNEL_MPLS, NULL},
};

static const struct udp_tunnel *find_udp_tunnel(const struct packet *p)
{
    for (size_t i = 0; i < sizeof udp_tunnels / sizeof udp_tunnels[0]; i++)
        if (p->udp_source_port == udp_tunnels[i].port ||
            p->udp_destination_port == udp_tunnels[i].port)
            return &udp_tunnels[i];
    return NULL;
}

void decode_udp_tunnel(struct cursor *c, struct packet *p)
{
    enum { UDP_HEADER_BYTES = 8 };
    const struct udp_tunnel *found = find_udp_tunnel(p);
    if (!found || p->tunnel_count >= p->tunnels_most)
        return;
    const struct cursor before = *c;
    const unsigned around = p->tunnel_count;
    if (p->udp_bytes > 0)
        cursor_narrow(c, p->udp_bytes - UDP_HEADER_BYTES);
    struct way_in way = way_of(found->kind, c->at, 0);
    if (!found->read)
        decode_mpls(c, p);
    else if (found->read(c, &way))
        enter(c, p, &way);
    /* Anybody may use such a port: what makes no tunnel is something else. */
    if (p->tunnel_count == around && c->verdict == VERDICT_MALFORMED)
        *c = before;
}
