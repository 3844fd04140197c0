/* Private to the tcpdump line: from where its relative sequence numbers are counted.
 *
 * tcpdump's own rule, which is not that of our flows: a conversation is a pair of addresses and
 * ports, whichever way round; it is known from the first segment with ACK, and known anew from
 * every segment with ACK and SYN. That segment itself is printed with absolute numbers; the later
 * ones count from its sequence number, and from its acknowledgement number less one. */
#ifndef TRACER_PRINT_LINE_SEQ_H
#define TRACER_PRINT_LINE_SEQ_H

#include "tracer/decode/packet.h"

/* All zero is an empty table. */
struct line_seq_table {
    struct line_seq_entry *entries; /* (owned) */
    size_t count, entry_capacity;
    struct line_seq_slot {
        uint32_t entry; /* its index and one more; 0 where there is none */
        uint32_t hash;
    } * slots; /* (owned) open addressing, a power of two of them */
    size_t capacity;
    uint64_t seed; /* of its hash */
};

/* A direction of a conversation: it need not be looked up again for packets between the same
 * endpoints. */
#define LINE_SEQ_UNKNOWN UINT32_MAX

/* Look up the direction of a TCP packet; a new conversation has no numbers yet. */
uint32_t line_seq_find(struct line_seq_table *t, const struct packet *p);

/* A SYN has come, and an answer may, for which its conversation is looked up: the place where it
 * will be comes to the cache meanwhile. */
void line_seq_fetch(const struct line_seq_table *t, const struct packet *p);

/* The other direction of the same conversation. */
static inline uint32_t line_seq_return(uint32_t direction)
{
    return direction ^ 1;
}

/* The numbers of a segment as they are to be printed. */
struct line_seq {
    uint32_t seq, ack;
    uint32_t sack_base; /* what the edges of its SACK blocks count from */
};

/* The numbers of a segment with ACK, which the conversation learns from. */
struct line_seq line_seq_take(struct line_seq_table *t, uint32_t direction,
                              const struct tcp_header *tcp);
void line_seq_free(struct line_seq_table *t);

#endif
