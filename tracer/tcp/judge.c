/* From flags to findings: each with the numbers that explain it, and beside tshark's what only we
 * say. Most segments have none, so the first thing is to leave. */
#include "tracer/tcp/connection.h"
#include "tracer/tcp/seq.h"

enum { ENOUGH_DUPLICATES = 3 }; /* RFC 5681, section 3.2 */
enum {
    MILLISECOND_NS = 1000000,
    NAGLE_WITHIN_NS = 2 * MILLISECOND_NS, /* from the ACK to what it let go */
    DELAYED_AT_MOST_US = 600000,          /* RFC 9293, section 3.8.6.3: below 0.5 s */
};
#define TIME_WAIT_NS INT64_C(60000000000) /* what Linux takes for 2 MSL */

static bool has(const struct look *l, enum finding_kind kind)
{
    return l->flags & FINDING_BIT(kind);
}

static struct finding *add(const struct look *l, struct analysis_result *out,
                           enum finding_kind kind)
{
    if (out->count == ANALYSIS_FINDINGS_MAX)
        out->count--;
    struct finding *f = &out->findings[out->count++];
    *f = (struct finding){
        .segment = l->segment, .other = FINDING_NONE, .wait_ns = -1, .kind = (uint8_t)kind};
    return f;
}

static uint32_t relative_seq(const struct look *l)
{
    return l->facts->seq - l->sender->base;
}

static uint32_t relative_ack(const struct look *l)
{
    return l->facts->ack - l->receiver->base;
}

static uint16_t duplicates(const struct side *s)
{
    return s->duplicates == DUPLICATES_NEUTRAL ? 0 : s->duplicates;
}

static uint32_t window_of(const struct side *s)
{
    return s->scale < 0 || (s->bits & SIDE_FIRST_ACK) ? s->window : (uint32_t)s->window << s->scale;
}

/* ---- sent again ---- */

/* When the same bytes were sent last: the segments in flight know, or it was the highest. */
static int64_t since_sent(const struct look *l)
{
    if (l->before.sent)
        return span_ns(l->before.time_ns, l->facts->time_ns);
    bool highest = (l->facts->flags & (TCP_SYN | TCP_FIN)) && l->end == l->f.next;
    return highest ? span_ns(l->f.next_ns, l->facts->time_ns) : -1;
}

static enum finding_why why_again(const struct look *l, int64_t wait_ns, uint32_t rto)
{
    if (l->facts->flags & TCP_SYN)
        return WHY_NO_ANSWER;
    if (wait_ns < 0)
        return l->sent && seq_gt(l->end, l->r.ack) ? WHY_LATE : WHY_NOT_KNOWN;
    if (wait_ns / 1000 >= rto)
        return WHY_RTO;
    if (duplicates(&l->r) >= ENOUGH_DUPLICATES || l->before.beyond)
        return WHY_DUPLICATES;
    if (duplicates(&l->r) > 0)
        return WHY_FEW;
    return l->sent ? WHY_PROBE : WHY_NOT_KNOWN;
}

/* What we say beside a flag: `said` is the finding that bears it. */
static void find_beside(const struct look *l, const struct finding *said,
                        struct analysis_result *out)
{
    if (said->why == WHY_RTO) {
        struct finding *f = add(l, out, FINDING_TIMEOUT);
        f->wait_ns = said->wait_ns;
        f->rto_us = said->rto_us;
        f->count = l->before.times;
    }
    bool few = said->kind == FINDING_FAST_RETRANSMISSION && !l->before.beyond &&
               said->count < ENOUGH_DUPLICATES;
    bool not_late = said->kind == FINDING_OUT_OF_ORDER && l->before.sent;
    if (few || not_late) {
        struct finding *f = add(l, out, FINDING_DISPUTED);
        f->wait_ns = said->wait_ns;
        f->other = said->other;
        f->count = said->count;
        f->why = few ? WHY_FEW : WHY_NOT_KNOWN;
    }
    if (l->before.sacked && said->kind != FINDING_SPURIOUS_RETRANSMISSION) {
        struct finding *f = add(l, out, FINDING_SACK_IGNORED);
        f->seq = said->seq;
        f->bytes = l->facts->len;
    }
}

