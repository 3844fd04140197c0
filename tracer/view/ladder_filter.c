/* The ladder's filter: only the lines that a selector picks (docs/expectations.md). */
#include "tracer/view/ladder.h"

#include "tracer/select/selector.h"
#include "tracer/view/slice.h"

#include <string.h>

static void pick(struct ladder *v, struct picked *p)
{
    v->layout.picked = NULL;
    picked_free(v->picked);
    v->picked = p;
    if (p)
        picked_update(p, SLICE_NS);
    ladder_lay_out(v);
}

int ladder_filter(void *view, const char *words, struct error *e)
{
    struct ladder *v = view;
    struct select_fault fault = {0};
    struct selector *s = NULL;
    if (!*words) {
        ladder_unfilter(v);
        return 0;
    }
    if (v->picked && strcmp(words, picked_words(v->picked)) == 0)
        return 0;
    s = selector_parse(words, &fault);
    if (!s)
        return select_fault_error(&fault, NULL, e);
    pick(v, picked_new(v->trace, s));
    return 0;
}

bool ladder_unfilter(struct ladder *v)
{
    if (!v->picked)
        return false;
    pick(v, NULL);
    return true;
}

/* What was picked late belongs among the lines that are laid out already. */
bool ladder_pick(struct ladder *v)
{
    if (!v->picked || !picked_update(v->picked, SLICE_NS))
        return false;
    if (picked_late(v->picked) < v->layout.taken)
        ladder_lay_out(v);
    return true;
}

bool ladder_busy(const void *view)
{
    const struct ladder *v = view;
    size_t n = v->picked ? picked_count(v->picked) : trace_event_count(v->trace);
    return v->layout.taken < n || (v->picked && picked_busy(v->picked));
}
