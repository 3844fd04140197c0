#include "tracer/view/series.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

enum {
    CHUNK_ITEMS = 4096,    /* allocated at once */
    BLOCK_ITEMS = 1024,    /* at most, from one beginning of a walk to the next */
    LOOK_AHEAD = 65536,    /* items that are looked through for the first sending of a segment */
    LOOK_BACK = 4096,      /* and for one that the wire dropped */
    SHIFT_MAX = 14,        /* RFC 7323 section 2.3 */
    OPTION_SACK = 5,       /* RFC 2018 section 3 */
    FLAG_BITS = 8,         /* of an item's `bits`; above them a length, or a window */
};
#define LENGTH_MAX 0xffffffu

struct series_item {
    uint32_t delta_ns; /* since its block began */
    uint32_t event;    /* of the trace */
    uint32_t at;       /* relative sequence or acknowledgement number, modulo 2^32 */
    uint32_t bits;     /* sent: length in sequence numbers; ACK: window as it stood. Flags below */
};

struct series_block {
    int64_t base_ns;
    uint32_t first; /* item */
    struct series_state before;
};

static const struct series_state nothing = {.time_ns = SERIES_UNKNOWN,
                                            .sent = SERIES_UNKNOWN,
                                            .acked = SERIES_UNKNOWN,
                                            .window = SERIES_UNKNOWN};

void series_begin(struct series *s, const struct trace *trace, uint32_t flow, int side)
{
    *s = (struct series){.trace = trace,
                         .flow = flow,
                         .side = side,
                         .scale = {SCALE_UNSEEN, SCALE_UNSEEN},
                         .now = nothing};
}

void series_free(struct series *s)
{
    for (size_t i = 0; i < s->chunk_count; i++)
        free(s->chunks[i]);
    free(s->chunks);
    free(s->blocks);
    *s = (struct series){.flow = TRACE_NONE};
}

static struct series_item *item_at(const struct series *s, uint32_t i)
{
    return &s->chunks[i / CHUNK_ITEMS][i % CHUNK_ITEMS];
}

/* ---- walking ---------------------------------------------------------------------------- */

/* The peer's window scale as it is in force; negative where that cannot be known: both SYNs must
 * have offered it, and a SYN-ACK offers it only as an answer (RFC 7323 section 2.2). */
static int shift_of(const struct series *s)
{
    int peer = s->scale[!s->side], own = s->scale[s->side];
    if (peer == SCALE_NONE || own == SCALE_NONE)
        return 0;
    if (peer == SCALE_UNSEEN || (own == SCALE_UNSEEN && s->side == SIDE_RESPONDER))
        return -1;
    return peer < SHIFT_MAX ? peer : SHIFT_MAX;
}

/* The last block that begins at or before an item. */
static size_t block_of(const struct series *s, uint32_t item)
{
    size_t low = 0, high = s->block_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->blocks[middle].first <= item)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The number near the last one that is `at` modulo 2^32. */
static int64_t unwrap(const struct series_state *st, uint32_t at)
{
    return st->around + (int32_t)(at - (uint32_t)st->around);
}

/* How long the newest of the segments took that an ACK is the first to acknowledge; unknown where
 * one of them was sent twice, since the ACK does not say for which (Karn). */
static int64_t round_trip(struct series_walk *w, const struct series_point *p, int64_t acked)
{
    const struct series *s = w->series;
    int64_t sent_ns = SERIES_UNKNOWN;
    bool twice = false;
    uint32_t i = w->state.oldest;
    for (; i < p->item; i++) {
        const struct series_item *item = item_at(s, i);
        uint32_t end = item->at + (item->bits >> FLAG_BITS);
        if (item->bits & (SERIES_ACK | SERIES_RST))
            continue;
        if ((int32_t)(end - (uint32_t)p->to) > 0)
            break;
        if (acked != SERIES_UNKNOWN && (int32_t)(end - (uint32_t)acked) <= 0)
            continue;
        while (w->old_block + 1 < s->block_count && s->blocks[w->old_block + 1].first <= i)
            w->old_block++;
        twice = twice || (item->bits & (SERIES_AGAIN | SERIES_TWICE));
        sent_ns = s->blocks[w->old_block].base_ns + item->delta_ns;
    }
    w->state.oldest = i;
    return twice || sent_ns == SERIES_UNKNOWN ? SERIES_UNKNOWN : p->time_ns - sent_ns;
}

static void walk_sent(struct series_state *st, uint32_t bits, struct series_point *p)
{
    p->to = p->from + (bits >> FLAG_BITS);
    p->gained = p->to - p->from - !!(p->flags & SERIES_SYN) - !!(p->flags & SERIES_FIN);
    if (p->flags & SERIES_RST)
        return;
    st->around = p->to;
    if (st->sent == SERIES_UNKNOWN || p->to > st->sent)
        st->sent = p->to;
}

