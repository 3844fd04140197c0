/* TCP's header, RFC 9293 section 3.1. */
#include "tracer/fields/fields_parts.h"

enum { LEAST_BYTES = 20 };

static void tell_seq(struct writer *w, const struct reading *r)
{
    if (w->facts->has_relative_seq)
        text_format(&w->value, "%u (absolute %u)", w->facts->relative_seq, (uint32_t)r->number);
    else
        text_u64(&w->value, r->number);
    const struct tcp_header *t = &w->p->tcp;
    if (t->flags & TCP_SYN)
        text_add(&w->about, "In a SYN it is the initial one (ISS), which the SYN itself takes up.");
    else if (t->payload_bytes > 0)
        text_format(&w->about, "The next segment begins at %u%s.",
                    (w->facts->has_relative_seq ? w->facts->relative_seq : t->seq) +
                        t->payload_bytes + !!(t->flags & TCP_FIN),
                    w->facts->has_relative_seq ? "" : " (absolute)");
    else if (t->flags & TCP_FIN)
        text_add(&w->about, "Here it is the FIN's own, which counts as one byte.");
}

static void tell_ack(struct writer *w, const struct reading *r)
{
    if (!(w->p->tcp.flags & TCP_ACK)) {
        text_format(&w->value, "%u, not in use", (uint32_t)r->number);
        text_add(&w->about, "Without the ACK flag it means nothing.");
        if (r->number != 0)
            write_verdict(w, FIELD_SUSPICIOUS, "Then it should be 0.");
    } else if (w->facts->has_relative_ack) {
        text_format(&w->value, "%u (absolute %u)", w->facts->relative_ack, (uint32_t)r->number);
    } else {
        text_u64(&w->value, r->number);
    }
}

static void tell_offset(struct writer *w, const struct reading *r)
{
    tell_words32(w, r);
    if (r->number < LEAST_BYTES / 4)
        write_verdict(w, FIELD_MALFORMED, "Below 5 words there is no whole header.");
    else if (r->number * 4 > w->p->net_payload_bytes)
        write_verdict(w, FIELD_MALFORMED, "The packet is shorter than that.");
}

