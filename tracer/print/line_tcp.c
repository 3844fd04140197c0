/* The TCP header, RFC 9293 section 3.1. */
#include "tracer/print/line_options.h"

#include "tracer/base/put.h"

enum { TCP_LEAST_BYTES = 20 };

void line_flags(uint16_t flags, struct text *out)
{
    tcp_flags_add(flags & (uint16_t)~TCP_AE, out); /* tcpdump 4.99.3 does not know AE */
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

/* From the sequence number to the window. */
static char *put_numbers(char *at, const struct tcp_header *t, const struct line_seq *seq,
                         uint32_t payload_bytes)
{
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

/* Two NOPs and the timestamps, as RFC 7323 appendix A lays them out, are most segments' options. */
static bool only_timestamps(const struct line *l)
{
    enum { ALL_BYTES = 12, HEAD = 0x0101080a };
    struct cursor look = l->c;
    return l->p->tcp.options_bytes == ALL_BYTES && l->p->tcp.has_timestamps &&
           cursor_be32(&look) == HEAD;
}

static char *put_timestamps(char *at, const struct tcp_header *t)
{
    at = put_u32(put_str(at, ", options [nop,nop,TS val "), t->ts_value);
    at = put_u32(put_str(at, " ecr "), t->ts_echo);
    return put_str(at, "]");
}

static void add_segment(struct line *l, uint32_t bytes, uint32_t *conversation)
{
    enum { MOST = 256 }; /* without odd options */
    const struct tcp_header *t = &l->p->tcp;
    struct line_seq seq = {.seq = t->seq, .ack = t->ack};
    if (!l->lp->options.absolute_seq && (t->flags & TCP_ACK))
        seq = line_seq_of(&l->lp->seqs, l->p, conversation);
    char *at = text_reserve(l->out, MOST);
    at = put_str(at, "Flags [");
    at = put_str(tcp_flags_put(at, t->flags & (uint16_t)~TCP_AE), "]");
    if (t->header_bytes > bytes) {
        text_commit_to(l->out, at);
        line_u64(l, " [bad hdr length ", t->header_bytes);
        line_u64(l, " - too long, > ", bytes);
        line_add(l, "]");
        return;
    }
    uint32_t payload_bytes = bytes - t->header_bytes;
    at = put_numbers(at, t, &seq, payload_bytes);
    if (only_timestamps(l)) {
        at = put_timestamps(at, t);
    } else if (t->header_bytes > TCP_LEAST_BYTES) {
        text_commit_to(l->out, at);
        if (!line_tcp_options(l, seq.sack_base))
            return;
        at = text_reserve(l->out, MOST);
    }
    text_commit_to(l->out, put_u32(put_str(at, ", length "), payload_bytes));
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
    uint32_t unknown = LINE_SEQ_UNKNOWN;
    if (!cursor_skip(&l->c, TCP_LEAST_BYTES)) {
        line_cut(l);
    } else if (t->header_bytes < TCP_LEAST_BYTES) {
        line_u64(l, " tcp ", (uint32_t)(bytes - t->header_bytes));
        line_u64(l, " [bad hdr length ", t->header_bytes);
        line_add(l, " - too short, < 20]");
    } else {
        add_segment(l, bytes, way ? &way->conversation : &unknown);
    }
}
