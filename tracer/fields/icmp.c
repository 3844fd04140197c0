/* ICMP (RFC 792) and ICMPv6 (RFC 4443, and RFC 4861 for neighbours). */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"

static bool is_v6(const struct writer *w)
{
    return w->p->protocol == PROTO_ICMPV6;
}

static void tell_transport_sum(struct writer *w, const struct reading *r)
{
    tell_sum(w, r, true,
             is_v6(w) ? N_("It covers the message and the addresses (RFC 4443 section 2.3).")
                      : N_("It covers the whole message (RFC 792)."));
}

static const struct field_name types_v4[] = {
    {0, "echo reply"},           {3, "destination unreachable"},
    {4, "source quench"},        {5, "redirect"},
    {8, "echo request"},         {9, "router advertisement"},
    {10, "router solicitation"}, {11, "time exceeded"},
    {12, "parameter problem"},   {13, "timestamp"},
    {14, "timestamp reply"},     {17, "address mask request"},
    {18, "address mask reply"},  {0, NULL},
};

static const struct field_name types_v6[] = {
    {1, "destination unreachable"},
    {2, "packet too big"},
    {3, "time exceeded"},
    {4, "parameter problem"},
    {128, "echo request"},
    {129, "echo reply"},
    {130, "multicast query"},
    {131, "multicast report"},
    {132, "multicast done"},
    {133, "router solicitation"},
    {134, "router advertisement"},
    {135, "neighbour solicitation"},
    {136, "neighbour advertisement"},
    {137, "redirect"},
    {143, "multicast report, v2"},
    {0, NULL},
};

/* Type above, code below. */
static const struct field_name codes_v4[] = {
    {0x300, "network unreachable"},
    {0x301, "host unreachable"},
    {0x302, "protocol unreachable"},
    {0x303, "port unreachable: nobody listens"},
    {0x304, "too big, and may not be fragmented"},
    {0x305, "source route failed"},
    {0x306, "network unknown"},
    {0x307, "host unknown"},
    {0x309, "network forbidden"},
    {0x30a, "host forbidden"},
    {0x30d, "forbidden by a filter"},
    {0x500, "for the network"},
    {0x501, "for the host"},
    {0xb00, "its time to live ran out on the way"},
    {0xb01, "fragments were missing too long"},
    {0, NULL},
};

static const struct field_name codes_v6[] = {
    {0x100, "no route"},
    {0x101, "forbidden by a filter"},
    {0x102, "beyond the source's scope"},
    {0x103, "address unreachable"},
    {0x104, "port unreachable: nobody listens"},
    {0x300, "its hop limit ran out on the way"},
    {0x301, "fragments were missing too long"},
    {0x400, "a field is wrong"},
    {0x401, "next header unknown"},
    {0x402, "option unknown"},
    {0, NULL},
};

static void tell_type(struct writer *w, const struct reading *r)
{
    const char *name = name_of(is_v6(w) ? types_v6 : types_v4, r->number);
    text_u64(&w->value, r->number);
    if (name)
        text_format(&w->value, " (%s)", name);
}

/* Read with the type before it, so that it can be named. */
static void tell_code(struct writer *w, const struct reading *r)
{
    const char *name = name_of(is_v6(w) ? codes_v6 : codes_v4, r->number);
    text_u64(&w->value, r->number & 0xff);
    if (name && r->number != 0)
        text_format(&w->value, " (%s)", name);
}

static const struct field_row rows[] = {
    {N_("type"), 0, 1, 1, 0, tell_type, NULL, N_("What the message is about.")},
    {N_("code"), 0, 2, 1, 0, tell_code, NULL, N_("The type, closer.")},
    {N_("checksum"), 2, 2, 1, 0, tell_transport_sum, NULL, ""},
};

static const struct field_row echo_rows[] = {
    {N_("identifier"), 4, 2, 1, 0, NULL, NULL,
     N_("Which ping it is: the same in request and reply, chosen by the one who asks.")},
    {N_("sequence"), 6, 2, 1, 0, NULL, NULL, N_("Counts the requests; the reply says it again.")},
};

static const struct field_row mtu_v4_rows[] = {
    {N_("unused"), 4, 2, 1, 0, tell_zero, NULL, N_("Always 0.")},
    {N_("next hop's MTU"), 6, 2, 1, 0, NULL, NULL,
     N_("The most bytes that the next link takes; TCP makes its segments smaller (RFC 1191).")},
};

static const struct field_row mtu_v6_rows[] = {
    {N_("MTU"), 4, 4, 1, 0, NULL, NULL,
     N_("The most bytes that the next link takes; TCP makes its segments smaller (RFC 8201).")},
};

static const struct field_row unused_rows[] = {
    {N_("unused"), 4, 4, 1, 0, tell_hex, NULL, N_("Nothing in a message of this type; mostly 0.")},
};

