/* RFC 9293 section 3.1: the fixed header, and of the options those that every layer above needs.
 * The others are walked, so that the verdict covers them. */
#include "tracer/base/put.h"
#include "tracer/decode/layers.h"

enum { TCP_LEAST_BYTES = 20, OPTION_END = 0, OPTION_NOP = 1, OPTION_SACK = 5 };

static void option_mss(struct cursor *body, struct tcp_header *t)
{
    t->mss = cursor_be16(body);
    t->has_mss = true;
}

static void option_window_scale(struct cursor *body, struct tcp_header *t)
{
    t->window_scale = cursor_u8(body);
    t->has_window_scale = true;
}

static void option_sack_permitted(struct cursor *body, struct tcp_header *t)
{
    (void)body;
    t->has_sack_permitted = true;
}

static void option_timestamps(struct cursor *body, struct tcp_header *t)
{
    t->ts_value = cursor_be32(body);
    t->ts_echo = cursor_be32(body);
    t->has_timestamps = true;
}

/* By kind. */
static const struct option {
    uint8_t body_bytes;
    void (*read)(struct cursor *body, struct tcp_header *t);
} read_options[] = {
    [2] = {2, option_mss},            /* RFC 9293 section 3.7.1 */
    [3] = {1, option_window_scale},   /* RFC 7323 section 2 */
    [4] = {0, option_sack_permitted}, /* RFC 2018 section 2 */
    [8] = {8, option_timestamps},     /* RFC 7323 section 3 */
};

static void decode_option(struct cursor *options, uint8_t kind, struct tcp_header *t)
{
    size_t at = options->at - 1;
    uint8_t bytes = cursor_u8(options);
    if (cursor_ok(options) && bytes < 2)
        layer_malformed(options, at);
    const uint8_t *body = cursor_bytes(options, bytes - 2u);
    if (!body)
        return;
    if (kind == OPTION_SACK && t->sack_at == 0) {
        t->sack_at = (uint32_t)at + 2;
        t->sack_bytes = (uint8_t)(bytes - 2);
    }
    const struct option *known =
        &read_options[kind < sizeof read_options / sizeof read_options[0] ? kind : 0];
    if (known->read && known->body_bytes == bytes - 2) {
        struct cursor c;
        cursor_init(&c, body, bytes - 2u, bytes - 2u);
        t->odd_options |= known->read == option_timestamps && t->has_timestamps; /* twice */
        known->read(&c, t);
    } else if (kind != OPTION_SACK || bytes % 8 != 2) {
        t->odd_options = true;
    }
}

/* Two NOPs and the timestamps, as RFC 7323 appendix A lays them out, begin the options of most
 * segments, and are all of them. */
static bool begin_with_timestamps(struct cursor *c, struct tcp_header *t)
{
    enum { HEAD = 0x0101080a };
    struct cursor whole;
    if (t->options_bytes < TCP_TIMESTAMPS_BYTES || !cursor_whole(c, TCP_TIMESTAMPS_BYTES, &whole))
        return false;
    if (cursor_be32(&whole) != HEAD) {
        c->at -= TCP_TIMESTAMPS_BYTES;
        return false;
    }
    option_timestamps(&whole, t);
    t->timestamps_first = true;
    return true;
}

/* Two NOPs and SACK blocks, up to the header's end, are what else a segment has in an ordinary
 * connection. */
static bool end_with_sack(struct cursor *c, struct tcp_header *t, uint32_t bytes)
{
    enum { HEAD = 0x01010500, HEAD_BYTES = 4 };
    struct cursor whole;
    if (bytes % 8 != HEAD_BYTES || bytes == HEAD_BYTES || !cursor_whole(c, bytes, &whole))
        return false;
    if (cursor_be32(&whole) != HEAD + bytes - 2) {
        c->at -= bytes;
        return false;
    }
    t->sack_at = (uint32_t)c->at - bytes + HEAD_BYTES;
    t->sack_bytes = (uint8_t)(bytes - HEAD_BYTES);
    return true;
}

