/* The TCP header, RFC 9293 section 3.1. */
#include "tracer/print/line_options.h"

enum { TCP_LEAST_BYTES = 20 };

/* In this order; AE is not among them in tcpdump 4.99.3. */
static void add_flags(struct line *l, uint16_t flags)
{
    static const struct {
        uint16_t flag;
        char letter;
    } letters[] = {
        {TCP_FIN, 'F'}, {TCP_SYN, 'S'}, {TCP_RST, 'R'}, {TCP_PSH, 'P'},
        {TCP_ACK, '.'}, {TCP_URG, 'U'}, {TCP_ECE, 'E'}, {TCP_CWR, 'W'},
    };
    line_add(l, "Flags [");
    size_t before = l->out->len;
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (flags & letters[i].flag)
            text_char(l->out, letters[i].letter);
    line_add(l, l->out->len == before ? "none]" : "]");
}

static void add_numbers(struct line *l, const struct line_seq *seq, uint32_t payload_bytes)
{
    const struct tcp_header *t = &l->p->tcp;
    if (payload_bytes > 0 || (t->flags & (TCP_SYN | TCP_FIN | TCP_RST)))
        line_u64(l, ", seq ", seq->seq);
    if (payload_bytes > 0)
        line_u64(l, ":", seq->seq + payload_bytes);
    if (t->flags & TCP_ACK)
        line_u64(l, ", ack ", seq->ack);
    line_u64(l, ", win ", t->window);
    if (t->flags & TCP_URG)
        line_u64(l, ", urg ", t->urgent);
}

static void add_segment(struct line *l, uint32_t bytes)
{
    const struct tcp_header *t = &l->p->tcp;
    struct line_seq seq = {.seq = t->seq, .ack = t->ack};
    if (!l->lp->options.absolute_seq && (t->flags & TCP_ACK))
        seq = line_seq_of(&l->lp->seqs, l->p);
    add_flags(l, t->flags);
    if (t->header_bytes > bytes) {
        line_u64(l, " [bad hdr length ", t->header_bytes);
        line_u64(l, " - too long, > ", bytes);
        line_add(l, "]");
        return;
    }
    uint32_t payload_bytes = bytes - t->header_bytes;
    add_numbers(l, &seq, payload_bytes);
    if (t->header_bytes > TCP_LEAST_BYTES && !line_tcp_options(l, seq.sack_base))
        return;
    line_u64(l, ", length ", payload_bytes);
}

void line_tcp(struct line *l, uint32_t bytes)
{
    const struct tcp_header *t = &l->p->tcp;
    l->protocol = "tcp";
    if (cursor_captured_left(&l->c) < 4 || l->p->transport_at != l->c.at) {
        line_source(l);
        line_add(l, " > ");
        line_destination(l);
        line_add(l, ":");
        line_cut(l);
        return;
    }
    line_endpoints(l, "tcp", t->source_port, t->destination_port);
    if (!cursor_skip(&l->c, TCP_LEAST_BYTES)) {
        line_cut(l);
    } else if (t->header_bytes < TCP_LEAST_BYTES) {
        line_u64(l, " tcp ", (uint32_t)(bytes - t->header_bytes));
        line_u64(l, " [bad hdr length ", t->header_bytes);
        line_add(l, " - too short, < 20]");
    } else {
        add_segment(l, bytes);
    }
}