static void walk_ack(struct series_walk *w, uint32_t bits, struct series_point *p)
{
    struct series_state *st = &w->state;
    int64_t before = st->acked;
    if (p->flags & SERIES_RST)
        return;
    st->around = p->to;
    if (before != SERIES_UNKNOWN && p->to < before)
        return; /* an old one: it says nothing that still holds */
    st->acked = p->to;
    int shift = p->flags & SERIES_SYN ? 0 : shift_of(w->series);
    st->window = shift < 0 ? SERIES_UNKNOWN : (int64_t)(bits >> FLAG_BITS) << shift;
    if (p->to == before)
        return;
    p->gained = before == SERIES_UNKNOWN ? 0 : p->to - before;
    p->rtt_ns = round_trip(w, p, before);
}

struct series_walk series_walk(const struct series *s, uint32_t item)
{
    struct series_walk w = {.series = s, .next = s->count, .state = s->now};
    struct series_point p;
    if (item >= s->count)
        return w;
    w.block = block_of(s, item);
    w.next = s->blocks[w.block].first;
    w.state = s->blocks[w.block].before;
    w.old_block = block_of(s, w.state.oldest);
    while (w.next < item)
        series_next(&w, &p);
    return w;
}

bool series_next(struct series_walk *w, struct series_point *p)
{
    const struct series *s = w->series;
    struct series_state *st = &w->state;
    if (w->next >= s->count)
        return false;
    if (w->block + 1 < s->block_count && s->blocks[w->block + 1].first == w->next)
        w->block++;
    const struct series_item *item = item_at(s, w->next);
    *p = (struct series_point){.item = w->next++,
                               .event = item->event,
                               .flags = (int)(item->bits & ((1u << FLAG_BITS) - 1)),
                               .time_ns = s->blocks[w->block].base_ns + item->delta_ns,
                               .rtt_ns = SERIES_UNKNOWN,
                               .edge = SERIES_UNKNOWN};
    p->from = p->to = unwrap(st, item->at);
    st->time_ns = p->time_ns;
    if (p->flags & SERIES_ACK)
        walk_ack(w, item->bits, p);
    else
        walk_sent(st, item->bits, p);
    p->window = st->window;
    if (st->window != SERIES_UNKNOWN && st->acked != SERIES_UNKNOWN)
        p->edge = st->acked + st->window;
    bool both = st->sent != SERIES_UNKNOWN && st->acked != SERIES_UNKNOWN;
    p->flight = !both ? SERIES_UNKNOWN : st->sent > st->acked ? st->sent - st->acked : 0;
    return true;
}

struct series_point series_at(const struct series *s, uint32_t item)
{
    struct series_point p = {.event = TRACE_NONE};
    struct series_walk w = series_walk(s, item);
    series_next(&w, &p);
    return p;
}

