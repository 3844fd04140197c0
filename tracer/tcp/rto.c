#include "tracer/tcp/rto.h"

/* No round trip is taken to be longer than this: the sums below stay in their types. */
enum { RTT_MOST_US = 120 * 1000000 };

/* (2.2) and (2.3): RTTVAR first, by the old SRTT. */
static void take(struct rto *r, uint32_t rtt)
{
    if (r->srtt_us == 0) {
        *r = (struct rto){.srtt_us = rtt, .rttvar_us = rtt / 2, .least_us = rtt};
        return;
    }
    uint32_t apart = rtt > r->srtt_us ? rtt - r->srtt_us : r->srtt_us - rtt;
    r->rttvar_us = (uint32_t)((3ull * r->rttvar_us + apart) / 4);
    r->srtt_us = (uint32_t)((7ull * r->srtt_us + rtt) / 8);
    if (r->srtt_us == 0)
        r->srtt_us = 1;
    if (rtt < r->least_us)
        r->least_us = rtt;
}

void rto_measure(struct rto *r, int64_t rtt_ns)
{
    int64_t us = rtt_ns / 1000;
    if (us < 1)
        us = 1;
    if (us > RTT_MOST_US)
        us = RTT_MOST_US;
    take(r, (uint32_t)us);
    uint32_t rto = r->srtt_us + 4 * r->rttvar_us;
    r->now_us = rto < RTO_LEAST_US ? RTO_LEAST_US : rto;
}
