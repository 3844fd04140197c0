#include "tracer/tcp/summary.h"

#include "tracer/base/alloc.h"
#include "tracer/flow/recent.h"
#include "tracer/tcp/ordinary.h"
#include "tracer/tcp/seq.h"

#include <stdlib.h>

enum { BLOCK = 256 };

/* A side is there from its first segment: many connections are never answered. */
struct summary {
    struct flow_table *flows; /* (owned), as is the rest */
    struct analysis *analysis;
    struct connection_summary **blocks; /* of BLOCK, which never move */
    struct side_summary **side_blocks;  /* the same */
    size_t block_cap, side_block_cap;
    uint32_t count;
    size_t side_count;
    uint32_t segments;
    uint64_t others;
};

struct summary *summary_new(void)
{
    struct summary *s = xcalloc(1, sizeof *s);
    s->flows = flow_table_new();
    s->analysis = analysis_new();
    return s;
}

void summary_free(struct summary *s)
{
    if (!s)
        return;
    flow_table_free(s->flows);
    analysis_free(s->analysis);
    for (uint32_t i = 0; i < s->count; i += BLOCK)
        free(s->blocks[i / BLOCK]);
    for (size_t i = 0; i < s->side_count; i += BLOCK)
        free(s->side_blocks[i / BLOCK]);
    free(s->blocks);
    free(s->side_blocks);
    free(s);
}

static inline struct connection_summary *find_or_add(struct summary *s, const struct flow *flow,
                                                     int64_t time_ns)
{
    uint32_t i = flow->index;
    if (i == s->count) {
        if (i % BLOCK == 0) {
            xgrow(&s->blocks, &s->block_cap, i / BLOCK, sizeof *s->blocks);
            s->blocks[i / BLOCK] = xcalloc(BLOCK, sizeof **s->blocks);
        }
        s->count++;
        s->blocks[i / BLOCK][i % BLOCK].first_ns = time_ns;
    }
    return &s->blocks[i / BLOCK][i % BLOCK];
}

__attribute__((noinline)) static struct side_summary *add_side(struct summary *s)
{
    size_t i = s->side_count++;
    if (i % BLOCK == 0) {
        xgrow(&s->side_blocks, &s->side_block_cap, i / BLOCK, sizeof *s->side_blocks);
        s->side_blocks[i / BLOCK] = xcalloc(BLOCK, sizeof **s->side_blocks);
    }
    return &s->side_blocks[i / BLOCK][i % BLOCK];
}

static void count_window(struct side_summary *d, uint32_t bytes)
{
    if (d->windows++ == 0 || bytes < d->window_least_bytes)
        d->window_least_bytes = bytes;
    if (bytes > d->window_most_bytes)
        d->window_most_bytes = bytes;
    d->window_sum_bytes += bytes;
}

static void count_round_trip(struct side_summary *d, int64_t ns)
{
    uint64_t us = (uint64_t)ns / 1000;
    uint32_t kept = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
    if (d->rtts++ == 0 || kept < d->rtt_least_us)
        d->rtt_least_us = kept;
    if (kept > d->rtt_most_us)
        d->rtt_most_us = kept;
    d->rtt_sum_us += kept;
    d->rtt_squares += (double)kept * kept;
}

static void count_time(struct side_summary *d, int64_t time_ns)
{
    if (d->segments++ == 0)
        d->first_ns = time_ns;
    else if (time_ns - d->last_ns > d->idle_ns)
        d->idle_ns = time_ns - d->last_ns;
    d->last_ns = time_ns;
}

/* tshark's verdict goes by time alone. Ours knows whether the bytes were seen before: where they
 * were, they are sent again, and where they were not, they are late. The byte that a keep-alive may
 * have is the last one, sent again. */
enum repeat { NO_REPEAT, SENT_AGAIN, CAME_LATE };

static enum repeat repeat_of(const struct analysis_result *r, uint32_t len)
{
    const uint32_t kinds = FINDING_BIT(FINDING_RETRANSMISSION) | FINDING_BIT(FINDING_OUT_OF_ORDER) |
                           FINDING_BIT(FINDING_FAST_RETRANSMISSION) |
                           FINDING_BIT(FINDING_SPURIOUS_RETRANSMISSION);
    if (r->flags & FINDING_BIT(FINDING_KEEP_ALIVE))
        return len > 0 ? SENT_AGAIN : NO_REPEAT;
    if (!(r->flags & kinds))
        return NO_REPEAT;
    for (unsigned i = 0; i < r->count; i++) {
        const struct finding *f = &r->findings[i];
        if (f->kind == FINDING_OUT_OF_ORDER)
            return f->other == FINDING_NONE ? CAME_LATE : SENT_AGAIN;
        if (f->kind < FINDING_TSHARK_COUNT && (FINDING_BIT(f->kind) & kinds))
            return f->why == WHY_LATE ? CAME_LATE : SENT_AGAIN;
    }
    return NO_REPEAT;
}

