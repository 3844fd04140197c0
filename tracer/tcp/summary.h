/* Every connection of a capture in figures: how much each side sent, how much of it twice, its
 * round trips and windows. Built from the segments one by one; what the analysis says of each is
 * counted. Nothing is kept of a segment. */
#ifndef TRACER_TCP_SUMMARY_H
#define TRACER_TCP_SUMMARY_H

#include "tracer/flow/flow.h"
#include "tracer/tcp/analysis.h"

/* What one side of a connection sent. What every segment changes stands in front, close together.
 */
struct side_summary {
    int64_t last_ns;
    int64_t idle_ns; /* the longest time between two of its segments */
    int64_t last_data_ns;
    uint64_t bytes; /* of payload, what was sent again included */
    uint64_t window_sum_bytes;
    uint32_t segments, data_segments;
    uint32_t acks, bare_acks; /* segments with an ACK; with nothing else */
    uint32_t windows, window_least_bytes, window_most_bytes; /* SYN and RST apart */
    uint32_t largest_bytes, smallest_bytes;                  /* of segments with payload */
    uint32_t pushed;                                         /* segments with data and PSH */
    bool acknowledged;                                       /* some of its data */
    uint32_t rtts, rtt_least_us, rtt_most_us; /* of its segments, until they were acknowledged */
    uint64_t rtt_sum_us;
    double rtt_squares; /* the sum of the squares of the round trips, in microseconds */

    uint64_t again_bytes; /* of its bytes, in retransmissions */
    int64_t first_ns, first_data_ns;
    uint64_t cut_bytes;    /* of payload that were not captured */
    uint64_t urgent_bytes; /* by the urgent pointers */
    uint32_t again_segments;
    uint32_t out_of_order, duplicate_acks, zero_windows, sack_segments;
    uint32_t urgent;          /* segments with URG */
    uint32_t cut_segments;    /* of which payload was not captured */
    uint32_t d_sacks, probes; /* segments that report a duplicate; of a zero window */
    uint32_t first_flight_bytes, first_flight_segments; /* before any of them was acknowledged */
    uint32_t first_data_seq;                            /* once there is data */
    uint32_t fin_seq; /* where its stream ends, once there are FINs */
    uint32_t syns, fins;
    uint16_t mss;                    /* as its SYN said; 0 where it did not */
    uint8_t sack_blocks_most;        /* in one of its segments */
    bool sack_permitted, timestamps; /* as its SYN said */
};

struct connection_summary {
    int64_t first_ns, last_ns;
    struct side_summary *sides[SIDE_COUNT]; /* (borrowed) NULL where it has sent nothing yet */
};

struct summary;

struct summary *summary_new(void);
void summary_free(struct summary *s);

/* Microseconds from one stamp to another, 0 where they do not stand in this order. */
uint64_t summary_us(int64_t from_ns, int64_t to_ns);

/* How many bytes its stream has, from SYN to FIN, and how many of them the capture lacks; false
 * where it does not hold both. `iss` is the SYN's sequence number. */
bool summary_stream(const struct side_summary *d, uint32_t iss, uint64_t *bytes,
                    uint64_t *missed_bytes);

/* Take a packet, in the order of the capture; other packets than TCP segments are only counted. */
void summary_take(struct summary *s, const struct packet *p);

/* The same of a frame that has not been decoded: most need not be, for that. */
void summary_take_frame(struct summary *s, const struct frame *frame);

/* How many connections there are; one of them (borrowed), what a side of it sent, be it nothing,
 * and who it is between. */
uint32_t summary_count(const struct summary *s);
const struct connection_summary *summary_at(const struct summary *s, uint32_t i);
const struct side_summary *summary_side(const struct connection_summary *c, int side);
const struct flow *summary_flow(const struct summary *s, uint32_t i);
void summary_analysis(const struct summary *s, uint32_t i, struct analysis_connection *out);

/* Packets that were no TCP segments. */
uint64_t summary_others(const struct summary *s);

#endif
