/* TCP's options, one by one. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"

enum { KIND_END = 0, KIND_NOP = 1 };

/* An option that stands whole: its body is what follows kind and length. */
struct option {
    size_t from, bytes; /* kind and length included */
    uint8_t kind;
    struct cursor body;
};

static struct reading rest_of(struct cursor *body)
{
    size_t n = cursor_captured_left(body);
    return (struct reading){.bytes = cursor_bytes(body, n), .n = n};
}

/* Options that only a SYN may carry. */
static void only_in_syn(struct writer *w)
{
    if (!(w->p->tcp.flags & TCP_SYN))
        write_verdict(w, FIELD_SUSPICIOUS, N_("Outside of a SYN it means nothing."));
}

static void tell_mss(struct writer *w, struct option *o)
{
    uint16_t mss = cursor_be16(&o->body);
    text_format(&w->value, _("%u bytes"), mss);
    only_in_syn(w);
    if (mss < 64)
        write_verdict(w, FIELD_SUSPICIOUS,
                      N_("So small a one makes the peer send mostly headers."));
}

static void tell_scale(struct writer *w, struct option *o)
{
    unsigned shift = cursor_u8(&o->body);
    text_format(&w->value, _("%u: times %u"), shift, 1u << (shift < 14 ? shift : 14));
    only_in_syn(w);
    if (shift > 14)
        write_verdict(w, FIELD_SUSPICIOUS, N_("More than 14 counts as 14."));
}

static void tell_permitted(struct writer *w, struct option *o)
{
    (void)o;
    text_add(&w->value, _("yes"));
    only_in_syn(w);
}

static void tell_sack(struct writer *w, struct option *o)
{
    size_t n = cursor_captured_left(&o->body) / 8;
    text_format(&w->value, n == 1 ? _("%zu block") : _("%zu blocks"), n);
}

static void tell_timestamps(struct writer *w, struct option *o)
{
    uint32_t value = cursor_be32(&o->body), echo = cursor_be32(&o->body);
    text_format(&w->value, _("%u, echo %u"), value, echo);
}

static void tell_cookie(struct writer *w, struct option *o)
{
    const struct reading r = rest_of(&o->body);
    if (r.n == 0)
        text_add(&w->value, _("asks for a cookie"));
    else
        text_add(&w->value, _("cookie ")), tell_bytes(w, &r);
}

static void tell_timeout(struct writer *w, struct option *o)
{
    uint16_t v = cursor_be16(&o->body);
    text_format(&w->value, "%u %s", v & 0x7fff, v & 0x8000 ? "minutes" : "seconds");
}

static const struct field_name mptcp_subtypes[] = {
    {0, "MP_CAPABLE: asks for multipath"},
    {1, "MP_JOIN: joins another path"},
    {2, "DSS: data sequence"},
    {3, "ADD_ADDR: has another address"},
    {4, "REMOVE_ADDR: has lost an address"},
    {5, "MP_PRIO: changes priority"},
    {6, "MP_FAIL: falls back"},
    {7, "MP_FASTCLOSE: ends all paths"},
    {8, "MP_TCPRST: why this path ends"},
    {0, NULL},
};

static void tell_mptcp(struct writer *w, struct option *o)
{
    unsigned subtype = cursor_u8(&o->body) >> 4;
    const char *name = name_of(mptcp_subtypes, subtype);
    if (name)
        text_add(&w->value, name);
    else
        text_format(&w->value, _("subtype %u"), subtype);
    text_format(&w->value, _(" (%zu bytes)"), o->bytes);
}

/* An unknown one, or a known one of a wrong length. */
static void tell_unknown(struct writer *w, struct option *o)
{
    const struct reading r = rest_of(&o->body);
    text_format(&w->value, _("kind %u, %zu bytes%s"), o->kind, o->bytes, r.n > 0 ? ": " : "");
    tell_bytes(w, &r);
}

/* `least` and `most` count the body alone, which is a multiple of `unit`. */
static const struct option_row {
    uint8_t kind, least, most, unit;
    const char *name;
    void (*tell)(struct writer *w, struct option *o);
    const char *about;
} options[] = {
    {2, 2, 2, 1, N_("maximum segment"), tell_mss,
     N_("MSS: the most data that the sender wants in one segment (RFC 9293 section 3.7.1).")},
    {3, 1, 1, 1, N_("window scale"), tell_scale,
     N_("Later windows of this sender are to be shifted left by so many bits, if the peer offers a "
        "scale too (RFC 7323 section 2).")},
    {4, 0, 0, 1, N_("SACK permitted"), tell_permitted,
     N_("The sender understands selective acknowledgments (RFC 2018).")},
    {5, 8, 32, 8, "SACK", tell_sack,
     N_("Selective acknowledgment: what has arrived beyond a gap, so that only the gap is sent "
        "again "
        "(RFC 2018).")},
    {8, 8, 8, 1, N_("timestamps"), tell_timestamps,
     N_("The sender's clock, and the peer's as it was heard last: every segment measures the round "
        "trip (RFC 7323 section 3).")},
    {19, 16, 16, 1, N_("MD5 signature"), tell_unknown,
     N_("Proves that the segment is the peer's; for routers' BGP (RFC 2385).")},
    {28, 2, 2, 1, N_("user timeout"), tell_timeout,
     N_("How long the sender waits for an acknowledgment before it gives up (RFC 5482).")},
    {29, 2, 36, 1, "TCP-AO", tell_unknown, N_("Proves that the segment is the peer's (RFC 5925).")},
    {30, 1, 38, 1, N_("multipath TCP"), tell_mptcp,
     N_("One connection over several paths at once (RFC 8684).")},
    {34, 0, 16, 1, N_("fast open"), tell_cookie,
     N_("TFO: with a cookie from an earlier connection, data may ride in the SYN (RFC 7413).")},
};

