/* Sequence number arithmetic, RFC 9293 section 3.4: modulo 2^32, compared within half the space. */
#ifndef TRACER_TCP_SEQ_H
#define TRACER_TCP_SEQ_H

#include <stdbool.h>
#include <stdint.h>

static inline bool seq_lt(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static inline bool seq_le(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) <= 0;
}

static inline bool seq_gt(uint32_t a, uint32_t b)
{
    return seq_lt(b, a);
}

static inline bool seq_ge(uint32_t a, uint32_t b)
{
    return seq_le(b, a);
}

#endif
