/* Which packet the detail view shows, and what its connection knows of it. */
#include "tracer/view/detail_view.h"

#include "tracer/base/alloc.h"
#include "tracer/view/slice.h"

#include <stdlib.h>
#include <string.h>

/* The packet of a moment: a segment's index, or that of a packet that is none. */
struct moment {
    bool has_packet;
    uint32_t segment, other; /* TRACE_NONE where it is not that */
};

static struct moment moment_of(const struct trace *t, uint32_t event)
{
    struct moment m = {false, TRACE_NONE, TRACE_NONE};
    struct trace_event e = trace_event(t, event);
    switch (e.kind) {
    case TRACE_SEGMENT:
    case TRACE_DELIVERED:
    case TRACE_DROPPED: m.segment = e.index; break;
    case TRACE_COPIED: m.segment = trace_copy(t, e.index).segment; break;
    case TRACE_OTHER: m.other = e.index; break;
    case TRACE_STATE: {
        struct state_change c = trace_state(t, e.index);
        if (c.cause == CAUSE_SENT || c.cause == CAUSE_RECEIVED)
            m.segment = c.cause_index;
        break;
    }
    default: break;
    }
    m.has_packet = m.segment != TRACE_NONE || m.other != TRACE_NONE;
    return m;
}

/* What a connection's SYNs offered. They are kept: the search for them may take its time. */
static void find_syns(struct detail_view *v, uint32_t flow)
{
    const struct trace *t = v->trace;
    if (v->syn_flow != flow)
        v->has_syn[0] = v->has_syn[1] = false;
    v->syn_flow = flow;
    for (int side = 0; side < SIDE_COUNT; side++) {
        uint32_t syn = v->has_syn[side] ? TRACE_NONE : trace_syn_of(t, flow, side);
        if (syn == TRACE_NONE)
            continue;
        struct frame frame = trace_segment_frame(t, syn);
        struct packet p;
        packet_decode(&frame, &p);
        v->syn[side] = p.tcp;
        v->has_syn[side] = p.is_tcp;
    }
}

/* The segment's connection is read for what it may be above TCP. Where it is no WebSocket that is
 * known from its first bytes, and nothing more is read. */
static void read_stream(struct detail_view *v)
{
    if (v->stream.flow != TRACE_NONE && !websocket_is_not(&v->stream.socket))
        stream_log_update(&v->stream, SLICE_NS);
}

static const struct websocket *socket_of(struct detail_view *v, const struct segment *s)
{
    if (v->stream.flow != s->flow || v->stream.trace != v->trace) {
        stream_log_free(&v->stream);
        stream_log_init(&v->stream, v->trace, s->flow);
    }
    read_stream(v);
    v->items = v->stream.socket.sides[s->side].count;
    /* a place behind 4 GiB is not told by the sequence number alone */
    bool far = v->stream.end[s->side] > UINT32_MAX;
    return s->len > 0 && !far && websocket_is(&v->stream.socket) ? &v->stream.socket : NULL;
}

bool detail_read_on(struct detail_view *v)
{
    if (v->segment == TRACE_NONE)
        return false;
    struct segment s = trace_segment(v->trace, v->segment);
    read_stream(v);
    if (v->stream.flow != s.flow || v->stream.socket.sides[s.side].count == v->items)
        return false;
    detail_take(v, v->event);
    return true;
}

static struct field_facts facts_of(struct detail_view *v, uint32_t segment)
{
    const struct trace *t = v->trace;
    struct segment s = trace_segment(t, segment);
    struct field_facts f = {
        .has_relative_seq = true,
        .relative_seq = trace_relative_seq(t, &s),
        .has_relative_ack = s.flags & TCP_ACK,
        .relative_ack = trace_relative_ack(t, &s),
        .again = s.again,
        .socket = socket_of(v, &s),
        .socket_side = s.side,
        .socket_at = trace_relative_seq(t, &s) - 1u,
    };
    find_syns(v, s.flow);
    const struct tcp_header *own = &v->syn[s.side], *peer = &v->syn[!s.side];
    f.scale_known = v->has_syn[0] && v->has_syn[1];
    if (f.scale_known && own->has_window_scale && peer->has_window_scale)
        f.window_shift = own->window_scale;
    if (v->has_syn[!s.side] && peer->has_mss)
        f.mss = peer->mss;
    return f;
}

/* The selected field in words, so that the same one is selected in another packet. */
struct path {
    const char *names[DETAIL_PATH];
    int depth;
};

