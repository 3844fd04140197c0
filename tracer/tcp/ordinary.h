/* Most segments in one go: data that follows on what its sender sent last, an ACK that moves on, or
 * a duplicate of the last one, in a connection that is open and of which both sides were seen. What
 * becomes of the connection is what analysis_take_any() makes of it, where every other rule says
 * no; any other segment is left to it. */
#ifndef TRACER_TCP_ORDINARY_H
#define TRACER_TCP_ORDINARY_H

#include "tracer/tcp/connection.h"
#include "tracer/tcp/seq.h"

/* The connection as its segment finds it: both sides, and their details. */
struct ordinary_view {
    struct side *f, *r;
    struct detail *own, *other;
};

/* What there may be to say of its ACK. */
void ordinary_look_at_ack(const struct ordinary_view *v, uint32_t segment,
                          const struct analysis_facts *s, const struct flight_ack *acked,
                          int64_t last_ns, uint32_t least_rtt_us, struct analysis_result *out);

/* Its numbers follow on: no rule speaks of a segment that was lost, or comes again. */
static inline bool ordinary_follows_on(const struct analysis_facts *s, const struct side *f,
                                       const struct side *r)
{
    return s->seq == f->next && f->next != 0 && (r->top == 0 || seq_le(s->ack, r->top)) &&
           (s->ack == f->ack || s->ack != r->base + 1); /* else it is of the handshake */
}

/* New data for which there is room. */
static inline bool ordinary_is_new_data(const struct analysis_facts *s, const struct side *r)
{
    uint32_t end = s->seq + s->len;
    return end > s->seq && (r->ack == 0 || seq_gt(end, r->ack)) &&
           !(s->len == 1 && r->window == 0) && !rules_fills_window(s, r);
}

/* An ACK that moves on, or a duplicate of the one before. */
static inline bool ordinary_is_ack(const struct analysis_facts *s, const struct side *f,
                                   const struct side *r)
{
    return s->ack != f->ack || (s->window == f->window && !(r->bits & SIDE_KEPT_ALIVE));
}

static inline struct ordinary_view ordinary_view_of(struct connection *c,
                                                    const struct analysis_facts *s)
{
    bool responder = s->side == SIDE_RESPONDER;
    struct side *initiator = &c->sides[SIDE_INITIATOR], *answering = &c->sides[SIDE_RESPONDER];
    struct detail *first = c->details, *second = first ? first + 1 : NULL;
    return responder ? (struct ordinary_view){answering, initiator, second, first}
                     : (struct ordinary_view){initiator, answering, first, second};
}

__attribute__((always_inline)) static inline bool ordinary_is(const struct connection *c,
                                                              const struct analysis_facts *s,
                                                              const struct side *f,
                                                              const struct side *r)
{
    const unsigned known = SIDE_SEEN | SIDE_BASE_KNOWN;
    if ((s->flags & (TCP_CONTROLS | TCP_ACK)) != TCP_ACK || (f->bits & r->bits & known) != known ||
        (r->bits & SIDE_FIN_SENT) || (c->syn_ns != 0 && c->irtt_ns == 0) || s->window == 0 ||
        s->has_window_scale || s->has_mss || !ordinary_follows_on(s, f, r))
        return false;
    return s->len > 0 ? ordinary_is_new_data(s, r) : ordinary_is_ack(s, f, r);
}

/* What it acknowledges of what the other side has in flight. */
static inline void ordinary_take_ack(const struct ordinary_view *v, uint32_t segment,
                                     const struct analysis_facts *s, struct flight_ack *acked,
                                     struct analysis_result *out)
{
    struct flight *flight = &v->other->flight;
    flight_acked(flight, s->ack, s->time_ns, acked);
    out->rtt_ns = acked->rtt_ns;
    if (out->rtt_ns >= 0)
        rto_measure(&v->other->rto, out->rtt_ns);
    for (unsigned i = 0; i < s->sack_count; i++)
        flight_sacked(flight, i, s->sacks[i].from, s->sacks[i].to);
    bool emptied = acked->segments > 0 && flight_count(flight) == 0 && s->len == 0 &&
                   acked->last_bytes < small_below(v->own);
    v->other->release_ns = emptied ? s->time_ns : 0;
    if (s->ack != v->f->ack)
        v->own->ack_segment = segment;
}

