/* How a series grows: which of the trace's events belong, and what is known of each at once. */
#include "tracer/view/series_store.h"

#include "tracer/base/alloc.h"
#include "tracer/view/slice.h"

enum {
    LOOK_AHEAD = 65536,    /* items that are looked through for the first sending of a segment */
    LOOK_BACK = 4096,      /* and for one that the wire dropped */
    LENGTH_MAX = 0xffffff, /* of a segment, as an item holds it */
    OPTION_SACK = 5,       /* RFC 2018 section 3 */
};

/* ---- selective acknowledgements --------------------------------------------------------- */

/* The option's body among a segment's options, or nothing. */
static struct cursor sack_option(const struct frame *frame, const struct tcp_header *tcp)
{
    struct cursor c;
    cursor_init(&c, frame->bytes, frame->captured_bytes, frame->wire_bytes);
    cursor_skip(&c, tcp->options_at);
    struct cursor options = cursor_sub(&c, tcp->options_bytes);
    while (cursor_ok(&options) && cursor_claimed_left(&options) > 0) {
        uint8_t kind = cursor_u8(&options);
        if (kind == 0)
            break;
        if (kind == 1)
            continue;
        uint8_t bytes = cursor_u8(&options);
        if (!cursor_ok(&options) || bytes < 2)
            break;
        struct cursor body = cursor_sub(&options, bytes - 2u);
        if (kind == OPTION_SACK)
            return body;
    }
    return (struct cursor){0};
}

/* Numbers near the item's own: they wrap around with it. */
int series_sacks(const struct series *s, uint32_t event, int64_t near,
                 struct series_range blocks[SERIES_SACK_MAX])
{
    struct packet p;
    struct frame frame = trace_segment_frame(s->trace, trace_event(s->trace, event).index);
    int n = 0;
    packet_decode(&frame, &p);
    if (!p.is_tcp || p.tcp.options_bytes == 0)
        return 0;
    struct cursor body = sack_option(&frame, &p.tcp);
    while (n < SERIES_SACK_MAX && cursor_claimed_left(&body) >= 8) {
        struct series_state st = {.around = near};
        uint32_t from = cursor_be32(&body) - s->base, to = cursor_be32(&body) - s->base;
        if (!cursor_ok(&body))
            break;
        blocks[n++] = (struct series_range){series_unwrap(&st, from), series_unwrap(&st, to)};
    }
    return n;
}

/* ---- taking in -------------------------------------------------------------------------- */

static void learn_scale(struct series *s, const struct segment *g)
{
    struct packet p;
    struct frame frame = trace_segment_frame(s->trace, g->index);
    packet_decode(&frame, &p);
    s->scale[g->side] = p.tcp.has_window_scale ? p.tcp.window_scale : SCALE_NONE;
}

/* Those of the segments in flight that are (in part) sent again now: which of the two an ACK will
 * answer cannot be told. */
static void mark_twice(struct series *s, uint32_t at, uint32_t end)
{
    for (uint32_t i = s->now.oldest; i < s->count && i - s->now.oldest < LOOK_AHEAD; i++) {
        struct series_item *item = series_item_at(s, i);
        uint32_t item_end = item->at + (item->bits >> FLAG_BITS);
        if (item->bits & (SERIES_ACK | SERIES_RST))
            continue;
        if ((int32_t)(item->at - end) < 0 && (int32_t)(item_end - at) > 0)
            item->bits |= SERIES_TWICE;
        else if ((int32_t)(item->at - end) >= 0 && !(item->bits & SERIES_AGAIN))
            return;
    }
}

static void mark_lost(struct series *s, uint32_t segment)
{
    for (uint32_t i = s->count; i > 0 && s->count - i < LOOK_BACK; i--) {
        struct series_item *item = series_item_at(s, i - 1);
        if (item->bits & SERIES_ACK || trace_event(s->trace, item->event).index != segment)
            continue;
        item->bits |= SERIES_LOST;
        struct series_point p = series_at(s, i - 1);
        series_span_sign(&s->blocks[series_block_of(s, i - 1)].all, &p);
        s->changes++;
        return;
    }
}

/* Time that goes back stands still here; a silence longer than an item can hold begins a block. */
static void append(struct series *s, int64_t time_ns, struct series_item item)
{
    const struct series_block *b = s->block_count > 0 ? &s->blocks[s->block_count - 1] : NULL;
    if (b && time_ns < s->now.time_ns)
        time_ns = s->now.time_ns;
    if (!b || s->count - b->first >= BLOCK_ITEMS || time_ns - b->base_ns > UINT32_MAX) {
        xgrow(&s->blocks, &s->block_cap, s->block_count, sizeof *s->blocks);
        struct series_block *fresh = &s->blocks[s->block_count++];
        *fresh = (struct series_block){.base_ns = time_ns, .first = s->count, .before = s->now};
        series_span_begin(&fresh->all);
        b = fresh;
    }
    if (s->count / CHUNK_ITEMS == s->chunk_count) {
        xgrow(&s->chunks, &s->chunk_cap, s->chunk_count, sizeof *s->chunks);
        s->chunks[s->chunk_count++] = xmalloc(CHUNK_ITEMS * sizeof **s->chunks);
    }
    item.delta_ns = (uint32_t)(time_ns - b->base_ns);
    *series_item_at(s, s->count++) = item;
    struct series_walk w = {.series = s,
                            .next = s->count - 1,
                            .block = s->block_count - 1,
                            .old_block = series_block_of(s, s->now.oldest),
                            .sacked = s->sacked_count > 0 ? s->sacked_count - 1 : 0,
                            .state = s->now};
    struct series_point p;
    series_next(&w, &p);
    s->now = w.state;
    series_span_add(&s->blocks[s->block_count - 1].all, &p);
    s->changes++;
}

