#include "tracer/base/cursor.h"

void cursor_init(struct cursor *c, const void *bytes, size_t captured, size_t claimed)
{
    static const uint8_t nothing[1]; /* so that no bytes at all is an address too */
    *c = (struct cursor){
        .bytes = bytes ? bytes : nothing,
        .captured = captured < claimed ? captured : claimed,
        .claimed = claimed,
        .verdict = VERDICT_OK,
    };
}

size_t cursor_claimed_left(const struct cursor *c)
{
    return c->claimed - c->at;
}

size_t cursor_captured_left(const struct cursor *c)
{
    return c->at < c->captured ? c->captured - c->at : 0;
}

bool cursor_ok(const struct cursor *c)
{
    return c->verdict == VERDICT_OK;
}

const uint8_t *cursor_bytes(struct cursor *c, size_t n)
{
    if (c->verdict != VERDICT_OK)
        return NULL;
    if (n > cursor_claimed_left(c)) {
        c->verdict = VERDICT_MALFORMED;
        return NULL;
    }
    if (n > cursor_captured_left(c)) {
        c->verdict = VERDICT_TRUNCATED;
        return NULL;
    }
    const uint8_t *here = c->bytes + c->at;
    c->at += n;
    return here;
}

bool cursor_skip(struct cursor *c, size_t n)
{
    return cursor_bytes(c, n) != NULL;
}

uint8_t cursor_u8(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 1);
    return b ? b[0] : 0;
}

uint16_t cursor_be16(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 2);
    return b ? (uint16_t)((unsigned)b[0] << 8 | b[1]) : 0;
}

uint32_t cursor_be32(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 4);
    return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

uint64_t cursor_be64(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 8);
    uint64_t v = 0;
    for (size_t i = 0; b && i < 8; i++)
        v = v << 8 | b[i];
    return v;
}

uint16_t cursor_le16(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 2);
    return b ? (uint16_t)((unsigned)b[1] << 8 | b[0]) : 0;
}

uint32_t cursor_le32(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 4);
    return b ? (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0] : 0;
}

void cursor_narrow(struct cursor *c, size_t n)
{
    if (n >= cursor_claimed_left(c))
        return;
    c->claimed = c->at + n;
    if (c->captured > c->claimed)
        c->captured = c->claimed;
}

struct cursor cursor_sub(struct cursor *c, size_t n)
{
    struct cursor child = *c;
    cursor_narrow(&child, n);
    if (c->verdict != VERDICT_OK)
        return child;
    if (n > cursor_claimed_left(c)) {
        c->verdict = VERDICT_MALFORMED;
        c->at = c->claimed;
    } else {
        c->at += n; /* may pass the captured end: the next read then says truncated */
    }
    return child;
}
