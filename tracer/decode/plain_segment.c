#include "tracer/decode/plain_segment.h"

#include "tracer/decode/layers.h"

enum {
    ETHERNET_BYTES = 14,
    IPV4_BYTES = 20,
    TCP_BYTES = 20,
    FIXED_BYTES = ETHERNET_BYTES + IPV4_BYTES + TCP_BYTES,
    MACS_BYTES = 12,
    VERSION_AND_LENGTH = 0x45,
    FRAGMENT_BITS = 0x3fff, /* more fragments, and the offset */
};

/* The blocks of SACK that are all the options, from `at` on. */
__attribute__((noinline)) static bool read_sack(const struct frame *frame, uint32_t at,
                                                uint32_t bytes, struct plain_segment *s)
{
    enum { HEAD = 0x01010500, HEAD_BYTES = 4, BLOCK_BYTES = 8 };
    struct cursor c, options;
    cursor_init(&c, frame->bytes, frame->captured_bytes, frame->captured_bytes);
    cursor_skip(&c, at);
    if (bytes % BLOCK_BYTES != HEAD_BYTES || bytes == HEAD_BYTES ||
        !cursor_whole(&c, bytes, &options) || cursor_be32(&options) != HEAD + bytes - 2)
        return false;
    s->blocks_bytes = bytes - HEAD_BYTES;
    s->blocks = cursor_bytes(&options, s->blocks_bytes);
    return true;
}

/* The options of an ordinary segment: timestamps, SACK, or both. */
static inline bool read_options(const struct frame *frame, struct cursor *c, uint32_t bytes,
                                struct plain_segment *s)
{
    enum { TIMESTAMPS = 0x0101080a };
    struct cursor whole;
    uint32_t at = FIXED_BYTES;
    if (bytes >= TCP_TIMESTAMPS_BYTES && cursor_whole(c, TCP_TIMESTAMPS_BYTES, &whole) &&
        cursor_be32(&whole) == TIMESTAMPS) {
        bytes -= TCP_TIMESTAMPS_BYTES;
        at += TCP_TIMESTAMPS_BYTES;
    }
    return bytes == 0 || read_sack(frame, at, bytes, s);
}

/* The fixed header of TCP */
static inline void read_tcp(struct cursor *fixed, struct plain_segment *s, uint32_t *header_bytes)
{
    s->source_port = cursor_be16(fixed);
    s->destination_port = cursor_be16(fixed);
    s->seq = cursor_be32(fixed);
    s->ack = cursor_be32(fixed);
    uint16_t offset_and_flags = cursor_be16(fixed);
    s->window = cursor_be16(fixed);
    s->flags = offset_and_flags & 0x1ff;
    *header_bytes = (uint32_t)(offset_and_flags >> 12) * 4;
}

/* The headers before TCP. Says how many bytes IP has, its own header included; 0 where they are not
 * ordinary. */
static inline uint32_t read_ip(struct cursor *fixed, uint32_t wire_bytes, struct plain_segment *s)
{
    cursor_skip(fixed, MACS_BYTES);
    uint16_t ethertype = cursor_be16(fixed);
    uint8_t first = cursor_u8(fixed);
    cursor_skip(fixed, 1);
    uint16_t total_bytes = cursor_be16(fixed);
    cursor_skip(fixed, 2);
    uint16_t fragment = cursor_be16(fixed);
    cursor_skip(fixed, 1);
    uint8_t protocol = cursor_u8(fixed);
    cursor_skip(fixed, 2);
    s->source = address_from_v4(cursor_bytes(fixed, 4));
    s->destination = address_from_v4(cursor_bytes(fixed, 4));
    bool is_ordinary = ethertype == ETHERTYPE_IPV4 && first == VERSION_AND_LENGTH &&
                       !(fragment & FRAGMENT_BITS) && protocol == PROTO_TCP &&
                       total_bytes <= wire_bytes - ETHERNET_BYTES;
    return is_ordinary ? total_bytes : 0;
}

bool plain_segment_read(const struct frame *frame, struct plain_segment *s)
{
    const uint16_t odd = TCP_SYN | TCP_FIN | TCP_RST | TCP_URG;
    struct cursor c, fixed;
    uint32_t header_bytes;
    cursor_init(&c, frame->bytes, frame->captured_bytes, frame->captured_bytes);
    if (frame->linktype != LINKTYPE_ETHERNET || frame->wire_bytes < frame->captured_bytes ||
        !cursor_whole(&c, FIXED_BYTES, &fixed))
        return false;
    uint32_t ip_bytes = read_ip(&fixed, frame->wire_bytes, s);
    read_tcp(&fixed, s, &header_bytes);
    if ((s->flags & odd) || header_bytes < TCP_BYTES || IPV4_BYTES + header_bytes > ip_bytes)
        return false;
    uint32_t end = ETHERNET_BYTES + ip_bytes;
    s->time_ns = frame->time_ns;
    s->payload_bytes = ip_bytes - IPV4_BYTES - header_bytes;
    s->cut_bytes = end > frame->captured_bytes ? end - frame->captured_bytes : 0;
    s->blocks_bytes = 0;
    return header_bytes == TCP_BYTES || read_options(frame, &c, header_bytes - TCP_BYTES, s);
}

unsigned plain_segment_sack_read(const struct plain_segment *s,
                                 struct sack_block out[SACK_BLOCKS_MAX])
{
    return sack_blocks_read(s->blocks, s->blocks_bytes, out);
}
