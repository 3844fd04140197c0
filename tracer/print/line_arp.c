/* ARP, RFC 826, and its reverse and inverse forms. */
#include "tracer/print/line_parts.h"

#include <string.h>

enum { ARP_HEADER_BYTES = 8, REQUEST = 1, REPLY = 2 };

struct arp {
    uint16_t hardware, protocol, operation;
    uint8_t hardware_bytes, protocol_bytes;
    const uint8_t *sender_hardware, *sender, *target_hardware, *target;
};

static bool read_arp(struct cursor *c, struct arp *a)
{
    a->hardware = cursor_be16(c);
    a->protocol = cursor_be16(c);
    a->hardware_bytes = cursor_u8(c);
    a->protocol_bytes = cursor_u8(c);
    a->operation = cursor_be16(c);
    a->sender_hardware = cursor_bytes(c, a->hardware_bytes);
    a->sender = cursor_bytes(c, a->protocol_bytes);
    a->target_hardware = cursor_bytes(c, a->hardware_bytes);
    a->target = cursor_bytes(c, a->protocol_bytes);
    return cursor_ok(c);
}

static void add_hardware(struct line *l, const struct arp *a, const uint8_t *bytes)
{
    line_mac(l, bytes, a->hardware_bytes);
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i])
            return false;
    return true;
}

static void add_request(struct line *l, const struct arp *a)
{
    line_add(l, "who-has ");
    line_address_v4(l, a->target);
    if (!is_zero(a->target_hardware, a->hardware_bytes)) {
        line_add(l, " (");
        add_hardware(l, a, a->target_hardware);
        line_add(l, ")");
    }
    line_add(l, " tell ");
    line_address_v4(l, a->sender);
}

static void add_reply(struct line *l, const struct arp *a)
{
    line_address_v4(l, a->sender);
    line_add(l, " is-at ");
    add_hardware(l, a, a->sender_hardware);
}

static void add_who_is(struct line *l, const struct arp *a)
{
    line_add(l, "who-is ");
    add_hardware(l, a, a->target_hardware);
    line_add(l, " tell ");
    add_hardware(l, a, a->sender_hardware);
}

static void add_reverse_reply(struct line *l, const struct arp *a)
{
    add_hardware(l, a, a->target_hardware);
    line_add(l, " at ");
    line_address_v4(l, a->target);
}

static void add_inverse_reply(struct line *l, const struct arp *a)
{
    add_hardware(l, a, a->sender_hardware);
    line_add(l, " at ");
    line_address_v4(l, a->sender);
}

static const struct {
    uint16_t operation;
    const char *name;
    void (*add)(struct line *l, const struct arp *a);
} operations[] = {
    {REQUEST, "Request ", add_request},  {REPLY, "Reply ", add_reply},
    {3, "Reverse Request ", add_who_is}, {4, "Reverse Reply ", add_reverse_reply},
    {8, "Inverse Request ", add_who_is}, {9, "Inverse Reply ", add_inverse_reply},
};

static void add_foreign(struct line *l, const struct arp *a)
{
    static const struct line_name hardware[] = {
        {1, "Ethernet"}, {6, "TokenRing"}, {15, "FrameRelay"}, {32, "InfiniBand"}, {0, NULL},
    };
    const char *name = line_name(hardware, a->hardware);
    if (name) {
        line_add(l, name);
    } else {
        line_u64(l, "Unknown Hardware (", a->hardware);
        line_add(l, ")");
    }
    line_u64(l, " (len ", a->hardware_bytes);
    if (strcmp(line_ethertype(a->protocol), "Unknown") != 0) {
        line_add(l, "), ");
        line_add(l, line_ethertype(a->protocol));
    } else {
        line_add(l, "), Unknown Protocol (0x");
        text_hex_padded(l->out, a->protocol, 4);
        line_add(l, ")");
    }
    line_u64(l, " (len ", a->protocol_bytes);
    line_add(l, ")");
}

static void add_operation(struct line *l, const struct arp *a)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (operations[i].operation != a->operation)
            continue;
        line_add(l, operations[i].name);
        operations[i].add(l, a);
        return;
    }
    line_u64(l, "Unknown (", a->operation);
    line_add(l, ")");
}

void line_arp(struct line *l)
{
    l->protocol = "arp";
    uint32_t bytes = (uint32_t)cursor_claimed_left(&l->c);
    struct arp a;
    if (!read_arp(&l->c, &a)) {
        line_abandon(l);
        return;
    }
    line_add(l, "ARP, ");
    if (a.protocol != 0x0800 || a.protocol_bytes != 4 || a.hardware_bytes == 0)
        add_foreign(l, &a);
    else
        add_operation(l, &a);
    line_u64(l, ", length ", bytes);
}
