#include "tracer/trace/model.h"

#include "tracer/base/alloc.h"

void trace_analyse(struct trace *t, uint32_t segment, const struct packet *p,
                   const struct flow *flow, int side)
{
    if (!t->analysis)
        return;
    struct analysis_facts facts;
    struct analysis_result result;
    analysis_facts(p, flow, side, &facts);
    analysis_take(t->analysis, flow->index, segment, &facts, &result);
    for (unsigned i = 0; i < result.count; i++)
        VECTOR_ADD(t->findings, result.findings[i]);
}

void trace_without_findings(struct trace *t)
{
    analysis_free(t->analysis);
    t->analysis = NULL;
}

size_t trace_finding_count(const struct trace *t)
{
    return t->findings.count;
}

const struct finding *trace_finding(const struct trace *t, size_t i)
{
    return &t->findings.at[i];
}

size_t trace_findings_of(const struct trace *t, uint32_t segment, size_t *first)
{
    size_t low = 0, high = t->findings.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->findings.at[middle].segment < segment)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < t->findings.count && t->findings.at[end].segment == segment)
        end++;
    *first = low;
    return end - low;
}

void trace_connection(const struct trace *t, uint32_t flow, struct analysis_connection *out)
{
    if (t->analysis)
        analysis_connection(t->analysis, flow, out);
    else
        *out = (struct analysis_connection){.irtt_ns = -1};
}
