/* A TCP segment as the figures of its connection need it, straight from the bytes: a third of the
 * work of decoding all that its headers say. */
#ifndef TRACER_DECODE_PLAIN_SEGMENT_H
#define TRACER_DECODE_PLAIN_SEGMENT_H

#include "tracer/decode/packet.h"

struct plain_segment {
    int64_t time_ns;
    struct address source, destination;
    uint16_t source_port, destination_port;
    uint32_t seq, ack;
    uint16_t flags, window;
    uint32_t payload_bytes;
    uint32_t cut_bytes;    /* of these, not captured */
    const uint8_t *blocks; /* (borrowed) of its SACK option; where there is none, not set */
    uint32_t blocks_bytes; /* 0 where there is none */
};

/* Read the segment of a frame that is as most are: Ethernet, IPv4 and TCP without anything odd,
 * with no flags but ACK, PSH and those of ECN, with no options but timestamps and SACK where
 * Linux puts them. What packet_decode() says of it is the same. False where it is any other: that
 * has to be asked. */
bool plain_segment_read(const struct frame *frame, struct plain_segment *s);

/* The blocks of its SACK option, as packet_sack_blocks() gives them. */
unsigned plain_segment_sack_read(const struct plain_segment *s,
                                 struct sack_block out[SACK_BLOCKS_MAX]);
static inline unsigned plain_segment_sack_blocks(const struct plain_segment *s,
                                                 struct sack_block out[SACK_BLOCKS_MAX])
{
    return s->blocks_bytes == 0 ? 0 : plain_segment_sack_read(s, out);
}

#endif
