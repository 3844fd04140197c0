/* Work that may be long is done in slices, with a look at the keyboard and a new picture between
 * two of them: so that no frame takes longer than 16 ms. */
#ifndef TRACER_VIEW_SLICE_H
#define TRACER_VIEW_SLICE_H

#include "tracer/base/clock.h"

#include <stdbool.h>

#define SLICE_NS    INT64_C(4000000)
#define SLICE_WHOLE INT64_MAX /* all of the work at once */

struct slice {
    int64_t until_ns;
    unsigned steps;
};

static inline struct slice slice_begin(int64_t budget_ns)
{
    int64_t now = budget_ns == SLICE_WHOLE ? 0 : clock_monotonic_ns();
    return (struct slice){now + budget_ns, 0};
}

/* To be asked before each small step: true when the time is over. Now and then it asks the clock,
 * so what is small is done at once however busy the machine is. */
static inline bool slice_over(struct slice *s)
{
    enum { LOOK_EVERY = 1024 };
    return ++s->steps % LOOK_EVERY == 0 && s->until_ns != SLICE_WHOLE &&
           clock_monotonic_ns() > s->until_ns;
}

#endif