static void tell_flags(struct writer *w, const struct reading *r)
{
    uint16_t flags = (uint16_t)r->number;
    static const struct {
        uint16_t flags, of;
        const char *why;
    } odd[] = {
        {TCP_SYN | TCP_FIN, TCP_SYN | TCP_FIN, "SYN and FIN together belong to no connection."},
        {TCP_SYN | TCP_RST, TCP_SYN | TCP_RST, "SYN and RST together belong to no connection."},
        {0, TCP_SYN | TCP_ACK | TCP_RST, "Without SYN, ACK or RST it belongs to no connection."},
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
        text_add(&w->about, "In a SYN it offers AccECN.");
}

static void tell_window(struct writer *w, const struct reading *r)
{
    bool syn = w->p->tcp.flags & TCP_SYN;
    unsigned shift = w->facts->window_shift < 14 ? w->facts->window_shift : 14;
    text_u64(&w->value, r->number);
    if (syn) {
        text_add(&w->about, "A SYN's window is never scaled (RFC 7323).");
    } else if (w->facts->scale_known && shift > 0) {
        text_format(&w->value, " x %u = %llu bytes", 1u << shift,
                    (unsigned long long)r->number << shift);
        text_add(&w->about, "It is multiplied by the scale in the sender's SYN (RFC 7323).");
    } else if (w->facts->scale_known) {
        text_add(&w->value, " bytes");
        text_add(&w->about, "The two SYNs agreed on no scale.");
    } else {
        text_add(&w->about, "The scale is not known: the SYNs were not captured.");
    }
    if (r->number == 0 && !(w->p->tcp.flags & TCP_RST))
        write_verdict(w, FIELD_SUSPICIOUS, "0 stops the peer until the window opens again.");
}

static void tell_transport_sum(struct writer *w, const struct reading *r)
{
    bool udp = w->p->protocol == PROTO_UDP;
    tell_sum(w, r, true,
             udp ? "It covers header, data and the addresses (RFC 768)."
                 : "It covers header, data and the addresses (RFC 9293 section 3.1).");
}

static void tell_urgent(struct writer *w, const struct reading *r)
{
    text_u64(&w->value, r->number);
    if (!(w->p->tcp.flags & TCP_URG)) {
        text_add(&w->about, "Without the URG flag it means nothing.");
        if (r->number != 0)
            write_verdict(w, FIELD_SUSPICIOUS, "Then it should be 0.");
    }
}

static const struct field_row rows[] = {
    {"source port", 0, 2, 1, 0, NULL, NULL, "The sender's end of the connection on its host."},
    {"destination port", 2, 2, 1, 0, NULL, NULL,
     "The receiver's end; a server is found by a port that is known beforehand."},
    {"sequence number", 4, 4, 1, 0, tell_seq, NULL,
     "The number of the first byte of data in this segment (RFC 9293 section 3.4)."},
    {"acknowledgment", 8, 4, 1, 0, tell_ack, NULL,
     "The number of the byte that the sender expects next: all before it has arrived (RFC 9293 "
     "section 3.4)."},
    {"data offset", 12, 1, 1, 0xf0, tell_offset, NULL,
     "The header's length in words of four bytes, options included: where the data begins."},
    {"reserved", 12, 1, 1, 0x0e, tell_zero, NULL, "Three bits without a use yet, always 0."},
    {"flags", 12, 2, 1, 0x01ff, tell_flags, NULL,
     "What the segment does; every letter stands for a bit that is set."},
    {"AE", 12, 2, 2, 0x0100, tell_ae, NULL, "Accurate ECN, once the nonce sum (RFC 9768)."},
    {"CWR", 12, 2, 2, 0x0080, tell_set, NULL,
     "The sender has made its congestion window smaller, as the peer's ECE asked (RFC 3168)."},
    {"ECE", 12, 2, 2, 0x0040, tell_set, NULL,
     "A router marked a packet for congestion on its way here; in a SYN: ECN is offered (RFC "
     "3168)."},
    {"URG", 12, 2, 2, 0x0020, tell_set, NULL,
     "The urgent pointer counts; new programs do not use it (RFC 6093)."},
    {"ACK", 12, 2, 2, 0x0010, tell_set, NULL,
     "The acknowledgment number counts: set in every segment but the first."},
    {"PSH", 12, 2, 2, 0x0008, tell_set, NULL,
     "The data is to be given to the program at once: the sender has no more of it now."},
    {"RST", 12, 2, 2, 0x0004, tell_set, NULL,
     "Reset: the connection is over at once, or there never was one (RFC 9293 section 3.5.2)."},
    {"SYN", 12, 2, 2, 0x0002, tell_set, NULL,
     "Synchronise: opens one direction and says its first sequence number; it counts as one byte."},
    {"FIN", 12, 2, 2, 0x0001, tell_set, NULL,
     "Finish: the sender has no more data; it counts as one byte (RFC 9293 section 3.6)."},
    {"window", 14, 2, 1, 0, tell_window, NULL,
     "How many more bytes the sender has room to receive (RFC 9293 section 3.8.6)."},
    {"checksum", 16, 2, 1, 0, tell_transport_sum, NULL, ""},
    {"urgent pointer", 18, 2, 1, 0, tell_urgent, NULL,
     "Where urgent data ends, counted from the sequence number."},
};

static void write_summary(struct writer *w)
{
    const struct packet *p = w->p;
    struct cursor c = cursor_over(p, p->transport_at);
    unsigned from = cursor_be16(&c), to = cursor_be16(&c);
    if (cursor_ok(&c))
        text_format(&w->value, "port %u > %u", from, to);
    if (p->is_tcp) {
        text_add(&w->value, " [");
        tcp_flags_add(p->tcp.flags, &w->value);
        text_char(&w->value, ']');
    }
    if (w->facts->again)
        write_verdict(w, FIELD_SUSPICIOUS,
                      "Every byte of this one was sent before: it is a retransmission.");
}

void write_tcp(struct writer *w)
{
    const struct packet *p = w->p;
    uint32_t n = p->tcp.header_bytes < LEAST_BYTES ? LEAST_BYTES : p->tcp.header_bytes;
    write_summary(w);
    write_field(w, "TCP", w->depth, p->transport_at, n,
                "One segment of a connection: bytes in order, acknowledged, sent again where they "
                "are lost (RFC 9293).");
    struct cursor c = cursor_over(p, p->transport_at);
    cursor_narrow(&c, p->net_payload_bytes);
    if (WRITE_ROWS(w, c, rows) && p->tcp.options_bytes > 0)
        write_tcp_options(w);
}

/* ---- UDP, RFC 768 ------------------------------------------------------------------------ */

static void tell_udp_length(struct writer *w, const struct reading *r)
{
    text_format(&w->value, "%u bytes", (unsigned)r->number);
    if (r->number == 0 && w->p->net_payload_bytes > UINT16_MAX)
        write_verdict(w, FIELD_PLAIN, "0 is a jumbogram's (RFC 2675).");
    else if (r->number < 8)
        write_verdict(w, FIELD_MALFORMED, "The header alone has 8.");
    else if (!w->quoted && !w->p->is_fragment && r->number > w->p->net_payload_bytes)
        write_verdict(w, FIELD_MALFORMED, "The packet is shorter than that.");
}

static const struct field_row udp_rows[] = {
    {"source port", 0, 2, 1, 0, NULL, NULL, "Where an answer would go."},
    {"destination port", 2, 2, 1, 0, NULL, NULL, "Which program on the receiver it is for."},
    {"length", 4, 2, 1, 0, tell_udp_length, NULL, "Header and data together."},
    {"checksum", 6, 2, 1, 0, tell_transport_sum, NULL, ""},
};

void write_udp(struct writer *w)
{
    const struct packet *p = w->p;
    struct cursor c = cursor_over(p, p->transport_at), look = c;
    unsigned from = cursor_be16(&look), to = cursor_be16(&look);
    if (cursor_ok(&look))
        text_format(&w->value, "port %u > %u", from, to);
    write_field(w, "UDP", w->depth, p->transport_at, 8,
                "One datagram: no connection, no order, no second try (RFC 768).");
    cursor_narrow(&c, p->net_payload_bytes);
    WRITE_ROWS(w, c, udp_rows);
}
