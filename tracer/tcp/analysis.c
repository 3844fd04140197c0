#include "tracer/tcp/analysis.h"

#include "tracer/base/alloc.h"
#include "tracer/tcp/connection.h"
#include "tracer/tcp/seq.h"

#include <stdlib.h>
#include <string.h>

struct analysis *analysis_new(void)
{
    return xcalloc(1, sizeof(struct analysis));
}

static void forget_details(struct connection *c)
{
    if (!c->details)
        return;
    for (int side = 0; side < SIDE_COUNT; side++)
        flight_free(&c->details[side].flight);
    free(c->details);
    c->details = NULL;
}

void analysis_free(struct analysis *a)
{
    if (!a)
        return;
    for (uint32_t i = 0; i < a->count; i++)
        forget_details(connection_at(a, i));
    for (uint32_t i = 0; i * CONNECTION_BLOCK < a->count; i++)
        free(a->blocks[i]);
    free(a->blocks);
    free(a);
}

static struct connection *find_or_add(struct analysis *a, uint32_t flow, bool *first)
{
    *first = flow >= a->count;
    while (flow >= a->count) {
        if (a->count % CONNECTION_BLOCK == 0) {
            xgrow(&a->blocks, &a->block_cap, a->count / CONNECTION_BLOCK, sizeof *a->blocks);
            a->blocks[a->count / CONNECTION_BLOCK] =
                xcalloc(CONNECTION_BLOCK, sizeof(struct connection));
        }
        struct connection *c = connection_at(a, a->count++);
        c->sides[0].scale = c->sides[1].scale = SCALE_UNKNOWN;
    }
    return connection_at(a, flow);
}

/* A length field that claims more than the frame could hold is not believed. */
static uint32_t on_the_wire(const struct packet *p)
{
    uint32_t wire = p->frame.wire_bytes, at = p->tcp.payload_at;
    uint32_t room = wire > at ? wire - at : 0;
    return p->tcp.payload_bytes < room ? p->tcp.payload_bytes : room;
}

void analysis_facts(const struct packet *p, const struct flow *flow, int side,
                    struct analysis_facts *out)
{
    const struct tcp_header *t = &p->tcp;
    out->time_ns = p->frame.time_ns;
    out->seq = t->seq;
    out->ack = t->ack;
    out->len = on_the_wire(p);
    out->flags = t->flags;
    out->window = t->window;
    out->side = (uint8_t)side;
    out->options_cut = t->options_at + t->options_bytes > p->frame.captured_bytes;
    out->has_mss = t->has_mss;
    out->has_window_scale = t->has_window_scale;
    out->window_scale = t->window_scale;
    out->mss = t->mss;
    out->previous = flow->previous;
    out->sack_count = packet_sack_blocks(p, out->sacks);
}

/* ---- what a segment changes ---- */

static uint8_t completeness_of(const struct analysis_facts *s, bool first)
{
    uint8_t seen = 0;
    switch (s->flags & (TCP_SYN | TCP_ACK)) {
    case TCP_ACK: seen = s->len > 0 ? COMPLETENESS_DATA : COMPLETENESS_ACK; break;
    case TCP_SYN | TCP_ACK: seen = COMPLETENESS_SYN_ACK; break;
    case TCP_SYN:
        if (first)
            seen = COMPLETENESS_SYN | (s->len > 0 ? COMPLETENESS_DATA : 0);
        break;
    }
    if ((s->flags & (TCP_FIN | TCP_ACK)) == (TCP_FIN | TCP_ACK))
        seen |= COMPLETENESS_FIN;
    return s->flags & TCP_RST ? seen | COMPLETENESS_RST : seen;
}

/* Details are kept of a connection that has data, a FIN, or an answer to its SYN. */
static bool wants_details(const struct connection *c, const struct look *l)
{
    const struct analysis_facts *s = l->facts;
    bool answers = (s->flags & TCP_ACK) && (l->receiver->bits & SIDE_SYN_SENT);
    if (s->flags & TCP_RST)
        return false;
    return s->len > 0 || (!(c->bits & CONNECTION_CLOSED) && ((s->flags & TCP_FIN) || answers));
}

static void find_details(struct connection *c, struct look *l)
{
    if (!c->details && wants_details(c, l))
        c->details = xcalloc(SIDE_COUNT, sizeof *c->details);
    l->sent = c->details ? &c->details[l->facts->side] : NULL;
    l->received = c->details ? &c->details[!l->facts->side] : NULL;
}

