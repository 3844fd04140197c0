#include "tracer/trace/model.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* The items by index: what the records leave out is had again from frames and causes. */

size_t trace_event_count(const struct trace *t)
{
    return moments_count(t->moments);
}

struct trace_event trace_event(const struct trace *t, size_t i)
{
    return moments_at(t->moments, i);
}

uint32_t trace_event_segment(const struct trace *t, size_t i)
{
    struct trace_event e = trace_event(t, i);
    if (e.kind == TRACE_COPIED)
        return t->copies.at[e.index].segment;
    bool is = e.kind == TRACE_SEGMENT || e.kind == TRACE_DELIVERED || e.kind == TRACE_DROPPED;
    return is ? e.index : TRACE_NONE;
}

uint32_t trace_event_of(const struct trace *t, enum trace_kind kind, uint32_t index)
{
    return moments_find(t->moments, kind, index);
}

/* ---- segments --------------------------------------------------------------------------- */

struct recent *recent_new(void)
{
    struct recent *r = xcalloc(1, sizeof *r);
    for (size_t i = 0; i < RECENT_SEGMENTS; i++)
        r->segments[i].index = TRACE_NONE;
    return r;
}

void recent_keep(struct recent *r, uint32_t index, int64_t time_ns, const struct tcp_header *tcp)
{
    r->segments[index % RECENT_SEGMENTS] = (struct recent_segment){
        .index = index,
        .seq = tcp->seq,
        .ack = tcp->ack,
        .len = tcp->payload_bytes,
        .time_ns = time_ns,
        .window = tcp->window,
    };
}

/* What the frame of a segment tells, decoded again where that was long ago. */
static const struct recent_segment *told_by_frame(const struct trace *t, uint32_t i)
{
    const struct recent_segment *r = &t->recent->segments[i % RECENT_SEGMENTS];
    if (r->index != i) {
        struct frame frame = trace_segment_frame(t, i);
        struct packet p;
        packet_decode(&frame, &p);
        recent_keep(t->recent, i, frame.time_ns, &p.tcp);
    }
    return r;
}

size_t trace_segment_count(const struct trace *t)
{
    return t->segments.count;
}

uint32_t trace_segment_flow(const struct trace *t, uint32_t i, int *side)
{
    uint32_t flow_side = t->segments.at[i].flow_side;
    *side = flow_side & 1;
    return flow_side >> 1;
}

uint16_t trace_segment_flags(const struct trace *t, uint32_t i)
{
    return t->segments.at[i].flags;
}

bool trace_segment_again(const struct trace *t, uint32_t i)
{
    return t->segments.at[i].again;
}

static int64_t fate_time(const struct trace *t, uint32_t segment)
{
    return segment < t->fates.count ? t->fates.at[segment] : -1;
}

/* A segment's frame is as far behind its own number as there are frames before it that are none. */
static uint64_t frame_number(const struct trace *t, uint32_t segment)
{
    size_t low = 0, high = t->not_segments.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->not_segments.at[middle] - 1 - middle <= segment)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint64_t)segment + 1 + low;
}

struct segment trace_segment(const struct trace *t, uint32_t i)
{
    const struct segment_record *s = &t->segments.at[i];
    const struct recent_segment *told = told_by_frame(t, i);
    return (struct segment){
        .index = i,
        .time_ns = told->time_ns,
        .fate_ns = fate_time(t, i),
        .frame = frame_number(t, i),
        .flow = s->flow_side >> 1,
        .side = s->flow_side & 1,
        .fate = s->fate,
        .again = s->again,
        .corrupted = s->corrupted,
        .copied = s->copied,
        .flags = s->flags,
        .seq = told->seq,
        .ack = told->ack,
        .len = told->len,
        .window = told->window,
    };
}

struct frame trace_segment_frame(const struct trace *t, uint32_t segment)
{
    struct capture_frame frame = store_get(t->store, segment_at(&t->segments.at[segment]));
    return trace_frame(&frame);
}

struct copy trace_copy(const struct trace *t, uint32_t i)
{
    return t->copies.at[i];
}

const char *trace_segment_reason(const struct trace *t, uint32_t i)
{
    uint32_t string = keyed_find(&t->reasons, (struct key){.a = i});
    return string == KEYED_NONE ? NULL : t->strings.at[string];
}

/* ---- other packets, calls, notes -------------------------------------------------------- */

struct frame trace_other_frame(const struct trace *t, uint32_t other)
{
    struct capture_frame frame = store_get(t->store, t->others.at[other].at);
    return trace_frame(&frame);
}

struct other trace_other(const struct trace *t, uint32_t i)
{
    return (struct other){trace_other_frame(t, i).time_ns, t->others.at[i].frame};
}

size_t trace_call_count(const struct trace *t)
{
    return t->calls.count;
}

const struct call *trace_call(const struct trace *t, uint32_t i)
{
    return &t->calls.at[i];
}

size_t trace_kernel_count(const struct trace *t)
{
    return t->kernel.count;
}

