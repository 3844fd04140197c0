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
    struct line_seq_entry *entries; /* (owned) open addressing, a power of two of them */
    size_t capacity, count;
    uint64_t seed; /* of its hash */
};

/* The numbers of a segment as they are to be printed. */
struct line_seq {
    uint32_t seq, ack;
    uint32_t sack_base; /* what the edges of its SACK blocks count from */
};

/* Look up, or learn, the conversation of a TCP packet. */
struct line_seq line_seq_of(struct line_seq_table *t, const struct packet *p);
void line_seq_free(struct line_seq_table *t);

#endif
