#include "tracer/trace/model.h"

#include "tracer/base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct trace *trace_new(void)
{
    struct trace *t = xcalloc(1, sizeof *t);
    t->flows = flow_table_new();
    t->moments = moments_new();
    t->store = store_new();
    t->recent = recent_new();
    t->analysis = analysis_new();
    return t;
}

void trace_free(struct trace *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->strings.count; i++)
        free(t->strings.at[i]);
    for (size_t i = 0; i < t->lives.count; i++)
        for (int side = 0; side < SIDE_COUNT; side++)
            tcp_end_free(&t->lives.at[i].ends[side]);
    moments_free(t->moments);
    free(t->segments.at);
    free(t->fates.at);
    free(t->not_segments.at);
    free(t->copies.at);
    free(t->calls.at);
    free(t->states.at);
    free(t->kernel.at);
    free(t->notes.at);
    free(t->holds.at);
    free(t->waiting.at);
    free(t->commands.at);
    free(t->others.at);
    free(t->lives.at);
    keyed_free(&t->in_flight);
    keyed_free(&t->copied);
    keyed_free(&t->reasons);
    keyed_free(&t->open_calls);
    keyed_free(&t->listeners);
    free(t->strings.at);
    free(t->sources);
    store_free(t->store);
    free(t->recent);
    analysis_free(t->analysis);
    free(t->findings.at);
    flow_table_free(t->flows);
    free(t);
}

static void add_annotation(struct trace *t, const struct capture_frame *frame)
{
    VECTOR_ADD(t->not_segments, (uint32_t)t->frames);
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

void trace_add_decoded(struct trace *t, const struct capture_frame *frame, const struct packet *p)
{
    t->frames++;
    if (frame->linktype == LINKTYPE_ETHERNET && annotation_is(frame->bytes, frame->captured_bytes))
        add_annotation(t, frame);
    else
        trace_add_packet(t, frame, p);
}

void trace_add(struct trace *t, const struct capture_frame *frame)
{
    struct packet p;
    p.frame = trace_frame(frame);
    packet_decode_in_place(&p, TUNNELS_MAX);
    trace_add_decoded(t, frame, &p);
}

void trace_rereads(struct trace *t, trace_again *again, void *place)
{
    store_reread(t->store, again, place);
}

static bool again_from_source(void *place, uint64_t at, struct capture_frame *frame)
{
    return source_again(place, at, frame);
}

void trace_rereads_source(struct trace *t, struct source *source)
{
    if (source_rereads(source))
        trace_rereads(t, again_from_source, source);
}

void trace_moment(struct trace *t, enum trace_kind kind, uint32_t index)
{
    moments_add(t->moments, kind, index);
}

const char *trace_keep_bytes(struct trace *t, const char *s, size_t bytes)
{
    VECTOR_ADD(t->strings, xstrndup(s, bytes));
    return t->strings.at[t->strings.count - 1];
}

const char *trace_keep(struct trace *t, const char *s)
{
    return s ? trace_keep_bytes(t, s, strlen(s)) : NULL;
}

static_assert(TCP_EVENT_COUNT <= 16 && STATE_CAUSE_COUNT <= 8, "what a state_record holds");

void trace_states(struct trace *t, const struct state_record *like,
                  const struct tcp_change *changes, int count)
{
    for (int i = 0; i < count; i++) {
        struct state_record change = *like;
        change.from = changes[i].from & 15;
        change.to = changes[i].to & 15;
        change.event = changes[i].event & 15;
        VECTOR_ADD(t->states, change);
        trace_moment(t, TRACE_STATE, (uint32_t)t->states.count - 1);
    }
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

bool trace_has_wire(const struct trace *t)
{
    return t->session.present && t->session.tier && strstr(t->session.tier, "hosts");
}

static char host_among(const struct address addresses[2], const struct address *a)
{
    if (address_equal(a, &addresses[0]))
        return 'C';
    return address_equal(a, &addresses[1]) ? 'S' : 0;
}

char trace_host_at(const struct trace *t, const struct endpoint *end)
{
    const struct trace_session *s = &t->session;
    if (!s->present)
        return 0;
    if (address_equal(&s->addresses[0], &s->addresses[1])) /* both hosts are this machine */
        return end->port == s->server_port ? 'S' : 'C';
    char host = host_among(s->addresses, &end->address);
    return host || !s->has_ipv6 ? host : host_among(s->addresses6, &end->address);
}

char trace_host_of(const struct trace *t, uint32_t flow, int side)
{
    return trace_host_at(t, &flow_at(t->flows, flow)->ends[side]);
}

enum tcp_state trace_state_now(const struct trace *t, uint32_t flow, int side)
{
    return (enum tcp_state)t->lives.at[flow].ends[side].state;
}

uint32_t trace_relative_seq(const struct trace *t, const struct segment *s)
{
    return s->seq - flow_at(t->flows, s->flow)->iss[s->side];
}

uint32_t trace_relative_ack(const struct trace *t, const struct segment *s)
{
    return s->ack - flow_at(t->flows, s->flow)->iss[!s->side];
}
