/* A TCP segment as the figures of its connection need it, straight from the bytes: a third of the
 * work of decoding all that its headers say. The functions are here for the compiler to see what
 * of it is asked for. */
#ifndef TRACER_DECODE_PLAIN_SEGMENT_H
#define TRACER_DECODE_PLAIN_SEGMENT_H

#include "tracer/decode/packet.h"

struct plain_segment {
    enum packet_net net; /* IPv4 or IPv6 */
    struct address source, destination;
    uint16_t source_port, destination_port;
    uint32_t seq, ack;
    uint16_t flags, window;
    uint32_t tcp_at;       /* where its TCP header begins in the frame */
    uint32_t header_bytes; /* of TCP, its options included */
    uint32_t payload_bytes;
    uint32_t cut_bytes; /* of these, not captured */
    bool has_timestamps, is_ordinary_syn;
    uint32_t ts_value, ts_echo; /* of either */
    uint16_t mss;               /* of an ordinary SYN, as is the next */
    uint8_t window_scale;
    const uint8_t *blocks; /* (borrowed) of its SACK option; where there is none, not set */
    uint32_t blocks_bytes; /* 0 where there is none */
};

/* The blocks of its SACK option, as packet_sack_blocks() gives them. */
static inline unsigned plain_sack_blocks(const struct plain_segment *s,
                                         struct sack_block out[SACK_BLOCKS_MAX])
{
    enum { BLOCK_BYTES = 8 };
    struct cursor all, block;
    unsigned count = 0;
    if (s->blocks_bytes == 0)
        return 0;
    cursor_init(&all, s->blocks, s->blocks_bytes, s->blocks_bytes);
    for (; count < SACK_BLOCKS_MAX && cursor_whole(&all, BLOCK_BYTES, &block); count++) {
        out[count].from = cursor_be32(&block);
        out[count].to = cursor_be32(&block);
    }
    return count;
}

/* The parts of plain_segment_read(), below. */
enum {
    PLAIN_ETHERNET_BYTES = 14,
    PLAIN_IPV4_BYTES = 20,
    PLAIN_IPV6_BYTES = 40,
    PLAIN_TCP_BYTES = 20,
    PLAIN_FIXED_BYTES = PLAIN_ETHERNET_BYTES + PLAIN_IPV4_BYTES + PLAIN_TCP_BYTES,
    PLAIN_FIXED_V6_BYTES = PLAIN_ETHERNET_BYTES + PLAIN_IPV6_BYTES + PLAIN_TCP_BYTES,
    PLAIN_MACS_BYTES = 12,
};

/* The headers before TCP. Says how many bytes TCP has with its payload; 0 where they are not
 * ordinary ones of IPv4. */
static inline uint32_t plain_read_ipv4(struct cursor *fixed, uint32_t wire_bytes,
                                       struct plain_segment *s)
{
    enum { VERSION_AND_LENGTH = 0x45, FRAGMENT_BITS = 0x3fff };
    cursor_skip(fixed, PLAIN_MACS_BYTES);
    uint16_t ethertype = cursor_be16(fixed);
    uint8_t first = cursor_u8(fixed);
    cursor_skip(fixed, 1);
    uint16_t total_bytes = cursor_be16(fixed);
    cursor_skip(fixed, 2);
    uint16_t fragment = cursor_be16(fixed);
    cursor_skip(fixed, 1);
    uint8_t protocol = cursor_u8(fixed);
    cursor_skip(fixed, 2);
    s->net = NET_IPV4;
    s->tcp_at = PLAIN_ETHERNET_BYTES + PLAIN_IPV4_BYTES;
    s->source = address_from_v4(cursor_bytes(fixed, 4));
    s->destination = address_from_v4(cursor_bytes(fixed, 4));
    bool is_ordinary = ethertype == ETHERTYPE_IPV4 && first == VERSION_AND_LENGTH &&
                       !(fragment & FRAGMENT_BITS) && protocol == PROTO_TCP &&
                       total_bytes > PLAIN_IPV4_BYTES &&
                       total_bytes <= wire_bytes - PLAIN_ETHERNET_BYTES;
    return is_ordinary ? total_bytes - (uint32_t)PLAIN_IPV4_BYTES : 0;
}

/* The same of IPv6: TCP follows its header at once. */
static inline uint32_t plain_read_ipv6(struct cursor *fixed, uint32_t wire_bytes,
                                       struct plain_segment *s)
{
    enum { VERSION = 6 };
    cursor_skip(fixed, PLAIN_MACS_BYTES);
    uint16_t ethertype = cursor_be16(fixed);
    uint32_t version_and_flow = cursor_be32(fixed);
    uint16_t behind_bytes = cursor_be16(fixed);
    uint8_t protocol = cursor_u8(fixed);
    cursor_skip(fixed, 1);
    s->net = NET_IPV6;
    s->tcp_at = PLAIN_ETHERNET_BYTES + PLAIN_IPV6_BYTES;
    s->source = address_from_v6(cursor_bytes(fixed, 16));
    s->destination = address_from_v6(cursor_bytes(fixed, 16));
    bool is_ordinary = ethertype == ETHERTYPE_IPV6 && version_and_flow >> 28 == VERSION &&
                       protocol == PROTO_TCP && behind_bytes <= wire_bytes - s->tcp_at;
    return is_ordinary ? behind_bytes : 0;
}

