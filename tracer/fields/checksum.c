/* RFC 1071: the one's complement of the one's complement sum of 16-bit words. */
#include "tracer/fields/checksum.h"

enum { IPV4_LEAST_BYTES = 20, IPV6_HEADER_BYTES = 40, EXTENSIONS_MOST = 40 };

static uint64_t add_words(uint64_t sum, struct cursor c, size_t n)
{
    for (; n >= 2; n -= 2)
        sum += cursor_be16(&c);
    if (n > 0)
        sum += (uint64_t)cursor_u8(&c) << 8;
    return sum;
}

static uint16_t fold(uint64_t sum)
{
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static struct cursor cursor_at(const struct packet *p, size_t at)
{
    struct cursor c;
    cursor_init(&c, p->frame.bytes, p->frame.captured_bytes, p->frame.captured_bytes);
    cursor_skip(&c, at);
    return c;
}

/* The offset of the last stop of an IPv4 source route (RFC 791) with stops to come, or 0. */
static size_t last_stop_v4(const struct packet *p)
{
    enum { LOOSE = 131, STRICT = 137 };
    struct cursor c = cursor_at(p, p->net_at);
    uint32_t header_bytes = (cursor_u8(&c) & 0xfu) * 4;
    cursor_skip(&c, IPV4_LEAST_BYTES - 1);
    cursor_narrow(&c, header_bytes < IPV4_LEAST_BYTES ? 0 : header_bytes - IPV4_LEAST_BYTES);
    while (cursor_captured_left(&c) > 0) {
        uint8_t kind = cursor_u8(&c);
        if (kind == 0)
            return 0;
        if (kind == 1)
            continue;
        uint8_t bytes = cursor_u8(&c);
        struct cursor body = c;
        if (bytes < 2 || !cursor_skip(&c, bytes - 2u))
            return 0;
        if (kind == LOOSE || kind == STRICT)
            return bytes >= 7 && cursor_u8(&body) <= bytes ? c.at - 4 : 0;
    }
    return 0;
}

/* The same of an IPv6 routing header, its third byte at `c`: the last address of the list, or the
 * first where the list is written backwards (RFC 8754). */
static size_t last_stop(struct cursor c, size_t bytes)
{
    enum { SEGMENT_ROUTING = 4 };
    size_t at = c.at - 2;
    uint8_t type = cursor_u8(&c), left = cursor_u8(&c);
    if (left == 0 || bytes < 24)
        return 0;
    return type == SEGMENT_ROUTING ? at + 8 : at + 8 + (bytes - 8) / 16 * 16 - 16;
}

static size_t last_stop_v6(const struct packet *p)
{
    enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AH = 51, DESTINATION = 60 };
    struct cursor c = cursor_at(p, p->net_at + 6u);
    uint8_t kind = cursor_u8(&c);
    cursor_skip(&c, IPV6_HEADER_BYTES - 7);
    for (int i = 0; i < EXTENSIONS_MOST && cursor_ok(&c); i++) {
        bool sized = kind == HOP_BY_HOP || kind == ROUTING || kind == DESTINATION;
        if (!sized && kind != FRAGMENT && kind != AH)
            return 0;
        uint8_t next = cursor_u8(&c), length = cursor_u8(&c);
        size_t bytes = kind == FRAGMENT ? 8u : kind == AH ? length * 4u + 8 : length * 8u + 8;
        size_t stop = kind == ROUTING ? last_stop(c, bytes) : 0;
        if (stop > 0)
            return stop;
        cursor_skip(&c, bytes - 2);
        kind = next;
    }
    return 0;
}

/* RFC 9293 section 3.1 and RFC 8200 section 8.1: the addresses, the protocol, the length. The
 * destination is the last one, where there is a route of several. */
static uint64_t pseudo_header(const struct packet *p, uint32_t bytes)
{
    bool v6 = p->net == NET_IPV6;
    size_t address = v6 ? 16 : 4, source_at = p->net_at + (v6 ? 8u : 12u);
    size_t stop = v6 ? last_stop_v6(p) : last_stop_v4(p);
    uint64_t sum = add_words(0, cursor_at(p, source_at), address);
    sum = add_words(sum, cursor_at(p, stop > 0 ? stop : source_at + address), address);
    return sum + p->protocol + (bytes >> 16) + (bytes & 0xffff);
}

/* Judge the `n` bytes at `at`, the checksum among them `field` bytes in; `start` is what is added
 * from elsewhere. */
static struct sum judge(const struct packet *p, uint32_t at, uint32_t n, uint32_t field,
                        uint64_t start)
{
    struct cursor c = cursor_at(p, (size_t)at + field);
    struct sum s = {.found = cursor_be16(&c)};
    if (!cursor_ok(&c) || n < field + 2)
        return s;
    if ((uint64_t)at + n > p->frame.captured_bytes) {
        s.verdict = SUM_CUT;
        return s;
    }
    uint64_t sum = add_words(start, cursor_at(p, at), n);
    s.expected = (uint16_t)~fold(sum + (uint16_t)~s.found);
    if (fold(sum) == 0xffff)
        s.verdict = SUM_CORRECT;
    else
        s.verdict = s.found == 0 ? SUM_EMPTY : SUM_WRONG;
    return s;
}

struct sum sum_ipv4_header(const struct packet *p)
{
    if (p->net != NET_IPV4)
        return (struct sum){0};
    struct cursor c = cursor_at(p, p->net_at);
    uint32_t bytes = (cursor_u8(&c) & 0xfu) * 4;
    if (!cursor_ok(&c) || bytes < IPV4_LEAST_BYTES)
        return (struct sum){0};
    return judge(p, p->net_at, bytes, 10, 0);
}

static struct sum judge_transport(const struct packet *p, uint32_t n, uint32_t field, bool pseudo)
{
    struct sum s = judge(p, p->transport_at, n, field, pseudo ? pseudo_header(p, n) : 0);
    if (s.verdict == SUM_NONE || s.verdict == SUM_CORRECT)
        return s;
    if (p->is_fragment)
        return (struct sum){.verdict = SUM_FRAGMENT, .found = s.found};
    /* Linux asks the card to add the rest to the pseudo-header's sum, which stands in the field; of
     * a segment that is still to be cut up some drivers want it without the length. */
    bool partial =
        pseudo && (s.found == fold(pseudo_header(p, n)) || s.found == fold(pseudo_header(p, 0)));
    if (partial)
        s.verdict = SUM_PARTIAL;
    return s;
}

static struct sum judge_udp(const struct packet *p)
{
    uint32_t n = p->udp_bytes > 0 ? p->udp_bytes : p->net_payload_bytes; /* 0: a jumbogram */
    struct sum s = judge_transport(p, n < p->net_payload_bytes ? n : p->net_payload_bytes, 6, true);
    if (s.verdict == SUM_NONE)
        return s;
    if (s.found == 0 && p->net == NET_IPV4)
        s.verdict = SUM_UNUSED;
    else if (s.expected == 0)
        s.expected = 0xffff;
    return s;
}

struct sum sum_transport(const struct packet *p)
{
    if (p->transport_at == 0)
        return (struct sum){0};
    switch (p->protocol) {
    case PROTO_TCP: return judge_transport(p, p->net_payload_bytes, 16, true);
    case PROTO_UDP: return judge_udp(p);
    case PROTO_ICMP: return judge_transport(p, p->net_payload_bytes, 2, false);
    case PROTO_ICMPV6: return judge_transport(p, p->net_payload_bytes, 2, true);
    default: return (struct sum){0};
    }
}
