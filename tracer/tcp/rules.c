/* tshark 4.0's rules, in its order. f is the side that sends the segment, r the one it is for. What
 * looks odd here (a sequence number of 0 that is "not known", windows compared unscaled, a RST that
 * moves the next sequence number) is so there, and kept: the flags bear tshark's names. */
#include "tracer/tcp/connection.h"
#include "tracer/tcp/seq.h"

enum {
    FAST_WITHIN_NS = 20000000,   /* of the receiver's last segment */
    REORDER_WITHIN_NS = 3000000, /* of the highest segment, where iRTT is not known */
};

static uint32_t bit(enum finding_kind kind)
{
    return FINDING_BIT(kind);
}

static bool is_syn(const struct analysis_facts *s)
{
    return (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* SYN and FIN take one sequence number; both in one segment still take one. */
static uint32_t end_of(const struct analysis_facts *s)
{
    return s->seq + s->len + (s->flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
}

/* A segment that says again what its sender said last: same sequence number, same ACK, no data. By
 * its window and by what it answers it is one of five. */
static uint32_t repeated_ack(const struct analysis_facts *s, struct side *f, const struct side *r)
{
    bool same_window = (f->bits & SIDE_SEEN) && s->window == f->window;
    if (s->window == 0)
        return same_window && (r->bits & SIDE_PROBED) ? bit(FINDING_ZERO_WINDOW_PROBE_ACK) : 0;
    if (!same_window)
        return bit(FINDING_WINDOW_UPDATE);
    if (r->bits & SIDE_KEPT_ALIVE)
        return bit(FINDING_KEEP_ALIVE_ACK);
    count_duplicate(f);
    return bit(FINDING_DUPLICATE_ACK);
}

static uint32_t forward_rules(const struct analysis_facts *s, struct side *f, const struct side *r)
{
    bool plain = !(s->flags & TCP_CONTROLS);
    bool expected = s->seq == f->next;
    if (s->len == 1 && expected && (r->bits & SIDE_SEEN) && r->window == 0)
        return bit(FINDING_ZERO_WINDOW_PROBE);
    uint32_t flags = 0;
    if (s->window == 0 && plain)
        flags |= bit(FINDING_ZERO_WINDOW);
    if (f->next != 0 && seq_gt(s->seq, f->next) && !(s->flags & TCP_RST))
        flags |= bit(FINDING_LOST_SEGMENT);
    if (s->len <= 1 && s->seq == f->next - 1 && plain)
        flags |= bit(FINDING_KEEP_ALIVE);
    if (plain && rules_fills_window(s, r))
        flags |= bit(FINDING_WINDOW_FULL);
    if (plain && s->len == 0 && expected && s->ack == f->ack)
        flags |= repeated_ack(s, f, r);
    return flags;
}

/* An ACK beyond what was seen of the other side: a segment of it was not captured. Told once. */
static uint32_t ack_lost(const struct analysis_facts *s, struct side *r)
{
    if (r->top == 0 || !(s->flags & TCP_ACK) || !seq_gt(s->ack, r->top))
        return 0;
    bool told = r->duplicates != 0;
    if (seq_lt(r->top, r->next)) {
        r->top = r->next;
        return bit(FINDING_ACK_LOST_SEGMENT);
    }
    r->duplicates = DUPLICATES_NEUTRAL;
    return told ? 0 : bit(FINDING_ACK_LOST_SEGMENT);
}

static uint32_t sent_again(const struct connection *c, const struct analysis_facts *s,
                           const struct side *f, const struct side *r, uint32_t flags)
{
    if ((s->len == 0 && !(s->flags & (TCP_SYN | TCP_FIN))) || (flags & bit(FINDING_KEEP_ALIVE)))
        return 0;
    if (s->len > 0 && r->ack != 0 && seq_le(s->seq + s->len, r->ack))
        return bit(FINDING_SPURIOUS_RETRANSMISSION) | bit(FINDING_RETRANSMISSION);
    bool old = f->next != 0 && seq_lt(s->seq, f->next);
    if (!old || (s->len > 1 && s->seq == f->next - 1))
        return 0;
    /* The neutral count is -1 there, and unsigned: it passes for many. A clock that goes back makes
     * the spans huge for the same reason. */
    if (r->duplicates >= 2 && r->ack == s->seq &&
        (uint64_t)span_ns(r->last_ns, s->time_ns) < FAST_WITHIN_NS)
        return bit(FINDING_FAST_RETRANSMISSION) | bit(FINDING_RETRANSMISSION);
    uint64_t reorder = c->irtt_ns == 0 ? REORDER_WITHIN_NS : (uint64_t)c->irtt_ns;
    if ((uint64_t)span_ns(f->next_ns, s->time_ns) < reorder && f->next != end_of(s))
        return bit(FINDING_OUT_OF_ORDER);
    return bit(FINDING_RETRANSMISSION);
}

/* Where each side starts: a SYN says it; else the first numbers seen are good for a guess. */
static bool learn_bases(const struct analysis_facts *s, struct side *f, struct side *r)
{
    bool known = f->bits & SIDE_BASE_KNOWN;
    bool other = known && (s->flags & TCP_SYN) && (s->flags & TCP_ACK) && s->seq != f->base;
    if (!known || other)
        f->base = s->flags & TCP_SYN ? s->seq : s->seq - 1;
    f->bits |= SIDE_BASE_KNOWN;
    if (!(r->bits & SIDE_BASE_KNOWN) && (s->flags & TCP_ACK)) {
        r->base = s->ack - 1;
        r->bits |= SIDE_BASE_KNOWN;
    }
    return other;
}

static void take_in(struct side *f, const struct analysis_facts *s, uint32_t flags)
{
    uint32_t end = end_of(s);
    if (!(flags & bit(FINDING_ZERO_WINDOW_PROBE))) {
        if (f->next == 0 || seq_gt(end, f->next)) {
            f->next = end;
            f->next_ns = s->time_ns;
        }
        if (f->top == 0 || f->top == s->seq)
            f->top = f->next;
    }
    f->window = s->window;
    f->ack = s->ack;
    f->last_ns = s->time_ns;
    f->bits = (uint16_t)((f->bits & ~(SIDE_KEPT_ALIVE | SIDE_PROBED)) | SIDE_SEEN);
    if (flags & bit(FINDING_KEEP_ALIVE))
        f->bits |= SIDE_KEPT_ALIVE;
    if (flags & bit(FINDING_ZERO_WINDOW_PROBE))
        f->bits |= SIDE_PROBED;
}

/* Both sides scale their windows, or neither does (RFC 7323, section 2.2). */
static void learn_scale(const struct analysis_facts *s, struct side *f, struct side *r)
{
    if (s->has_window_scale)
        f->scale = (int8_t)(s->window_scale < SCALE_MAX ? s->window_scale : SCALE_MAX);
    if (!(s->flags & TCP_SYN) || s->options_cut)
        return;
    if (f->scale == SCALE_UNKNOWN)
        f->scale = r->scale = SCALE_UNUSED;
    else if ((s->flags & TCP_ACK) && r->scale == SCALE_UNUSED)
        f->scale = SCALE_UNUSED;
}

static void learn_handshake(struct connection *c, const struct analysis_facts *s, struct side *f)
{
    if (s->flags & TCP_SYN)
        f->bits |= SIDE_FIRST_ACK;
    if (is_syn(s))
        c->syn_ns = s->time_ns;
    if ((s->flags & (TCP_SYN | TCP_ACK)) != TCP_ACK)
        return;
    if (c->syn_ns != 0 && c->irtt_ns == 0)
        c->irtt_ns = span_ns(c->syn_ns, s->time_ns);
    f->bits &= (uint16_t)~SIDE_FIRST_ACK;
}

uint32_t rules_apply(struct connection *c, struct side *f, struct side *r,
                     const struct analysis_facts *s, bool reused)
{
    if (is_syn(s) && (f->bits & SIDE_BASE_KNOWN) && f->base == s->seq)
        f->next = f->top; /* a RST in between may have moved it */
    if (learn_bases(s, f, r))
        reused = true;
    uint32_t flags = forward_rules(s, f, r);
    if (s->ack != f->ack)
        f->duplicates = 0;
    flags |= ack_lost(s, r);
    flags |= sent_again(c, s, f, r, flags);
    take_in(f, s, flags);
    learn_handshake(c, s, f);
    learn_scale(s, f, r);
    return flags | (reused ? bit(FINDING_REUSED_PORTS) : 0);
}
