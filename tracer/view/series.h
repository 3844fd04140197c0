/* What the plots are drawn of: one connection's bytes in one direction, as its sender saw them go
 * and their acknowledgements come back. Pure, but for the trace that it reads.
 *
 * In a session a segment is sent and delivered at two moments: here the data stands at the time it
 * was sent, an acknowledgement at the time it arrived. A plain capture has one moment for each.
 *
 * Sixteen bytes an item; what follows from its neighbours (bytes in flight, round-trip times) is
 * worked out anew by each walk. Sequence numbers are relative to the ISS, and go on counting past
 * 2^32. */
#ifndef TRACER_VIEW_SERIES_H
#define TRACER_VIEW_SERIES_H

#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an item is, and what is known of it. */
enum {
    SERIES_ACK = 0x01, /* an acknowledgement that came back; else a segment that was sent */
    SERIES_SYN = 0x02,
    SERIES_FIN = 0x04,
    SERIES_RST = 0x08,
    SERIES_AGAIN = 0x10,  /* sent: all of it was sent before */
    SERIES_LOST = 0x20,   /* sent: the wire dropped it */
    SERIES_TWICE = 0x40,  /* sent: some of it was sent again before it was acknowledged */
    SERIES_SACK = 0x10,   /* ACK: with selective acknowledgements */
    SERIES_REPEAT = 0x20, /* ACK: a duplicate, while bytes were in flight */
    SERIES_ZERO = 0x40,   /* ACK: the window is closed */
};

#define SERIES_UNKNOWN INT64_MIN

/* What holds between two items. */
struct series_state {
    int64_t time_ns; /* of the item before */
    int64_t sent;    /* the highest sequence number sent, and one */
    int64_t acked;   /* the highest acknowledged */
    int64_t window;  /* the peer's, scaled; unknown also where its scale was not seen */
    int64_t sacked;  /* bytes beyond it that the last ACK reported */
    int64_t around;  /* what the next number is measured from */
    uint32_t oldest; /* item: the first that may hold bytes in flight */
};

enum { SCALE_NONE = -1, SCALE_UNSEEN = -2 };

struct series_item;
struct series_block;
struct series_sacked;

struct series {
    const struct trace *trace;   /* (borrowed) */
    uint32_t flow;               /* TRACE_NONE: none, and no items */
    int side;                    /* of the sender */
    uint32_t count;              /* items */
    uint32_t base;               /* the sequence number that counts as 0 */
    int scale[SIDE_COUNT];       /* that each side's SYN offered, or SCALE_ */
    bool acks, data;             /* whether there is any of each */
    uint32_t changes;            /* grows with each item, and with what is learnt of old ones */
    size_t taken;                /* events of the trace that were looked at */
    struct series_state now;     /* after the last item */
    uint16_t last_window;        /* as it stood in the last acknowledgement */
    struct series_item **chunks; /* (owned), each of them too */
    size_t chunk_count, chunk_cap;
    struct series_block *blocks; /* (owned): where a walk can begin */
    size_t block_count, block_cap;
    struct series_sacked *sacked; /* (owned): of the ACKs that report any */
    size_t sacked_count, sacked_cap;
};

/* Begin, without items; take in what the trace has gained, for so long at the most, true where any
 * of it belongs; free. */
void series_begin(struct series *s, const struct trace *trace, uint32_t flow, int side);
bool series_update(struct series *s, int64_t budget_ns);
void series_free(struct series *s);

/* One item, with what follows from those before it. */
struct series_point {
    uint32_t item, event; /* event: of the trace */
    int flags;            /* SERIES_ */
    int64_t time_ns;
    int64_t from, to; /* sent: first sequence number and the one after; ACK: both what it says */
    int64_t gained;   /* sent: payload bytes; ACK: bytes it is the first to acknowledge */
    int64_t edge;     /* how far the sender may go, or unknown */
    int64_t window;   /* the same as a window */
    int64_t flight;   /* bytes in flight after it; what was reported as arrived is not */
    int64_t rtt_ns; /* ACK: since the segment it answers was sent; -1: none, or sent twice (Karn) */
};

struct series_walk {
    const struct series *series;
    uint32_t next;    /* item */
    size_t block;     /* that it is in */
    size_t old_block; /* that the oldest is in */
    size_t sacked;    /* the next of the ACKs that report any */
    struct series_state state;
};

/* Several items together, or one: what they reach from and to. */
struct series_extent {
    int64_t low, high; /* INT64_MAX and INT64_MIN where there is nothing */
};

struct series_span {
    uint32_t count;            /* items */
    int64_t from_ns, to_ns;    /* their times */
    struct series_extent sent; /* sequence numbers, of what was not sent again */
    struct series_extent acked, edge, window, flight, rtt_ns;
    int64_t sent_bytes, acked_bytes; /* series_point's `gained` */
    struct series_point sign;        /* the gravest of them */
};

/* How fine a walk by spans is to be. */
struct series_columns {
    int64_t first_ns; /* where a column begins */
    double each_ns;   /* 0: all is one column */
    int64_t to_ns;    /* the last moment */
    bool strict;      /* a span keeps to one column; else it is not longer than one */
};

/* Bytes in flight, or unknown. */
int64_t series_flight(const struct series_state *st);

/* Walk from an item on; false where there is no further one. */
struct series_walk series_walk(const struct series *s, uint32_t item);
bool series_next(struct series_walk *w, struct series_point *p);

/* The same by many items at once where they are near each other; false also past `to_ns`. */
bool series_next_span(struct series_walk *w, const struct series_columns *c,
                      struct series_span *span);

/* One item alone; its event alone, which costs less; the first item at or after a time, or an event
 * of the trace (count: none). */
struct series_point series_at(const struct series *s, uint32_t item);
uint32_t series_event(const struct series *s, uint32_t item);
uint32_t series_find_time(const struct series *s, int64_t time_ns);
uint32_t series_find_event(const struct series *s, uint32_t event);

/* The selective acknowledgements in the segment of an event, as numbers near `near` (the item's).
 * Returns how many were written to `blocks`. */
enum { SERIES_SACK_MAX = 4 };
struct series_range {
    int64_t from, to;
};
int series_sacks(const struct series *s, uint32_t event, int64_t near,
                 struct series_range blocks[SERIES_SACK_MAX]);

#endif