/* What few segments have. */
static void count_controls(struct side_summary *d, const struct packet *p,
                           const struct analysis_facts *f)
{
    uint16_t flags = p->tcp.flags;
    if (flags & TCP_URG) {
        d->urgent++;
        d->urgent_bytes += p->tcp.urgent;
    }
    if (flags & TCP_SYN) {
        d->syns++;
        d->sack_permitted = p->tcp.has_sack_permitted;
        d->timestamps = p->tcp.has_timestamps;
    }
    if (flags & TCP_FIN) {
        d->fins++;
        d->fin_seq = f->seq + f->len;
    }
    if (f->has_mss)
        d->mss = f->mss;
}

/* What its header says by itself. */
static inline void count_acks(struct side_summary *d, const struct analysis_facts *f)
{
    bool is_bare = (f->flags & (TCP_ACK | TCP_SYN | TCP_FIN | TCP_RST)) == TCP_ACK && f->len == 0;
    d->acks += (f->flags & TCP_ACK) != 0;
    d->bare_acks += is_bare;
}

/* Its data: how much, when, and how much of it before any was acknowledged. */
static void count_data(struct side_summary *d, const struct analysis_facts *f)
{
    if (d->data_segments++ == 0) {
        d->first_data_ns = f->time_ns;
        d->first_data_seq = f->seq;
        d->smallest_bytes = f->len;
    }
    d->last_data_ns = f->time_ns;
    d->bytes += f->len;
    d->pushed += (f->flags & TCP_PSH) != 0;
    if (f->len < d->smallest_bytes)
        d->smallest_bytes = f->len;
    if (f->len > d->largest_bytes)
        d->largest_bytes = f->len;
    if (!d->acknowledged) {
        d->first_flight_bytes += f->len;
        d->first_flight_segments++;
    }
}

/* The other side answers. */
static void count_answer(struct side_summary *d, const struct analysis_facts *f)
{
    if (!d->acknowledged && d->data_segments > 0 && (f->flags & TCP_ACK) &&
        seq_gt(f->ack, d->first_data_seq))
        d->acknowledged = true;
}

static bool has_finding(const struct analysis_result *r, enum finding_kind kind)
{
    for (unsigned i = 0; i < r->count; i++)
        if (r->findings[i].kind == kind)
            return true;
    return false;
}

static void count_flags(struct side_summary *d, uint32_t bytes, const struct analysis_result *r)
{
    enum repeat repeat = repeat_of(r, bytes);
    d->probes += (r->flags & FINDING_BIT(FINDING_ZERO_WINDOW_PROBE)) != 0;
    d->again_segments += repeat == SENT_AGAIN;
    d->again_bytes += repeat == SENT_AGAIN ? bytes : 0;
    if (repeat == SENT_AGAIN && bytes > 0 && !d->acknowledged) {
        d->first_flight_bytes -= bytes;
        d->first_flight_segments--;
    }
    d->out_of_order += repeat == CAME_LATE;
    d->duplicate_acks += (r->flags & FINDING_BIT(FINDING_DUPLICATE_ACK)) != 0;
    d->zero_windows += (r->flags & FINDING_BIT(FINDING_ZERO_WINDOW)) != 0;
}

static void count_sacks(struct side_summary *d, const struct analysis_facts *f,
                        const struct analysis_result *r)
{
    d->sack_segments++;
    d->d_sacks += has_finding(r, FINDING_D_SACK);
    if (f->sack_count > d->sack_blocks_most)
        d->sack_blocks_most = (uint8_t)f->sack_count;
}

/* What of its payload was not captured. */
static uint32_t cut_of(const struct packet *p)
{
    uint32_t captured = p->frame.captured_bytes, at = p->tcp.payload_at;
    uint32_t here = captured > at ? captured - at : 0;
    return here < p->tcp.payload_bytes ? p->tcp.payload_bytes - here : 0;
}

static inline void count_segment(struct side_summary *d, const struct analysis_facts *f,
                                 const struct analysis_result *r, uint32_t cut_bytes)
{
    count_time(d, f->time_ns);
    count_acks(d, f);
    if (cut_bytes > 0) {
        d->cut_bytes += cut_bytes;
        d->cut_segments++;
    }
    if (f->len > 0)
        count_data(d, f);
    if (r->flags != 0)
        count_flags(d, f->len, r);
    if (f->sack_count > 0)
        count_sacks(d, f, r);
    if (!(f->flags & (TCP_SYN | TCP_RST)))
        count_window(d, r->window_bytes);
}

