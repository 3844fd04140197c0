/* Private to the analysis: what is kept of a connection, and what one segment looks like to it. */
#ifndef TRACER_TCP_CONNECTION_H
#define TRACER_TCP_CONNECTION_H

#include "tracer/tcp/analysis.h"
#include "tracer/tcp/flight.h"
#include "tracer/tcp/rto.h"

#include <assert.h>

/* Bits of a side. */
enum {
    SIDE_SEEN = 1,       /* a segment of it was seen: the fields below hold */
    SIDE_BASE_KNOWN = 2, /* `base` is set */
    SIDE_SYN_SENT = 4,
    SIDE_SYN_AGAIN = 8, /* its SYN was sent more than once: no round trip by Karn's rule */
    SIDE_FIN_SENT = 16,
    SIDE_FIN_ACKED = 32,
    SIDE_FIRST_ACK = 64,   /* its last segment was a SYN: the window in it is not scaled */
    SIDE_KEPT_ALIVE = 128, /* its last segment was a keep-alive */
    SIDE_PROBED = 256,     /* its last segment was a zero window probe */
    SIDE_HOLE = 512, /* a segment of it was missed and nothing acknowledged since: its bytes in
                        flight are not known */
};

/* Window scales below 0, as tshark has them. */
enum { SCALE_UNKNOWN = -1, SCALE_UNUSED = -2, SCALE_MAX = 14 };

/* A count of duplicate ACKs after the ACK of a segment that was never seen. */
enum { DUPLICATES_NEUTRAL = UINT16_MAX, DUPLICATES_MAX = UINT16_MAX - 1 };

/* One side, as tshark's rules need it: all zero is one that has not been seen. As there, a sequence
 * number of 0 stands for "not known". */
struct side {
    int64_t next_ns; /* when `next` was reached */
    int64_t last_ns; /* its last segment */
    uint32_t base;   /* its ISS, or a guess */
    uint32_t next;   /* one past the highest sequence number it sent */
    uint32_t top;    /* one past the highest that was seen without a gap */
    uint32_t ack;    /* its last acknowledgement */
    uint16_t window; /* its last one, before scaling */
    uint16_t duplicates;
    uint16_t bits;
    int8_t scale; /* of its windows */
};

/* What is kept of a side beyond that, from the connection's first answer until it has closed. */
struct detail {
    struct flight flight;
    struct rto rto;
    int64_t shut_ns;      /* since when its window is 0; 0 it is not */
    int64_t release_ns;   /* when a bare ACK of its last, small segment left it nothing in flight,
                             where that was the last to come; 0 none */
    uint32_t ack_segment; /* the segment that first acknowledged what it does now */
    uint16_t mss;         /* what it can take; 0 not said */
};

/* A segment with fewer bytes than this is a small one: a full one may carry 40 bytes of options
 * within the MSS that its receiver gave (RFC 9293, section 3.7.1). */
static inline uint32_t small_below(const struct detail *receiver)
{
    enum { DEFAULT_MSS = 536, OPTIONS_MOST = 40 };
    uint32_t mss = receiver->mss ? receiver->mss : DEFAULT_MSS;
    return mss > 2 * OPTIONS_MOST ? mss - OPTIONS_MOST : mss;
}

/* Bits of a connection. */
enum {
    CONNECTION_MIDSTREAM = 1,
    CONNECTION_ONE_SIDED = 2, /* was told */
    CONNECTION_CLOSED = 4,
    CONNECTION_RESET = 8,
};

struct connection {
    struct side sides[SIDE_COUNT];
    int64_t syn_ns;         /* the latest SYN without ACK; 0 none */
    int64_t irtt_ns;        /* 0 not known */
    struct detail *details; /* (owned) of both sides, or NULL */
    uint8_t completeness;
    uint8_t bits;
};

/* Connections lie in blocks, so that a million of them are not copied as they grow. */
enum { CONNECTION_BLOCK = 256 };

struct analysis {
    struct connection **blocks; /* (owned) */
    size_t block_cap;
    uint32_t count;
};

static inline struct connection *connection_at(const struct analysis *a, uint32_t i)
{
    return &a->blocks[i / CONNECTION_BLOCK][i % CONNECTION_BLOCK];
}

