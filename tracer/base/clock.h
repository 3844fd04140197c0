/* The clock that no one sets: for waiting and for measuring, never for stamps. */
#ifndef TRACER_BASE_CLOCK_H
#define TRACER_BASE_CLOCK_H

#include <stdint.h>

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

/* Nanoseconds since some moment before the program began; they never go back. */
int64_t clock_monotonic_ns(void);

#endif
