/* Whether the wire's lateness decided what a host sent, rather than only when.
 *
 * Two of the kernels' timers are shorter than the lateness that a profile allows:
 * - A sender that learns by SACK of a gap sends the missing segment again when three segments
 * beyond it are told of, or when some time has passed without a third: a quarter of the least round
 * trip, and two ticks of its kernel (RFC 8985; since Linux 6.17 nothing turns that off).
 * - A receiver that may wait with its acknowledgement sends it when more data comes, or after 40 ms
 *   (RFC 9293, 3.8.6.3, has up to 500 ms; Linux's least).
 * Which of the two comes first is the network's doing, as long as the wire keeps its schedule.
 * Where the segment comes so late that the timer was first, and would have come in time by the
 * schedule, it is the machine's, and the run cannot be judged. */
#ifndef LABS_WIRE_PATIENCE_H
#define LABS_WIRE_PATIENCE_H

#include "tracer/decode/packet.h"
#include "tracer/flow/flow.h"

/* One end of a connection; each time stands beside how long the wire was behind up to then. */
struct patience_end {
    unsigned told;                 /* how many acknowledgements told it of a gap */
    int64_t told_ns, told_late_ns; /* when the last of them came */
    bool owes;                     /* it was sent data, and has acknowledged none since */
    int64_t got_ns, got_late_ns;   /* when the first of that came */
    int64_t delayed_ns;            /* when its timer acknowledged that; 0: it has not */
};

struct patience {
    int64_t delay_ns;  /* the wire's, each way; 0: nothing is judged */
    int64_t tick_ns;   /* the kernels' timers': what hangs on less hangs on them */
    int64_t waits_ns;  /* a sender may wait no longer than this */
    int64_t delays_ns; /* a receiver's timer does not acknowledge sooner than this */
    int64_t late_ns;   /* how long the wire was behind, all in all */
    int64_t late_from_ns, late_until_ns; /* of that, the last time without a break */
    struct flow_table *flows;            /* (owned) */
    struct patience_end *ends;           /* (owned) two a flow, by side */
    size_t end_count, end_cap;
    int64_t decided_ns; /* the longest lateness that decided; 0: none did */
};

/* `delay_ns` is the wire's, each way; `tick_ns` the kernels'. A wire without a delay of its own
 * promises no times, and nothing is judged. Freed by patience_free(). */
void patience_begin(struct patience *p, int64_t delay_ns, int64_t tick_ns);
void patience_free(struct patience *p);

/* A host sent a packet at `now_ns`. */
void patience_sent(struct patience *p, const struct packet *packet, int64_t now_ns);

/* A packet was delivered at `now_ns`, so much later than it was due. */
void patience_delivered(struct patience *p, const struct packet *packet, int64_t now_ns,
                        int64_t late_ns);

#endif
