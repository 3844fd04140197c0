/* Most lines, in one go: a TCP segment in IP of which all headers are here and say nothing odd.
 * What comes out is what line_link() and the parts make of it, in a third of the time; any other
 * packet is left to them. */
#include "tracer/decode/plain_segment.h"
#include "tracer/print/line_parts.h"

/* Decoding has read these headers: the line can be told from what it says. */
static bool is_plain(const struct packet *p)
{
    uint32_t ip_bytes = p->net == NET_IPV4 ? PLAIN_IPV4_BYTES : PLAIN_IPV6_BYTES;
    return line_options_plain(p) && p->tunnel_count == 0 && p->net_header_bytes == ip_bytes &&
           p->net_at == p->link_header_bytes && p->transport_at == p->net_at + ip_bytes &&
           !p->is_fragment && !p->has_packet_type &&
           p->link_payload_bytes >= ip_bytes + p->net_payload_bytes &&
           p->frame.wire_bytes >= p->frame.captured_bytes;
}

static char *put_timestamps(char *at, const struct tcp_header *t)
{
    at = put_u32(put_str(at, "TS val "), t->ts_value);
    return put_u32(put_str(at, " ecr "), t->ts_echo);
}

static char *put_sack(char *at, struct cursor blocks, uint32_t base)
{
    at = put_small(put_str(at, "sack "), (unsigned)cursor_claimed_left(&blocks) / 8);
    *at++ = ' ';
    while (cursor_claimed_left(&blocks) > 0) {
        at = put_u32(put_str(at, "{"), cursor_be32(&blocks) - base);
        at = put_u32(put_str(at, ":"), cursor_be32(&blocks) - base);
        *at++ = '}';
    }
    return at;
}

/* The option that is next: decoding has found each to be as it should. */
static char *put_option(char *at, const struct tcp_header *t, struct cursor *c, uint32_t sack_base)
{
    enum { NOP = 1, MSS, WINDOW_SCALE, SACK_PERMITTED, SACK };
    uint8_t kind = cursor_u8(c);
    if (kind == NOP)
        return put_str(at, "nop");
    struct cursor body = cursor_sub(c, cursor_u8(c) - 2u);
    switch (kind) {
    case MSS: return put_u32(put_str(at, "mss "), cursor_be16(&body));
    case WINDOW_SCALE: return put_u32(put_str(at, "wscale "), cursor_u8(&body));
    case SACK_PERMITTED: return put_str(at, "sackOK");
    case SACK: return put_sack(at, body, sack_base);
    default: return put_timestamps(at, t);
    }
}

/* Inlined for each separator, of which the length is then known. */
__attribute__((always_inline)) static inline char *
put_options(char *at, const struct packet *p, uint32_t sack_base, const char *between)
{
    const struct tcp_header *t = &p->tcp;
    uint32_t told_bytes = 0;
    if (t->timestamps_first) {
        at = put_str(put_str(at, "nop"), between);
        at = put_timestamps(put_str(put_str(at, "nop"), between), t);
        told_bytes = TCP_TIMESTAMPS_BYTES;
    }
    if (t->options_bytes > told_bytes) {
        struct cursor c;
        cursor_init(&c, p->frame.bytes, t->payload_at, t->payload_at);
        cursor_skip(&c, t->options_at + told_bytes);
        for (; cursor_claimed_left(&c) > 0; at = put_option(at, t, &c, sack_base))
            if (c.at > t->options_at)
                at = put_str(at, between);
    }
    return at;
}

bool line_options_plain(const struct packet *p)
{
    return p->is_tcp && p->verdict == VERDICT_OK && !p->tcp.odd_options;
}

char *line_options_put(char *at, const struct packet *p)
{
    return put_options(at, p, 0, "\",\"");
}

