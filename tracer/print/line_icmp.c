/* ICMP, RFC 792: the messages that a study of TCP meets in words, the others by their number. */
#include "tracer/print/line_icmp.h"

static const struct line_name plain_types[] = {
    {4, "source quench"},        {9, "router advertisement"},
    {10, "router solicitation"}, {13, "time stamp query"},
    {14, "time stamp reply"},    {15, "information request"},
    {16, "information reply"},   {17, "address mask request"},
    {18, "address mask reply"},  {0, NULL},
};

/* In these, "%" stands for the destination that the returned packet had, "&" for the gateway. */
static const struct line_name redirect_codes[] = {
    {0, "redirect % to net &"},
    {1, "redirect % to host &"},
    {2, "redirect-tos % to net &"},
    {3, "redirect-tos % to host &"},
    {0, NULL},
};

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

static struct icmp_returned read_returned_v4(struct cursor c)
{
    struct icmp_returned r = {0};
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

void icmp_port_of(struct line *l, const struct icmp_returned *r)
{
    if (r->protocol == PROTO_TCP) {
        line_u64(l, " tcp port ", r->port);
    } else if (r->protocol == PROTO_UDP) {
        line_u64(l, " udp port ", r->port);
    } else {
        line_u64(l, " protocol ", r->protocol);
        line_u64(l, " port ", r->port);
    }
}

static void add_words(struct line *l, const char *words, const struct icmp_returned *r,
                      const uint8_t *gateway)
{
    for (; *words; words++) {
        if (*words == '%')
            line_address_v4(l, r->destination);
        else if (*words == '&')
            line_address_v4(l, gateway);
        else
            text_char(l->out, *words);
    }
}

/* False where what the message returns is not all here. */
static bool unreachable(struct line *l, uint8_t code, uint16_t next_mtu)
{
    enum { PROTOCOL_UNREACHABLE = 2, PORT_UNREACHABLE = 3, NEED_FRAGMENT = 4 };
    struct icmp_returned r = read_returned_v4(l->c);
    if (!r.destination || (code == PORT_UNREACHABLE && !r.has_port))
        return false;
    line_add(l, "ICMP ");
    const char *words = line_name(unreachable_codes, code);
    if (words) {
        add_words(l, words, &r, NULL);
        return true;
    }
    line_address_v4(l, r.destination);
    if (code == PROTOCOL_UNREACHABLE)
        line_u64(l, " protocol ", r.protocol);
    else if (code == PORT_UNREACHABLE)
        icmp_port_of(l, &r);
    line_add(l, " unreachable");
    if (code == NEED_FRAGMENT) {
        line_add(l, " - need to frag");
        if (next_mtu > 0) {
            line_u64(l, " (mtu ", next_mtu);
            line_add(l, ")");
        }
    } else if (code > NEED_FRAGMENT) {
        line_u64(l, " - #", code);
    }
    return true;
}

static bool redirect(struct line *l, uint8_t code, const uint8_t *gateway)
{
    struct icmp_returned r = read_returned_v4(l->c);
    if (!r.destination)
        return false;
    line_add(l, "ICMP ");
    const char *words = line_name(redirect_codes, code);
    if (!words)
        line_u64(l, "redirect-#", code);
    add_words(l, words ? words : " % to &", &r, gateway);
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

void icmp_echo(struct line *l, const char *name, const uint8_t rest[4])
{
    line_add(l, name);
    line_u64(l, ", id ", (uint64_t)rest[0] << 8 | rest[1]);
    line_u64(l, ", seq ", (uint64_t)rest[2] << 8 | rest[3]);
}

static bool icmp_message(struct line *l, uint8_t type, uint8_t code, const uint8_t *rest)
{
    const char *name = line_name(plain_types, type);
    switch (type) {
    case 0: icmp_echo(l, "ICMP echo reply", rest); return true;
    case 3: return unreachable(l, code, (uint16_t)(rest[2] << 8 | rest[3]));
    case 5: return redirect(l, code, rest);
    case 8: icmp_echo(l, "ICMP echo request", rest); return true;
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
        line_abandon(l);
    else
        line_u64(l, ", length ", bytes);
}
