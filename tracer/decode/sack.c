/* RFC 2018: the blocks of the SACK option, read when asked for, since few segments carry one. */
#include "tracer/decode/packet.h"

unsigned packet_sack_blocks(const struct packet *p, struct sack_block out[SACK_BLOCKS_MAX])
{
    const struct tcp_header *t = &p->tcp;
    if (t->sack_at == 0)
        return 0;
    struct cursor c;
    cursor_init(&c, p->frame.bytes, p->frame.captured_bytes, t->options_at + t->options_bytes);
    cursor_skip(&c, t->sack_at);
    cursor_narrow(&c, t->sack_bytes);
    unsigned count = 0;
    while (count < SACK_BLOCKS_MAX && cursor_claimed_left(&c) >= 8) {
        out[count].from = cursor_be32(&c);
        out[count].to = cursor_be32(&c);
        if (!cursor_ok(&c))
            break;
        count++;
    }
    return count;
}