static char *put_syn_options(char *at, const struct tcp_header *t, const struct plain_segment *s)
{
    at = put_u32(put_str(at, "mss "), s->mss);
    at = put_timestamps(put_str(at, ",sackOK,"), t);
    return put_small(put_str(at, ",nop,wscale "), s->window_scale);
}

/* Of a packet are asked for: its net, addresses, TCP header, and the frame's bytes; `syn` is an
 * ordinary SYN where it is one, else NULL. */
static inline void put_line(struct line_printer *lp, const struct frame *frame,
                            const struct packet *p, const struct plain_segment *syn,
                            struct text *out)
{
    const struct tcp_header *t = &p->tcp;
    char *at =
        text_reserve(out, LINE_TIME_MOST + LINE_WAY_MOST + LINE_TCP_MOST + LINE_OPTIONS_MOST);
    struct line_way *way = line_way_place(&lp->ways, p, t->source_port, t->destination_port);
    at = line_clock_put(at, &lp->clock, &lp->options, frame);
    at = put_str(at, p->net == NET_IPV4 ? "IP " : "IP6 ");
    line_way_enter(way, p, t->source_port, t->destination_port);
    struct line_seq seq = line_tcp_seq(lp, p, way);
    at = line_way_put(at, way);
    at = line_tcp_put(at, t, &seq, t->payload_bytes);
    if (t->options_bytes > 0) {
        at = put_str(at, ", options [");
        at = syn ? put_syn_options(at, t, syn) : put_options(at, p, seq.sack_base, ",");
        *at++ = ']';
    }
    at = put_u32(put_str(at, ", length "), t->payload_bytes);
    *at++ = '\n';
    text_commit_to(out, at);
}

static bool wants_more(const struct line_printer *lp)
{
    return lp->options.names || lp->options.dump != LINE_DUMP_NONE;
}

bool line_plain(struct line_printer *lp, const struct packet *p, struct text *out)
{
    if (!is_plain(p) || wants_more(lp))
        return false;
    put_line(lp, &p->frame, p, NULL, out);
    return true;
}

/* What a line asks of a packet, from a segment that was read by itself. The rest is not set. */
static inline void fill(struct packet *p, const struct frame *frame, const struct plain_segment *s)
{
    struct tcp_header *t = &p->tcp;
    p->frame.bytes = frame->bytes;
    p->net = s->net;
    p->source = s->source;
    p->destination = s->destination;
    t->source_port = s->source_port;
    t->destination_port = s->destination_port;
    t->seq = s->seq;
    t->ack = s->ack;
    t->flags = s->flags;
    t->window = s->window;
    t->options_at = s->tcp_at + PLAIN_TCP_BYTES;
    t->options_bytes = s->header_bytes - PLAIN_TCP_BYTES;
    t->payload_at = t->options_at + t->options_bytes;
    t->payload_bytes = s->payload_bytes;
    t->timestamps_first = s->has_timestamps;
    t->ts_value = s->ts_value;
    t->ts_echo = s->ts_echo;
}

static inline bool put_frame(struct line_printer *lp, const struct frame *frame,
                             enum packet_net net, struct text *out)
{
    struct plain_segment segment;
    struct packet p;
    if (!plain_segment_read(frame, net, TCP_URG, &segment))
        return false;
    fill(&p, frame, &segment);
    put_line(lp, frame, &p, segment.is_ordinary_syn ? &segment : NULL, out);
    return true;
}

__attribute__((noinline, flatten)) static bool
put_v6_frame(struct line_printer *lp, const struct frame *frame, struct text *out)
{
    return put_frame(lp, frame, NET_IPV6, out);
}

/* Each has its own code: of an IPv4 address most is known while compiling. */
__attribute__((flatten)) bool line_plain_frame(struct line_printer *lp, const struct frame *frame,
                                               struct text *out)
{
    if (wants_more(lp))
        return false;
    return plain_net(frame) == NET_IPV6 ? put_v6_frame(lp, frame, out)
                                        : put_frame(lp, frame, NET_IPV4, out);
}