static const struct field_row gateway_rows[] = {
    {N_("gateway"), 4, 4, 1, 0, tell_v4, NULL, N_("The router that is the better first hop.")},
};

static const struct field_row pointer_v4_rows[] = {
    {N_("pointer"), 4, 1, 1, 0, NULL, NULL, N_("Which byte of the quoted packet is wrong.")},
    {N_("unused"), 5, 3, 1, 0, tell_zero, NULL, N_("Always 0.")},
};

static const struct field_row pointer_v6_rows[] = {
    {N_("pointer"), 4, 4, 1, 0, NULL, NULL, N_("Which byte of the quoted packet is wrong.")},
};

static const struct field_row neighbour_rows[] = {
    {N_("flags"), 4, 4, 1, 0, tell_hex, NULL,
     N_("In an answer: from a router, asked for, in place of what was known (RFC 4861).")},
    {N_("target"), 8, 16, 1, 0, tell_v6, NULL,
     N_("The address whose card is asked for, or told of (RFC 4861).")},
};

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])

/* What follows the first four bytes, by type; `quotes` is where a quoted packet begins, or 0. */
static const struct message {
    uint16_t type, code; /* code 256: any */
    bool v6;
    const struct field_row *rows;
    size_t row_count;
    uint8_t quotes;
} messages[] = {
    {0, 256, false, ROWS(echo_rows), 0},       {8, 256, false, ROWS(echo_rows), 0},
    {3, 4, false, ROWS(mtu_v4_rows), 8},       {3, 256, false, ROWS(unused_rows), 8},
    {4, 256, false, ROWS(unused_rows), 8},     {5, 256, false, ROWS(gateway_rows), 8},
    {11, 256, false, ROWS(unused_rows), 8},    {12, 256, false, ROWS(pointer_v4_rows), 8},
    {128, 256, true, ROWS(echo_rows), 0},      {129, 256, true, ROWS(echo_rows), 0},
    {1, 256, true, ROWS(unused_rows), 8},      {2, 256, true, ROWS(mtu_v6_rows), 8},
    {3, 256, true, ROWS(unused_rows), 8},      {4, 256, true, ROWS(pointer_v6_rows), 8},
    {135, 256, true, ROWS(neighbour_rows), 0}, {136, 256, true, ROWS(neighbour_rows), 0},
};

static const struct message any_message = {0, 0, false, ROWS(unused_rows), 0};

static const struct message *find_message(const struct writer *w, uint8_t type, uint8_t code)
{
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        if (messages[i].type == type && messages[i].v6 == is_v6(w) &&
            (messages[i].code == 256 || messages[i].code == code))
            return &messages[i];
    return &any_message;
}

/* The bytes of a message that are its own: what it quotes among them, other data not. */
static uint32_t message_bytes(const struct writer *w, const struct message *m)
{
    uint32_t n = m->rows == neighbour_rows ? 24 : 8;
    return m->quotes > 0 && !w->quoted && w->p->net_payload_bytes > n ? w->p->net_payload_bytes : n;
}

static void write_quotation(struct writer *w, struct cursor c)
{
    size_t n = cursor_captured_left(&c);
    text_format(&w->value, _("%zu bytes"), n);
    write_field(
        w, N_("quoted packet"), w->depth + 1, c.at, n,
        N_("The beginning of the packet that this message is about: its sender can tell by it "
           "which of its connections is meant."));
    w->depth++;
    write_quoted(w, c);
    w->depth--;
}

void write_icmp(struct writer *w)
{
    const struct packet *p = w->p;
    struct cursor c = cursor_over(p, p->transport_at);
    cursor_narrow(&c, p->net_payload_bytes);
    struct cursor look = c;
    uint8_t type = cursor_u8(&look), code = cursor_u8(&look);
    const struct message *m = find_message(w, type, code);
    const char *name = name_of(is_v6(w) ? types_v6 : types_v4, type);
    if (cursor_ok(&look) && name)
        text_add(&w->value, name);
    w->message_bytes = message_bytes(w, m);
    write_field(w, is_v6(w) ? "ICMPv6" : "ICMP", w->depth, p->transport_at, w->message_bytes,
                N_("Errors and questions about delivery, sent by hosts and routers (RFC 792, RFC "
                   "4443)."));
    if (!WRITE_ROWS(w, c, rows))
        return;
    struct field *last = w->out->field + w->out->count;
    last[-2].from++; /* the code was read with the type before it */
    last[-2].bytes--;
    if (!write_rows(w, c, m->rows, m->row_count))
        return;
    if (m->quotes > 0 && cursor_skip(&c, m->quotes) && cursor_captured_left(&c) > 0 && !w->quoted)
        write_quotation(w, c);
}
