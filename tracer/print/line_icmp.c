/* ICMP (RFC 792) and ICMPv6 (RFC 4443, RFC 4861): the messages that a study of TCP meets in words,
 * the others by their number. */
#include "tracer/print/line_parts.h"

enum { PORT_UNREACHABLE = 3, NEED_FRAGMENT = 4 };

static void cut_short(struct line *l)
{
    line_abandon(l);
}

static const struct line_name plain_types[] = {
    {4, "source quench"},        {9, "router advertisement"},
    {10, "router solicitation"}, {13, "time stamp query"},
    {14, "time stamp reply"},    {15, "information request"},
    {16, "information reply"},   {17, "address mask request"},
    {18, "address mask reply"},  {0, NULL},
};

/* "%" stands for the destination that the returned packet had. */
static const struct line_name unreachable_codes[] = {
    {0, "net % unreachable"},
    {1, "host % unreachable"},
    {5, "% unreachable - source route failed"},
    {6, "net % unreachable - unknown"},
    {7, "host % unreachable - unknown"},
    {8, "% unreachable - source host isolated"},
    {9, "net % unreachable - admin prohibited"},
    {10, "host % unreachable - admin prohibited"},
    {11, "net % unreachable - tos prohibited"},
    {12, "host % unreachable - tos prohibited"},
    {13, "host % unreachable - admin prohibited filter"},
    {14, "host % unreachable - host precedence violation"},
    {15, "host % unreachable - precedence cutoff"},
    {0, NULL},
};

/* The packet that an error returns: its destination and, where they are here, ports. */
struct returned {
    const uint8_t *destination;
    uint8_t protocol;
    uint16_t port;
    bool has_port;
};

static struct returned read_returned_v4(struct cursor c)
{
    struct returned r = {0};
    unsigned header_bytes = (cursor_u8(&c) & 0xfu) * 4;
    cursor_skip(&c, 8);
    r.protocol = cursor_u8(&c);
    cursor_skip(&c, 6);
    r.destination = cursor_bytes(&c, 4);
    if (header_bytes >= 20)
        cursor_skip(&c, header_bytes - 20);
    cursor_skip(&c, 2);
    r.port = cursor_be16(&c);
    r.has_port = cursor_ok(&c) && header_bytes >= 20;
    return r;
}

static void add_port_of(struct line *l, const struct returned *r)
{
    if (r->protocol == PROTO_TCP)
        line_u64(l, " tcp port ", r->port);
    else if (r->protocol == PROTO_UDP)
        line_u64(l, " udp port ", r->port);
    else {
        line_u64(l, " protocol ", r->protocol);
        line_u64(l, " port ", r->port);
    }
}

static bool unreachable_by_table(struct line *l, uint8_t code, const struct returned *r)
{
    const char *words = line_name(unreachable_codes, code);
    if (!words)
        return false;
    line_add(l, "ICMP ");
    for (; *words; words++) {
        if (*words == '%')
            line_address_v4(l, r->destination);
        else
            text_char(l->out, *words);
    }
    return true;
}

/* False where what the message returns is not all here. */
static bool unreachable(struct line *l, uint8_t code, uint16_t next_mtu)
{
    struct returned r = read_returned_v4(l->c);
    if (!r.destination || (code == PORT_UNREACHABLE && !r.has_port))
        return false;
    if (unreachable_by_table(l, code, &r))
        return true;
    if (code > NEED_FRAGMENT) {
        line_u64(l, "ICMP #", code);
        line_add(l, " ");
        line_address_v4(l, r.destination);
        line_add(l, " unreachable");
        return true;
    }
    line_add(l, "ICMP ");
    line_address_v4(l, r.destination);
    if (code == NEED_FRAGMENT) {
        line_add(l, " unreachable - need to frag");
        if (next_mtu > 0) {
            line_u64(l, " (mtu ", next_mtu);
            line_add(l, ")");
        }
        return true;
    }
    if (code == PORT_UNREACHABLE)
        add_port_of(l, &r);
    else
        line_u64(l, " protocol ", r.protocol);
    line_add(l, " unreachable");
    return true;
}

static bool redirect(struct line *l, uint8_t code, const uint8_t *gateway)
{
    static const struct line_name kinds[] = {
        {0, "net"}, {1, "host"}, {2, "tos-net"}, {3, "tos-host"}, {0, NULL},
    };
    struct returned r = read_returned_v4(l->c);
    if (!r.destination)
        return false;
    const char *kind = line_name(kinds, code);
    line_add(l, "ICMP redirect ");
    if (kind) {
        line_add(l, kind);
        line_add(l, " ");
    } else {
        line_u64(l, "-#", code);
        line_add(l, " ");
    }
    line_address_v4(l, r.destination);
    line_add(l, " to ");
    line_add(l, kind ? "host " : "net ");
    line_address_v4(l, gateway);
    return true;
}

static void time_exceeded(struct line *l, uint8_t code)
{
    if (code == 0)
        line_add(l, "ICMP time exceeded in-transit");
    else if (code == 1)
        line_add(l, "ICMP ip reassembly time exceeded");
    else
        line_u64(l, "ICMP time exceeded-#", code);
}

