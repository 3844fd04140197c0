/* For tests that read annotations: a build without jansson cannot, and they are then skipped. */
#ifndef TRACER_SESSION_READABLE_TEST_H
#define TRACER_SESSION_READABLE_TEST_H

#include "tracer/session/annotation.h"

#include <stdbool.h>
#include <stdio.h>

/* Whether annotations can be read; says so where they cannot, and main() then returns 77. */
static inline bool annotations_or_skip(void)
{
    struct error e;
    if (annotation_readable(&e) == 0)
        return true;
    printf("SKIP: %s\n", e.text);
    return false;
}

#endif
