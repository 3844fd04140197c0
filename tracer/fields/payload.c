/* What the headers carry, and what stands behind it. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"

struct span {
    size_t from, bytes; /* by the length fields */
    const char *name, *about;
};

size_t net_end(const struct packet *p)
{
    if ((p->net != NET_IPV4 && p->net != NET_IPV6) || p->net_header_bytes == 0)
        return 0;
    return (size_t)p->net_at + p->net_header_bytes + p->net_payload_bytes;
}

static struct span transport_payload(const struct writer *w)
{
    const struct packet *p = w->p;
    size_t end = net_end(p);
    if (p->is_tcp)
        return (struct span){p->tcp.payload_at, p->tcp.payload_bytes, "Payload",
                             N_("The program's own bytes: what write() was given and read() will "
                                "return.")};
    if (p->protocol == PROTO_TCP)
        return (struct span){0};
    size_t from = (size_t)p->transport_at + (p->protocol == PROTO_UDP ? 8 : w->message_bytes);
    size_t n = end > from ? end - from : 0;
    if (p->protocol == PROTO_UDP && p->udp_bytes >= 8 && p->udp_bytes - 8u < n)
        n = p->udp_bytes - 8u;
    return (struct span){from, n, "Payload", N_("What the message carries.")};
}

static struct span network_payload(const struct packet *p)
{
    size_t from = (size_t)p->net_at + p->net_header_bytes, end = net_end(p);
    if (p->net == NET_ANNOTATION)
        return (struct span){p->net_at, p->link_payload_bytes, "Annotation",
                             N_("Not a packet: a note of the session in JSON, such as a call or a "
                                "segment's fate (docs/session-format.md).")};
    if (p->net == NET_OTHER && p->link_header_bytes > 0)
        return (struct span){p->net_at, p->link_payload_bytes, "Data",
                             N_("A protocol whose fields are not known here.")};
    if (end <= from)
        return (struct span){0};
    return (struct span){
        from, end - from, "Data",
        p->fragment_offset_bytes > 0
            ? N_("A later part of a packet that was cut into fragments: its transport "
                 "header is in the first.")
            : N_("A protocol whose fields are not known here.")};
}

/* RFC 9293 knows no such segment: the card is still to cut it, or has joined several. */
static void add_offload(struct writer *w, const struct span *s)
{
    const struct packet *p = w->p;
    uint32_t mss = w->facts->mss;
    static const uint8_t none[6];
    bool loopback = p->has_macs;
    for (size_t i = 0; i < sizeof none; i++)
        loopback = loopback && p->source_mac[i] == none[i];
    bool giant = p->has_macs && !loopback && s->bytes > 9216;
    if (!p->is_tcp || w->quoted || (mss > 0 ? s->bytes <= mss : !giant))
        return;
    if (mss > 0)
        text_format(&w->about,
                    _("These are several segments, since the receiver takes %u bytes in one: not "
                      "cut up yet by the sender's card (TSO, GSO) or joined by the receiver's "
                      "(GRO), which is no error."),
                    mss);
    else
        text_add(&w->about,
                 _("These are several segments: not cut up yet by the sender's card (TSO, GSO) or "
                   "joined by the receiver's (GRO), which is no error."));
}

static void write_span(struct writer *w, const struct span *s)
{
    struct cursor c = cursor_over(w->p, s->from);
    size_t here = cursor_captured_left(&c);
    text_format(&w->value, s->bytes == 1 ? _("%zu byte: ") : _("%zu bytes: "), s->bytes);
    tell_text(&w->value, c, s->bytes);
    if (s->bytes <= here || w->p->frame.captured_bytes < w->p->frame.wire_bytes)
        add_offload(w, s);
    if (s->bytes > here) {
        if (w->quoted || w->p->frame.captured_bytes < w->p->frame.wire_bytes)
            write_verdict(w, FIELD_TRUNCATED,
                          w->quoted ? N_("Only the beginning of it is quoted.")
                                    : N_("The capture left some of it out."));
        else
            write_verdict(w, FIELD_MALFORMED, N_("The frame ends before it does."));
    }
    write_field(w, s->name, w->depth, s->from, s->bytes, s->about);
}

static void write_trailer(struct writer *w, size_t end)
{
    size_t captured = w->p->frame.captured_bytes;
    if (w->quoted || end == 0 || end >= captured)
        return;
    text_format(&w->value, _("%zu bytes"), captured - end);
    write_field(w, "Trailer", w->depth, end, captured - end,
                N_("Filling behind the packet: an Ethernet frame has 60 bytes at least."));
}

void write_payload(struct writer *w)
{
    const struct packet *p = w->p;
    if (p->net == NET_ARP || p->net == NET_NONE)
        return;
    struct span s = p->transport_at > 0 ? transport_payload(w) : network_payload(p);
    if (s.bytes > 0 && s.name)
        write_span(w, &s);
    write_websocket(w);
    write_trailer(w, w->outer_end > 0 ? w->outer_end : net_end(p));
}
