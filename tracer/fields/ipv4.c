/* IPv4, RFC 791. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"

enum { LEAST_BYTES = 20 };

static void tell_version(struct writer *w, const struct reading *r)
{
    text_u64(&w->value, r->number);
    if (r->number != 4)
        write_verdict(w, FIELD_MALFORMED, N_("It must be 4 here."));
}

static void tell_header_length(struct writer *w, const struct reading *r)
{
    tell_words32(w, r);
    if (r->number < LEAST_BYTES / 4)
        write_verdict(w, FIELD_MALFORMED, N_("Below 5 words there is no whole header."));
}

static void tell_total(struct writer *w, const struct reading *r)
{
    text_format(&w->value, _("%u bytes"), (unsigned)r->number);
    if (r->number == 0)
        write_verdict(
            w, FIELD_PLAIN,
            N_("0 is a packet too big for the field, captured before the network card cuts "
               "it into segments (TSO)."));
    else if (r->number < w->p->net_header_bytes)
        write_verdict(w, FIELD_MALFORMED, N_("It is less than the header's own length."));
    else if (!w->quoted && r->number > w->p->link_payload_bytes)
        write_verdict(w, FIELD_MALFORMED, N_("The frame is shorter than that."));
}

static void tell_offset(struct writer *w, const struct reading *r)
{
    text_format(&w->value, _("%u bytes"), (unsigned)r->number * 8);
}

static void tell_flags(struct writer *w, const struct reading *r)
{
    text_add(&w->value, r->number & 2   ? "don't fragment"
                        : r->number & 1 ? "more fragments"
                                        : "none");
}

static void tell_ttl(struct writer *w, const struct reading *r)
{
    text_u64(&w->value, r->number);
    if (r->number == 0)
        write_verdict(w, FIELD_SUSPICIOUS, N_("A packet with 0 should have been dropped."));
}

static void tell_header_sum(struct writer *w, const struct reading *r)
{
    tell_sum(w, r, false,
             N_("It covers this header only, and every router computes it anew (RFC 791)."));
}

static const struct field_name ecn_names[] = {
    {0, "not capable"}, {1, "capable, ECT(1)"}, {2, "capable, ECT(0)"}, {3, "congestion met"},
    {0, NULL},
};

static const struct field_row rows[] = {
    {N_("version"), 0, 1, 1, 0xf0, tell_version, NULL, N_("4 is IPv4 (RFC 791 section 3.1).")},
    {N_("header length"), 0, 1, 1, 0x0f, tell_header_length, NULL,
     N_("In words of four bytes: 5 without options, 15 at the most.")},
    {N_("DSCP"), 1, 1, 1, 0xfc, NULL, NULL,
     N_("The class of service that routers may treat it by; 0 is the ordinary one (RFC 2474).")},
    {N_("ECN"), 1, 1, 1, 0x03, NULL, ecn_names,
     N_("Whether routers may mark the packet rather than drop it, and whether one has (RFC "
        "3168).")},
    {N_("total length"), 2, 2, 1, 0, tell_total, NULL,
     N_("Header and payload together; what follows in the frame is filling.")},
    {N_("identification"), 4, 2, 1, 0, tell_hex, NULL,
     N_("The same in all fragments of one packet, so that they find together (RFC 6864).")},
    {N_("flags"), 6, 2, 1, 0xe000, tell_flags, NULL,
     N_("Whether it may be, or has been, fragmented.")},
    {N_("reserved"), 6, 2, 2, 0x8000, tell_zero, NULL, N_("Always 0.")},
    {N_("don't fragment"), 6, 2, 2, 0x4000, tell_set, NULL,
     N_("Set: a router must drop it rather than cut it, and say so by ICMP; TCP learns the path's "
        "MTU "
        "by it (RFC 1191).")},
    {N_("more fragments"), 6, 2, 2, 0x2000, tell_set, NULL,
     N_("Set: this is a fragment, and not the last one.")},
    {N_("fragment offset"), 6, 2, 1, 0x1fff, tell_offset, NULL,
     N_("Where this fragment belongs in the whole packet.")},
    {N_("time to live"), 8, 1, 1, 0, tell_ttl, NULL,
     N_("Every router takes one off, and drops the packet at 0, so that none circles forever.")},
    {N_("protocol"), 9, 1, 1, 0, tell_protocol, NULL,
     N_("What the packet carries: 6 is TCP, 17 UDP.")},
    {N_("header checksum"), 10, 2, 1, 0, tell_header_sum, NULL, ""},
    {N_("source"), 12, 4, 1, 0, tell_v4, NULL, N_("The host that sent it.")},
    {N_("destination"), 16, 4, 1, 0, tell_v4, NULL, N_("The host that it is for.")},
};

static const struct option {
    uint8_t kind;
    const char *name, *about;
} options[] = {
    {0, "end of options", N_("What follows up to the header's end is filling.")},
    {1, "no operation", N_("One byte of filling between options.")},
    {7, "record route", N_("Routers write their addresses here as it passes (RFC 791).")},
    {68, "timestamp", N_("Routers write the time here as it passes (RFC 791).")},
    {130, "security", N_("How secret the packet is (RFC 1108).")},
    {131, "loose source route",
     N_("Hosts that it must pass, others between them; most routers drop such packets (RFC 791).")},
    {137, "strict source route",
     N_("The hosts that it must pass, and no others; most routers drop such packets (RFC 791).")},
    {148, "router alert", N_("Asks every router to look closer at the packet (RFC 2113).")},
};

static void write_option(struct writer *w, size_t from, uint8_t kind, const uint8_t *body, size_t n)
{
    const char *name = "option", *about = N_("An option whose number is not known here.");
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (options[i].kind == kind) {
            name = options[i].name;
            about = options[i].about;
        }
    if (kind > 1) {
        const struct reading r = {.bytes = body, .n = n};
        text_format(&w->value, _("kind %u, %zu bytes%s"), kind, n + 2, n > 0 ? ": " : "");
        tell_bytes(w, &r);
    }
    write_field(w, name, w->depth + 2, from, kind > 1 ? n + 2 : 1, about);
}

static void write_options(struct writer *w, struct cursor c, size_t n)
{
    cursor_narrow(&c, n);
    text_format(&w->value, _("%zu bytes"), n);
    write_field(w, N_("options"), w->depth + 1, c.at, n, N_("Seldom seen on the Internet today."));
    while (cursor_ok(&c) && cursor_claimed_left(&c) > 0) {
        size_t from = c.at;
        uint8_t kind = cursor_u8(&c);
        if (cursor_ok(&c) && kind <= 1) {
            write_option(w, from, kind, NULL, 0);
            if (kind == 0)
                return;
            continue;
        }
        uint8_t bytes = cursor_u8(&c);
        if (cursor_ok(&c) && bytes < 2) {
            c.verdict = VERDICT_MALFORMED;
            c.at = from;
        }
        const uint8_t *body = cursor_bytes(&c, bytes - 2u);
        if (body)
            write_option(w, from, kind, body, bytes - 2u);
        else
            write_missing(w, &c, w->depth + 2);
    }
}

void write_ipv4(struct writer *w)
{
    const struct packet *p = w->p;
    struct cursor c = cursor_over(p, p->net_at), look = c;
    size_t n = (cursor_u8(&look) & 0xfu) * 4;
    n = n < LEAST_BYTES ? LEAST_BYTES : n;
    if (p->net_header_bytes > 0) {
        address_text(&p->source, &w->value);
        text_add(&w->value, " > ");
        address_text(&p->destination, &w->value);
    }
    write_field(w, "IPv4", w->depth, p->net_at, n,
                N_("From host to host over any number of links, without a promise that it arrives "
                   "(RFC 791)."));
    if (!WRITE_ROWS(w, c, rows))
        return;
    cursor_skip(&c, LEAST_BYTES);
    if (n > LEAST_BYTES)
        write_options(w, c, n - LEAST_BYTES);
    cursor_skip(&c, n - LEAST_BYTES);
    look = cursor_over(p, p->net_at + 9);
    if (cursor_u8(&look) == 51 && !p->fragment_offset_bytes)
        write_authentication(w, c);
}