/* The round trip of a SYN ends with the first segment that acknowledges it. */
static int64_t handshake_rtt(const struct look *l)
{
    const struct analysis_facts *s = l->facts;
    bool answers = l->f.ack != s->ack && l->r.next == s->ack && s->ack == l->r.base + 1 &&
                   (l->r.bits & SIDE_SYN_SENT) && !(l->r.bits & SIDE_SYN_AGAIN);
    int64_t rtt = span_ns(l->r.next_ns, s->time_ns);
    return answers && rtt >= 0 ? rtt : -1;
}

/* What the ACK acknowledges of what the other side has in flight. */
static void take_ack(struct look *l, struct analysis_result *out)
{
    const struct analysis_facts *s = l->facts;
    struct detail *other = l->received;
    flight_acked(&other->flight, s->ack, s->time_ns, &l->acked);
    out->rtt_ns = handshake_rtt(l);
    if (out->rtt_ns < 0)
        out->rtt_ns = l->acked.rtt_ns;
    if (out->rtt_ns >= 0)
        rto_measure(&other->rto, out->rtt_ns);
    for (unsigned i = 0; i < s->sack_count; i++)
        flight_sacked(&other->flight, i, s->sacks[i].from, s->sacks[i].to);
    bool emptied = l->acked.segments > 0 && flight_count(&other->flight) == 0 && s->len == 0 &&
                   l->acked.last_bytes < small_below(l->sent);
    other->release_ns = emptied ? s->time_ns : 0;
    if (s->ack != l->f.ack)
        l->sent->ack_segment = l->segment;
}

static void take_sent(const struct look *l)
{
    const struct analysis_facts *s = l->facts;
    struct detail *d = l->sent;
    uint32_t seq = s->flags & TCP_SYN ? s->seq + 1 : s->seq; /* data may come with it */
    bool garbage = l->flags & FINDING_BIT(FINDING_KEEP_ALIVE);
    if (!(s->flags & TCP_RST) && !garbage && seq_lt(seq, l->end))
        flight_sent(&d->flight, seq, l->end, s->time_ns, l->segment);
    if (s->window > 0 || (s->flags & TCP_CONTROLS))
        d->shut_ns = 0;
    else if (d->shut_ns == 0)
        d->shut_ns = s->time_ns;
    d->release_ns = 0;
    if (s->has_mss)
        d->mss = s->mss;
}

/* What the flags of the header make of both ends. */
static void take_controls(struct connection *c, const struct look *l)
{
    const struct analysis_facts *s = l->facts;
    struct side *f = l->sender, *r = l->receiver;
    if (s->flags & TCP_SYN)
        f->bits |= (f->bits & SIDE_SYN_SENT) ? SIDE_SYN_AGAIN : SIDE_SYN_SENT;
    if (s->flags & TCP_ACK) {
        r->bits &= (uint16_t)~SIDE_HOLE;
        if ((r->bits & SIDE_FIN_SENT) && seq_ge(s->ack, r->next))
            r->bits |= SIDE_FIN_ACKED;
    }
    if (l->flags & FINDING_BIT(FINDING_LOST_SEGMENT))
        f->bits |= SIDE_HOLE;
    if (s->flags & TCP_FIN)
        f->bits |= SIDE_FIN_SENT;
    if (s->flags & TCP_RST)
        c->bits |= CONNECTION_CLOSED | CONNECTION_RESET;
    if (f->bits & r->bits & SIDE_FIN_ACKED)
        c->bits |= CONNECTION_CLOSED;
    if (l->first && !(s->flags & TCP_SYN))
        c->bits |= CONNECTION_MIDSTREAM;
}

static uint32_t scaled_window(const struct analysis_facts *s, const struct side *f)
{
    return f->scale < 0 || (s->flags & TCP_SYN) ? s->window : (uint32_t)s->window << f->scale;
}

