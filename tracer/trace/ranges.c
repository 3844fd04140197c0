/* Where in the trace a connection is, so that no view need look for it through all of a long one.
 */
#include "tracer/trace/model.h"

uint32_t trace_states_before(const struct trace *t, size_t i)
{
    return moments_before(t->moments, TRACE_STATE, i);
}

struct trace_range trace_flow_segments(const struct trace *t, uint32_t flow)
{
    const struct flow_life *life = &t->lives.at[flow];
    return (struct trace_range){life->first_segment, (size_t)life->last_segment + 1};
}

/* Changes of state stand right behind the segment that caused them: before the next one. */
struct trace_range trace_flow_range(const struct trace *t, uint32_t flow)
{
    struct trace_range all = {0, moments_count(t->moments)};
    if (t->session.present || t->notes.count > 0 || t->calls.count > 0)
        return all;
    struct trace_range segments = trace_flow_segments(t, flow), range = all;
    range.from = moments_find(t->moments, TRACE_SEGMENT, (uint32_t)segments.from);
    if (segments.to < t->segments.count)
        range.to = moments_find(t->moments, TRACE_SEGMENT, (uint32_t)segments.to);
    return range;
}

uint32_t trace_syn_of(const struct trace *t, uint32_t flow, int side)
{
    struct trace_range range = trace_flow_segments(t, flow);
    if (!trace_flow(t, flow)->iss_known[side])
        return TRACE_NONE;
    for (size_t i = range.from; i < range.to; i++)
        if (t->segments.at[i].flow_side == (flow << 1 | (uint32_t)side) &&
            t->segments.at[i].flags & TCP_SYN)
            return (uint32_t)i;
    return TRACE_NONE;
}
