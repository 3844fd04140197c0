#include "tracer/tcp/ordinary.h"

void ordinary_look_at_ack(const struct ordinary_view *v, uint32_t segment,
                          const struct analysis_facts *s, const struct flight_ack *acked,
                          int64_t last_ns, uint32_t least_rtt_us, struct analysis_result *out)
{
    struct look l; /* of which what is asked for is set */
    l.flags = out->flags;
    l.facts = s;
    l.segment = segment;
    l.sender = v->f;
    l.receiver = v->r;
    l.f.last_ns = last_ns;
    l.sent = v->own;
    l.acked = *acked;
    l.least_rtt_us = least_rtt_us;
    judge_ack(&l, out);
}

void analysis_take(struct analysis *a, uint32_t flow, uint32_t segment,
                   const struct analysis_facts *s, struct analysis_result *out)
{
    if (flow >= a->count || !ordinary_take(connection_at(a, flow), segment, s, false, out))
        analysis_take_any(a, flow, segment, s, out);
}