/* The flags that open and close. */
enum { TCP_CONTROLS = TCP_SYN | TCP_FIN | TCP_RST };

static_assert(sizeof(struct connection) <= 112, "a million connections fit");

/* From one stamp to another; stamps may be anything, so that the sum wraps where it must. */
static inline int64_t span_ns(int64_t from, int64_t to)
{
    return (int64_t)((uint64_t)to - (uint64_t)from);
}

/* One segment, its connection as it stood before, and what became of what was in flight. */
struct look {
    const struct analysis_facts *facts;
    const struct connection *previous; /* (borrowed) that had the ports before; or NULL */
    struct side *sender, *receiver;    /* (borrowed) both sides, by now */
    struct detail *sent, *received;    /* (borrowed) the details of both, by now; or NULL */
    struct side f, r;                  /* the sender's and the receiver's side, before */
    int64_t syn_ns;                    /* of the connection, before */
    int64_t shut_ns[SIDE_COUNT];       /* of its details, before: f's, r's */
    int64_t release_ns;                /* the same, f's */
    uint8_t bits;                      /* of the connection, before */
    bool first;                        /* the connection's first segment */
    uint32_t segment;                  /* its index */
    uint32_t end;                      /* one past its last byte; SYN or FIN count as one */
    uint32_t flags;                    /* tshark's, by rules_apply() */
    uint32_t rto_us, least_rtt_us;     /* the sender's RTO; the receiver's shortest round trip */
    struct flight_before before;       /* its bytes, before it was sent */
    struct flight_ack acked;           /* what it acknowledges */
};

/* One duplicate ACK of this side more. */
static inline void count_duplicate(struct side *f)
{
    if (f->duplicates == DUPLICATES_NEUTRAL)
        f->duplicates = 1;
    else if (f->duplicates < DUPLICATES_MAX)
        f->duplicates++;
}

/* tshark's rules: the flags of a segment from side `f` to side `r`. Takes it into both. `reused`:
 * it is the SYN of a connection on ports that another had. */
uint32_t rules_apply(struct connection *c, struct side *f, struct side *r,
                     const struct analysis_facts *s, bool reused);

/* One of them: a segment that ends where the window of its receiver ends. */
static inline bool rules_fills_window(const struct analysis_facts *s, const struct side *r)
{
    if (s->len == 0 || r->scale == SCALE_UNKNOWN)
        return false;
    int shift = (r->bits & SIDE_FIRST_ACK) || r->scale == SCALE_UNUSED ? 0 : r->scale;
    uint32_t window = r->bits & SIDE_SEEN ? (uint32_t)r->window << shift : UINT32_MAX << shift;
    return s->seq + s->len == r->ack + window;
}

/* Our findings: each flag with its numbers, and what we see beside them. */
void judge(const struct look *l, struct analysis_result *out);

/* What it may find in an ACK by itself: that it is a duplicate, that it tells of bytes that came
 * twice, that it came late. Of the look it asks for the flags, the facts, the segment, both sides,
 * when the sender's last one was, its details, what was acknowledged, and the shortest round trip
 * before. */
void judge_ack(const struct look *l, struct analysis_result *out);

/* How much later than the path takes an ACK must come to be called delayed; one that took less in
 * all is not. */
enum { DELAYED_AT_LEAST_US = 30000 };
static inline bool took_long(const struct flight_ack *acked)
{
    return acked->wait_ns / 1000 >= DELAYED_AT_LEAST_US;
}

/* RFC 2883, section 4: the first block tells of bytes that came twice where it lies below the ACK,
 * or within the second. */
static inline bool tells_of_twice(const struct analysis_facts *f)
{
    const struct sack_block *s = f->sacks;
    if (f->sack_count == 0)
        return false;
    bool within = f->sack_count > 1 && seq_ge(s[0].from, s[1].from) && seq_le(s[0].to, s[1].to);
    return within || seq_le(s[0].to, f->ack);
}

/* Take a segment of a connection as analysis_take() does, by every rule. */
void analysis_take_any(struct analysis *a, uint32_t flow, uint32_t segment,
                       const struct analysis_facts *s, struct analysis_result *out);

#endif