static struct path path_of(const struct detail_view *v)
{
    struct path p = {.depth = -1};
    if (v->cursor >= v->fields.count)
        return p;
    for (size_t i = v->cursor; i != FIELD_NONE; i = field_parent(&v->fields, i)) {
        int depth = v->fields.field[i].depth;
        if (depth < DETAIL_PATH)
            p.names[depth] = v->fields.field[i].name;
        if (p.depth < 0)
            p.depth = depth < DETAIL_PATH ? depth : DETAIL_PATH - 1;
    }
    return p;
}

/* The field at a path, or what there is of the path; else the header that most is said of. */
static size_t field_at(const struct fields *f, const struct path *p)
{
    size_t best = FIELD_NONE;
    int depth = 0;
    for (size_t i = 0; i < f->count && depth <= p->depth; i++) {
        if (f->field[i].depth < depth)
            break;
        if (f->field[i].depth == depth && strcmp(f->field[i].name, p->names[depth]) == 0) {
            best = i;
            depth++;
        }
    }
    if (best != FIELD_NONE)
        return best;
    for (size_t i = 0; i < f->count; i++)
        if (f->field[i].depth == 0 && (best == FIELD_NONE || strcmp(f->field[i].name, "TCP") == 0))
            best = i;
    return best != FIELD_NONE ? best : 0;
}

static void forget(struct detail_view *v)
{
    free(v->bytes);
    v->bytes = NULL;
    v->captured_bytes = 0;
    v->segment = TRACE_NONE;
    v->frame = 0;
    v->fields.count = 0;
    v->skip = 0;
    v->in_bytes = false;
}

static void read_packet(struct detail_view *v, const struct moment *m)
{
    const struct trace *t = v->trace;
    struct field_facts facts = {0};
    if (m->segment != TRACE_NONE) {
        v->frame = trace_segment(t, m->segment).frame;
        facts = facts_of(v, m->segment);
    } else {
        v->frame = trace_other(t, m->other).frame;
    }
    struct frame frame = m->segment != TRACE_NONE ? trace_segment_frame(t, m->segment)
                                                  : trace_other_frame(t, m->other);
    v->segment = m->segment;
    v->captured_bytes = frame.captured_bytes;
    v->bytes = xmalloc(frame.captured_bytes);
    if (frame.captured_bytes > 0)
        memcpy(v->bytes, frame.bytes, frame.captured_bytes);
    frame.bytes = v->bytes;
    struct packet p;
    packet_decode(&frame, &p);
    fields_read(&v->fields, &p, m->segment != TRACE_NONE ? &facts : NULL);
}

void detail_take(struct detail_view *v, uint32_t event)
{
    struct path path = path_of(v);
    bool in_bytes = v->in_bytes;
    forget(v);
    v->event = event;
    if (event >= trace_event_count(v->trace))
        return;
    struct moment m = moment_of(v->trace, event);
    if (!m.has_packet)
        return;
    read_packet(v, &m);
    v->cursor = field_at(&v->fields, &path);
    v->in_bytes = in_bytes && v->captured_bytes > 0;
    if (v->byte >= v->captured_bytes)
        v->byte = v->captured_bytes > 0 ? v->captured_bytes - 1 : 0;
    if (v->in_bytes)
        detail_follow_byte(v);
    while (!detail_visible(v, v->cursor))
        v->cursor = field_parent(&v->fields, v->cursor);
}

bool detail_take_first(struct detail_view *v)
{
    size_t n = trace_event_count(v->trace);
    for (; v->event == TRACE_NONE && v->looked < n; v->looked++)
        if (moment_of(v->trace, (uint32_t)v->looked).has_packet)
            detail_take(v, (uint32_t)v->looked);
    return v->event != TRACE_NONE;
}

/* The moments that are stepped to: those at which a packet was sent. */
static bool is_stop(const struct detail_view *v, uint32_t event)
{
    struct trace_event e = trace_event(v->trace, event);
    if (e.kind == TRACE_OTHER)
        return v->flow == TRACE_NONE;
    int side;
    return e.kind == TRACE_SEGMENT && e.index != v->segment &&
           (v->flow == TRACE_NONE || trace_segment_flow(v->trace, e.index, &side) == v->flow);
}

bool detail_step(struct detail_view *v, int by)
{
    size_t n = trace_event_count(v->trace);
    if (v->event == TRACE_NONE)
        return false;
    for (size_t e = v->event; by > 0 ? e + 1 < n : e > 0;) {
        e = by > 0 ? e + 1 : e - 1;
        if (is_stop(v, (uint32_t)e)) {
            detail_take(v, (uint32_t)e);
            return true;
        }
    }
    return false;
}
