/* RFC 2018: the SACK option, read when asked for, since few segments carry one. */
#include "tracer/decode/layers.h"

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_SACK = 5 };

static unsigned read_blocks(struct cursor *body, struct sack_block out[SACK_BLOCKS_MAX])
{
    enum { BLOCK_BYTES = 8 };
    struct cursor block;
    unsigned count = 0;
    while (count < SACK_BLOCKS_MAX && cursor_whole(body, BLOCK_BYTES, &block)) {
        out[count].from = cursor_be32(&block);
        out[count++].to = cursor_be32(&block);
    }
    return count;
}

/* Among options that are cut off, or contradict themselves further on. */
static unsigned look_for_blocks(const struct packet *p, struct sack_block out[SACK_BLOCKS_MAX])
{
    const struct tcp_header *t = &p->tcp;
    struct cursor c;
    cursor_init(&c, p->frame.bytes, p->frame.captured_bytes, p->frame.captured_bytes);
    cursor_skip(&c, t->options_at);
    cursor_narrow(&c, t->options_bytes);
    while (cursor_ok(&c) && cursor_claimed_left(&c) > 0) {
        uint8_t kind = cursor_u8(&c);
        if (kind == OPTION_END)
            break;
        if (kind == OPTION_NOP)
            continue;
        uint8_t bytes = cursor_u8(&c);
        if (!cursor_ok(&c) || bytes < 2)
            break;
        struct cursor body = cursor_sub(&c, bytes - 2u);
        if (kind == OPTION_SACK)
            return read_blocks(&body, out);
    }
    return 0;
}

unsigned sack_blocks_read(const uint8_t *blocks, uint32_t bytes,
                          struct sack_block out[SACK_BLOCKS_MAX])
{
    struct cursor whole;
    cursor_init(&whole, blocks, bytes, bytes);
    return read_blocks(&whole, out);
}

unsigned packet_sack_read(const struct packet *p, struct sack_block out[SACK_BLOCKS_MAX])
{
    const struct tcp_header *t = &p->tcp;
    if (t->sack_at == 0)
        return look_for_blocks(p, out);
    return sack_blocks_read(p->frame.bytes + t->sack_at, t->sack_bytes, out);
}
