#include "tracer/trace/model.h"

#include "tracer/base/alloc.h"
#include "tracer/tcp/seq.h"

#include <string.h>

static void add_other(struct trace *t, const struct capture_frame *frame)
{
    VECTOR_ADD(t->not_segments, (uint32_t)t->frames);
    struct other_record o = {store_put(t->store, frame), (uint32_t)t->frames};
    VECTOR_ADD(t->others, o);
    trace_moment(t, TRACE_OTHER, (uint32_t)t->others.count - 1);
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

static void tell_sender(struct trace *t, uint32_t index, const struct tcp_facts *facts)
{
    const struct segment_record *s = &t->segments.at[index];
    struct state_record like = {.cause = CAUSE_SENT, .side = s->flow_side & 1};
    struct tcp_end *end = &t->lives.at[s->flow_side >> 1].ends[like.side];
    struct tcp_change changes[TCP_CHANGES_MAX];
    trace_states(t, &like, changes, tcp_end_sent(end, facts, changes));
}

static void tell_receiver(struct trace *t, uint32_t index, const struct tcp_facts *facts)
{
    const struct segment_record *s = &t->segments.at[index];
    struct state_record like = {.cause = CAUSE_RECEIVED, .side = !(s->flow_side & 1)};
    struct tcp_end *end = &t->lives.at[s->flow_side >> 1].ends[like.side];
    struct tcp_change changes[TCP_CHANGES_MAX];
    trace_states(t, &like, changes, tcp_end_received(end, facts, changes));
}

/* What a fate names a segment by. */
static struct key flight_key(int64_t sent_ns, char from)
{
    return (struct key){.a = (uint64_t)sent_ns, .c = (unsigned char)from};
}

static void add_segment(struct trace *t, const struct capture_frame *frame, const struct packet *p)
{
    int side;
    const struct tcp_header *tcp = &p->tcp;
    struct flow *f = flow_of(t->flows, p, &side);
    uint32_t index = (uint32_t)t->segments.count;
    if (f->index == t->lives.count) {
        VECTOR_ADD(t->lives, first_life(t, f, p));
        t->lives.at[f->index].first_segment = index;
    }
    t->lives.at[f->index].last_segment = index;
    uint64_t at = store_put(t->store, frame);
    struct segment_record s = {
        .at_low = (uint32_t)at,
        .at_high = (uint32_t)(at >> 32) & ((1u << (STORE_AT_BITS - 32)) - 1),
        .flags = tcp->flags & (uint32_t)SEGMENT_FLAGS_MASK,
        .again = sent_before(&t->lives.at[f->index], side, tcp),
        .fate = FATE_NONE,
        .flow_side = f->index << 1 | (uint32_t)side,
    };
    struct tcp_facts facts = {tcp->flags, tcp->seq, tcp->ack, tcp->payload_bytes};
    VECTOR_ADD(t->segments, s);
    recent_keep(t->recent, index, frame->time_ns, tcp);
    trace_moment(t, TRACE_SEGMENT, index);
    trace_analyse(t, index, p, f, side);
    tell_sender(t, index, &facts);
    if (trace_has_wire(t))
        keyed_add(&t->in_flight, flight_key(frame->time_ns, trace_host_of(t, f->index, side)),
                  index);
    else
        tell_receiver(t, index, &facts);
}

void trace_add_packet(struct trace *t, const struct capture_frame *frame, const struct packet *p)
{
    if (p->is_tcp)
        add_segment(t, frame, p);
    else
        add_other(t, frame);
}

/* Fates come for a few segments at a time, and those from before the first have none. */
static void note_fate(struct trace *t, uint32_t index, enum fate fate, int64_t time_ns)
{
    while (t->fates.count <= index)
        VECTOR_ADD(t->fates, -1);
    t->fates.at[index] = time_ns;
    t->segments.at[index].fate = fate;
}

/* A rule's words stand under many a segment: they are kept once in a row. */
static void note_reason(struct trace *t, uint32_t index, const char *reason)
{
    if (t->reasons.count == 0 || strcmp(t->strings.at[t->last_reason], reason) != 0) {
        t->last_reason = (uint32_t)t->strings.count;
        trace_keep(t, reason);
    }
    keyed_add(&t->reasons, (struct key){.a = index}, t->last_reason);
}

/* A segment whose copies may come has just been delivered: it is among the last ones. */
static void add_copy(struct trace *t, int64_t time_ns, struct key key)
{
    uint32_t index = keyed_find(&t->copied, key);
    if (index == KEYED_NONE)
        return;
    struct copy copy = {time_ns, index};
    VECTOR_ADD(t->copies, copy);
    t->segments.at[index].copied = true;
    trace_moment(t, TRACE_COPIED, (uint32_t)t->copies.count - 1);
}

/* A fate may name what is none of ours: a packet that is not TCP. */
uint32_t trace_travelling(const struct trace *t, int64_t sent_ns, char from)
{
    return keyed_find(&t->in_flight, flight_key(sent_ns, from));
}

/* Of a packet that is no segment the trace keeps no fate, but that it was lost has to be said. */
static void remark_loss(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    struct text says = {0};
    if (a->fate.fate != FATE_DROPPED)
        return;
    text_format(&says, "A packet from %c was lost on the wire", a->fate.from);
    if (a->fate.reason)
        text_format(&says, ": %s", a->fate.reason);
    trace_remark(t, time_ns, text_str(&says));
    text_free(&says);
}

void trace_fate(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    struct key key = flight_key(a->fate.sent_ns, a->fate.from);
    if (a->fate.copy > 0) {
        if (a->fate.fate == FATE_DELIVERED)
            add_copy(t, time_ns, key);
        return;
    }
    uint32_t index = keyed_take(&t->in_flight, key);
    if (index == KEYED_NONE) {
        remark_loss(t, time_ns, a);
        return;
    }
    note_fate(t, index, a->fate.fate, time_ns);
    if (a->fate.reason) {
        note_reason(t, index, a->fate.reason);
        if (a->fate.fate == FATE_DELIVERED)
            keyed_add(&t->copied, key, index);
    }
    t->segments.at[index].corrupted = a->fate.corrupted;
    if (a->fate.fate != FATE_DELIVERED) {
        trace_moment(t, TRACE_DROPPED, index);
        return;
    }
    struct segment s = trace_segment(t, index);
    struct tcp_facts facts = {s.flags, s.seq, s.ack, s.len};
    trace_moment(t, TRACE_DELIVERED, index);
    tell_receiver(t, index, &facts);
}