uint32_t series_find_time(const struct series *s, int64_t time_ns)
{
    size_t low = 0, high = s->block_count;
    while (low < high) { /* the first block that begins at or after it */
        size_t middle = low + (high - low) / 2;
        if (s->blocks[middle].base_ns < time_ns)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    const struct series_block *b = &s->blocks[low - 1];
    uint32_t i = b->first, end = low < s->block_count ? s->blocks[low].first : s->count;
    while (i < end && b->base_ns + item_at(s, i)->delta_ns < time_ns)
        i++;
    return i;
}

uint32_t series_find_event(const struct series *s, uint32_t event)
{
    uint32_t low = 0, high = s->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (item_at(s, middle)->event < event)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t series_segment(const struct series *s, uint32_t event)
{
    return trace_event(s->trace, event)->index;
}

/* ---- taking in -------------------------------------------------------------------------- */

static void learn_scale(struct series *s, uint32_t index, const struct segment *g)
{
    struct packet p;
    struct frame frame = trace_segment_frame(s->trace, g);
    (void)index;
    packet_decode(&frame, &p);
    s->scale[g->side] = p.tcp.has_window_scale ? p.tcp.window_scale : SCALE_NONE;
}

/* Those of the segments in flight that are (in part) sent again now: which of the two an ACK will
 * answer cannot be told. */
static void mark_twice(struct series *s, uint32_t at, uint32_t end)
{
    for (uint32_t i = s->now.oldest; i < s->count && i - s->now.oldest < LOOK_AHEAD; i++) {
        struct series_item *item = item_at(s, i);
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
        struct series_item *item = item_at(s, i - 1);
        if (item->bits & SERIES_ACK || series_segment(s, item->event) != segment)
            continue;
        item->bits |= SERIES_LOST;
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
        s->blocks[s->block_count++] = (struct series_block){time_ns, s->count, s->now};
        b = &s->blocks[s->block_count - 1];
    }
    if (s->count / CHUNK_ITEMS == s->chunk_count) {
        xgrow(&s->chunks, &s->chunk_cap, s->chunk_count, sizeof *s->chunks);
        s->chunks[s->chunk_count++] = xmalloc(CHUNK_ITEMS * sizeof **s->chunks);
    }
    item.delta_ns = (uint32_t)(time_ns - b->base_ns);
    *item_at(s, s->count++) = item;
    struct series_walk w = {.series = s,
                            .next = s->count - 1,
                            .block = s->block_count - 1,
                            .old_block = block_of(s, s->now.oldest),
                            .state = s->now};
    struct series_point p;
    series_next(&w, &p);
    s->now = w.state;
}

static uint32_t common_flags(uint16_t tcp)
{
    return (tcp & TCP_SYN ? SERIES_SYN : 0u) | (tcp & TCP_FIN ? SERIES_FIN : 0u) |
           (tcp & TCP_RST ? SERIES_RST : 0u);
}

static void add_sent(struct series *s, int64_t time_ns, uint32_t event, const struct segment *g)
{
    uint32_t flags = common_flags(g->flags) | (g->again ? SERIES_AGAIN : 0u);
    uint32_t length = (g->len < LENGTH_MAX - 2 ? g->len : LENGTH_MAX - 2) +
                      !!(g->flags & TCP_SYN) + !!(g->flags & TCP_FIN);
    uint32_t at = g->seq - s->base;
    if (length == 0 && !(flags & SERIES_RST))
        return; /* an acknowledgement: it belongs to the other direction */
    if (s->acks && s->now.sent != SERIES_UNKNOWN && unwrap(&s->now, at) < s->now.sent &&
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

static void add_ack(struct series *s, int64_t time_ns, uint32_t event, const struct segment *g)
{
    uint32_t flags = common_flags(g->flags) | SERIES_ACK, at = g->ack - s->base;
    struct series_range blocks[SERIES_SACK_MAX];
    struct series_point p = {.event = event};
    if (!(g->flags & TCP_ACK)) {
        if (!(flags & SERIES_RST))
            return;
        at = (uint32_t)s->now.around;
    }
    if (!(flags & SERIES_RST)) {
        flags |= g->window == 0 && !(flags & SERIES_SYN) ? SERIES_ZERO : 0u;
        flags |= is_repeat(s, g, at) ? SERIES_REPEAT : 0u;
        flags |= series_sacks(s, &p, blocks) > 0 ? SERIES_SACK : 0u;
        s->acks = true;
        s->last_window = g->window;
    }
    append(s, time_ns, (struct series_item){0, event, at, (uint32_t)g->window << FLAG_BITS | flags});
}

static void take_segment(struct series *s, int64_t time_ns, uint32_t event, uint32_t index)
{
    struct segment g = *trace_segment(s->trace, index);
    if (s->count == 0)
        s->base = trace_flow(s->trace, s->flow)->iss[s->side];
    if (g.flags & TCP_SYN)
        learn_scale(s, index, &g);
    if (g.side == s->side)
        add_sent(s, time_ns, event, &g);
    else
        add_ack(s, time_ns, event, &g);
}

/* Data is taken when it is sent, the other side's segments when they arrive. */
static void take_event(struct series *s, size_t i)
{
    struct trace_event e = *trace_event(s->trace, i);
    if (e.kind != TRACE_SEGMENT && e.kind != TRACE_DELIVERED && e.kind != TRACE_DROPPED)
        return;
    const struct segment *g = trace_segment(s->trace, e.index);
    if (g->flow != s->flow)
        return;
    bool own = g->side == s->side, arrives = trace_has_wire(s->trace) && !own;
    if (e.kind == TRACE_DROPPED && own)
        mark_lost(s, e.index);
    else if (e.kind == (arrives ? TRACE_DELIVERED : TRACE_SEGMENT))
        take_segment(s, e.time_ns, (uint32_t)i, e.index);
}

bool series_update(struct series *s)
{
    size_t n = trace_event_count(s->trace);
    uint32_t before = s->count;
    if (s->flow == TRACE_NONE)
        return false;
    for (; s->taken < n; s->taken++)
        take_event(s, s->taken);
    return s->count != before;
}

/* ---- selective acknowledgements --------------------------------------------------------- */

/* The option's body among a segment's options, or nothing. */
static struct cursor sack_option(const struct frame *frame, const struct tcp_header *tcp)
{
    struct cursor c = cursor_make(frame->bytes, frame->captured_bytes, frame->wire_bytes);
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
