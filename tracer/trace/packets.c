#include "tracer/trace/model.h"

#include "tracer/base/alloc.h"
#include "tracer/tcp/seq.h"

#include <string.h>

static uint64_t keep_bytes(struct trace *t, const struct capture_frame *frame)
{
    uint64_t at = t->bytes.count;
    size_t need = t->bytes.count + frame->captured_bytes;
    if (need > t->bytes.cap) {
        size_t cap = t->bytes.cap ? t->bytes.cap : 65536;
        while (cap < need)
            cap *= 2;
        t->bytes.at = xreallocarray(t->bytes.at, cap, 1);
        t->bytes.cap = cap;
    }
    if (frame->captured_bytes > 0)
        memcpy(t->bytes.at + at, frame->bytes, frame->captured_bytes);
    t->bytes.count = need;
    return at;
}

static void add_other(struct trace *t, const struct capture_frame *frame)
{
    struct other o = {
        .time_ns = frame->time_ns,
        .frame = t->frames,
        .bytes_at = keep_bytes(t, frame),
        .captured_bytes = frame->captured_bytes,
        .wire_bytes = frame->wire_bytes,
        .linktype = frame->linktype,
    };
    VECTOR_ADD(t->others, o);
    trace_moment(t, frame->time_ns, TRACE_OTHER, (uint32_t)t->others.count - 1);
}

/* How a connection stands before its first segment: a SYN opens it and finds, we take it, a
 * listener (in a session the calls say); a SYN-ACK answers a SYN from before the capture; anything
 * else shows it open already. */
static struct flow_life first_life(const struct trace *t, const struct flow *f,
                                   const struct packet *p)
{
    struct flow_life life = {0};
    struct tcp_end *initiator = &life.ends[SIDE_INITIATOR], *responder = &life.ends[SIDE_RESPONDER];
    initiator->state = responder->state = STATE_UNKNOWN;
    if (!(p->tcp.flags & TCP_SYN))
        return life;
    char host = trace_host_of(t, f->index, SIDE_RESPONDER);
    bool listens = !t->session.present || trace_listens(t, host, &f->ends[SIDE_RESPONDER]);
    responder->state = listens ? STATE_LISTEN : STATE_CLOSED;
    initiator->state = STATE_CLOSED;
    if (p->tcp.flags & TCP_ACK) {
        initiator->state = STATE_SYN_SENT;
        initiator->syn_sent = true;
        initiator->iss = p->tcp.ack - 1;
    }
    return life;
}

/* Whether the segment only repeats what its side sent before; moves the highest mark on. */
static bool sent_before(struct flow_life *life, int side, const struct tcp_header *tcp)
{
    uint32_t space =
        tcp->payload_bytes + (tcp->flags & TCP_SYN ? 1 : 0) + (tcp->flags & TCP_FIN ? 1 : 0);
    uint32_t end = tcp->seq + space;
    bool again = space > 0 && life->sent_any[side] && seq_le(end, life->snd_max[side]);
    if (!life->sent_any[side] || seq_gt(end, life->snd_max[side]))
        life->snd_max[side] = end;
    life->sent_any[side] = true;
    return again;
}

static struct tcp_facts facts_of(const struct segment *s)
{
    return (struct tcp_facts){.flags = s->flags, .seq = s->seq, .ack = s->ack, .len = s->len};
}

static void tell_sender(struct trace *t, uint32_t index)
{
    const struct segment *s = &t->segments.at[index];
    struct tcp_facts facts = facts_of(s);
    struct tcp_change changes[TCP_CHANGES_MAX];
    int n = tcp_end_sent(&t->lives.at[s->flow].ends[s->side], &facts, changes);
    trace_states(t, s->time_ns, s->flow, s->side, changes, n, CAUSE_SENT, index);
}

static void tell_receiver(struct trace *t, uint32_t index, int64_t time_ns)
{
    const struct segment *s = &t->segments.at[index];
    struct tcp_facts facts = facts_of(s);
    struct tcp_change changes[TCP_CHANGES_MAX];
    int n = tcp_end_received(&t->lives.at[s->flow].ends[!s->side], &facts, changes);
    trace_states(t, time_ns, s->flow, !s->side, changes, n, CAUSE_RECEIVED, index);
}

/* What a fate names a segment by. */
static struct key flight_key(int64_t sent_ns, char from)
{
    return (struct key){.a = (uint64_t)sent_ns, .c = (unsigned char)from};
}

static void add_segment(struct trace *t, const struct capture_frame *frame, const struct packet *p)
{
    int side;
    struct flow *f = flow_of(t->flows, p, &side);
    if (f->index == t->lives.count)
        VECTOR_ADD(t->lives, first_life(t, f, p));
    uint32_t index = (uint32_t)t->segments.count;
    struct segment s = {
        .time_ns = frame->time_ns,
        .fate_ns = -1,
        .frame = t->frames,
        .flow = f->index,
        .side = (uint8_t)side,
        .fate = FATE_NONE,
        .again = sent_before(&t->lives.at[f->index], side, &p->tcp),
        .flags = p->tcp.flags,
        .seq = p->tcp.seq,
        .ack = p->tcp.ack,
        .len = p->tcp.payload_bytes,
        .window = p->tcp.window,
        .bytes_at = keep_bytes(t, frame),
        .captured_bytes = frame->captured_bytes,
        .wire_bytes = frame->wire_bytes,
        .linktype = frame->linktype,
    };
    VECTOR_ADD(t->segments, s);
    trace_moment(t, frame->time_ns, TRACE_SEGMENT, index);
    tell_sender(t, index);
    if (trace_has_wire(t))
        keyed_add(&t->in_flight, flight_key(s.time_ns, trace_host_of(t, s.flow, s.side)), index);
    else
        tell_receiver(t, index, frame->time_ns);
}

void trace_add_packet(struct trace *t, const struct capture_frame *frame)
{
    struct frame raw = trace_frame(frame);
    struct packet p;
    packet_decode(&raw, &p);
    if (p.is_tcp)
        add_segment(t, frame, &p);
    else
        add_other(t, frame);
}

/* A fate may name what is none of ours: a packet that is not TCP. */
void trace_fate(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    uint32_t index = keyed_take(&t->in_flight, flight_key(a->fate.sent_ns, a->fate.from));
    if (index == KEYED_NONE)
        return;
    struct segment *s = &t->segments.at[index];
    s->fate = (uint8_t)a->fate.fate;
    s->fate_ns = time_ns;
    if (a->fate.fate == FATE_DELIVERED) {
        trace_moment(t, time_ns, TRACE_DELIVERED, index);
        tell_receiver(t, index, time_ns);
    } else {
        trace_moment(t, time_ns, TRACE_DROPPED, index);
    }
}
