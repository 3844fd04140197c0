/* ICMPv6, RFC 4443 and RFC 4861. */
#include "tracer/print/line_icmp.h"

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
static struct icmp_returned read_returned_v6(struct cursor c)
{
    struct icmp_returned r = {0};
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
    struct icmp_returned r = read_returned_v6(l->c);
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
        icmp_port_of(l, &r);
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
    struct icmp_returned r = read_returned_v6(l->c);
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
    case 129: icmp_echo(l, name, rest); return true;
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
        line_abandon(l);
    else
        line_u64(l, ", length ", bytes);
}
