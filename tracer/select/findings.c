#include "tracer/select/findings.h"

#include "tracer/select/track.h"

#include <string.h>

/* tshark's names, without "tcp.analysis.". */
static const char *const names[] = {
    "retransmission",
    "fast_retransmission",
    "spurious_retransmission",
    "out_of_order",
    "lost_segment",
    "ack_lost_segment",
    "duplicate_ack",
    "zero_window",
    "zero_window_probe",
    "zero_window_probe_ack",
    "window_update",
    "window_full",
    "keep_alive",
    "keep_alive_ack",
    "reused_ports",
};
enum { NAMES = sizeof names / sizeof names[0] };

const char *select_finding_name(size_t finding)
{
    return finding < NAMES ? names[finding] : NULL;
}

bool select_finding(const char *name, size_t n, uint32_t *finding)
{
    static const char prefix[] = "tcp.analysis.";
    size_t skip = sizeof prefix - 1;
    if (n > skip && strncmp(name, prefix, skip) == 0) {
        name += skip;
        n -= skip;
    }
    for (uint32_t i = 0; i < NAMES; i++)
        if (strlen(names[i]) == n && strncmp(names[i], name, n) == 0) {
            *finding = i;
            return true;
        }
    return false;
}

bool select_found(const struct moment *m, uint32_t finding)
{
    const struct segment *s = &m->segment;
    bool plain = !(s->flags & (TCP_SYN | TCP_FIN | TCP_RST));
    if (!m->is_segment)
        return false;
    if (strcmp(names[finding], "retransmission") == 0)
        return s->again;
    if (strcmp(names[finding], "duplicate_ack") == 0)
        return track_dup(m->track, m->index) > 0;
    return strcmp(names[finding], "zero_window") == 0 && plain && s->window == 0;
}
