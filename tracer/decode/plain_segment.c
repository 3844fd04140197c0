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
    CHECKSUM_BYTES = 2,
};

/* The blocks of SACK that are all the options from here on. */
static bool read_sack(struct cursor *c, uint32_t bytes, struct plain_segment *s)
{
    enum { HEAD = 0x01010500, HEAD_BYTES = 4, BLOCK_BYTES = 8 };
    struct cursor options;
    if (bytes % BLOCK_BYTES != HEAD_BYTES || bytes == HEAD_BYTES ||
        !cursor_whole(c, bytes, &options) || cursor_be32(&options) != HEAD + bytes - 2)
        return false;
    s->blocks_bytes = bytes - HEAD_BYTES;
    s->blocks = cursor_bytes(&options, s->blocks_bytes);
    return true;
}

/* The options of an ordinary segment: timestamps, SACK, or both. */
static inline bool read_options(struct cursor *c, uint32_t bytes, struct plain_segment *s)
{
    enum { TIMESTAMPS = 0x0101080a };
    struct cursor ahead = *c, whole;
    if (bytes < TCP_TIMESTAMPS_BYTES || !cursor_whole(&ahead, TCP_TIMESTAMPS_BYTES, &whole) ||
        cursor_be32(&whole) != TIMESTAMPS)
        return read_sack(c, bytes, s);
    return bytes == TCP_TIMESTAMPS_BYTES || read_sack(&ahead, bytes - TCP_TIMESTAMPS_BYTES, s);
}

/* The fixed header of TCP, of which `left` bytes of IP's payload begin here, and its options. */
static inline bool read_tcp(struct cursor *fixed, struct cursor *c, uint32_t left,
                            struct plain_segment *s)
{
    const uint16_t odd = TCP_SYN | TCP_FIN | TCP_RST | TCP_URG;
    s->source_port = cursor_be16(fixed);
    s->destination_port = cursor_be16(fixed);
    s->seq = cursor_be32(fixed);
    s->ack = cursor_be32(fixed);
    uint16_t offset_and_flags = cursor_be16(fixed);
    s->window = cursor_be16(fixed);
    s->flags = offset_and_flags & 0x1ff;
    s->blocks_bytes = 0;
    uint32_t header_bytes = (uint32_t)(offset_and_flags >> 12) * 4;
    if ((s->flags & odd) || header_bytes < TCP_BYTES || header_bytes > left)
        return false;
    s->payload_bytes = left - header_bytes;
    return header_bytes == TCP_BYTES || read_options(c, header_bytes - TCP_BYTES, s);
}

bool plain_segment_read(const struct frame *frame, struct plain_segment *s)
{
    struct cursor c, fixed;
    cursor_init(&c, frame->bytes, frame->captured_bytes, frame->captured_bytes);
    if (frame->linktype != LINKTYPE_ETHERNET || frame->wire_bytes < frame->captured_bytes ||
        !cursor_whole(&c, FIXED_BYTES, &fixed))
        return false;
    cursor_skip(&fixed, MACS_BYTES);
    uint16_t ethertype = cursor_be16(&fixed);
    uint8_t first = cursor_u8(&fixed);
    cursor_skip(&fixed, 1);
    uint16_t total_bytes = cursor_be16(&fixed);
    cursor_skip(&fixed, 2);
    uint16_t fragment = cursor_be16(&fixed);
    cursor_skip(&fixed, 1);
    uint8_t protocol = cursor_u8(&fixed);
    if (ethertype != ETHERTYPE_IPV4 || first != VERSION_AND_LENGTH || total_bytes < IPV4_BYTES ||
        total_bytes > frame->wire_bytes - ETHERNET_BYTES || (fragment & FRAGMENT_BITS) ||
        protocol != PROTO_TCP)
        return false;
    cursor_skip(&fixed, CHECKSUM_BYTES);
    s->time_ns = frame->time_ns;
    s->source = address_from_v4(cursor_bytes(&fixed, 4));
    s->destination = address_from_v4(cursor_bytes(&fixed, 4));
    if (!read_tcp(&fixed, &c, total_bytes - (uint32_t)IPV4_BYTES, s))
        return false;
    uint32_t end = ETHERNET_BYTES + (uint32_t)total_bytes;
    uint32_t cut = end > frame->captured_bytes ? end - frame->captured_bytes : 0;
    s->cut_bytes = cut;
    return true;
}

unsigned plain_segment_sack_read(const struct plain_segment *s,
                                 struct sack_block out[SACK_BLOCKS_MAX])
{
    return sack_blocks_read(s->blocks, s->blocks_bytes, out);
}
