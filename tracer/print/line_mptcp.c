/* Multipath TCP options, RFC 8684. */
#include "tracer/print/line_options.h"

/* The whole option, kind and length included, as its subtypes count. */
struct mptcp {
    struct line *l;
    struct cursor c; /* behind the subtype's byte */
    unsigned bytes;
    unsigned low;   /* the four bits beside the subtype */
    uint16_t flags; /* TCP_ bits of the segment */
};

static bool has(const struct mptcp *m, uint16_t flags)
{
    return (m->flags & flags) == flags;
}

static void add_be64_hex(struct mptcp *m, const char *before)
{
    line_hex(m->l, before, cursor_be64(&m->c));
}

static bool print_capable(struct mptcp *m)
{
    enum { CHECKSUM_REQUIRED = 0x80, LATEST_VERSION = 1 };
    bool opening = has(m, TCP_SYN) && (m->bytes == 4 || m->bytes == 12);
    bool closing = has(m, TCP_ACK) && !has(m, TCP_SYN) && (m->bytes == 20 || m->bytes == 22);
    if (!opening && !closing)
        return false;
    if (m->low > LATEST_VERSION) {
        line_u64(m->l, " Unknown Version (", m->low);
        line_add(m->l, ")");
        return true;
    }
    line_u64(m->l, " v", m->low);
    if (cursor_u8(&m->c) & CHECKSUM_REQUIRED)
        line_add(m->l, " csum");
    if (m->bytes >= 12)
        add_be64_hex(m, " {0x");
    if (m->bytes >= 20)
        add_be64_hex(m, ",0x");
    if (m->bytes >= 12)
        line_add(m->l, "}");
    return true;
}

static bool print_join(struct mptcp *m)
{
    enum { BACKUP = 1, JOIN_SYN = 12, JOIN_SYN_ACK = 16, JOIN_ACK = 24 };
    bool fits = (m->bytes == JOIN_SYN && has(m, TCP_SYN)) ||
                (m->bytes == JOIN_SYN_ACK && has(m, TCP_SYN | TCP_ACK)) ||
                (m->bytes == JOIN_ACK && has(m, TCP_ACK));
    if (!fits)
        return false;
    uint8_t id = cursor_u8(&m->c);
    if (m->bytes == JOIN_ACK) {
        line_add(m->l, " hmac 0x");
        line_hex_bytes(m->l, cursor_bytes(&m->c, 20), 20);
        return true;
    }
    line_add(m->l, (m->low & BACKUP) ? " backup" : "");
    line_u64(m->l, " id ", id);
    if (m->bytes == JOIN_SYN)
        line_hex(m->l, " token 0x", cursor_be32(&m->c));
    else
        add_be64_hex(m, " hmac 0x");
    line_hex(m->l, " nonce 0x", cursor_be32(&m->c));
    return true;
}

/* A data sequence or acknowledgement number, of 8 bytes or 4; false where it does not fit. */
static bool add_data_number(struct mptcp *m, const char *before, bool is_long)
{
    line_add(m->l, before);
    if (cursor_claimed_left(&m->c) < (is_long ? 8u : 4u))
        return false;
    line_u64(m->l, "", is_long ? cursor_be64(&m->c) : cursor_be32(&m->c));
    return true;
}

static bool print_mapping(struct mptcp *m, bool is_long)
{
    if (!add_data_number(m, " seq ", is_long))
        return false;
    if (cursor_claimed_left(&m->c) < 4)
        return false;
    line_u64(m->l, " subseq ", cursor_be32(&m->c));
    if (cursor_claimed_left(&m->c) < 2)
        return false;
    line_u64(m->l, " len ", cursor_be16(&m->c));
    if (cursor_claimed_left(&m->c) >= 2)
        line_hex(m->l, " csum 0x", cursor_be16(&m->c));
    return true;
}

static bool print_dss(struct mptcp *m)
{
    enum { DATA_FIN = 0x10, LONG_SEQ = 0x08, HAS_MAPPING = 0x04, LONG_ACK = 0x02, HAS_ACK = 0x01 };
    if (m->bytes < 4 || has(m, TCP_SYN))
        return false;
    uint8_t bits = cursor_u8(&m->c);
    if (bits & DATA_FIN)
        line_add(m->l, " fin");
    if ((bits & HAS_ACK) && !add_data_number(m, " ack ", bits & LONG_ACK))
        return false;
    if ((bits & HAS_MAPPING) && !print_mapping(m, bits & LONG_SEQ))
        return false;
    return cursor_claimed_left(&m->c) == 0;
}

