/* TCP's header, RFC 9293 section 3.1. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"

enum { LEAST_BYTES = 20 };

static void tell_seq(struct writer *w, const struct reading *r)
{
    if (w->facts->has_relative_seq)
        text_format(&w->value, _("%u (absolute %u)"), w->facts->relative_seq, (uint32_t)r->number);
    else
        text_u64(&w->value, r->number);
    const struct tcp_header *t = &w->p->tcp;
    if (t->flags & TCP_SYN)
        text_add(&w->about,
                 _("In a SYN it is the initial one (ISS), which the SYN itself takes up."));
    else if (t->payload_bytes > 0)
        text_format(&w->about,
                    w->facts->has_relative_seq ? _("The next segment begins at %u.")
                                               : _("The next segment begins at %u (absolute)."),
                    (w->facts->has_relative_seq ? w->facts->relative_seq : t->seq) +
                        t->payload_bytes + !!(t->flags & TCP_FIN));
    else if (t->flags & TCP_FIN)
        text_add(&w->about, _("Here it is the FIN's own, which counts as one byte."));
}

static void tell_ack(struct writer *w, const struct reading *r)
{
    if (!(w->p->tcp.flags & TCP_ACK)) {
        text_format(&w->value, _("%u, not in use"), (uint32_t)r->number);
        text_add(&w->about, _("Without the ACK flag it means nothing."));
        if (r->number != 0)
            write_verdict(w, FIELD_SUSPICIOUS, N_("Then it should be 0."));
    } else if (w->facts->has_relative_ack) {
        text_format(&w->value, _("%u (absolute %u)"), w->facts->relative_ack, (uint32_t)r->number);
    } else {
        text_u64(&w->value, r->number);
    }
}

static void tell_offset(struct writer *w, const struct reading *r)
{
    tell_words32(w, r);
    if (r->number < LEAST_BYTES / 4)
        write_verdict(w, FIELD_MALFORMED, N_("Below 5 words there is no whole header."));
    else if (r->number * 4 > w->p->net_payload_bytes)
        write_verdict(w, FIELD_MALFORMED, N_("The packet is shorter than that."));
}

static void tell_flags(struct writer *w, const struct reading *r)
{
    uint16_t flags = (uint16_t)r->number;
    static const struct {
        uint16_t flags, of;
        const char *why;
    } odd[] = {
        {TCP_SYN | TCP_FIN, TCP_SYN | TCP_FIN, N_("SYN and FIN together belong to no connection.")},
        {TCP_SYN | TCP_RST, TCP_SYN | TCP_RST, N_("SYN and RST together belong to no connection.")},
        {0, TCP_SYN | TCP_ACK | TCP_RST,
         N_("Without SYN, ACK or RST it belongs to no connection.")},
    };
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK",
                                        "URG", "ECE", "CWR", "AE"};
    tcp_flags_add(flags, &w->value);
    for (size_t i = 0, n = 0; i < sizeof names / sizeof names[0]; i++)
        if (flags >> i & 1)
            text_format(&w->value, "%s%s", n++ > 0 ? ", " : "  ", names[i]);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        if ((flags & odd[i].of) == odd[i].flags)
            write_verdict(w, FIELD_SUSPICIOUS, odd[i].why);
}

static void tell_ae(struct writer *w, const struct reading *r)
{
    tell_set(w, r);
    if (w->p->tcp.flags & TCP_SYN)
        text_add(&w->about, _("In a SYN it offers AccECN."));
}

static void tell_window(struct writer *w, const struct reading *r)
{
    bool syn = w->p->tcp.flags & TCP_SYN;
    unsigned shift = w->facts->window_shift < 14 ? w->facts->window_shift : 14;
    text_u64(&w->value, r->number);
    if (syn) {
        text_add(&w->about, _("A SYN's window is never scaled (RFC 7323)."));
    } else if (w->facts->scale_known && shift > 0) {
        text_format(&w->value, _(" x %u = %llu bytes"), 1u << shift,
                    (unsigned long long)r->number << shift);
        text_add(&w->about, _("It is multiplied by the scale in the sender's SYN (RFC 7323)."));
    } else if (w->facts->scale_known) {
        text_add(&w->value, _(" bytes"));
        text_add(&w->about, _("The two SYNs agreed on no scale."));
    } else {
        text_add(&w->about, _("The scale is not known: the SYNs were not captured."));
    }
    if (r->number == 0 && !(w->p->tcp.flags & TCP_RST))
        write_verdict(w, FIELD_SUSPICIOUS, N_("0 stops the peer until the window opens again."));
}

static void tell_transport_sum(struct writer *w, const struct reading *r)
{
    bool udp = w->p->protocol == PROTO_UDP;
    tell_sum(w, r, true,
             udp ? N_("It covers header, data and the addresses (RFC 768).")
                 : N_("It covers header, data and the addresses (RFC 9293 section 3.1)."));
}

static void tell_urgent(struct writer *w, const struct reading *r)
{
    text_u64(&w->value, r->number);
    if (!(w->p->tcp.flags & TCP_URG)) {
        text_add(&w->about, _("Without the URG flag it means nothing."));
        if (r->number != 0)
            write_verdict(w, FIELD_SUSPICIOUS, N_("Then it should be 0."));
    }
}

static const struct field_row rows[] = {
    {N_("source port"), 0, 2, 1, 0, NULL, NULL,
     N_("The sender's end of the connection on its host.")},
    {N_("destination port"), 2, 2, 1, 0, NULL, NULL,
     N_("The receiver's end; a server is found by a port that is known beforehand.")},
    {N_("sequence number"), 4, 4, 1, 0, tell_seq, NULL,
     N_("The number of the first byte of data in this segment (RFC 9293 section 3.4).")},
    {N_("acknowledgment"), 8, 4, 1, 0, tell_ack, NULL,
     N_("The number of the byte that the sender expects next: all before it has arrived (RFC 9293 "
        "section 3.4).")},
    {N_("data offset"), 12, 1, 1, 0xf0, tell_offset, NULL,
     N_("The header's length in words of four bytes, options included: where the data begins.")},
    {N_("reserved"), 12, 1, 1, 0x0e, tell_zero, NULL,
     N_("Three bits without a use yet, always 0.")},
    {N_("flags"), 12, 2, 1, 0x01ff, tell_flags, NULL,
     N_("What the segment does; every letter stands for a bit that is set.")},
    {N_("AE"), 12, 2, 2, 0x0100, tell_ae, NULL, N_("Accurate ECN, once the nonce sum (RFC 9768).")},
    {N_("CWR"), 12, 2, 2, 0x0080, tell_set, NULL,
     N_("The sender has made its congestion window smaller, as the peer's ECE asked (RFC 3168).")},
    {N_("ECE"), 12, 2, 2, 0x0040, tell_set, NULL,
     N_("A router marked a packet for congestion on its way here; in a SYN: ECN is offered (RFC "
        "3168).")},
    {N_("URG"), 12, 2, 2, 0x0020, tell_set, NULL,
     N_("The urgent pointer counts; new programs do not use it (RFC 6093).")},
    {N_("ACK"), 12, 2, 2, 0x0010, tell_set, NULL,
     N_("The acknowledgment number counts: set in every segment but the first.")},
    {N_("PSH"), 12, 2, 2, 0x0008, tell_set, NULL,
     N_("The data is to be given to the program at once: the sender has no more of it now.")},
    {N_("RST"), 12, 2, 2, 0x0004, tell_set, NULL,
     N_("Reset: the connection is over at once, or there never was one (RFC 9293 section 3.5.2).")},
    {N_("SYN"), 12, 2, 2, 0x0002, tell_set, NULL,
     N_("Synchronise: opens one direction and says its first sequence number; it counts as one "
        "byte.")},
    {N_("FIN"), 12, 2, 2, 0x0001, tell_set, NULL,
     N_("Finish: the sender has no more data; it counts as one byte (RFC 9293 section 3.6).")},
    {N_("window"), 14, 2, 1, 0, tell_window, NULL,
     N_("How many more bytes the sender has room to receive (RFC 9293 section 3.8.6).")},
    {N_("checksum"), 16, 2, 1, 0, tell_transport_sum, NULL, ""},
    {N_("urgent pointer"), 18, 2, 1, 0, tell_urgent, NULL,
     N_("Where urgent data ends, counted from the sequence number.")},
};

static void write_summary(struct writer *w)
{
    const struct packet *p = w->p;
    struct cursor c = cursor_over(p, p->transport_at);
    unsigned from = cursor_be16(&c), to = cursor_be16(&c);
    if (cursor_ok(&c))
        text_format(&w->value, _("port %u > %u"), from, to);
    if (p->is_tcp) {
        text_add(&w->value, " [");
        tcp_flags_add(p->tcp.flags, &w->value);
        text_char(&w->value, ']');
    }
    if (w->facts->again)
        write_verdict(w, FIELD_SUSPICIOUS,
                      N_("Every byte of this one was sent before: it is a retransmission."));
}

void write_tcp(struct writer *w)
{
    const struct packet *p = w->p;
    uint32_t n = p->tcp.header_bytes < LEAST_BYTES ? LEAST_BYTES : p->tcp.header_bytes;
    write_summary(w);
    write_field(
        w, "TCP", w->depth, p->transport_at, n,
        N_("One segment of a connection: bytes in order, acknowledged, sent again where they "
           "are lost (RFC 9293)."));
    struct cursor c = cursor_over(p, p->transport_at);
    cursor_narrow(&c, p->net_payload_bytes);
    if (WRITE_ROWS(w, c, rows) && p->tcp.options_bytes > 0)
        write_tcp_options(w);
}

/* ---- UDP, RFC 768 ------------------------------------------------------------------------ */

