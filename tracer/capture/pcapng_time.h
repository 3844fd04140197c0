/* Time stamps of pcapng: ticks since the epoch, of whatever length each interface says. */
#ifndef TRACER_CAPTURE_PCAPNG_TIME_H
#define TRACER_CAPTURE_PCAPNG_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct pcapng_clock {
    bool binary;      /* a tick is 2^-power seconds, else 10^-power */
    uint8_t power;    /* if_tsresol */
    int64_t offset_s; /* if_tsoffset */
};
#define PCAPNG_CLOCK_DEFAULT ((struct pcapng_clock){.power = 6})

/* Take if_tsresol's value. */
void pcapng_clock_resolution(struct pcapng_clock *c, uint8_t tsresol);

/* Nanoseconds since the epoch. What lies 2^62 of them or more from it (in 1823, in 2116) stands
 * there, so that the difference of any two stamps is one of 64 bits. */
int64_t pcapng_clock_ns(const struct pcapng_clock *c, uint64_t ticks);

#endif