static inline void ordinary_take_data(const struct ordinary_view *v, uint32_t segment,
                                      const struct analysis_facts *s, struct analysis_result *out)
{
    struct flight *flight = &v->own->flight;
    v->f->next = s->seq + s->len;
    v->f->next_ns = s->time_ns;
    flight_sent(flight, s->seq, s->seq + s->len, s->time_ns, segment);
    out->in_flight_known = !(v->f->bits & SIDE_HOLE) && flight_bytes(flight, &out->in_flight);
}

/* Both sides as they are after it. */
static inline void ordinary_take_sides(struct side *f, struct side *r,
                                       const struct analysis_facts *s)
{
    if (s->ack != f->ack)
        f->duplicates = 0;
    else if (s->len == 0)
        count_duplicate(f);
    if (f->top == 0 || f->top == s->seq)
        f->top = f->next;
    f->window = s->window;
    f->ack = s->ack;
    f->last_ns = s->time_ns;
    f->bits &= (uint16_t) ~(SIDE_KEPT_ALIVE | SIDE_PROBED | SIDE_FIRST_ACK);
    r->bits &= (uint16_t)~SIDE_HOLE;
}

/* What of the connection an answer says beside the segment. */
static inline void ordinary_tell(const struct connection *c, const struct ordinary_view *v,
                                 struct analysis_result *out)
{
    out->completeness = c->completeness;
    out->irtt_ns = c->irtt_ns > 0 ? c->irtt_ns : -1;
    out->rto_us = rto_us(&v->own->rto);
    if (!out->in_flight_known)
        out->in_flight = 0;
}

/* False, and nothing done, where the segment is none of these. For one who only counts (known when
 * this is compiled), of the answer the flags, the window, the round trip and a D-SACK are set. */
__attribute__((always_inline)) static inline bool
ordinary_take(struct connection *c, uint32_t segment, const struct analysis_facts *s,
              bool only_counts, struct analysis_result *out)
{
    const struct ordinary_view v = ordinary_view_of(c, s);
    if (!c->details || !ordinary_is(c, s, v.f, v.r) || (s->len > 0 && v.own->release_ns != 0))
        return false;
    int64_t last_ns = v.f->last_ns;
    uint32_t least_rtt_us = v.other->rto.least_us;
    struct flight_ack acked;
    out->flags = s->len == 0 && s->ack == v.f->ack ? FINDING_BIT(FINDING_DUPLICATE_ACK) : 0;
    out->count = 0;
    out->in_flight_known = false;
    ordinary_take_ack(&v, segment, s, &acked, out);
    if (s->len > 0)
        ordinary_take_data(&v, segment, s, out);
    ordinary_take_sides(v.f, v.r, s);
    v.own->shut_ns = v.own->release_ns = 0;
    c->completeness |= s->len > 0 ? COMPLETENESS_DATA : COMPLETENESS_ACK;
    out->window_bytes = v.f->scale < 0 ? s->window : (uint32_t)s->window << v.f->scale;
    if (!only_counts)
        ordinary_tell(c, &v, out);
    bool is_asked =
        only_counts ? tells_of_twice(s)
                    : out->flags != 0 || s->sack_count > 0 || (s->len == 0 && took_long(&acked));
    if (is_asked) {
        struct analysis_facts asked = *s; /* no address of `s` is given away */
        ordinary_look_at_ack(&v, segment, &asked, &acked, last_ns, least_rtt_us, out);
    }
    return true;
}

/* analysis_take() for one who only counts, woven into what asks for every segment. */
__attribute__((always_inline)) static inline void analysis_count(struct analysis *a, uint32_t flow,
                                                                 uint32_t segment,
                                                                 const struct analysis_facts *s,
                                                                 struct analysis_result *out)
{
    if (flow < a->count && ordinary_take(connection_at(a, flow), segment, s, true, out))
        return;
    struct analysis_facts any = *s;
    analysis_take_any(a, flow, segment, &any, out);
}

#endif