/* The address family and what follows it show in the length alone. */
static bool print_add_address(struct mptcp *m)
{
    static const struct line_name forms[] = {
        {0x0, "v1"}, {0x1, "v1-echo"}, {0x4, "v0-ip4"}, {0x6, "v0-ip6"}, {0, NULL},
    };
    bool is_v4 = m->bytes == 8 || m->bytes == 10 || m->bytes == 16 || m->bytes == 18;
    bool is_v6 = m->bytes == 20 || m->bytes == 22 || m->bytes == 28 || m->bytes == 30;
    if (!is_v4 && !is_v6)
        return false;
    const char *form = line_name(forms, m->low);
    line_add(m->l, " ");
    line_add(m->l, form ? form : "[bad version/echo]");
    line_u64(m->l, " id ", cursor_u8(&m->c));
    line_add(m->l, " ");
    if (is_v4)
        line_address_v4(m->l, cursor_bytes(&m->c, 4));
    else
        line_address_v6(m->l, cursor_bytes(&m->c, 16));
    if (cursor_claimed_left(&m->c) % 8 == 2)
        line_u64(m->l, ":", cursor_be16(&m->c));
    if (cursor_claimed_left(&m->c) == 8)
        add_be64_hex(m, " hmac 0x");
    return true;
}

static bool print_remove_address(struct mptcp *m)
{
    if (m->bytes < 4)
        return false;
    line_add(m->l, " id");
    while (cursor_claimed_left(&m->c) > 0)
        line_u64(m->l, " ", cursor_u8(&m->c));
    return true;
}

static bool print_priority(struct mptcp *m)
{
    if (m->bytes != 3 && m->bytes != 4)
        return false;
    line_add(m->l, (m->low & 1) ? " backup" : " non-backup");
    if (m->bytes == 4)
        line_u64(m->l, " id ", cursor_u8(&m->c));
    return true;
}

static bool print_fail(struct mptcp *m)
{
    if (m->bytes != 12)
        return false;
    cursor_skip(&m->c, 1);
    line_u64(m->l, " seq ", cursor_be64(&m->c));
    return true;
}

static bool print_fast_close(struct mptcp *m)
{
    if (m->bytes != 12)
        return false;
    cursor_skip(&m->c, 1);
    add_be64_hex(m, " key 0x");
    return true;
}

static bool print_other(struct mptcp *m)
{
    (void)m;
    return true;
}

static const struct {
    const char *name;
    bool (*print)(struct mptcp *m);
} subtypes[] = {
    {"capable", print_capable},
    {"join", print_join},
    {"dss", print_dss},
    {"add-addr", print_add_address},
    {"rem-addr", print_remove_address},
    {"prio", print_priority},
    {"fail", print_fail},
    {"fast-close", print_fast_close},
    {"unknown", print_other},
};

enum option_end line_mptcp(struct option_body *o)
{
    enum { UNKNOWN = sizeof subtypes / sizeof subtypes[0] - 1 };
    enum option_end end = option_check(o, o->said_bytes);
    if (end != OPTION_DONE)
        return end;
    o->l->protocol = "mptcp"; /* what is cut short from here on in this header goes by that name */
    if (o->said_bytes < 1)
        return OPTION_BAD;
    struct mptcp m = {.l = o->l, .c = o->c, .bytes = o->said_bytes + 2, .flags = o->flags};
    cursor_narrow(&m.c, o->said_bytes);
    uint8_t first = cursor_u8(&m.c);
    m.low = first & 0xfu;
    unsigned subtype = first >> 4;
    subtype = subtype < UNKNOWN ? subtype : UNKNOWN;
    line_u64(m.l, " ", m.bytes);
    line_add(m.l, " ");
    line_add(m.l, subtypes[subtype].name);
    return subtypes[subtype].print(&m) ? OPTION_DONE : OPTION_BAD;
}
