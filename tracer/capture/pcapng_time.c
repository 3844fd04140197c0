#include "tracer/capture/pcapng_time.h"

static const uint64_t ns_per_s = 1000000000;
static const int64_t latest_ns = (INT64_C(1) << 62) - 1;

void pcapng_clock_resolution(struct pcapng_clock *c, uint8_t tsresol)
{
    c->binary = tsresol & 0x80;
    c->power = tsresol & 0x7f;
}

static uint64_t ten_to(unsigned power)
{
    uint64_t v = 1;
    while (power-- > 0)
        v *= 10;
    return v;
}

/* Split ticks into whole seconds and nanoseconds. */
static void split_decimal(unsigned power, uint64_t ticks, uint64_t *s, uint64_t *ns)
{
    if (power > 19) { /* a tick is so short that 64 bits of them stay below 2 seconds */
        for (; power > 19; power--)
            ticks /= 10;
    }
    uint64_t per_s = ten_to(power);
    *s = ticks / per_s;
    uint64_t rest = ticks % per_s;
    *ns = power <= 9 ? rest * ten_to(9 - power) : rest / ten_to(power - 9);
}

static void split_binary(unsigned power, uint64_t ticks, uint64_t *s, uint64_t *ns)
{
    *s = power < 64 ? ticks >> power : 0;
    uint64_t rest = power < 64 ? ticks & ((1ull << power) - 1) : ticks;
    if (power > 34) { /* keep rest * 10^9 within 64 bits */
        rest = power - 34 < 64 ? rest >> (power - 34) : 0;
        power = 34;
    }
    *ns = rest * ns_per_s >> power;
}

static int64_t within_reach(int64_t ns)
{
    if (ns > latest_ns)
        return latest_ns;
    return ns < -latest_ns ? -latest_ns : ns;
}

int64_t pcapng_clock_ns(const struct pcapng_clock *c, uint64_t ticks)
{
    uint64_t s, ns;
    if (c->binary)
        split_binary(c->power, ticks, &s, &ns);
    else
        split_decimal(c->power, ticks, &s, &ns);
    int64_t seconds, total;
    if (s > INT64_MAX || __builtin_add_overflow((int64_t)s, c->offset_s, &seconds))
        return latest_ns;
    if (__builtin_mul_overflow(seconds, (int64_t)ns_per_s, &total))
        return seconds < 0 ? -latest_ns : latest_ns;
    if (__builtin_add_overflow(total, (int64_t)ns, &total))
        return latest_ns;
    return within_reach(total);
}