static void find_again(const struct look *l, enum finding_kind kind, struct analysis_result *out)
{
    struct finding *f = add(l, out, kind);
    f->wait_ns = since_sent(l);
    f->other = l->before.sent ? l->before.segment : FINDING_NONE;
    f->seq = kind == FINDING_SPURIOUS_RETRANSMISSION ? l->r.ack - l->f.base : relative_seq(l);
    f->bytes = l->r.ack - l->f.base;
    f->count = duplicates(&l->r);
    f->rto_us = l->rto_us ? l->rto_us : RTO_FIRST_US;
    f->why = (uint8_t)why_again(l, f->wait_ns, f->rto_us);
    find_beside(l, f, out);
}

/* At most one of these four stands for a segment. */
static void find_repeats(const struct look *l, struct analysis_result *out)
{
    static const enum finding_kind kinds[] = {FINDING_SPURIOUS_RETRANSMISSION,
                                              FINDING_FAST_RETRANSMISSION, FINDING_OUT_OF_ORDER,
                                              FINDING_RETRANSMISSION};
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!has(l, kinds[i]))
            continue;
        find_again(l, kinds[i], out);
        return;
    }
}

/* ---- gaps and acknowledgements ---- */

static void find_gaps(const struct look *l, struct analysis_result *out)
{
    if (has(l, FINDING_LOST_SEGMENT)) {
        struct finding *f = add(l, out, FINDING_LOST_SEGMENT);
        f->bytes = l->facts->seq - l->f.next;
        f->seq = l->f.next - l->sender->base;
    }
    if (has(l, FINDING_ACK_LOST_SEGMENT)) {
        struct finding *f = add(l, out, FINDING_ACK_LOST_SEGMENT);
        f->seq = relative_ack(l);
        f->bytes = l->facts->ack - l->r.top;
    }
}

static void find_duplicate(const struct look *l, struct analysis_result *out)
{
    if (!has(l, FINDING_DUPLICATE_ACK))
        return;
    struct finding *f = add(l, out, FINDING_DUPLICATE_ACK);
    f->seq = relative_ack(l);
    f->count = duplicates(l->sender);
    f->wait_ns = span_ns(l->f.last_ns, l->facts->time_ns);
    if (l->sent)
        f->other = l->sent->ack_segment;
    for (unsigned i = 0; i < l->facts->sack_count; i++)
        if (seq_gt(l->facts->sacks[i].from, l->facts->ack))
            f->bytes += l->facts->sacks[i].to - l->facts->sacks[i].from;
}

static void find_d_sack(const struct look *l, struct analysis_result *out)
{
    const struct sack_block *s = l->facts->sacks;
    if (!tells_of_twice(l->facts))
        return;
    struct finding *f = add(l, out, FINDING_D_SACK);
    f->seq = s[0].from - l->receiver->base;
    f->bytes = s[0].to - s[0].from;
}

/* ---- windows and silence ---- */

static void find_windows(const struct look *l, struct analysis_result *out)
{
    static const enum finding_kind kinds[] = {FINDING_ZERO_WINDOW, FINDING_ZERO_WINDOW_PROBE,
                                              FINDING_ZERO_WINDOW_PROBE_ACK, FINDING_WINDOW_UPDATE,
                                              FINDING_WINDOW_FULL};
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!has(l, kinds[i]))
            continue;
        bool of_receiver = kinds[i] == FINDING_ZERO_WINDOW_PROBE || kinds[i] == FINDING_WINDOW_FULL;
        int64_t shut = l->shut_ns[of_receiver];
        struct finding *f = add(l, out, kinds[i]);
        f->bytes = of_receiver ? window_of(&l->r) : out->window_bytes;
        f->seq = of_receiver ? relative_seq(l) : window_of(&l->f);
        f->wait_ns = shut ? span_ns(shut, l->facts->time_ns) : -1;
    }
}

