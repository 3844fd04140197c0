/* Is a checksum what its bytes add up to? Judged over the captured bytes, and with the ways of
 * network cards in mind: a packet that is captured where it is sent may not have its checksum yet.
 */
#ifndef TRACER_FIELDS_CHECKSUM_H
#define TRACER_FIELDS_CHECKSUM_H

#include "tracer/decode/packet.h"

enum sum_verdict {
    SUM_NONE, /* no such header here, or not its checksum */
    SUM_CORRECT,
    SUM_WRONG,
    SUM_PARTIAL,  /* the pseudo-header's sum alone: Linux leaves the rest to the card */
    SUM_EMPTY,    /* 0 where another value is due: left to the card by other systems */
    SUM_UNUSED,   /* UDP over IPv4 with 0: the sender computes none (RFC 768) */
    SUM_CUT,      /* not all of the bytes were captured */
    SUM_FRAGMENT, /* it covers the other fragments too */
    SUM_COUNT,
};

struct sum {
    enum sum_verdict verdict;
    uint16_t found;
    uint16_t expected; /* for SUM_WRONG, SUM_PARTIAL of a whole packet, and SUM_EMPTY */
};

/* The IPv4 header's; the TCP, UDP, ICMP or ICMPv6 header's. */
struct sum sum_ipv4_header(const struct packet *p);
struct sum sum_transport(const struct packet *p);

#endif