/* Kept out of the way of segments without. */
__attribute__((noinline)) static void walk_options(struct cursor *c, struct tcp_header *t,
                                                   uint32_t bytes)
{
    struct cursor options = cursor_sub(c, bytes);
    while (cursor_ok(&options) && cursor_claimed_left(&options) > 0) {
        uint8_t kind = cursor_u8(&options);
        if (!cursor_ok(&options) || kind == OPTION_END) {
            t->odd_options = true;
            break;
        }
        if (kind != OPTION_NOP)
            decode_option(&options, kind, t);
    }
    cursor_skip(&options, cursor_claimed_left(&options)); /* padding is header too */
    if (!cursor_ok(&options))
        *c = options;
}

static void decode_lengths(struct cursor *c, struct packet *p)
{
    struct tcp_header *t = &p->tcp;
    if (t->header_bytes < TCP_LEAST_BYTES) {
        layer_malformed(c, p->transport_at + 12);
        return;
    }
    t->options_at = p->transport_at + TCP_LEAST_BYTES;
    t->options_bytes = t->header_bytes - TCP_LEAST_BYTES;
    t->payload_at = p->transport_at + t->header_bytes;
    if (t->header_bytes > p->net_payload_bytes) {
        layer_malformed(c, p->transport_at + 12);
        return;
    }
    t->payload_bytes = p->net_payload_bytes - t->header_bytes;
    uint32_t walked = begin_with_timestamps(c, t) ? TCP_TIMESTAMPS_BYTES : 0;
    uint32_t left = t->options_bytes - walked;
    if (left > 0 && !end_with_sack(c, t, left))
        walk_options(c, t, left);
}

/* Inlined twice: where the header is whole, no read needs a check. */
__attribute__((always_inline)) static inline void read_fixed(struct cursor *c, struct tcp_header *t)
{
    t->source_port = cursor_be16(c);
    t->destination_port = cursor_be16(c);
    t->seq = cursor_be32(c);
    t->ack = cursor_be32(c);
    uint16_t offset_and_flags = cursor_be16(c);
    t->window = cursor_be16(c);
    t->checksum = cursor_be16(c);
    t->urgent = cursor_be16(c);
    t->flags = offset_and_flags & 0x1ff;
    t->header_bytes = (uint8_t)((offset_and_flags >> 12) * 4);
}

__attribute__((noinline)) static void read_cut(struct cursor *c, struct tcp_header *t)
{
    read_fixed(c, t);
}

void decode_tcp(struct cursor *c, struct packet *p)
{
    struct cursor whole;
    p->is_tcp = cursor_whole(c, TCP_LEAST_BYTES, &whole);
    if (!p->is_tcp) {
        read_cut(c, &p->tcp);
        return;
    }
    read_fixed(&whole, &p->tcp);
    decode_lengths(c, p);
}

/* A letter that is not set is written over by the next one. */
char *tcp_flags_put(char *at, uint16_t flags)
{
    static const char letters[] = "FSRP.UEWe"; /* from the lowest bit on */
    if ((flags & ~TCP_PSH) == TCP_ACK) {       /* as most have */
        *at = 'P';
        at += (flags & TCP_PSH) != 0;
        *at++ = '.';
        return at;
    }
    if ((flags & ((1u << TCP_FLAGS_MOST) - 1)) == 0)
        return put_str(at, "none");
#pragma GCC unroll 9
    for (unsigned i = 0; i < TCP_FLAGS_MOST; i++) {
        *at = letters[i];
        at += flags >> i & 1;
    }
    return at;
}

void tcp_flags_add(uint16_t flags, struct text *out)
{
    text_commit_to(out, tcp_flags_put(text_reserve(out, TCP_FLAGS_MOST + PUT_SPOILT), flags));
}
