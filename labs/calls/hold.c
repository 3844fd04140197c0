/* Programs held at their socket calls: a thread that is held is one whose stop has not ended yet.
 * No other is touched, and while nobody holds, no stop is longer than it would be. */
#include "labs/calls/arguments.h"
#include "labs/calls/tracer.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

void tracer_held_no_more(struct tracer *tr, struct tracee *t)
{
    if (!t->hold.held)
        return;
    report_waits(&tr->report, t, true);
    free(t->hold.args);
    t->hold = (struct hold){.at = t->hold.at};
}

bool tracer_holds(struct tracer *tr, struct tracee *t, const struct call *c,
                  const int64_t *returned)
{
    struct text args = {0};
    if (!tr->holding || tr->killing)
        return false;
    call_add_arguments(&args, c->row, t->tid, c->args, returned);
    t->hold = (struct hold){
        .held = true,
        .at = returned ? WAITS_RETURN : WAITS_ENTRY,
        .turn = ++tr->holds,
        .id = c->id,
        .name = call_row_name(c->row, c->args),
        .args = xstrdup(text_str(&args)),
    };
    report_waits(&tr->report, t, false);
    text_free(&args);
    return true;
}

void tracer_hold(struct tracer *tr)
{
    tr->holding = true;
}

/* The thread that has been held longest. */
static struct tracee *first_held(const struct tracer *tr)
{
    struct tracee *first = NULL;
    for (size_t i = 0; i < TRACEE_BUCKETS; i++)
        for (struct tracee *t = tr->tracees.buckets[i]; t; t = t->next)
            if (t->hold.held && (!first || t->hold.turn < first->hold.turn))
                first = t;
    return first;
}

void tracer_step(struct tracer *tr)
{
    struct tracee *t = first_held(tr);
    if (!t)
        return;
    bool at_return = t->hold.at == WAITS_ENTRY;
    tracer_held_no_more(tr, t);
    t->hold.at_return = at_return;
    tracer_go_on(tr, t, 0);
}

void tracer_let_go(struct tracer *tr)
{
    struct tracee *t;
    tr->holding = false;
    while ((t = first_held(tr))) {
        tracer_held_no_more(tr, t);
        tracer_go_on(tr, t, 0);
    }
}