const struct kernel_word *trace_kernel(const struct trace *t, uint32_t i)
{
    return &t->kernel.at[i];
}

const struct kernel_word *trace_kernel_at(const struct trace *t, uint32_t flow, int side,
                                          uint32_t event)
{
    size_t i = 0, n = t->kernel.count;
    for (size_t e = event; n > 0; e--) { /* the last word that stands before the event, or on it */
        struct trace_event m = trace_event(t, e);
        if (m.kind == TRACE_KERNEL) {
            i = m.index + 1;
            break;
        }
        if (e == 0)
            return NULL;
    }
    while (i-- > 0)
        if (t->kernel.at[i].flow == flow && t->kernel.at[i].side == side)
            return &t->kernel.at[i];
    return NULL;
}

const struct note *trace_note(const struct trace *t, uint32_t i)
{
    return &t->notes.at[i];
}

/* ---- state changes ---------------------------------------------------------------------- */

size_t trace_state_count(const struct trace *t)
{
    return t->states.count;
}

/* What caused a state change: the last moment before it that is none. */
static uint32_t cause_of(const struct trace *t, uint32_t i)
{
    size_t at = moments_find(t->moments, TRACE_STATE, i);
    struct trace_event e;
    do
        e = moments_at(t->moments, --at);
    while (e.kind == TRACE_STATE);
    return e.index;
}

static bool by_kernel(const struct state_record *s)
{
    return s->cause == CAUSE_TIMER || s->cause == CAUSE_CLOSE;
}

static uint32_t flow_of_cause(const struct trace *t, const struct state_record *s, uint32_t cause)
{
    if (s->cause == CAUSE_CALL)
        return TRACE_NONE;
    return by_kernel(s) ? t->kernel.at[cause].flow : t->segments.at[cause].flow_side >> 1;
}

static int64_t state_time(const struct trace *t, const struct state_record *s, uint32_t cause)
{
    if (s->cause == CAUSE_CALL)
        return t->calls.at[cause].exit_ns;
    if (by_kernel(s))
        return t->kernel.at[cause].time_ns;
    int64_t fell = fate_time(t, cause);
    if (s->cause == CAUSE_RECEIVED && fell >= 0)
        return fell;
    return told_by_frame(t, cause)->time_ns;
}

uint32_t trace_state_flow(const struct trace *t, uint32_t i)
{
    const struct state_record *s = &t->states.at[i];
    return flow_of_cause(t, s, cause_of(t, i));
}

struct state_change trace_state(const struct trace *t, uint32_t i)
{
    const struct state_record *s = &t->states.at[i];
    uint32_t cause = cause_of(t, i);
    bool by_call = s->cause == CAUSE_CALL;
    uint32_t flow = flow_of_cause(t, s, cause);
    enum tcp_state from = (enum tcp_state)s->from;
    return (struct state_change){
        .time_ns = state_time(t, s, cause),
        .flow = flow,
        .side = s->side,
        .host = by_call ? t->calls.at[cause].host : trace_host_of(t, flow, s->side),
        .from = from,
        .to = (enum tcp_state)s->to,
        .event = (enum tcp_event)s->event,
        .cause = (enum state_cause)s->cause,
        .cause_index = cause,
        .rule = tcp_transition(from, (enum tcp_event)s->event)->rule,
    };
}

/* ---- time ------------------------------------------------------------------------------- */

int64_t trace_time(const struct trace *t, size_t i)
{
    struct trace_event e = trace_event(t, i);
    switch (e.kind) {
    case TRACE_SEGMENT: return told_by_frame(t, e.index)->time_ns;
    case TRACE_DELIVERED:
    case TRACE_DROPPED: return fate_time(t, e.index);
    case TRACE_COPIED: return t->copies.at[e.index].time_ns;
    case TRACE_CALL_ENTER: return t->calls.at[e.index].enter_ns;
    case TRACE_CALL_EXIT: return t->calls.at[e.index].exit_ns;
    case TRACE_STATE: return state_time(t, &t->states.at[e.index], cause_of(t, e.index));
    case TRACE_KERNEL: return t->kernel.at[e.index].time_ns;
    case TRACE_CONSOLE:
    case TRACE_PROCESS:
    case TRACE_NOTE: return t->notes.at[e.index].time_ns;
    case TRACE_OTHER: return trace_other_frame(t, e.index).time_ns;
    case TRACE_KIND_COUNT: break;
    }
    return 0;
}

void trace_call_line(const struct call *c, struct text *out)
{
    if (!c->file || c->line <= 0)
        return;
    const char *slash = strrchr(c->file, '/');
    text_safe_str(out, slash ? slash + 1 : c->file);
    text_format(out, ":%d", c->line);
}

void trace_set_sources(struct trace *t, const char *folder, bool anywhere)
{
    free(t->sources);
    t->sources = folder ? xstrdup(folder) : NULL;
    t->sources_anywhere = anywhere;
}

const char *trace_sources(const struct trace *t, bool *anywhere)
{
    *anywhere = t->sources_anywhere;
    return t->sources;
}
