/* IPv6 and its extension headers, RFC 8200. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"

enum {
    HEADER_BYTES = 40,
    EXTENSIONS_MOST = 33, /* as deep as decode goes */
    NEXT_HOP_BY_HOP = 0,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AH = 51,
    NEXT_DESTINATION = 60,
};

static void tell_version(struct writer *w, const struct reading *r)
{
    text_u64(&w->value, r->number);
    if (r->number != 6)
        write_verdict(w, FIELD_MALFORMED, N_("It must be 6 here."));
}

static void tell_payload(struct writer *w, const struct reading *r)
{
    text_format(&w->value, _("%u bytes"), (unsigned)r->number);
    if (r->number == 0 && w->p->net_payload_bytes > UINT16_MAX)
        write_verdict(
            w, FIELD_PLAIN,
            N_("0 is a packet too big for the field: a jumbogram (RFC 2675), or one that is "
               "captured before the network card cuts it into segments (TSO)."));
    else if (!w->quoted && r->number + HEADER_BYTES > w->p->link_payload_bytes)
        write_verdict(w, FIELD_MALFORMED, N_("The frame is shorter than that."));
}

static const struct field_row rows[] = {
    {N_("version"), 0, 1, 1, 0xf0, tell_version, NULL, N_("6 is IPv6 (RFC 8200 section 3).")},
    {N_("DSCP"), 0, 2, 1, 0x0fc0, NULL, NULL,
     N_("The class of service that routers may treat it by; 0 is the ordinary one (RFC 2474).")},
    {N_("ECN"), 1, 1, 1, 0x30, NULL, NULL,
     N_("1 and 2 let routers mark the packet rather than drop it, 3 is such a mark (RFC 3168).")},
    {N_("flow label"), 0, 4, 1, 0xfffff, tell_hex, NULL,
     N_("The same in all packets of one flow, so that routers keep them on one path (RFC 6437).")},
    {N_("payload length"), 4, 2, 1, 0, tell_payload, NULL,
     N_("All that follows this header, extension headers included.")},
    {N_("next header"), 6, 1, 1, 0, tell_protocol, NULL,
     N_("What follows: 6 is TCP, 17 UDP, others are extension headers.")},
    {N_("hop limit"), 7, 1, 1, 0, NULL, NULL,
     N_("Every router takes one off, and drops the packet at 0, so that none circles forever.")},
    {N_("source"), 8, 16, 1, 0, tell_v6, NULL, N_("The host that sent it.")},
    {N_("destination"), 24, 16, 1, 0, tell_v6, NULL, N_("The host that it is for.")},
};

static const struct field_row sized_rows[] = {
    {N_("next header"), 0, 1, 1, 0, tell_protocol, NULL, N_("What follows this header.")},
    {N_("length"), 1, 1, 1, 0, NULL, NULL,
     N_("In units of eight bytes, the first eight not counted.")},
};

static const struct field_row routing_rows[] = {
    {N_("routing type"), 2, 1, 1, 0, NULL, NULL,
     N_("Which kind of route; type 0 is forbidden since RFC 5095.")},
    {N_("segments left"), 3, 1, 1, 0, NULL, NULL, N_("Stops of the route that are still to come.")},
    {N_("of the type"), 4, 4, 1, 0, tell_bytes, NULL,
     N_("Four bytes that each type uses in its own way.")},
};

static void tell_fragment_offset(struct writer *w, const struct reading *r)
{
    text_format(&w->value, _("%u bytes"), (unsigned)r->number * 8);
}

static const struct field_row fragment_rows[] = {
    {N_("next header"), 0, 1, 1, 0, tell_protocol, NULL, N_("What the whole packet carries.")},
    {N_("reserved"), 1, 1, 1, 0, tell_zero, NULL, N_("Without a use, always 0.")},
    {N_("fragment offset"), 2, 2, 1, 0xfff8, tell_fragment_offset, NULL,
     N_("Where this fragment belongs in the whole packet.")},
    {N_("more fragments"), 2, 2, 1, 0x0001, tell_set, NULL,
     N_("Set: this is not the last fragment.")},
    {N_("identification"), 4, 4, 1, 0, tell_hex, NULL,
     N_("The same in all fragments of one packet, so that they find together.")},
};

static const struct field_row authentication_rows[] = {
    {N_("next header"), 0, 1, 1, 0, tell_protocol, NULL, N_("What is authenticated.")},
    {N_("length"), 1, 1, 1, 0, NULL, NULL, N_("In words of four bytes, less two.")},
    {N_("reserved"), 2, 2, 1, 0, tell_zero, NULL, N_("Without a use, always 0.")},
    {N_("SPI"), 4, 4, 1, 0, tell_hex, NULL, N_("Which agreement of the two hosts applies.")},
    {N_("sequence number"), 8, 4, 1, 0, NULL, NULL,
     N_("Counts packets, so that none is played again.")},
};

static const struct field_name option_names[] = {
    {0, "padding, one byte"}, {1, "padding"},         {5, "router alert"},
    {0xc2, "jumbo payload"},  {0xc9, "home address"}, {0, NULL},
};

