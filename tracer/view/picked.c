#include "tracer/view/picked.h"

#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/select/run.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_EVERY = 256 }; /* events between two looks at the clock */

struct picked {
    const struct trace *trace;
    struct selector *selector; /* (owned) */
    struct select_run *run;    /* (owned) */
    size_t slot;
    size_t count;   /* events looked at */
    size_t settled; /* how many there were when a selector that needs the end was begun */
    uint64_t *bits; /* (owned) */
    size_t words;   /* of bits */
    size_t late;
};

static void begin(struct picked *p)
{
    select_run_free(p->run);
    p->run = select_run_new(p->trace);
    p->slot = select_run_add(p->run, p->selector);
    p->count = 0;
    p->settled = trace_event_count(p->trace);
    if (p->words > 0)
        memset(p->bits, 0, p->words * sizeof *p->bits);
}

struct picked *picked_new(const struct trace *trace, struct selector *s)
{
    struct picked *p = xcalloc(1, sizeof *p);
    p->trace = trace;
    p->selector = s;
    p->late = SIZE_MAX;
    begin(p);
    return p;
}

void picked_free(struct picked *p)
{
    if (!p)
        return;
    select_run_free(p->run);
    selector_free(p->selector);
    free(p->bits);
    free(p);
}

bool picked_has(const struct picked *p, uint32_t i)
{
    return i / 64 < p->words && (p->bits[i / 64] >> (i % 64) & 1) != 0;
}

static void pick(struct picked *p, uint32_t i)
{
    while (p->words <= i / 64) {
        size_t more = p->words > 0 ? p->words * 2 : 64;
        p->bits = xreallocarray(p->bits, more, sizeof *p->bits);
        memset(p->bits + p->words, 0, (more - p->words) * sizeof *p->bits);
        p->words = more;
    }
    if (i + 1 < p->count && i < p->late && !picked_has(p, i))
        p->late = i;
    p->bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static void take(struct picked *p, size_t event)
{
    struct trace_event e = trace_event(p->trace, event);
    p->count = event + 1;
    if (!select_run_matches(p->run, p->slot))
        return;
    pick(p, (uint32_t)event);
    uint32_t segment = trace_event_segment(p->trace, event);
    if (segment != TRACE_NONE && e.kind != TRACE_SEGMENT)
        pick(p, trace_event_of(p->trace, TRACE_SEGMENT, segment));
    else if (e.kind == TRACE_CALL_EXIT)
        pick(p, trace_event_of(p->trace, TRACE_CALL_ENTER, e.index));
}

bool picked_update(struct picked *p, int64_t budget_ns)
{
    int64_t until = clock_monotonic_ns() + budget_ns;
    size_t before = p->count, event;
    if (selector_needs_end(p->selector) && trace_event_count(p->trace) > p->settled) {
        begin(p);
        p->late = 0;
    }
    for (int n = 1; select_run_next(p->run, &event); n++) {
        take(p, event);
        if (n % LOOK_EVERY == 0 && clock_monotonic_ns() > until)
            break;
    }
    return p->count != before;
}

size_t picked_count(const struct picked *p)
{
    return p->count;
}

bool picked_busy(const struct picked *p)
{
    return p->count < trace_event_count(p->trace);
}

size_t picked_late(struct picked *p)
{
    size_t late = p->late;
    p->late = SIZE_MAX;
    return late;
}

const char *picked_words(const struct picked *p)
{
    return selector_text(p->selector);
}