static void echo(struct line *l, const char *name, const uint8_t *rest)
{
    line_add(l, name);
    line_u64(l, ", id ", (uint64_t)rest[0] << 8 | rest[1]);
    line_u64(l, ", seq ", (uint64_t)rest[2] << 8 | rest[3]);
}

static bool icmp_message(struct line *l, uint8_t type, uint8_t code, const uint8_t *rest)
{
    const char *name = line_name(plain_types, type);
    switch (type) {
    case 0: echo(l, "ICMP echo reply", rest); return true;
    case 3: return unreachable(l, code, (uint16_t)(rest[2] << 8 | rest[3]));
    case 5: return redirect(l, code, rest);
    case 8: echo(l, "ICMP echo request", rest); return true;
    case 11: time_exceeded(l, code); return true;
    case 12:
        if (code)
            line_u64(l, "ICMP parameter problem - code ", code);
        else
            line_u64(l, "ICMP parameter problem - octet ", rest[0]);
        return true;
    default:
        if (name) {
            line_add(l, "ICMP ");
            line_add(l, name);
        } else {
            line_u64(l, "ICMP type-#", type);
        }
        return true;
    }
}

void line_icmp(struct line *l, uint32_t bytes)
{
    l->protocol = "icmp";
    uint8_t type = cursor_u8(&l->c), code = cursor_u8(&l->c);
    cursor_skip(&l->c, 2);
    const uint8_t *rest = cursor_bytes(&l->c, 4);
    if (!rest || !icmp_message(l, type, code, rest))
        cut_short(l);
    else
        line_u64(l, ", length ", bytes);
}

static const struct line_name v6_types[] = {
    {1, "destination unreachable"},
    {2, "packet too big"},
    {3, "time exceeded in-transit"},
    {4, "parameter problem"},
    {128, "echo request"},
    {129, "echo reply"},
    {130, "multicast listener query"},
    {131, "multicast listener report"},
    {132, "multicast listener done"},
    {133, "router solicitation"},
    {134, "router advertisement"},
    {135, "neighbor solicitation"},
    {136, "neighbor advertisement"},
    {137, "redirect"},
    {143, "multicast listener report v2"},
    {0, NULL},
};

/* The destination of the IPv6 packet that an error returns, and of its segment the port where no
 * extension header stands between. */
static struct returned read_returned_v6(struct cursor c)
{
    struct returned r = {0};
    cursor_skip(&c, 6);
    r.protocol = cursor_u8(&c);
    cursor_skip(&c, 17);
    r.destination = cursor_bytes(&c, 16);
    cursor_skip(&c, 2);
    r.port = cursor_be16(&c);
    r.has_port = cursor_ok(&c);
    return r;
}

static bool unreachable_v6(struct line *l, uint8_t code)
{
    static const struct line_name codes[] = {
        {0, ", unreachable route "},   {1, ",  unreachable prohibited "}, {2, ", beyond scope "},
        {3, ", unreachable address "}, {4, ", unreachable port, "},       {0, NULL},
    };
    struct returned r = read_returned_v6(l->c);
    const char *words = line_name(codes, code);
    if (!r.destination || (code == 4 && !r.has_port))
        return false;
    if (!words) {
        line_u64(l, ", unknown unreach code (", code);
        line_add(l, ")");
        return true;
    }
    line_add(l, words);
    line_address_v6(l, r.destination);
    if (code == 4)
        add_port_of(l, &r);
    return true;
}

static bool target_v6(struct line *l, const char *before)
{
    const uint8_t *target = cursor_bytes(&l->c, 16);
    if (!target)
        return false;
    line_add(l, before);
    line_address_v6(l, target);
    return true;
}

static bool time_exceeded_v6(struct line *l, uint8_t code)
{
    struct returned r = read_returned_v6(l->c);
    if (!r.destination)
        return false;
    if (code == 0) {
        line_add(l, " for ");
        line_address_v6(l, r.destination);
    } else {
        line_add(l, code == 1 ? " (reassembly)" : ", unknown code");
    }
    return true;
}

static bool icmpv6_message(struct line *l, uint8_t type, uint8_t code, const uint8_t *rest)
{
    const char *name = line_name(v6_types, type);
    if (!name) {
        line_u64(l, "ICMP6, unknown icmp6 type (", type);
        line_add(l, ")");
        return true;
    }
    line_add(l, "ICMP6, ");
    switch (type) {
    case 128:
    case 129: echo(l, name, rest); return true;
    default: line_add(l, name); break;
    }
    switch (type) {
    case 1: return unreachable_v6(l, code);
    case 2:
        line_u64(l, ", mtu ",
                 (uint64_t)rest[0] << 24 | (uint64_t)rest[1] << 16 | (uint64_t)rest[2] << 8 |
                     rest[3]);
        return true;
    case 3: return time_exceeded_v6(l, code);
    case 135: return target_v6(l, ", who has ");
    case 136: return target_v6(l, ", tgt is ");
    default: return true;
    }
}

void line_icmpv6(struct line *l, uint32_t bytes)
{
    l->protocol = "icmp6";
    uint8_t type = cursor_u8(&l->c), code = cursor_u8(&l->c);
    cursor_skip(&l->c, 2);
    const uint8_t *rest = cursor_bytes(&l->c, 4);
    if (!rest || !icmpv6_message(l, type, code, rest))
        cut_short(l);
    else
        line_u64(l, ", length ", bytes);
}
