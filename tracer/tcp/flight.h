/* The segments of one direction that are in flight: sent, and not acknowledged yet. The SACK
 * scoreboard, Karn's rule and the question "was this sent before, and when?" all ask it.
 *
 * Entries lie in order of sequence number and do not overlap. One has its place in the struct, more
 * are allocated while they are needed; at most FLIGHT_MAX are remembered, and the oldest is then
 * given up. */
#ifndef TRACER_TCP_FLIGHT_H
#define TRACER_TCP_FLIGHT_H

#include "tracer/decode/packet.h"
#include "tracer/tcp/seq.h"

#include <stdbool.h>
#include <stdint.h>

enum { FLIGHT_MAX = 4096 };

struct flight_entry {
    uint32_t seq, end; /* SYN and FIN count as one */
    int64_t time_ns;   /* when it was sent last */
    uint32_t segment;  /* the segment that sent it last */
    uint16_t times;    /* how often it was sent */
    uint16_t sacked;   /* 0: it was not SACKed; else it was, and so many less one right behind it */
};

/* All zero is an empty one. */
struct flight {
    struct flight_entry one;
    struct flight_entry *more; /* (owned) or NULL: then `one` is all */
    uint16_t first, count, cap;
    bool overflowed; /* something was given up: sums are not known */
    uint32_t sacked_bytes;
    uint16_t
        sacked_at[SACK_BLOCKS_MAX]; /* perhaps the first entries of the blocks of the last SACK */
};

/* What was known of the bytes that a segment carries, before it was sent. */
struct flight_before {
    bool sent;       /* some of them had been sent */
    bool sacked;     /* all of them had been SACKed */
    bool beyond;     /* bytes after them had been SACKed */
    uint16_t times;  /* how often the first of them had been sent */
    int64_t time_ns; /* when, the last time, and by which segment */
    uint32_t segment;
};

void flight_free(struct flight *f);

/* Ask what is known of [seq, end). */
struct flight_before flight_before(const struct flight *f, uint32_t seq, uint32_t end);

/* What an ACK acknowledged. */
struct flight_ack {
    int64_t
        rtt_ns; /* of the last segment that it acknowledges whole; -1 where there is none, or by
                   Karn's rule may be none: what was sent twice, or SACKed before, does not tell */
    int64_t wait_ns;     /* since that segment was sent, whatever Karn's rule says; or -1 */
    uint32_t bytes;      /* of the segments acknowledged whole */
    uint32_t last_bytes; /* of the last of them */
    unsigned segments;
};

/* Nothing was. */
static const struct flight_ack flight_nothing_acked = {.rtt_ns = -1, .wait_ns = -1};

/* A SACK block was received, so many behind the first one of its segment. */
void flight_sacked(struct flight *f, unsigned place, uint32_t from, uint32_t to);

/* How many entries there are, and each, the oldest first (borrowed until the next change). */
static inline unsigned flight_count(const struct flight *f)
{
    return f->count;
}

static inline const struct flight_entry *flight_at(const struct flight *f, unsigned i)
{
    return f->more ? &f->more[f->first + i] : &f->one;
}

/* A segment that carries [seq, end), seq < end, was sent: behind all that was before, or not. */
void flight_sent_new(struct flight *f, uint32_t seq, uint32_t end, int64_t time_ns,
                     uint32_t segment);
void flight_sent_old(struct flight *f, uint32_t seq, uint32_t end, int64_t time_ns,
                     uint32_t segment);
static inline void flight_sent(struct flight *f, uint32_t seq, uint32_t end, int64_t time_ns,
                               uint32_t segment)
{
    if (f->count == 0 || seq_le(flight_at(f, f->count - 1u)->end, seq))
        flight_sent_new(f, seq, end, time_ns, segment);
    else
        flight_sent_old(f, seq, end, time_ns, segment);
}

/* Some of an entry's bytes stand before `ack`. */
static inline bool flight_is_acked(const struct flight_entry *e, uint32_t ack)
{
    return seq_lt(e->seq, ack) || seq_le(e->end, ack);
}

/* Everything before `ack` was acknowledged, where there is anything. */
void flight_acked_some(struct flight *f, uint32_t ack, int64_t time_ns, struct flight_ack *out);
static inline void flight_acked(struct flight *f, uint32_t ack, int64_t time_ns,
                                struct flight_ack *out)
{
    *out = flight_nothing_acked;
    if (f->count > 0 && flight_is_acked(flight_at(f, 0), ack))
        flight_acked_some(f, ack, time_ns, out);
    if (f->count == 0)
        f->overflowed = false;
}

/* Bytes in flight that were not SACKed; false where that is not known. */
static inline bool flight_bytes(const struct flight *f, uint32_t *bytes)
{
    if (f->count == 0 || f->overflowed)
        return false;
    *bytes = flight_at(f, f->count - 1u)->end - flight_at(f, 0)->seq - f->sacked_bytes;
    return true;
}

#endif
