#include "tracer/view/stream_log.h"

#include "tracer/base/alloc.h"
#include "tracer/view/slice.h"

#include <stdlib.h>
#include <string.h>

void stream_log_init(struct stream_log *l, const struct trace *trace, uint32_t flow)
{
    *l = (struct stream_log){.trace = trace, .flow = flow};
    l->sides = xcalloc(SIDE_COUNT, sizeof *l->sides);
}

void stream_log_free(struct stream_log *l)
{
    free(l->pieces);
    free(l->sides);
    websocket_free(&l->socket);
    *l = (struct stream_log){0};
}

/* Make room for `n` pieces at `at`, and let the spots behind keep to theirs. */
static struct piece *insert(struct stream_log *l, size_t at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        xgrow(&l->pieces, &l->cap, l->count + i, sizeof *l->pieces);
    memmove(l->pieces + at + n, l->pieces + at, (l->count - at) * sizeof *l->pieces);
    for (int s = 0; s < SPOT_COUNT; s++)
        if (l->spots[s].piece >= at && l->count > at)
            l->spots[s].piece += n;
    l->count += n;
    return l->pieces + at;
}

static void append(struct stream_log *l, struct piece p)
{
    *insert(l, l->count, 1) = p;
}

/* Put a piece into the gap that it fills, leaving what remains of the gap before and behind it. */
static void fill(struct stream_log *l, struct piece p)
{
    size_t i = l->count, reach = l->count > STREAM_LOG_REACH ? l->count - STREAM_LOG_REACH : 0;
    while (i > reach) {
        const struct piece *g = &l->pieces[--i];
        if (g->kind != PIECE_GAP || g->side != p.side || p.offset < g->offset ||
            p.offset + p.len > g->offset + g->len)
            continue;
        struct piece before = *g, after = *g;
        before.len = (uint32_t)(p.offset - g->offset);
        after.offset = p.offset + p.len;
        after.len = g->len - before.len - p.len;
        if (before.len > 0)
            *insert(l, i++, 1) = before;
        l->pieces[i] = p;
        if (after.len > 0)
            *insert(l, i + 1, 1) = after;
        return;
    }
}

static void append_gap(struct stream_log *l, uint8_t side, uint64_t to)
{
    if (to > l->end[side])
        append(l, (struct piece){.offset = l->end[side],
                                 .len = (uint32_t)(to - l->end[side]),
                                 .event = TRACE_NONE,
                                 .side = side,
                                 .kind = PIECE_GAP});
    l->end[side] = to > l->end[side] ? to : l->end[side];
}

static void place(struct stream_log *l, struct piece p)
{
    if (p.len == 0)
        return;
    if (p.offset < l->end[p.side]) {
        fill(l, p);
        return;
    }
    append_gap(l, p.side, p.offset);
    append(l, p);
    l->end[p.side] = p.offset + p.len;
}

/* How many of a segment's payload bytes are in the capture. */
static uint32_t captured_payload(const struct stream_log *l, const struct segment *s)
{
    struct frame frame = trace_segment_frame(l->trace, s->index);
    struct packet p;
    packet_decode(&frame, &p);
    uint32_t have =
        p.tcp.payload_at < frame.captured_bytes ? frame.captured_bytes - p.tcp.payload_at : 0;
    return have < s->len ? have : s->len;
}

static void place_run(struct stream_log *l, const struct segment *s, uint32_t event,
                      struct byte_range run, int64_t base, uint32_t captured)
{
    uint32_t at = (uint32_t)((int64_t)run.from - base), len = (uint32_t)(run.to - run.from);
    uint32_t have = at >= captured ? 0 : captured - at < len ? captured - at : len;
    struct piece p = {.offset = run.from, .len = have, .event = event, .at = at, .side = s->side};
    l->bytes[s->side] += len;
    place(l, p);
    p.offset += have;
    p.at += have;
    p.len = len - have;
    p.kind = PIECE_UNCAPTURED;
    place(l, p);
}

