/* A bounded, sticky reader of packet bytes: the only code that walks them.
 *
 * A cursor knows two ends: where the captured bytes stop and where the enclosing length fields say
 * that the data stops. Reading past the second is the packet's fault (malformed), reading past the
 * first is the capture's (truncated). A failed read gives 0 and the cursor stays failed, so that a
 * header is read field by field and judged once. */
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
void cursor_init(struct cursor *c, const void *bytes, size_t captured, size_t claimed);

/* Bytes left before the claimed end, and before the nearer of both ends. */
size_t cursor_claimed_left(const struct cursor *c);
size_t cursor_captured_left(const struct cursor *c);

/* True while no read has failed. */
bool cursor_ok(const struct cursor *c);

/* Read one big-endian (be) or little-endian (le) integer and move past it; 0 once failed. */
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_be16(struct cursor *c);
uint32_t cursor_be32(struct cursor *c);
uint64_t cursor_be64(struct cursor *c);
uint16_t cursor_le16(struct cursor *c);
uint32_t cursor_le32(struct cursor *c);

/* Move past `n` bytes and return where they are (borrowed), or NULL once failed. */
const uint8_t *cursor_bytes(struct cursor *c, size_t n);

/* Move past `n` bytes; true when they were there. */
bool cursor_skip(struct cursor *c, size_t n);

/* Pull the claimed end in to `n` bytes from here. An end further out than the present one leaves it
 * where it is: a layer may narrow its parent, never widen it. */
void cursor_narrow(struct cursor *c, size_t n);

/* Move past `n` bytes and give a cursor of their own over them. Where fewer are claimed, the child
 * is narrowed to those and the parent fails as malformed. */
struct cursor cursor_sub(struct cursor *c, size_t n);

#endif