/* The fixed header of TCP. Says how long the header is with its options. */
static inline uint32_t plain_read_tcp(struct cursor *fixed, struct plain_segment *s)
{
    s->source_port = cursor_be16(fixed);
    s->destination_port = cursor_be16(fixed);
    s->seq = cursor_be32(fixed);
    s->ack = cursor_be32(fixed);
    uint16_t offset_and_flags = cursor_be16(fixed);
    s->window = cursor_be16(fixed);
    s->flags = offset_and_flags & 0x1ff;
    return (uint32_t)(offset_and_flags >> 12) * 4;
}

/* The blocks of SACK that are all the options from here on. */
static inline bool plain_read_sack(struct cursor *c, uint32_t bytes, struct plain_segment *s)
{
    enum { HEAD = 0x01010500, HEAD_BYTES = 4, BLOCK_BYTES = 8 };
    struct cursor head;
    if (bytes % BLOCK_BYTES != HEAD_BYTES || bytes == HEAD_BYTES ||
        bytes > cursor_captured_left(c) || !cursor_whole(c, HEAD_BYTES, &head) ||
        cursor_be32(&head) != HEAD + bytes - 2)
        return false;
    s->blocks_bytes = bytes - HEAD_BYTES;
    s->blocks = c->bytes + c->at;
    return true;
}

/* The options of an ordinary segment: timestamps, SACK, or both. */
static inline bool plain_read_options(struct cursor *c, uint32_t bytes, struct plain_segment *s)
{
    enum { TIMESTAMPS = 0x0101080a };
    struct cursor ahead = *c, whole;
    if (bytes >= TCP_TIMESTAMPS_BYTES && cursor_whole(&ahead, TCP_TIMESTAMPS_BYTES, &whole) &&
        cursor_be32(&whole) == TIMESTAMPS) {
        s->has_timestamps = true;
        s->ts_value = cursor_be32(&whole);
        s->ts_echo = cursor_be32(&whole);
        bytes -= TCP_TIMESTAMPS_BYTES;
        *c = ahead;
    }
    return bytes == 0 || plain_read_sack(c, bytes, s);
}

/* The options of an ordinary SYN: MSS, SACK-permitted, timestamps and window scale, where Linux
 * puts them. */
static inline bool plain_read_syn_options(struct cursor *c, uint32_t bytes, struct plain_segment *s)
{
    enum {
        ALL_BYTES = 20,
        MSS = 0x0204,
        SACK_AND_TIMESTAMPS = 0x0402080a,
        NOP_AND_SCALE = 0x010303
    };
    struct cursor whole;
    if (bytes != ALL_BYTES || !cursor_whole(c, ALL_BYTES, &whole) || cursor_be16(&whole) != MSS)
        return false;
    s->mss = cursor_be16(&whole);
    if (cursor_be32(&whole) != SACK_AND_TIMESTAMPS)
        return false;
    s->ts_value = cursor_be32(&whole);
    s->ts_echo = cursor_be32(&whole);
    uint32_t scale = cursor_be32(&whole);
    s->window_scale = (uint8_t)scale;
    s->is_ordinary_syn = scale >> 8 == NOP_AND_SCALE;
    return s->is_ordinary_syn;
}

/* Which of the two a frame may be of. */
static inline enum packet_net plain_net(const struct frame *frame)
{
    struct cursor c, link;
    cursor_init(&c, frame->bytes, frame->captured_bytes, frame->captured_bytes);
    if (!cursor_whole(&c, PLAIN_ETHERNET_BYTES, &link))
        return NET_IPV4;
    cursor_skip(&link, PLAIN_MACS_BYTES);
    return cursor_be16(&link) == ETHERTYPE_IPV6 ? NET_IPV6 : NET_IPV4;
}

/* Read the segment of a frame that is as most are: Ethernet, IPv4 or IPv6, whichever is `net`, and
 * TCP without anything odd, with none of the flags `without`, with no options but timestamps and
 * SACK where Linux puts them, and a SYN's. What packet_decode() says of it is the same. False where
 * it is any other: that has to be asked. */
static inline bool plain_segment_read(const struct frame *frame, enum packet_net net,
                                      uint16_t without, struct plain_segment *s)
{
    struct cursor c, fixed;
    cursor_init(&c, frame->bytes, frame->captured_bytes, frame->captured_bytes);
    if (frame->linktype != LINKTYPE_ETHERNET || frame->wire_bytes < frame->captured_bytes ||
        !cursor_whole(&c, net == NET_IPV4 ? PLAIN_FIXED_BYTES : PLAIN_FIXED_V6_BYTES, &fixed))
        return false;
    uint32_t behind_bytes = net == NET_IPV4 ? plain_read_ipv4(&fixed, frame->wire_bytes, s)
                                            : plain_read_ipv6(&fixed, frame->wire_bytes, s);
    uint32_t header_bytes = plain_read_tcp(&fixed, s);
    if ((s->flags & without) || header_bytes < PLAIN_TCP_BYTES || header_bytes > behind_bytes)
        return false;
    uint32_t end = s->tcp_at + behind_bytes;
    s->payload_bytes = behind_bytes - header_bytes;
    s->cut_bytes = end > frame->captured_bytes ? end - frame->captured_bytes : 0;
    s->header_bytes = header_bytes;
    s->has_timestamps = s->is_ordinary_syn = false;
    s->ts_value = s->ts_echo = 0;
    s->blocks_bytes = 0;
    if (header_bytes == PLAIN_TCP_BYTES)
        return true;
    return !(without & TCP_SYN) && (s->flags & TCP_SYN)
               ? plain_read_syn_options(&c, header_bytes - PLAIN_TCP_BYTES, s)
               : plain_read_options(&c, header_bytes - PLAIN_TCP_BYTES, s);
}

#endif
