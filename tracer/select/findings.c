#include "tracer/select/findings.h"

#include <string.h>

bool select_finding(const char *name, size_t n, enum finding_kind *kind)
{
    static const char prefix[] = "tcp.analysis.";
    size_t skip = sizeof prefix - 1;
    char word[48];
    if (n > skip && strncmp(name, prefix, skip) == 0) {
        name += skip;
        n -= skip;
    }
    if (n >= sizeof word)
        return false;
    memcpy(word, name, n);
    word[n] = '\0';
    return finding_by_name(word, kind);
}

/* As in tshark a fast or a needless retransmission is a retransmission too, and the ACK of a probe
 * tells of a zero window. */
static bool is_a(enum finding_kind have, enum finding_kind kind)
{
    return have == kind ||
           (kind == FINDING_RETRANSMISSION &&
            (have == FINDING_FAST_RETRANSMISSION || have == FINDING_SPURIOUS_RETRANSMISSION)) ||
           (kind == FINDING_ZERO_WINDOW && have == FINDING_ZERO_WINDOW_PROBE_ACK);
}

const struct finding *select_found(const struct moment *m, enum finding_kind kind)
{
    size_t first;
    if (!m->is_segment)
        return NULL;
    size_t n = trace_findings_of(m->trace, m->index, &first);
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = trace_finding(m->trace, first + i);
        if (is_a((enum finding_kind)f->kind, kind))
            return f;
    }
    return NULL;
}