static void write_options(struct writer *w, struct cursor c)
{
    while (cursor_ok(&c) && cursor_claimed_left(&c) > 0) {
        size_t from = c.at;
        uint8_t kind = cursor_u8(&c);
        uint8_t bytes = kind == 0 ? 0 : cursor_u8(&c);
        struct cursor body = c;
        struct reading r = {.bytes = cursor_bytes(&c, bytes), .n = bytes};
        if (!cursor_ok(&c)) {
            write_missing(w, &c, w->depth + 1);
            return;
        }
        if (kind == 0xc2 && bytes == 4) {
            text_format(&w->value, _("%u bytes"), cursor_be32(&body));
        } else if (kind > 1) {
            text_format(&w->value, _("kind %u%s"), kind, bytes > 0 ? ": " : "");
            tell_bytes(w, &r);
        }
        const char *name = name_of(option_names, kind);
        write_field(w, name ? name : "option", w->depth + 1, from, c.at - from,
                    kind == 0xc2
                        ? N_("The payload's true length, where two bytes do not hold it (RFC "
                             "2675).")
                        : N_("A type, a length, and as many bytes (RFC 8200 section 4.2)."));
    }
}

/* The stops of a route, behind the eight bytes that every type begins with. */
static void write_stops(struct writer *w, struct cursor c)
{
    cursor_skip(&c, 8);
    while (cursor_claimed_left(&c) >= 16) {
        size_t from = c.at;
        struct reading r = {.bytes = cursor_bytes(&c, 16), .n = 16};
        if (!r.bytes) {
            write_missing(w, &c, w->depth + 1);
            return;
        }
        tell_v6(w, &r);
        write_field(
            w, N_("stop"), w->depth + 1, from, 16,
            N_("A host of the route; segment routing (RFC 8754) lists the last one first."));
    }
    if (cursor_claimed_left(&c) == 0)
        return;
    text_format(&w->value, _("%zu bytes"), cursor_claimed_left(&c));
    write_field(w, N_("more"), w->depth + 1, c.at, cursor_claimed_left(&c),
                N_("What else this type of route carries."));
}

void write_authentication(struct writer *w, struct cursor c)
{
    struct cursor look = c;
    cursor_skip(&look, 1);
    size_t n = (cursor_u8(&look) + 2u) * 4;
    write_field(w, "Authentication", w->depth, c.at, n,
                N_("Proves that the packet is the sender's and unchanged (RFC 4302)."));
    cursor_narrow(&c, n);
    if (!WRITE_ROWS(w, c, authentication_rows) || n <= 12)
        return;
    text_format(&w->value, _("%zu bytes"), n - 12);
    write_field(w, N_("proof"), w->depth + 1, c.at + 12, n - 12, N_("The keyed sum itself."));
}

static void write_sized(struct writer *w, struct cursor c, uint8_t kind)
{
    struct cursor look = c;
    cursor_skip(&look, 1);
    size_t n = (cursor_u8(&look) + 1u) * 8;
    if (kind == NEXT_ROUTING)
        write_field(w, "Routing", w->depth, c.at, n,
                    N_("Stops that the packet is to make on its way (RFC 8200 section 4.4)."));
    else
        write_field(w, kind == NEXT_HOP_BY_HOP ? "Hop-by-hop options" : "Destination options",
                    w->depth, c.at, n,
                    kind == NEXT_HOP_BY_HOP
                        ? N_("For every router on the way (RFC 8200 section 4.3).")
                        : N_("For the destination only (RFC 8200 section 4.6)."));
    cursor_narrow(&c, n);
    if (!WRITE_ROWS(w, c, sized_rows))
        return;
    if (kind == NEXT_ROUTING) {
        if (WRITE_ROWS(w, c, routing_rows))
            write_stops(w, c);
        return;
    }
    cursor_skip(&c, 2);
    write_options(w, c);
}

/* One extension header; returns the bytes it takes, 0 where none is here. */
static size_t write_extension(struct writer *w, const struct cursor *c, uint8_t kind)
{
    struct cursor look = *c;
    cursor_skip(&look, 1);
    size_t length = cursor_u8(&look);
    switch (kind) {
    case NEXT_HOP_BY_HOP:
    case NEXT_ROUTING:
    case NEXT_DESTINATION: write_sized(w, *c, kind); return (length + 1) * 8;
    case NEXT_FRAGMENT:
        write_field(w, "Fragment", w->depth, c->at, 8,
                    N_("This is a part of a packet that its sender cut (RFC 8200 section 4.5)."));
        WRITE_ROWS(w, *c, fragment_rows);
        return 8;
    case NEXT_AH: write_authentication(w, *c); return (length + 2) * 4;
    default: return 0;
    }
}

static void write_extensions(struct writer *w, struct cursor c, uint8_t kind)
{
    for (int i = 0; i < EXTENSIONS_MOST && cursor_ok(&c); i++) {
        struct cursor look = c;
        uint8_t next = cursor_u8(&look);
        bool fragment = kind == NEXT_FRAGMENT;
        size_t n = write_extension(w, &c, kind);
        if (n == 0 || !cursor_ok(&look) || (fragment && w->p->fragment_offset_bytes > 0))
            return;
        cursor_skip(&c, n);
        kind = next;
    }
}

void write_ipv6(struct writer *w)
{
    const struct packet *p = w->p;
    struct cursor c = cursor_over(p, p->net_at), look = c;
    if (p->net_header_bytes > 0) {
        address_text_v6(&p->source, &w->value);
        text_add(&w->value, " > ");
        address_text_v6(&p->destination, &w->value);
    }
    write_field(w, "IPv6", w->depth, p->net_at, HEADER_BYTES,
                N_("From host to host over any number of links, without a promise that it arrives "
                   "(RFC 8200)."));
    if (!WRITE_ROWS(w, c, rows))
        return;
    cursor_skip(&look, 4);
    size_t payload = cursor_be16(&look);
    uint8_t kind = cursor_u8(&look);
    cursor_skip(&c, HEADER_BYTES);
    if (payload > 0)
        cursor_narrow(&c, payload);
    write_extensions(w, c, kind);
}
