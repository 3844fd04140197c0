/* Most segments in one go: data that follows on what its sender sent last, or an ACK that moves on,
 * in a connection that is open and of which both sides were seen. What becomes of the connection is
 * what analysis_take_any() makes of it, where every rule says no; any other segment is left to it.
 */
#include "tracer/tcp/connection.h"
#include "tracer/tcp/seq.h"

/* Its numbers follow on: no rule speaks of a segment that was lost, or comes again. */
static bool follows_on(const struct analysis_facts *s, const struct side *f, const struct side *r)
{
    return s->seq == f->next && f->next != 0 && (r->top == 0 || seq_le(s->ack, r->top)) &&
           (s->ack == f->ack || s->ack != r->base + 1); /* else it is of the handshake */
}

/* New data for which there is room. */
static bool is_new_data(const struct analysis_facts *s, const struct side *r)
{
    uint32_t end = s->seq + s->len;
    return end > s->seq && (r->ack == 0 || seq_gt(end, r->ack)) &&
           !(s->len == 1 && r->window == 0) && !rules_fills_window(s, r);
}

static bool is_ordinary(const struct connection *c, const struct analysis_facts *s,
                        const struct side *f, const struct side *r)
{
    const unsigned known = SIDE_SEEN | SIDE_BASE_KNOWN;
    if ((s->flags & (TCP_CONTROLS | TCP_ACK)) != TCP_ACK || (f->bits & r->bits & known) != known ||
        (r->bits & SIDE_FIN_SENT) || !c->details || (c->syn_ns != 0 && c->irtt_ns == 0) ||
        s->window == 0 || s->sack_count > 0 || s->has_window_scale || s->has_mss ||
        !follows_on(s, f, r))
        return false;
    if (s->len == 0)
        return s->ack != f->ack;
    return is_new_data(s, r) && c->details[s->side].release_ns == 0;
}

/* What it acknowledges of what the other side has in flight. */
static void take_ack(const struct detail *own, struct detail *other, uint32_t segment,
                     const struct analysis_facts *s, struct analysis_result *out)
{
    struct look l;
    other->release_ns = 0;
    flight_acked(&other->flight, s->ack, s->time_ns, &l.acked);
    if (l.acked.segments == 0)
        return;
    l.facts = s;
    l.segment = segment;
    l.least_rtt_us = other->rto.least_us;
    out->rtt_ns = l.acked.rtt_ns;
    if (out->rtt_ns >= 0)
        rto_measure(&other->rto, out->rtt_ns);
    if (s->len > 0)
        return;
    if (flight_count(&other->flight) == 0 && l.acked.last_bytes < small_below(own))
        other->release_ns = s->time_ns;
    judge_delay(&l, out);
}

/* Both sides as they are after it. */
static void take_sides(struct side *f, struct side *r, const struct analysis_facts *s)
{
    if (s->ack != f->ack)
        f->duplicates = 0;
    if (s->len > 0) {
        f->next = s->seq + s->len;
        f->next_ns = s->time_ns;
    }
    if (f->top == 0 || f->top == s->seq)
        f->top = f->next;
    f->window = s->window;
    f->ack = s->ack;
    f->last_ns = s->time_ns;
    f->bits &= (uint16_t) ~(SIDE_KEPT_ALIVE | SIDE_PROBED | SIDE_FIRST_ACK);
    r->bits &= (uint16_t)~SIDE_HOLE;
}

bool ordinary_take(struct connection *c, uint32_t segment, const struct analysis_facts *s,
                   struct analysis_result *out)
{
    struct side *f = &c->sides[s->side], *r = &c->sides[!s->side];
    if (!is_ordinary(c, s, f, r))
        return false;
    struct detail *own = &c->details[s->side], *other = &c->details[!s->side];
    out->flags = out->count = 0;
    out->rtt_ns = -1;
    out->in_flight = 0;
    out->in_flight_known = false;
    c->completeness |= s->len > 0 ? COMPLETENESS_DATA : COMPLETENESS_ACK;
    take_ack(own, other, segment, s, out);
    if (s->ack != f->ack)
        own->ack_segment = segment;
    take_sides(f, r, s);
    own->shut_ns = own->release_ns = 0;
    if (s->len > 0) {
        flight_sent(&own->flight, s->seq, f->next, s->time_ns, segment);
        out->in_flight_known =
            !(f->bits & SIDE_HOLE) && flight_bytes(&own->flight, &out->in_flight);
    }
    out->completeness = c->completeness;
    out->window_bytes = f->scale < 0 ? s->window : (uint32_t)s->window << f->scale;
    out->irtt_ns = c->irtt_ns > 0 ? c->irtt_ns : -1;
    out->rto_us = rto_us(&own->rto);
    return true;
}
