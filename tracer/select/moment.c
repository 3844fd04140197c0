#include "tracer/select/moment.h"

#include "tracer/select/track.h"

char moment_letter(const struct trace *t, uint32_t flow, int side)
{
    if (trace_session(t)->present)
        return trace_host_of(t, flow, side);
    return side == SIDE_INITIATOR ? 'C' : 'S';
}

static void set_segment(struct moment *m)
{
    m->is_segment = m->is_packet = true;
    m->segment = trace_segment(m->trace, m->index);
    m->flow = m->segment.flow;
    m->side = m->segment.side;
    m->host = moment_letter(m->trace, m->flow, m->side);
}

static void set_copy(struct moment *m)
{
    m->index = trace_copy(m->trace, m->index).segment;
    set_segment(m);
}

static void set_call(struct moment *m)
{
    m->call = trace_call(m->trace, m->index);
    m->host = m->call->host;
    m->flow = m->call->flow;
    m->side = m->call->side;
}

static void set_state(struct moment *m)
{
    struct state_change s = trace_state(m->trace, m->index);
    m->flow = s.flow;
    m->side = s.side;
    m->host = s.flow == TRACE_NONE ? s.host : moment_letter(m->trace, s.flow, s.side);
}

static void set_kernel(struct moment *m)
{
    const struct kernel_word *k = trace_kernel(m->trace, m->index);
    m->flow = k->flow;
    m->side = k->side;
    m->host = k->host;
}

static void set_note(struct moment *m)
{
    m->host = trace_note(m->trace, m->index)->host;
}

static void set_other(struct moment *m)
{
    m->is_packet = true;
}

void moment_set(struct moment *m, const struct trace *t, size_t event)
{
    static void (*const setters[TRACE_KIND_COUNT])(struct moment *) = {
        [TRACE_SEGMENT] = set_segment, [TRACE_DELIVERED] = set_segment,
        [TRACE_DROPPED] = set_segment, [TRACE_COPIED] = set_copy,
        [TRACE_CALL_ENTER] = set_call, [TRACE_CALL_EXIT] = set_call,
        [TRACE_STATE] = set_state,     [TRACE_KERNEL] = set_kernel,
        [TRACE_CONSOLE] = set_note,    [TRACE_PROCESS] = set_note,
        [TRACE_NOTE] = set_note,       [TRACE_OTHER] = set_other,
    };
    struct trace_event e = trace_event(t, event);
    m->trace = t;
    m->event = event;
    m->kind = e.kind;
    m->index = e.index;
    m->time_ns = trace_time(t, event);
    m->is_segment = m->is_packet = m->decoded = false;
    m->call = NULL;
    m->flow = TRACE_NONE;
    m->side = 0;
    m->host = 0;
    setters[e.kind](m);
}

static struct frame frame_of(const struct moment *m)
{
    return m->is_segment ? trace_segment_frame(m->trace, m->index)
                         : trace_other_frame(m->trace, m->index);
}

const struct packet *moment_packet(struct moment *m)
{
    if (!m->decoded) {
        struct frame frame = frame_of(m);
        packet_decode(&frame, &m->packet);
        m->decoded = true;
    }
    return &m->packet;
}

bool moment_payload(struct moment *m, const uint8_t **bytes, size_t *n)
{
    if (!m->is_packet)
        return false;
    const struct packet *p = moment_packet(m);
    uint32_t at = p->tcp.payload_at, size = p->tcp.payload_bytes;
    if (!p->is_tcp) {
        if (p->protocol != PROTO_UDP || p->transport_at == 0 || p->udp_bytes < 8)
            return false;
        at = p->transport_at + 8;
        size = p->udp_bytes - 8u;
    }
    struct frame frame = frame_of(m);
    if (size == 0 || at >= frame.captured_bytes)
        return false;
    *bytes = frame.bytes + at;
    *n = size < frame.captured_bytes - at ? size : frame.captured_bytes - at;
    return true;
}
