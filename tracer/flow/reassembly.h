/* One direction of a connection as a stream of bytes: which bytes of each segment are new.
 *
 * Segments are offered in the order in which they arrived. Each byte is new once: where segments
 * overlap, the first copy wins, whatever a later one holds (as a receiver that has acknowledged a
 * byte will not take another for it). Nothing is copied; the caller keeps the bytes. Memory is
 * bounded: this struct (16 KiB) is all there is, however long the stream and however hostile. Where
 * more than REASSEMBLY_HELD runs of bytes wait behind gaps, the oldest gap is given up, and what
 * comes for it later is not new.
 *
 * Offsets count from 0, the byte after the SYN, and go on past 2^32. */
#ifndef TRACER_FLOW_REASSEMBLY_H
#define TRACER_FLOW_REASSEMBLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REASSEMBLY_HELD = 1000 };

struct byte_range {
    uint64_t from, to; /* the byte at `to` is not in it */
};

/* All zero is a direction of which nothing was seen. */
struct reassembly {
    uint64_t next; /* every byte below it was seen, or given up */
    uint64_t end;  /* one past the highest byte seen */
    bool finished; /* a FIN was seen: the stream ends at fin_at */
    uint64_t fin_at;
    size_t held_count;
    struct byte_range held[REASSEMBLY_HELD]; /* above `next`, in order, with gaps between */
};

/* A segment's bytes on offer; `base` is the stream's offset of its first payload byte, which may
 * lie before the stream. */
struct offered {
    int64_t base;
    struct byte_range left;
};

/* Offer a segment: its sequence number relative to ISS (a SYN's is 0, the first byte's 1), whether
 * it carries SYN and FIN, its payload bytes. What no window can hold (more than 1 GiB ahead), what
 * lies before the stream and what follows its FIN is not taken. */
struct offered reassembly_offer(struct reassembly *r, uint32_t relative_seq, bool syn, bool fin,
                                uint32_t len);

/* The next run of its bytes that is new, which is seen from now on; false when there is none left.
 * `run->from - base` is where it stands in the payload. */
bool reassembly_next(struct reassembly *r, struct offered *o, struct byte_range *run);

#endif
