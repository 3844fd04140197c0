/* Whether the wire's lateness decided what a host sent again.
 *
 * A sender that learns by SACK of a gap sends the missing segment again when three segments beyond
 * it are told of, or when some time has passed without a third: a quarter of the least round trip,
 * and two ticks of its kernel (RFC 8985; since Linux 6.17 nothing turns that off). Which of the two
 * comes first is the network's doing, as long as the wire keeps its schedule. Where one of those
 * acknowledgements comes so late that the sender may have waited no longer, and would have come in
 * time by the schedule, it is the machine's, and the run cannot be judged. */
#ifndef LABS_WIRE_PATIENCE_H
#define LABS_WIRE_PATIENCE_H

#include "tracer/decode/packet.h"
#include "tracer/flow/flow.h"

struct gap {
    unsigned told;   /* how many acknowledgements told of it */
    int64_t told_ns; /* when the last of them came */
    int64_t late_ns; /* by how much the wire fell behind since */
};

struct patience {
    int64_t waits_ns;         /* a sender may wait no longer than this; 0: nothing is judged */
    struct flow_table *flows; /* (owned) */
    struct gap *gaps;         /* (owned) two a flow, by the side that learns of it */
    size_t gap_count, gap_cap;
    size_t open;        /* gaps that are watched */
    int64_t decided_ns; /* the longest lateness that decided; 0: none did */
};

/* `delay_ns` is the wire's, each way; `tick_ns` the kernels'. A wire without a delay of its own
 * promises no times, and nothing is judged. Freed by patience_free(). */
void patience_begin(struct patience *p, int64_t delay_ns, int64_t tick_ns);
void patience_free(struct patience *p);

/* A packet was delivered at `now_ns`, so much later than it was due. */
void patience_delivered(struct patience *p, const struct packet *packet, int64_t now_ns,
                        int64_t late_ns);

#endif