static void find_keep_alives(const struct look *l, struct analysis_result *out)
{
    int64_t last = l->f.last_ns > l->r.last_ns ? l->f.last_ns : l->r.last_ns;
    if (has(l, FINDING_KEEP_ALIVE)) {
        struct finding *f = add(l, out, FINDING_KEEP_ALIVE);
        f->wait_ns = span_ns(last, l->facts->time_ns);
        f->why = (l->r.bits & SIDE_SEEN) && l->r.window == 0 ? WHY_PROBE : WHY_NOT_KNOWN;
    }
    if (has(l, FINDING_KEEP_ALIVE_ACK))
        add(l, out, FINDING_KEEP_ALIVE_ACK)->wait_ns = span_ns(last, l->facts->time_ns);
}

/* A bare ACK of a little data that came later than the path takes. */
static void find_delayed_ack(const struct look *l, struct analysis_result *out)
{
    if (l->facts->len > 0 || l->acked.segments == 0 || l->acked.segments > 2 ||
        l->acked.rtt_ns < 0 || l->least_rtt_us == 0)
        return;
    int64_t more = l->acked.wait_ns / 1000 - l->least_rtt_us;
    if (more < DELAYED_AT_LEAST_US || more > DELAYED_AT_MOST_US || more < l->least_rtt_us / 2 ||
        (l->facts->flags & (TCP_SYN | TCP_FIN | TCP_RST)))
        return;
    struct finding *f = add(l, out, FINDING_DELAYED_ACK);
    f->wait_ns = l->acked.wait_ns;
    f->bytes = l->acked.bytes;
    f->rto_us = l->least_rtt_us;
}

/* Little data that left as soon as the ACK of the little data before it was there, and had time to
 * wait for it. */
static void find_nagle(const struct look *l, struct analysis_result *out)
{
    if (l->release_ns == 0 || l->facts->len == 0 || !l->received)
        return;
    int64_t after = span_ns(l->release_ns, l->facts->time_ns);
    int64_t held = span_ns(l->f.last_ns, l->release_ns);
    if (after < 0 || after > NAGLE_WITHIN_NS || held < MILLISECOND_NS || held < after * 10 ||
        l->facts->len >= small_below(l->received))
        return;
    struct finding *f = add(l, out, FINDING_NAGLE);
    f->wait_ns = held;
    f->bytes = l->facts->len;
}

/* ---- beginnings and ends ---- */

static void find_reuse(const struct look *l, struct analysis_result *out)
{
    if (!has(l, FINDING_REUSED_PORTS))
        return;
    int64_t wait = -1;
    if (l->previous) {
        const struct side *s = l->previous->sides;
        wait =
            span_ns((s[0].last_ns > s[1].last_ns ? s[0].last_ns : s[1].last_ns), l->facts->time_ns);
    }
    add(l, out, FINDING_REUSED_PORTS)->wait_ns = wait;
    bool waits = l->previous && (l->previous->bits & CONNECTION_CLOSED) &&
                 !(l->previous->bits & CONNECTION_RESET);
    if (waits && wait < TIME_WAIT_NS)
        add(l, out, FINDING_TIME_WAIT_REUSE)->wait_ns = wait;
}

