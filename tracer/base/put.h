/* Writing text straight to where there is room for it (text_reserve() makes some). Each function
 * writes at `at` and returns the end of what it wrote, without a NUL. Lines of text are mostly
 * numbers: digits are written two at a time, a division costing more than a look at a table. */
#ifndef TRACER_BASE_PUT_H
#define TRACER_BASE_PUT_H

#include <stdint.h>
#include <string.h>

/* The most that put_u32() and put_u64() write. */
enum { PUT_U32_MOST = 10, PUT_U64_MOST = 20 };

/* "00", "01" and so on to "99". */
extern const char put_pairs[201];

/* How many digits a number has. The table's entry for the highest bit set carries into the upper
 * half just where the number reaches the next power of ten. */
extern const uint64_t put_digit_steps[32];
static inline unsigned put_digits(uint32_t v)
{
    return (unsigned)((v + put_digit_steps[31 - __builtin_clz(v | 1)]) >> 32);
}

static inline char *put_str(char *at, const char *s)
{
    size_t n = strlen(s);
    memcpy(at, s, n);
    return at + n;
}

/* The last `n` digits of `v`, with zeros in front. */
static inline char *put_padded(char *at, uint64_t v, unsigned n)
{
    char *end = at + n;
    for (at = end; n > 1; n -= 2, v /= 100) {
        at -= 2;
        memcpy(at, put_pairs + v % 100 * 2, 2);
    }
    if (n == 1)
        at[-1] = (char)('0' + v % 10);
    return end;
}

static inline char *put_u32(char *at, uint32_t v)
{
    char *end = at + put_digits(v);
    for (at = end; v >= 100; v /= 100) {
        at -= 2;
        memcpy(at, put_pairs + v % 100 * 2, 2);
    }
    if (v >= 10)
        memcpy(at - 2, put_pairs + v * 2, 2);
    else
        at[-1] = (char)('0' + v);
    return end;
}

static inline char *put_u64(char *at, uint64_t v)
{
    enum { DIGITS = 9, BILLION = 1000000000 };
    if (v > UINT32_MAX) {
        at = put_u64(at, v / BILLION);
        return put_padded(at, v % BILLION, DIGITS);
    }
    return put_u32(at, (uint32_t)v);
}

#endif