/* What can be counted once the segment is taken. */
static void count_up(const struct connection *c, const struct look *l, struct analysis_result *out)
{
    const struct analysis_facts *s = l->facts;
    out->completeness = c->completeness;
    out->window_bytes = scaled_window(s, l->sender);
    out->irtt_ns = c->irtt_ns > 0 ? c->irtt_ns : -1;
    out->rto_us = l->sent ? rto_us(&l->sent->rto) : 0;
    out->in_flight = 0;
    out->in_flight_known = l->sent && s->len > 0 && !(l->sender->bits & SIDE_HOLE) &&
                           flight_bytes(&l->sent->flight, &out->in_flight);
    if (out->in_flight_known && (s->flags & TCP_FIN) && !(s->flags & TCP_SYN) && out->in_flight > 0)
        out->in_flight--; /* the FIN, which is in flight with them; a SYN is not */
}

/* What of the details the judgement needs as it was before. */
static void look_at_details(struct look *l, const struct connection *c)
{
    const struct analysis_facts *s = l->facts;
    l->acked = flight_nothing_acked;
    l->before = (struct flight_before){0};
    if (!c->details) {
        l->rto_us = l->least_rtt_us = 0;
        l->shut_ns[0] = l->shut_ns[1] = l->release_ns = 0;
        return;
    }
    const struct detail *f = &c->details[s->side], *r = &c->details[!s->side];
    if (seq_lt(s->seq, l->f.next))
        l->before = flight_before(&f->flight, s->seq, l->end);
    l->rto_us = rto_us(&f->rto);
    l->least_rtt_us = r->rto.least_us;
    l->shut_ns[0] = f->shut_ns;
    l->shut_ns[1] = r->shut_ns;
    l->release_ns = f->release_ns;
}

/* The segment, and all as it is before; every member is set that is ever read: clearing it first
 * costs more than all the rest. */
static void begin(struct look *l, struct connection *c, const struct connection *previous,
                  const struct analysis_facts *s, uint32_t segment)
{
    l->facts = s;
    l->previous = previous;
    l->segment = segment;
    l->sender = &c->sides[s->side];
    l->receiver = &c->sides[!s->side];
    l->f = *l->sender;
    l->r = *l->receiver;
    l->syn_ns = c->syn_ns;
    l->bits = c->bits;
    l->end = s->seq + s->len + (s->flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
    look_at_details(l, c);
}

void analysis_take_any(struct analysis *a, uint32_t flow, uint32_t segment,
                       const struct analysis_facts *s, struct analysis_result *out)
{
    struct look l;
    struct connection *c = find_or_add(a, flow, &l.first);
    begin(&l, c, l.first && s->previous < a->count ? connection_at(a, s->previous) : NULL, s,
          segment);
    l.flags = out->flags = rules_apply(c, l.sender, l.receiver, s, l.previous != NULL);
    c->completeness |= completeness_of(s, l.first);
    out->rtt_ns = -1;
    out->count = 0;
    find_details(c, &l);
    if (l.sent && (s->flags & (TCP_ACK | TCP_RST)) == TCP_ACK)
        take_ack(&l, out);
    if (l.sent)
        take_sent(&l);
    take_controls(c, &l);
    count_up(c, &l, out);
    judge(&l, out);
    if (out->count > 0 && out->findings[out->count - 1].kind == FINDING_ONE_SIDED)
        c->bits |= CONNECTION_ONE_SIDED; /* it is the last to be told, and told once */
    if ((c->bits & CONNECTION_CLOSED) && !(l.bits & CONNECTION_CLOSED))
        forget_details(c);
}

void analysis_connection(const struct analysis *a, uint32_t flow, struct analysis_connection *out)
{
    *out = (struct analysis_connection){.irtt_ns = -1};
    if (flow >= a->count)
        return;
    const struct connection *c = connection_at(a, flow);
    out->completeness = c->completeness;
    out->midstream = c->bits & CONNECTION_MIDSTREAM;
    out->closed = c->bits & CONNECTION_CLOSED;
    out->one_sided = true;
    if (c->irtt_ns > 0)
        out->irtt_ns = c->irtt_ns;
    for (int side = 0; side < SIDE_COUNT; side++) {
        out->sides[side].seen = c->sides[side].bits & SIDE_SEEN;
        out->sides[side].window_scale = c->sides[side].scale;
        out->sides[side].srtt_us = c->details ? c->details[side].rto.srtt_us : 0;
        out->sides[side].rto_us = c->details ? rto_us(&c->details[side].rto) : 0;
    }
    out->one_sided = !out->sides[0].seen || !out->sides[1].seen;
}
