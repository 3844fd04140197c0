/* For tests that try what is chosen by lot, or every size, or very much: the optimised build tries
 * all of it, and so does any build where TCPLADDER_SLOW_TESTS is set. One that is not optimised,
 * ten times as slow under its sanitizer, tries a part, the same part each time. */
#ifndef TRACER_BASE_ROUNDS_TEST_H
#define TRACER_BASE_ROUNDS_TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static inline bool rounds_are_all(void)
{
#ifdef __OPTIMIZE__
    return true;
#else
    return getenv("TCPLADDER_SLOW_TESTS") != NULL;
#endif
}

static inline uint32_t rounds_of(uint32_t all, uint32_t part)
{
    return rounds_are_all() ? all : part;
}

#endif
