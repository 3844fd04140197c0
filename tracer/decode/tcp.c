/* RFC 9293 section 3.1: the fixed header, and of the options those that every layer above needs.
 * The others are walked, so that the verdict covers them. */
#include "tracer/decode/layers.h"

enum { TCP_LEAST_BYTES = 20, OPTION_END = 0, OPTION_NOP = 1 };

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

static const struct {
    uint8_t kind;
    uint8_t body_bytes;
    void (*read)(struct cursor *body, struct tcp_header *t);
} read_options[] = {
    {2, 2, option_mss},            /* RFC 9293 section 3.7.1 */
    {3, 1, option_window_scale},   /* RFC 7323 section 2 */
    {4, 0, option_sack_permitted}, /* RFC 2018 section 2 */
    {8, 8, option_timestamps},     /* RFC 7323 section 3 */
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
    for (size_t i = 0; i < sizeof read_options / sizeof read_options[0]; i++) {
        if (read_options[i].kind != kind || read_options[i].body_bytes != bytes - 2)
            continue;
        struct cursor c;
        cursor_init(&c, body, bytes - 2u, bytes - 2u);
        read_options[i].read(&c, t);
    }
}

static void decode_options(struct cursor *c, struct tcp_header *t)
{
    struct cursor options = cursor_sub(c, t->options_bytes);
    while (cursor_ok(&options) && cursor_claimed_left(&options) > 0) {
        uint8_t kind = cursor_u8(&options);
        if (!cursor_ok(&options) || kind == OPTION_END)
            break;
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
    decode_options(c, t);
}

void decode_tcp(struct cursor *c, struct packet *p)
{
    struct tcp_header *t = &p->tcp;
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
    p->is_tcp = cursor_ok(c);
    if (p->is_tcp)
        decode_lengths(c, p);
}

void tcp_flags_add(uint16_t flags, struct text *out)
{
    static const struct {
        uint16_t flag;
        char letter;
    } letters[] = {
        {TCP_FIN, 'F'}, {TCP_SYN, 'S'}, {TCP_RST, 'R'}, {TCP_PSH, 'P'}, {TCP_ACK, '.'},
        {TCP_URG, 'U'}, {TCP_ECE, 'E'}, {TCP_CWR, 'W'}, {TCP_AE, 'e'},
    };
    size_t before = out->len;
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (flags & letters[i].flag)
            text_char(out, letters[i].letter);
    if (out->len == before)
        text_add(out, "none");
}
