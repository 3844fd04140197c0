/* A bounded, sticky reader of packet bytes: the only code that walks them.
 *
 * A cursor knows two ends: where the captured bytes stop and where the enclosing length fields say
 * that the data stops. Reading past the second is the packet's fault (malformed), reading past the
 * first is the capture's (truncated). A failed read gives 0 and the cursor stays failed, so that a
 * header is read field by field and judged once.
 *
 * The functions are here, not in the .c file, for the compiler to see through them: every field of
 * every frame goes this way. */
#ifndef TRACER_BASE_CURSOR_H
#define TRACER_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict { VERDICT_OK, VERDICT_TRUNCATED, VERDICT_MALFORMED, VERDICT_COUNT };

struct cursor {
    const uint8_t *bytes; /* (borrowed) start of the data */
    size_t at;            /* offset of the next byte */
    size_t captured;      /* offset one past the last byte that was captured */
    size_t claimed;       /* offset one past the last byte that the length fields claim */
    enum verdict verdict; /* VERDICT_OK until a read fails; the first failure stays */
};

/* Start at the front of `bytes`, of which `captured` bytes are here and `claimed` were on the wire.
 * `claimed` below `captured` hides the bytes behind it (an Ethernet trailer). */
static inline void cursor_init(struct cursor *c, const void *bytes, size_t captured, size_t claimed)
{
    static const uint8_t nothing[1] = {0}; /* so that no bytes at all is an address too */
    *c = (struct cursor){
        .bytes = bytes ? bytes : nothing,
        .captured = captured < claimed ? captured : claimed,
        .claimed = claimed,
        .verdict = VERDICT_OK,
    };
}

/* Bytes left before the claimed end, and before the nearer of both ends. */
static inline size_t cursor_claimed_left(const struct cursor *c)
{
    return c->claimed - c->at;
}

static inline size_t cursor_captured_left(const struct cursor *c)
{
    return c->at < c->captured ? c->captured - c->at : 0;
}

/* True while no read has failed. */
static inline bool cursor_ok(const struct cursor *c)
{
    return c->verdict == VERDICT_OK;
}

/* Judge a read of `n` bytes that are not here, where nothing was judged before. Returns NULL. */
const uint8_t *cursor_fail(struct cursor *c, size_t n);

/* Move past `n` bytes and return where they are (borrowed), or NULL once failed. */
static inline const uint8_t *cursor_bytes(struct cursor *c, size_t n)
{
    if (c->verdict != VERDICT_OK || n > cursor_captured_left(c))
        return cursor_fail(c, n);
    const uint8_t *here = c->bytes + c->at;
    c->at += n;
    return here;
}

/* Move past `n` bytes; true when they were there. */
static inline bool cursor_skip(struct cursor *c, size_t n)
{
    return cursor_bytes(c, n) != NULL;
}

/* Read one big-endian (be) or little-endian (le) integer and move past it; 0 once failed. */
static inline uint8_t cursor_u8(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 1);
    return b ? b[0] : 0;
}

static inline uint16_t cursor_be16(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 2);
    return b ? (uint16_t)((unsigned)b[0] << 8 | b[1]) : 0;
}

static inline uint32_t cursor_be32(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 4);
    return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

static inline uint64_t cursor_be64(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 8);
    uint64_t v = 0;
    for (size_t i = 0; b && i < 8; i++)
        v = v << 8 | b[i];
    return v;
}

static inline uint16_t cursor_le16(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 2);
    return b ? (uint16_t)((unsigned)b[1] << 8 | b[0]) : 0;
}

static inline uint32_t cursor_le32(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 4);
    return b ? (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0] : 0;
}

/* Where the next `n` bytes are all here: move past them and give a cursor over them, of which the
 * compiler knows that no read within them fails. False, and nothing moved, where they are not. */
static inline bool cursor_whole(struct cursor *c, size_t n, struct cursor *whole)
{
    if (c->verdict != VERDICT_OK || n > cursor_captured_left(c))
        return false;
    cursor_init(whole, c->bytes + c->at, n, n);
    c->at += n;
    return true;
}

/* Pull the claimed end in to `n` bytes from here. An end further out than the present one leaves it
 * where it is: a layer may narrow its parent, never widen it. */
static inline void cursor_narrow(struct cursor *c, size_t n)
{
    if (n >= cursor_claimed_left(c))
        return;
    c->claimed = c->at + n;
    if (c->captured > c->claimed)
        c->captured = c->claimed;
}

/* Move past `n` bytes and give a cursor of their own over them. Where fewer are claimed, the child
 * is narrowed to those and the parent fails as malformed. */
static inline struct cursor cursor_sub(struct cursor *c, size_t n)
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

#endif
