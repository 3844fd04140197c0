/* What TCP segments mean together: tshark's tcp.analysis flags by tshark 4.0's rules, our own
 * findings beside them, round trips, the RTO, bytes in flight.
 *
 * Segments are fed one at a time in the order of the capture, each with the index of its
 * connection. Memory is about 110 bytes a connection; one that carries data has more while it is
 * open, bounded by the segments in flight (at most 4096 a direction are remembered). */
#ifndef TRACER_TCP_ANALYSIS_H
#define TRACER_TCP_ANALYSIS_H

#include "tracer/decode/packet.h"
#include "tracer/flow/flow.h"
#include "tracer/tcp/finding.h"

#include <stdbool.h>
#include <stdint.h>

struct analysis_facts {
    int64_t time_ns;
    uint32_t seq, ack, len;
    uint16_t flags, window; /* TCP_ bits; the window as it stands in the header */
    uint8_t side;           /* SIDE_ of the sender */
    bool options_cut;       /* not all options were captured */
    bool has_mss, has_window_scale;
    uint8_t window_scale;
    uint16_t mss;
    uint32_t previous; /* the connection that had these ports before, or FLOW_NONE */
    unsigned sack_count;
    struct sack_block sacks[SACK_BLOCKS_MAX];
};

/* tcp.completeness: what of a connection's life was seen. */
enum {
    COMPLETENESS_SYN = 1,
    COMPLETENESS_SYN_ACK = 2,
    COMPLETENESS_ACK = 4,
    COMPLETENESS_DATA = 8,
    COMPLETENESS_FIN = 16,
    COMPLETENESS_RST = 32,
};

enum { ANALYSIS_FINDINGS_MAX = 8 };

/* What one segment means. */
struct analysis_result {
    uint32_t flags;        /* FINDING_BIT()s of the kinds that tshark has */
    uint8_t completeness;  /* of the connection so far */
    bool in_flight_known;  /* by data segments alone */
    uint32_t in_flight;    /* bytes sent by its sender, and neither acknowledged nor SACKed */
    uint32_t window_bytes; /* the window it offers, scaled where the scale is known */
    int64_t rtt_ns;        /* the round trip that its ACK ends, by Karn's rule; else -1 */
    int64_t irtt_ns;       /* from the SYN to the ACK that completes the handshake; else -1 */
    uint32_t rto_us;       /* its sender's RTO after it (RFC 6298), 0 until a round trip was seen */
    unsigned count;
    struct finding findings[ANALYSIS_FINDINGS_MAX]; /* the first `count` are filled in */
};

/* What is known of a connection by now. */
struct analysis_connection {
    uint8_t completeness;
    bool midstream;  /* its SYN was not seen */
    bool one_sided;  /* one direction only was captured */
    bool closed;     /* both FINs were acknowledged, or a RST ended it */
    int64_t irtt_ns; /* or -1 */
    struct {
        bool seen;                /* any segment of it */
        int window_scale;         /* -1 unknown, -2 not used (by either) */
        uint32_t srtt_us, rto_us; /* while it is open; 0 where not known */
    } sides[SIDE_COUNT];
};

struct analysis;

struct analysis *analysis_new(void);
void analysis_free(struct analysis *a);

/* The facts of a TCP packet that `side` of `flow` sent. */
void analysis_facts(const struct packet *p, const struct flow *flow, int side,
                    struct analysis_facts *out);

/* The same of a segment that was read by itself. */
static inline void analysis_facts_of_segment(const struct plain_segment *s, int64_t time_ns,
                                             const struct flow *flow, int side,
                                             struct analysis_facts *out)
{
    out->time_ns = time_ns;
    out->seq = s->seq;
    out->ack = s->ack;
    out->len = s->payload_bytes;
    out->flags = s->flags;
    out->window = s->window;
    out->side = (uint8_t)side;
    out->options_cut = out->has_mss = out->has_window_scale = false;
    out->window_scale = 0;
    out->mss = 0;
    out->previous = flow->previous;
    out->sack_count = plain_sack_blocks(s, out->sacks);
}

/* Take the segment of this index, of connection `flow` (an index that counts up from 0). */
void analysis_take(struct analysis *a, uint32_t flow, uint32_t segment,
                   const struct analysis_facts *facts, struct analysis_result *out);

/* What is known of a connection. */
void analysis_connection(const struct analysis *a, uint32_t flow, struct analysis_connection *out);

#endif
