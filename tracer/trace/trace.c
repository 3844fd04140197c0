#include "tracer/trace/model.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct trace *trace_new(void)
{
    struct trace *t = xcalloc(1, sizeof *t);
    t->flows = flow_table_new();
    return t;
}

void trace_free(struct trace *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->strings.count; i++)
        free(t->strings.at[i]);
    free(t->events.at);
    free(t->segments.at);
    free(t->calls.at);
    free(t->states.at);
    free(t->notes.at);
    free(t->others.at);
    free(t->lives.at);
    keyed_free(&t->in_flight);
    keyed_free(&t->open_calls);
    keyed_free(&t->listeners);
    free(t->strings.at);
    free(t->bytes.at);
    flow_table_free(t->flows);
    free(t);
}

void trace_add(struct trace *t, const struct capture_frame *frame)
{
    t->frames++;
    if (frame->linktype != LINKTYPE_ETHERNET ||
        !annotation_is(frame->bytes, frame->captured_bytes)) {
        trace_add_packet(t, frame);
        return;
    }
    struct annotation a;
    struct error e;
    if (annotation_read(frame->bytes, frame->captured_bytes, &a, &e) != 0) {
        if (!t->last_fault || strcmp(t->last_fault, e.text) != 0) { /* not once a frame */
            t->last_fault = trace_keep(t, e.text);
            trace_remark(t, frame->time_ns, e.text);
        }
        return;
    }
    trace_add_annotation(t, frame->time_ns, &a);
    annotation_free(&a);
}

void trace_moment(struct trace *t, int64_t time_ns, enum trace_kind kind, uint32_t index)
{
    VECTOR_ADD(t->events, ((struct trace_event){time_ns, kind, index}));
}

const char *trace_keep(struct trace *t, const char *s)
{
    if (!s)
        return NULL;
    VECTOR_ADD(t->strings, xstrdup(s));
    return t->strings.at[t->strings.count - 1];
}

void trace_states(struct trace *t, int64_t time_ns, uint32_t flow, int side,
                  const struct tcp_change *changes, int count, enum state_cause cause,
                  uint32_t cause_index)
{
    for (int i = 0; i < count; i++) {
        struct state_change change = {
            .time_ns = time_ns,
            .flow = flow,
            .side = (uint8_t)side,
            .host = flow == TRACE_NONE ? 0 : trace_host_of(t, flow, side),
            .from = changes[i].from,
            .to = changes[i].to,
            .cause = cause,
            .cause_index = cause_index,
            .rule = changes[i].rule,
        };
        VECTOR_ADD(t->states, change);
        trace_moment(t, time_ns, TRACE_STATE, (uint32_t)t->states.count - 1);
    }
}

size_t trace_event_count(const struct trace *t)
{
    return t->events.count;
}

const struct trace_event *trace_event(const struct trace *t, size_t i)
{
    return &t->events.at[i];
}

size_t trace_segment_count(const struct trace *t)
{
    return t->segments.count;
}

const struct segment *trace_segment(const struct trace *t, uint32_t i)
{
    return &t->segments.at[i];
}

size_t trace_call_count(const struct trace *t)
{
    return t->calls.count;
}

const struct call *trace_call(const struct trace *t, uint32_t i)
{
    return &t->calls.at[i];
}

size_t trace_state_count(const struct trace *t)
{
    return t->states.count;
}

const struct state_change *trace_state(const struct trace *t, uint32_t i)
{
    return &t->states.at[i];
}

const struct note *trace_note(const struct trace *t, uint32_t i)
{
    return &t->notes.at[i];
}

const struct other *trace_other(const struct trace *t, uint32_t i)
{
    return &t->others.at[i];
}

uint32_t trace_flow_count(const struct trace *t)
{
    return flow_count(t->flows);
}

const struct flow *trace_flow(const struct trace *t, uint32_t i)
{
    return flow_at(t->flows, i);
}

const struct trace_session *trace_session(const struct trace *t)
{
    return &t->session;
}

static struct frame stored_frame(const struct trace *t, uint64_t at, uint32_t captured,
                                 uint32_t wire, int linktype, int64_t time_ns)
{
    return (struct frame){
        .time_ns = time_ns,
        .linktype = linktype,
        .bytes = t->bytes.at ? t->bytes.at + at : NULL, /* until a frame had bytes */
        .captured_bytes = captured,
        .wire_bytes = wire,
    };
}

struct frame trace_frame(const struct capture_frame *frame)
{
    return (struct frame){
        .time_ns = frame->time_ns,
        .linktype = frame->linktype,
        .bytes = frame->bytes,
        .captured_bytes = frame->captured_bytes,
        .wire_bytes = frame->wire_bytes,
    };
}

struct frame trace_segment_frame(const struct trace *t, const struct segment *s)
{
    return stored_frame(t, s->bytes_at, s->captured_bytes, s->wire_bytes, s->linktype, s->time_ns);
}

struct frame trace_other_frame(const struct trace *t, const struct other *o)
{
    return stored_frame(t, o->bytes_at, o->captured_bytes, o->wire_bytes, o->linktype, o->time_ns);
}

bool trace_has_wire(const struct trace *t)
{
    return t->session.present && t->session.tier && strstr(t->session.tier, "hosts");
}

char trace_host_of(const struct trace *t, uint32_t flow, int side)
{
    const struct trace_session *s = &t->session;
    if (!s->present)
        return 0;
    const struct endpoint *end = &flow_at(t->flows, flow)->ends[side];
    if (address_equal(&s->addresses[0], &s->addresses[1]))
        return end->port == s->server_port ? 'S' : 'C';
    if (address_equal(&end->address, &s->addresses[0]))
        return 'C';
    return address_equal(&end->address, &s->addresses[1]) ? 'S' : 0;
}

enum tcp_state trace_state_now(const struct trace *t, uint32_t flow, int side)
{
    return t->lives.at[flow].ends[side].state;
}

uint32_t trace_relative_seq(const struct trace *t, const struct segment *s)
{
    return s->seq - flow_at(t->flows, s->flow)->iss[s->side];
}

uint32_t trace_relative_ack(const struct trace *t, const struct segment *s)
{
    return s->ack - flow_at(t->flows, s->flow)->iss[!s->side];
}