static uint32_t common_flags(uint16_t tcp)
{
    return (tcp & TCP_SYN ? SERIES_SYN : 0u) | (tcp & TCP_FIN ? SERIES_FIN : 0u) |
           (tcp & TCP_RST ? SERIES_RST : 0u);
}

static void add_sent(struct series *s, int64_t time_ns, uint32_t event, const struct segment *g)
{
    uint32_t flags = common_flags(g->flags) | (g->again ? SERIES_AGAIN : 0u);
    uint32_t length = (g->len < LENGTH_MAX - 2 ? g->len : LENGTH_MAX - 2) + !!(g->flags & TCP_SYN) +
                      !!(g->flags & TCP_FIN);
    uint32_t at = g->seq - s->base;
    if (length == 0 && !(flags & SERIES_RST))
        return; /* an acknowledgement: it belongs to the other direction */
    if (s->acks && s->now.sent != SERIES_UNKNOWN && series_unwrap(&s->now, at) < s->now.sent &&
        !(flags & SERIES_RST))
        mark_twice(s, at, at + length);
    s->data = s->data || length > 0;
    append(s, time_ns, (struct series_item){0, event, at, length << FLAG_BITS | flags});
}

/* A further word of the same ACK, while its sender must be missing something. */
static bool is_repeat(const struct series *s, const struct segment *g, uint32_t at)
{
    return g->len == 0 && !(g->flags & (TCP_SYN | TCP_FIN | TCP_RST)) &&
           s->now.acked != SERIES_UNKNOWN && at == (uint32_t)s->now.acked &&
           g->window == s->last_window && s->now.sent > s->now.acked;
}

/* Keep how much an ACK reports: the blocks beyond its number, but for a first one that is a
 * duplicate's within the second (RFC 2883 section 4.2). */
static uint32_t add_reports(struct series *s, uint32_t event, uint32_t at)
{
    struct series_range blocks[SERIES_SACK_MAX];
    int64_t ack = series_unwrap(&s->now, at), bytes = 0;
    int n = series_sacks(s, event, ack, blocks);
    for (int i = 0; i < n; i++) {
        bool duplicate =
            i == 0 && n > 1 && blocks[0].from >= blocks[1].from && blocks[0].to <= blocks[1].to;
        if (blocks[i].from > ack && blocks[i].to > blocks[i].from && !duplicate)
            bytes += blocks[i].to - blocks[i].from;
    }
    if (n == 0)
        return 0;
    xgrow(&s->sacked, &s->sacked_cap, s->sacked_count, sizeof *s->sacked);
    s->sacked[s->sacked_count++] =
        (struct series_sacked){s->count, bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX};
    return SERIES_SACK;
}

static void add_ack(struct series *s, int64_t time_ns, uint32_t event, const struct segment *g)
{
    uint32_t flags = common_flags(g->flags) | SERIES_ACK, at = g->ack - s->base;
    if (!(g->flags & TCP_ACK)) {
        if (!(flags & SERIES_RST))
            return;
        at = (uint32_t)s->now.around;
    }
    if (!(flags & SERIES_RST)) {
        flags |= g->window == 0 && !(flags & SERIES_SYN) ? SERIES_ZERO : 0u;
        flags |= is_repeat(s, g, at) ? SERIES_REPEAT : 0u;
        flags |= add_reports(s, event, at);
        s->acks = true;
        s->last_window = g->window;
    }
    append(s, time_ns,
           (struct series_item){0, event, at, (uint32_t)g->window << FLAG_BITS | flags});
}

static void take_segment(struct series *s, uint32_t event, uint32_t index)
{
    int64_t time_ns = trace_time(s->trace, event);
    struct segment g = trace_segment(s->trace, index);
    if (s->count == 0)
        s->base = trace_flow(s->trace, s->flow)->iss[s->side];
    if (g.flags & TCP_SYN)
        learn_scale(s, &g);
    if (g.side == s->side)
        add_sent(s, time_ns, event, &g);
    else
        add_ack(s, time_ns, event, &g);
}

/* Data is taken when it is sent, the other side's segments when they arrive. */
static void take_event(struct series *s, size_t i)
{
    struct trace_event e = trace_event(s->trace, i);
    int side;
    if (e.kind != TRACE_SEGMENT && e.kind != TRACE_DELIVERED && e.kind != TRACE_DROPPED)
        return;
    if (trace_segment_flow(s->trace, e.index, &side) != s->flow)
        return;
    bool own = side == s->side, arrives = trace_has_wire(s->trace) && !own;
    if (e.kind == TRACE_DROPPED && own)
        mark_lost(s, e.index);
    else if (e.kind == (arrives ? TRACE_DELIVERED : TRACE_SEGMENT))
        take_segment(s, (uint32_t)i, e.index);
}

bool series_update(struct series *s, int64_t budget_ns)
{
    size_t n = trace_event_count(s->trace);
    uint32_t before = s->changes;
    if (s->flow == TRACE_NONE)
        return false;
    struct trace_range range = trace_flow_range(s->trace, s->flow);
    struct slice slice = slice_begin(budget_ns);
    if (s->taken < range.from)
        s->taken = range.from;
    for (; s->taken < range.to && !slice_over(&slice); s->taken++)
        take_event(s, s->taken);
    if (s->taken >= range.to)
        s->taken = n;
    return s->changes != before;
}