static void note_end(struct stream_log *l, const struct segment *s, uint32_t event)
{
    struct piece p = {.event = event, .side = s->side};
    const struct reassembly *r = &l->sides[s->side];
    if (r->finished && !l->finished[s->side]) {
        l->finished[s->side] = true;
        append_gap(l, s->side, r->fin_at);
        p.offset = r->fin_at;
        p.kind = PIECE_FIN;
        append(l, p);
    }
    if ((s->flags & TCP_RST) && !l->reset[s->side]) {
        l->reset[s->side] = true;
        p.offset = l->end[s->side];
        p.kind = PIECE_RST;
        append(l, p);
    }
}

static void take_segment(struct stream_log *l, const struct segment *s, uint32_t event)
{
    struct reassembly *r = &l->sides[s->side];
    if (!l->began[s->side]) { /* once: the connection table may mend a guess later */
        l->began[s->side] = true;
        l->iss[s->side] = s->seq - trace_relative_seq(l->trace, s);
    }
    uint32_t captured = s->len > 0 ? captured_payload(l, s) : 0;
    /* bytes in a RST say why it was sent, RFC 9293 section 3.5.3: they are not in the stream */
    uint32_t len = s->flags & TCP_RST ? 0 : s->len;
    struct offered o =
        reassembly_offer(r, s->seq - l->iss[s->side], s->flags & TCP_SYN, s->flags & TCP_FIN, len);
    l->twice += o.left.to - o.left.from;
    for (struct byte_range run; reassembly_next(r, &o, &run); l->twice -= run.to - run.from)
        place_run(l, s, event, run, o.base, captured);
    note_end(l, s, event);
}

/* One moment: whether it is of the connection. */
static bool take_event(struct stream_log *l, enum trace_kind arrival, size_t event)
{
    struct trace_event e = trace_event(l->trace, event);
    int side;
    if (e.kind != arrival || trace_segment_flow(l->trace, e.index, &side) != l->flow)
        return false;
    struct segment s = trace_segment(l->trace, e.index);
    take_segment(l, &s, (uint32_t)event);
    return true;
}

bool stream_log_update(struct stream_log *l, int64_t budget_ns)
{
    if (l->flow == TRACE_NONE)
        return false;
    enum trace_kind arrival = trace_has_wire(l->trace) ? TRACE_DELIVERED : TRACE_SEGMENT;
    struct trace_range range = trace_flow_range(l->trace, l->flow);
    struct slice slice = slice_begin(budget_ns);
    size_t before = l->taken, n = trace_event_count(l->trace);
    bool any = false;
    if (l->taken < range.from)
        l->taken = range.from;
    for (; l->taken < range.to && !slice_over(&slice); l->taken++)
        any = take_event(l, arrival, l->taken) || any;
    if (l->taken >= range.to)
        l->taken = n;
    if (any)
        stream_socket_update(l);
    return any || (before == 0 && n > 0);
}

void stream_log_bytes(const struct stream_log *l, const struct piece *p, uint8_t *out)
{
    struct frame frame = trace_segment_frame(l->trace, trace_event(l->trace, p->event).index);
    struct packet packet;
    packet_decode(&frame, &packet);
    struct cursor c;
    cursor_init(&c, frame.bytes, frame.captured_bytes, frame.captured_bytes);
    cursor_skip(&c, packet.tcp.payload_at + p->at);
    for (uint32_t i = 0; i < p->len; i++)
        out[i] = cursor_u8(&c);
}

bool stream_log_joined(const struct stream_log *l, size_t piece)
{
    if (piece == 0)
        return false;
    const struct piece *p = &l->pieces[piece], *q = p - 1;
    return p->kind == PIECE_BYTES && q->kind == PIECE_BYTES && p->side == q->side &&
           p->offset == q->offset + q->len;
}