static const struct option_row *find_row(const struct option *o)
{
    size_t n = o->bytes - 2;
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (options[i].kind == o->kind)
            return n >= options[i].least && n <= options[i].most && n % options[i].unit == 0
                       ? &options[i]
                       : NULL;
    return NULL;
}

static bool is_known(uint8_t kind)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (options[i].kind == kind)
            return true;
    return false;
}

static void write_blocks(struct writer *w, struct cursor c)
{
    uint32_t back = w->facts->has_relative_ack ? w->p->tcp.ack - w->facts->relative_ack : 0;
    for (int i = 0; cursor_captured_left(&c) >= 8; i++) {
        size_t from = c.at;
        uint32_t left = cursor_be32(&c), right = cursor_be32(&c);
        text_format(&w->value, "%u to %u", left - back, right - back);
        bool before = i == 0 && (int32_t)(right - w->p->tcp.ack) <= 0;
        write_field(
            w, N_("block"), w->depth + 3, from, 8,
            before ? N_("Bytes that have arrived twice: they are acknowledged already (D-SACK, "
                        "RFC 2883).")
                   : N_("Bytes that have arrived: from the first number up to, not with, the "
                        "second."));
    }
}

static void write_clocks(struct writer *w, struct cursor c)
{
    size_t from = c.at;
    text_u64(&w->value, cursor_be32(&c));
    write_field(w, N_("value"), w->depth + 3, from, 4,
                N_("The sender's clock, in ticks of its own."));
    text_u64(&w->value, cursor_be32(&c));
    write_field(w, N_("echo"), w->depth + 3, from + 4, 4,
                N_("The peer's clock, as the sender heard it last; 0 in a first SYN."));
}

static void write_option(struct writer *w, struct option *o)
{
    const struct option_row *row = find_row(o);
    struct cursor parts = o->body;
    if (row) {
        row->tell(w, o);
        write_field(w, row->name, w->depth + 2, o->from, o->bytes, row->about);
    } else {
        tell_unknown(w, o);
        if (is_known(o->kind))
            write_verdict(w, FIELD_MALFORMED, N_("An option of this kind has another length."));
        write_field(w, N_("option"), w->depth + 2, o->from, o->bytes,
                    is_known(o->kind) ? ""
                                      : N_("An option that is not known here; a receiver that "
                                           "does not know it either passes over it."));
    }
    if (row && o->kind == 5)
        write_blocks(w, parts);
    else if (row && o->kind == 8)
        write_clocks(w, parts);
}

/* NOPs stand in runs: one line for each run. */
static void write_nops(struct writer *w, struct cursor *c, size_t from)
{
    size_t n = 1;
    struct cursor look = *c;
    while (cursor_captured_left(&look) > 0 && cursor_u8(&look) == KIND_NOP) {
        *c = look;
        n++;
    }
    if (n > 1)
        text_format(&w->value, _("%zu times"), n);
    write_field(w, N_("no operation"), w->depth + 2, from, n,
                N_("NOP: filling, so that what follows begins at a word."));
}

static void write_end(struct writer *w, const struct cursor *c, size_t from)
{
    write_field(w, N_("end of options"), w->depth + 2, from, c->claimed - from,
                N_("EOL: the rest of the header is filling."));
}

/* One of two bytes or more, its kind read; false where the walk must end. */
static bool walk_option(struct writer *w, struct cursor *c, struct option *o)
{
    uint8_t bytes = cursor_u8(c);
    if (cursor_ok(c) && bytes < 2) {
        c->verdict = VERDICT_MALFORMED;
        c->at = o->from;
    }
    o->bytes = bytes;
    o->body = *c;
    cursor_narrow(&o->body, bytes - 2u);
    if (!cursor_skip(c, bytes - 2u)) {
        write_missing(w, c, w->depth + 2);
        return false;
    }
    write_option(w, o);
    return true;
}

/* The next option, or run of them; false where the walk ends. */
static bool write_next(struct writer *w, struct cursor *c)
{
    struct option o = {.from = c->at};
    o.kind = cursor_u8(c);
    if (!cursor_ok(c)) {
        write_missing(w, c, w->depth + 2);
        return false;
    }
    switch (o.kind) {
    case KIND_NOP: write_nops(w, c, o.from); return true;
    case KIND_END: write_end(w, c, o.from); return false;
    default: return walk_option(w, c, &o);
    }
}

void write_tcp_options(struct writer *w)
{
    const struct tcp_header *t = &w->p->tcp;
    struct cursor c = cursor_over(w->p, w->p->transport_at);
    cursor_narrow(&c, w->p->net_payload_bytes);
    cursor_skip(&c, t->options_at - w->p->transport_at);
    text_format(&w->value, _("%u bytes"), t->options_bytes);
    write_field(w, N_("options"), w->depth + 1, t->options_at, t->options_bytes,
                t->flags & TCP_SYN
                    ? N_("What the sender can do beyond the basics; most can only be "
                         "agreed on in the SYNs.")
                    : N_("Beyond the basics: what the SYNs agreed on."));
    struct cursor left = cursor_sub(&c, t->options_bytes);
    while (cursor_ok(&left) && cursor_claimed_left(&left) > 0)
        if (!write_next(w, &left))
            return;
}
