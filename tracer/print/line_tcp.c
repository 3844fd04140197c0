/* The TCP header, RFC 9293 section 3.1. */
#include "tracer/print/line_options.h"

#include "tracer/base/put.h"

enum { TCP_LEAST_BYTES = 20 };

char *line_flags_put(char *at, uint16_t flags)
{
    return tcp_flags_put(at, flags & (uint16_t)~TCP_AE); /* tcpdump 4.99.3 does not know AE */
}

void line_flags(uint16_t flags, struct text *out)
{
    tcp_flags_add(flags & (uint16_t)~TCP_AE, out);
}

void line_options_text(const struct packet *p, struct text *out)
{
    static const char before[] = ", options [";
    struct line_printer lp = {0};
    struct text words = {0};
    struct line l = {.lp = &lp, .p = p, .out = &words, .protocol = "tcp"};
    if (p->tcp.options_bytes == 0)
        return;
    cursor_init(&l.c, p->frame.bytes, p->frame.captured_bytes, p->frame.wire_bytes);
    cursor_skip(&l.c, p->tcp.options_at);
    bool whole = line_tcp_options(&l, 0);
    size_t from = sizeof before - 1;
    text_bytes(out, words.s + from, words.len - from - (whole ? 1 : 0));
    text_free(&words);
}

char *line_tcp_put(char *at, const struct tcp_header *t, const struct line_seq *seq,
                   uint32_t payload_bytes)
{
    at = line_flags_put(put_str(at, "Flags ["), t->flags);
    at = put_str(at, "]");
    if (payload_bytes > 0 || (t->flags & (TCP_SYN | TCP_FIN | TCP_RST)))
        at = put_u32(put_str(at, ", seq "), seq->seq);
    if (payload_bytes > 0)
        at = put_u32(put_str(at, ":"), seq->seq + payload_bytes);
    if (t->flags & TCP_ACK)
        at = put_u32(put_str(at, ", ack "), seq->ack);
    at = put_u32(put_str(at, ", win "), t->window);
    if (t->flags & TCP_URG)
        at = put_u32(put_str(at, ", urg "), t->urgent);
    return at;
}

struct line_seq line_tcp_seq(struct line_printer *lp, const struct packet *p, struct line_way *way)
{
    const struct tcp_header *t = &p->tcp;
    if (t->flags == TCP_SYN && !lp->options.absolute_seq)
        line_seq_fetch(&lp->seqs, p);
    if (lp->options.absolute_seq || !(t->flags & TCP_ACK))
        return (struct line_seq){.seq = t->seq, .ack = t->ack};
    uint32_t direction = way ? way->direction : LINE_SEQ_UNKNOWN;
    if (way && direction == LINE_SEQ_UNKNOWN)
        direction = line_way_by_return(&lp->ways, way);
    if (direction == LINE_SEQ_UNKNOWN)
        direction = line_seq_find(&lp->seqs, p);
    if (way)
        way->direction = direction;
    return line_seq_take(&lp->seqs, direction, t);
}

static void add_segment(struct line *l, uint32_t bytes, struct line_way *way)
{
    const struct tcp_header *t = &l->p->tcp;
    struct line_seq seq = line_tcp_seq(l->lp, l->p, way);
    if (t->header_bytes > bytes) {
        line_add(l, "Flags [");
        line_flags(t->flags, l->out);
        line_u64(l, "] [bad hdr length ", t->header_bytes);
        line_u64(l, " - too long, > ", bytes);
        line_add(l, "]");
        return;
    }
    uint32_t payload_bytes = bytes - t->header_bytes;
    char *at = text_reserve(l->out, LINE_TCP_MOST);
    text_commit_to(l->out, line_tcp_put(at, t, &seq, payload_bytes));
    if (t->header_bytes == TCP_LEAST_BYTES || line_tcp_options(l, seq.sack_base))
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
    struct line_way *way = line_endpoints(l, "tcp", t->source_port, t->destination_port);
    if (!cursor_skip(&l->c, TCP_LEAST_BYTES)) {
        line_cut(l);
    } else if (t->header_bytes < TCP_LEAST_BYTES) {
        line_u64(l, " tcp ", (uint32_t)(bytes - t->header_bytes));
        line_u64(l, " [bad hdr length ", t->header_bytes);
        line_add(l, " - too short, < 20]");
    } else {
        add_segment(l, bytes, way);
    }
}