static void find_opening(const struct look *l, struct analysis_result *out)
{
    const struct analysis_facts *s = l->facts;
    bool syn = (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    if (syn && (l->r.bits & SIDE_SYN_SENT) && !(l->f.bits & SIDE_SYN_SENT) && l->syn_ns != 0)
        add(l, out, FINDING_SIMULTANEOUS_OPEN)->wait_ns = span_ns(l->syn_ns, s->time_ns);
    if (l->first && !(s->flags & TCP_SYN))
        add(l, out, FINDING_MIDSTREAM);
    bool not_its_answer = (l->r.bits & SIDE_SYN_SENT) && !(l->f.bits & SIDE_SEEN) &&
                          (s->flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_ACK &&
                          s->ack != l->r.base + 1 && l->r.next == l->r.base + 1;
    if (not_its_answer) {
        struct finding *f = add(l, out, FINDING_HALF_OPEN);
        f->seq = s->ack;
        f->bytes = l->r.base + 1;
        f->why = WHY_NO_ANSWER;
    }
}

/* The other direction is acknowledged, and nothing of it was ever seen. */
static bool shows_one_side(const struct look *l)
{
    const struct analysis_facts *s = l->facts;
    if ((l->r.bits & SIDE_SEEN) || !(s->flags & TCP_ACK) || (s->flags & (TCP_SYN | TCP_RST)))
        return false;
    if (l->f.bits & SIDE_SYN_SENT)
        return true;
    return (l->f.bits & SIDE_SEEN) && l->f.ack != 0 && seq_gt(s->ack, l->f.ack);
}

static void find_reset(const struct look *l, struct analysis_result *out)
{
    const struct analysis_facts *s = l->facts;
    if (!(s->flags & TCP_RST) || (l->bits & CONNECTION_RESET))
        return;
    bool unanswered =
        (l->r.bits & SIDE_SYN_SENT) && !(l->f.bits & SIDE_SEEN) && l->r.next == l->r.base + 1;
    if (unanswered && (!(s->flags & TCP_ACK) || s->ack == l->r.next)) {
        add(l, out, FINDING_REFUSED)->wait_ns = span_ns(l->r.last_ns, s->time_ns);
        return;
    }
    bool answers = !(s->flags & TCP_ACK) && (l->r.bits & SIDE_SEEN) && s->seq == l->r.ack;
    bool stranger = answers && !(l->f.bits & SIDE_FIN_SENT);
    struct finding *f = add(l, out, stranger ? FINDING_HALF_OPEN : FINDING_RESET);
    f->why = answers ? WHY_LATE : WHY_NOT_KNOWN;
    f->wait_ns = answers ? span_ns(l->r.last_ns, s->time_ns) : -1;
    if (l->sent && !stranger)
        flight_bytes(&l->sent->flight, &f->bytes);
}

static void find_closing(const struct look *l, struct analysis_result *out)
{
    const struct analysis_facts *s = l->facts;
    if ((s->flags & TCP_FIN) && !(l->f.bits & SIDE_FIN_SENT) && (l->r.bits & SIDE_FIN_SENT) &&
        seq_lt(s->ack, l->r.next))
        add(l, out, FINDING_SIMULTANEOUS_CLOSE)->wait_ns = span_ns(l->r.next_ns, s->time_ns);
    find_reset(l, out);
}

/* New data whose numbers pass 2^32. */
static void find_wrap(const struct look *l, struct analysis_result *out)
{
    if (l->facts->len == 0 || l->end >= l->facts->seq || (l->facts->flags & TCP_RST) ||
        (l->f.next != 0 && !seq_gt(l->end, l->f.next)))
        return;
    struct finding *f = add(l, out, FINDING_SEQUENCE_WRAP);
    f->seq = relative_seq(l);
    f->bytes = l->facts->seq;
}

void judge(const struct look *l, struct analysis_result *out)
{
    if (l->flags != 0) {
        find_repeats(l, out);
        find_gaps(l, out);
        find_duplicate(l, out);
        find_windows(l, out);
        find_keep_alives(l, out);
        find_reuse(l, out);
    }
    if (l->first || (l->facts->flags & TCP_CONTROLS) || !(l->f.bits & SIDE_SEEN)) {
        find_opening(l, out);
        find_closing(l, out);
    }
    find_d_sack(l, out);
    find_wrap(l, out);
    find_delayed_ack(l, out);
    find_nagle(l, out);
    if (!(l->r.bits & SIDE_SEEN) && !(l->bits & CONNECTION_ONE_SIDED) && shows_one_side(l))
        add(l, out, FINDING_ONE_SIDED);
}

void judge_ack(const struct look *l, struct analysis_result *out)
{
    find_duplicate(l, out);
    find_d_sack(l, out);
    find_delayed_ack(l, out);
}
