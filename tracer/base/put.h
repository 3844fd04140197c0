/* Writing text straight to where there is room for it (text_reserve() makes some). Each function
 * writes at `at` and returns the end of what it wrote, without a NUL. Numbers may spoil up to
 * PUT_SPOILT bytes behind that end, for which there must be room too.
 *
 * Lines of text are mostly numbers, and a loop over their digits is what would take longest: four
 * digits at a time are copied from a table instead. */
#ifndef TRACER_BASE_PUT_H
#define TRACER_BASE_PUT_H

#include <stdint.h>
#include <string.h>

/* The most digits there are, and the room behind the last number. */
enum { PUT_U32_MOST = 10, PUT_U64_MOST = 20, PUT_SPOILT = 4 };

/* "0000" to "9999", and a little more, to copy four bytes from anywhere in the last one. */
extern const char put_quads[10001][4];

static inline char *put_str(char *at, const char *s)
{
    size_t n = strlen(s);
    memcpy(at, s, n);
    return at + n;
}

/* The last `n` digits of a number below 10000; those below 100000000, with zeros in front. */
static inline char *put_quad(char *at, unsigned v, unsigned n)
{
    memcpy(at, put_quads[v] + 4 - n, 4);
    return at + n;
}

static inline char *put_padded(char *at, uint32_t v, unsigned n)
{
    if (n > 4) {
        at = put_quad(at, v / 10000, n - 4);
        n = 4;
    }
    return put_quad(at, v % 10000, n);
}

/* A number below 10000. */
static inline char *put_small(char *at, unsigned v)
{
    return put_quad(at, v, 1u + (v >= 10) + (v >= 100) + (v >= 1000));
}

static inline char *put_u32(char *at, uint32_t v)
{
    enum { FOUR_DIGITS = 10000, EIGHT_DIGITS = 100000000 };
    if (v < FOUR_DIGITS)
        return put_small(at, v);
    if (v < EIGHT_DIGITS)
        return put_quad(put_small(at, v / FOUR_DIGITS), v % FOUR_DIGITS, 4);
    return put_padded(put_small(at, v / EIGHT_DIGITS), v % EIGHT_DIGITS, 8);
}

static inline char *put_u64(char *at, uint64_t v)
{
    enum { EIGHT_DIGITS = 100000000 };
    if (v <= UINT32_MAX)
        return put_u32(at, (uint32_t)v);
    return put_padded(put_u64(at, v / EIGHT_DIGITS), (uint32_t)(v % EIGHT_DIGITS), 8);
}

#endif
