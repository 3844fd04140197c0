/* The retransmission timeout, RFC 6298, as the capture lets us estimate it. */
#ifndef TRACER_TCP_RTO_H
#define TRACER_TCP_RTO_H

#include <stdint.h>

/* The RFC's floor is 1 s; kernels have a lower one, and Linux's is 200 ms. The lower one is used,
 * so that "RTO not reached" is true for all. Before the first round trip the RTO is 1 s. */
enum { RTO_LEAST_US = 200000, RTO_FIRST_US = 1000000 };

/* All zero is one that has seen no round trip. */
struct rto {
    uint32_t srtt_us, rttvar_us;
    uint32_t least_us; /* the shortest round trip */
    uint32_t now_us;   /* the timeout */
};

/* A round trip was measured. */
void rto_measure(struct rto *r, int64_t rtt_ns);

/* The timeout in microseconds; 0 where no round trip was seen. */
static inline uint32_t rto_us(const struct rto *r)
{
    return r->now_us;
}

#endif