uint64_t summary_us(int64_t from_ns, int64_t to_ns)
{
    return to_ns > from_ns ? ((uint64_t)to_ns - (uint64_t)from_ns) / 1000 : 0;
}

bool summary_stream(const struct side_summary *d, uint32_t iss, uint64_t *bytes,
                    uint64_t *missed_bytes)
{
    uint64_t seen = d->bytes - d->again_bytes;
    if (d->syns == 0 || d->fins == 0)
        return false;
    /* Sequence numbers tell it modulo 2^32, whatever was seen before. */
    uint32_t missed = d->fin_seq - iss - 1 - (uint32_t)seen;
    *missed_bytes = missed <= INT32_MAX ? missed : 0;
    *bytes = seen + *missed_bytes;
    return true;
}

/* What a segment will change is on its way while it is analysed. */
static inline void fetch(const struct side_summary *d)
{
    __builtin_prefetch(d, 1);
    __builtin_prefetch(&d->rtts, 1);
}

/* A segment of a flow: what the analysis says of it is counted. Returns its sender's side. */
static inline struct side_summary *take(struct summary *s, const struct flow *flow,
                                        const struct analysis_facts *facts, uint32_t cut_bytes)
{
    struct analysis_result result;
    struct connection_summary *c = find_or_add(s, flow, facts->time_ns);
    struct side_summary **place = &c->sides[facts->side == SIDE_RESPONDER];
    struct side_summary *own = *place ? *place : (*place = add_side(s));
    struct side_summary *other = c->sides[facts->side != SIDE_RESPONDER];
    fetch(own);
    analysis_count(s->analysis, flow->index, s->segments++, facts, &result);
    count_segment(own, facts, &result, cut_bytes);
    if (other) {
        count_answer(other, facts);
        if (result.rtt_ns >= 0)
            count_round_trip(other, result.rtt_ns);
    }
    c->last_ns = facts->time_ns > c->last_ns ? facts->time_ns : c->last_ns;
    return own;
}

/* Flags of which there is more to count. */
enum { COUNTED_APART = TCP_SYN | TCP_FIN | TCP_RST | TCP_URG };

void summary_take(struct summary *s, const struct packet *p)
{
    if (!p->is_tcp) {
        s->others++;
        return;
    }
    struct analysis_facts facts;
    int side;
    const struct flow *flow = flow_of(s->flows, p, &side);
    analysis_facts(p, flow, side, &facts);
    struct side_summary *own = take(s, flow, &facts, cut_of(p));
    if ((facts.flags & COUNTED_APART) || facts.has_mss)
        count_controls(own, p, &facts);
}

/* A frame that decoding tells no more of than can be read by itself; false, and nothing done, where
 * it is another. */
static inline bool take_plain(struct summary *s, const struct frame *frame, enum packet_net net)
{
    struct plain_segment segment;
    struct analysis_facts facts;
    int side;
    if (!plain_segment_read(frame, net, COUNTED_APART, &segment))
        return false;
    const struct flow *flow = flow_of_segment(s->flows, &segment, &side);
    analysis_facts_of_segment(&segment, frame->time_ns, flow, side, &facts);
    take(s, flow, &facts, segment.cut_bytes);
    return true;
}

__attribute__((noinline, flatten)) static bool take_plain_v6(struct summary *s,
                                                             const struct frame *frame)
{
    return take_plain(s, frame, NET_IPV6);
}

/* Each has its own code: of an IPv4 address most is known while compiling. */
__attribute__((flatten)) static bool take_plain_frame(struct summary *s, const struct frame *frame)
{
    return plain_net(frame) == NET_IPV6 ? take_plain_v6(s, frame) : take_plain(s, frame, NET_IPV4);
}

void summary_take_frame(struct summary *s, const struct frame *frame)
{
    struct packet p;
    if (take_plain_frame(s, frame))
        return;
    packet_decode(frame, &p);
    summary_take(s, &p);
}

uint32_t summary_count(const struct summary *s)
{
    return s->count;
}

const struct connection_summary *summary_at(const struct summary *s, uint32_t i)
{
    return &s->blocks[i / BLOCK][i % BLOCK];
}

const struct side_summary *summary_side(const struct connection_summary *c, int side)
{
    static const struct side_summary silent;
    return c->sides[side] ? c->sides[side] : &silent;
}

const struct flow *summary_flow(const struct summary *s, uint32_t i)
{
    return flow_at(s->flows, i);
}

void summary_analysis(const struct summary *s, uint32_t i, struct analysis_connection *out)
{
    analysis_connection(s->analysis, i, out);
}

uint64_t summary_others(const struct summary *s)
{
    return s->others;
}
