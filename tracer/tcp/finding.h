/* What the analysis finds in a segment, the numbers that explain it, and the words for both.
 *
 * The first kinds are those of tshark's tcp.analysis fields, by the same rules and under the same
 * names; the others are our own. One segment may have several findings. */
#ifndef TRACER_TCP_FINDING_H
#define TRACER_TCP_FINDING_H

#include "tracer/base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum finding_kind {
    /* tshark's, as tcp.analysis.NAME */
    FINDING_RETRANSMISSION,
    FINDING_FAST_RETRANSMISSION,
    FINDING_SPURIOUS_RETRANSMISSION,
    FINDING_OUT_OF_ORDER,
    FINDING_LOST_SEGMENT,
    FINDING_ACK_LOST_SEGMENT,
    FINDING_DUPLICATE_ACK,
    FINDING_ZERO_WINDOW,
    FINDING_ZERO_WINDOW_PROBE,
    FINDING_ZERO_WINDOW_PROBE_ACK,
    FINDING_WINDOW_UPDATE,
    FINDING_WINDOW_FULL,
    FINDING_KEEP_ALIVE,
    FINDING_KEEP_ALIVE_ACK,
    FINDING_REUSED_PORTS,
    FINDING_TSHARK_COUNT,

    /* our own */
    FINDING_TIMEOUT = FINDING_TSHARK_COUNT, /* sent again because the RTO was over */
    FINDING_D_SACK,                         /* the receiver says that it has these bytes twice */
    FINDING_SACK_IGNORED,       /* sent again though the receiver had reported it by SACK */
    FINDING_DISPUTED,           /* tshark's verdict is another than ours */
    FINDING_REFUSED,            /* a RST in answer to a SYN */
    FINDING_RESET,              /* any other RST that ends a connection */
    FINDING_HALF_OPEN,          /* one end holds a connection of which the other knows nothing */
    FINDING_SIMULTANEOUS_OPEN,  /* both ends sent a SYN */
    FINDING_SIMULTANEOUS_CLOSE, /* both ends sent a FIN before they had the other's */
    FINDING_TIME_WAIT_REUSE,    /* the ports of a connection that may be in TIME-WAIT */
    FINDING_SEQUENCE_WRAP,      /* the sequence numbers go past 2^32 */
    FINDING_MIDSTREAM,          /* the capture begins in the middle of the connection */
    FINDING_ONE_SIDED,          /* only one direction was captured */
    FINDING_DELAYED_ACK,        /* the receiver waited before it acknowledged */
    FINDING_NAGLE,              /* a small segment waited for the ACK of the one before */
    FINDING_KIND_COUNT,
};

/* The bit of a kind in a set of them. */
#define FINDING_BIT(kind) (UINT32_C(1) << (kind))

enum finding_severity { FINDING_FAULT, FINDING_WORTH_KNOWING, FINDING_SEVERITY_COUNT };

#define FINDING_NONE UINT32_MAX

/* Why it was sent again, in our own judgement. */
enum finding_why {
    WHY_NOT_KNOWN,
    WHY_RTO,        /* the retransmission timeout was over */
    WHY_NO_ANSWER,  /* a SYN that nobody answered */
    WHY_DUPLICATES, /* three duplicate ACKs, or bytes beyond it SACKed (RFC 5681, RFC 6675) */
    WHY_FEW,        /* fewer duplicate ACKs than that, and no SACK */
    WHY_PROBE,      /* before the RTO, and nothing told of a loss: a tail loss probe (RFC 8985) */
    WHY_LATE,       /* these bytes were not seen before: late, or reordered, not sent again */
    FINDING_WHY_COUNT,
};

/* One finding. What a number means is the kind's to say; one that is not known is 0, or what is
 * written beside it. */
struct finding {
    uint32_t segment; /* the one it is about */
    uint32_t other;   /* the segment it refers to (the original, the first ACK), or FINDING_NONE */
    int64_t wait_ns;  /* since that one; -1 where not known */
    uint32_t seq;     /* the sequence number at stake, relative to its sender's ISS */
    uint32_t bytes;   /* bytes, or a window */
    uint32_t rto_us;  /* the sender's RTO then, as estimated */
    uint16_t count;   /* duplicate ACKs, times sent */
    uint8_t kind;     /* enum finding_kind */
    uint8_t why;      /* enum finding_why */
};

/* "fast_retransmission": tshark's name without the prefix, or our own in its manner. */
const char *finding_name(enum finding_kind kind);

/* The kind of a name; false where there is none. */
bool finding_by_name(const char *name, enum finding_kind *kind);

/* A few words for people: "fast retransmission". */
const char *finding_title(enum finding_kind kind);

enum finding_severity finding_severity(enum finding_kind kind);
const char *finding_severity_name(enum finding_severity severity);

/* Append the reason as a plain sentence without a full stop: "sent again 213 ms later; 3 duplicate
 * ACKs for 2001 had come; RTO not reached". */
void finding_reason(const struct finding *f, struct text *out);

#endif
