/* The list's filter where it is a selector: a connection passes of which it selects an event. */
#include "tracer/view/connections.h"

#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/select/run.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_EVERY = 256, SLICE_NS = 8000000 }; /* events between two looks at the clock */

struct chosen {
    struct selector *selector; /* (owned) */
    struct select_run *run;    /* (owned) */
    size_t looked;             /* at so many events */
    size_t settled; /* how many there were when a selector that needs the end was begun */
    bool *has;      /* (owned) by connection: it has an event that is selected */
    size_t count, cap;
};

/* Addresses, ports, states and flags are written without these: what has one is no text of them. */
static bool is_no_text(const char *words)
{
    return strpbrk(words, "\"()<>=") != NULL;
}

int connections_parse(const char *words, struct selector **s, struct error *e)
{
    struct select_fault fault = {0};
    *s = NULL;
    if (!is_no_text(words) && !strpbrk(words, " ["))
        return 0; /* one word is a text: closed, syn */
    *s = selector_parse(words, &fault);
    return *s || !is_no_text(words) ? 0 : select_fault_error(&fault, NULL, e);
}

static void begin(struct connections *v)
{
    struct chosen *c = v->chosen;
    select_run_free(c->run);
    c->run = select_run_new(v->trace);
    select_run_add(c->run, c->selector);
    c->looked = c->count = 0;
    c->settled = trace_event_count(v->trace);
    connections_reorder(v);
}

void connections_choose(struct connections *v, struct selector *s)
{
    struct chosen *c = v->chosen;
    v->chosen = NULL;
    if (c) {
        select_run_free(c->run);
        selector_free(c->selector);
        free(c->has);
        free(c);
    }
    if (!s)
        return;
    v->chosen = xcalloc(1, sizeof *v->chosen);
    v->chosen->selector = s;
    begin(v);
}

bool connections_chosen(const struct connections *v, uint32_t row)
{
    return row < v->chosen->count && v->chosen->has[row];
}

static void take(struct connections *v, uint32_t flow)
{
    struct chosen *c = v->chosen;
    if (flow == TRACE_NONE || connections_chosen(v, flow))
        return;
    while (c->count <= flow) {
        xgrow(&c->has, &c->cap, c->count, sizeof *c->has);
        c->has[c->count++] = false;
    }
    c->has[flow] = true;
    if (flow < v->count)
        connections_changed(v, flow);
}

bool connections_choosing(const struct connections *v)
{
    return v->chosen && v->chosen->looked < trace_event_count(v->trace);
}

bool connections_look(struct connections *v)
{
    struct chosen *c = v->chosen;
    int64_t until = clock_monotonic_ns() + SLICE_NS;
    size_t event;
    if (!connections_choosing(v))
        return false;
    if (selector_needs_end(c->selector) && trace_event_count(v->trace) > c->settled)
        begin(v);
    for (int n = 1; select_run_next(c->run, &event); n++) {
        c->looked = event + 1;
        if (select_run_matches(c->run, 0))
            take(v, select_run_flow(c->run));
        if (n % LOOK_EVERY == 0 && clock_monotonic_ns() > until)
            break;
    }
    return true;
}