static void tell_udp_length(struct writer *w, const struct reading *r)
{
    text_format(&w->value, _("%u bytes"), (unsigned)r->number);
    if (r->number == 0 && w->p->net_payload_bytes > UINT16_MAX)
        write_verdict(w, FIELD_PLAIN, N_("0 is a jumbogram's (RFC 2675)."));
    else if (r->number < 8)
        write_verdict(w, FIELD_MALFORMED, N_("The header alone has 8."));
    else if (!w->quoted && !w->p->is_fragment && r->number > w->p->net_payload_bytes)
        write_verdict(w, FIELD_MALFORMED, N_("The packet is shorter than that."));
}

static const struct field_row udp_rows[] = {
    {N_("source port"), 0, 2, 1, 0, NULL, NULL, N_("Where an answer would go.")},
    {N_("destination port"), 2, 2, 1, 0, NULL, NULL,
     N_("Which program on the receiver it is for.")},
    {N_("length"), 4, 2, 1, 0, tell_udp_length, NULL, N_("Header and data together.")},
    {N_("checksum"), 6, 2, 1, 0, tell_transport_sum, NULL, ""},
};

void write_udp(struct writer *w)
{
    const struct packet *p = w->p;
    struct cursor c = cursor_over(p, p->transport_at), look = c;
    unsigned from = cursor_be16(&look), to = cursor_be16(&look);
    if (cursor_ok(&look))
        text_format(&w->value, _("port %u > %u"), from, to);
    write_field(w, "UDP", w->depth, p->transport_at, 8,
                N_("One datagram: no connection, no order, no second try (RFC 768)."));
    cursor_narrow(&c, p->net_payload_bytes);
    WRITE_ROWS(w, c, udp_rows);
}
