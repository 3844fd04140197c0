/* Why an expectation was missed, in sentences: the nearest event, the clause that failed, both
 * values. */
#include "tracer/select/expect_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/select/describe.h"
#include "tracer/select/explain.h"

#include <ctype.h>

#include <string.h>

static void add_event(const struct search *s, uint32_t event, struct text *out)
{
    const struct trace *t = s->gathered->trace;
    describe_event(t, event, out);
    text_add(out, ", at ");
    describe_time(t, event, out);
    text_add(out, " s");
}

static void add_seconds(int64_t ns, struct text *out)
{
    uint64_t us = (ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns) / 1000;
    text_format(out, "%s%llu.%06llu s", ns < 0 ? "-" : "", (unsigned long long)(us / 1000000),
                (unsigned long long)(us % 1000000));
}

/* ---- the nearest event ---- */

enum { DISTANCE_MOST = 8 };

struct nearest {
    uint32_t event; /* plus 1; 0: none */
    int score;
    uint32_t from;   /* where the search begins: what follows soon is nearer than what comes late */
    int segments;    /* seen since then */
    int reasons;     /* told in `why` */
    struct text why; /* (owned) */
};

/* Whether a line before `k` has been matched with the event. */
static bool is_chosen(const struct search *s, size_t k, uint32_t event)
{
    for (size_t i = 0; i < k; i++)
        if (s->expectation->lines[i].kind == LINE_EVENT && s->chosen[i] == event)
            return true;
    return false;
}

static bool in_scope(const struct search *s, const struct moment *m)
{
    return s->across || s->flow == TRACE_NONE || m->flow == s->flow || m->flow == TRACE_NONE;
}

static void consider(struct nearest *n, const struct selector *selector, struct moment *m,
                     const bool *hits)
{
    int score = nearness(selector, m, hits);
    if (m->kind == TRACE_SEGMENT && n->segments < DISTANCE_MOST)
        n->segments++;
    if (score > 0 && n->from > 0) /* what has anything in common stays above 0 */
        score += 1 + DISTANCE_MOST - n->segments;
    if (score <= n->score)
        return;
    n->score = score;
    n->event = (uint32_t)m->event + 1;
    text_clear(&n->why);
    n->reasons = explain_selector(selector, m, hits, &n->why);
}

/* Go through the trace once more for one selector. `behind` is the nearest of those from where it
 * begins, `any` wherever it is. */
static void find_nearest(const struct search *s, const struct selector *selector,
                         struct nearest *behind, struct nearest *any)
{
    struct select_run *r = select_run_new(s->gathered->trace);
    size_t slot = select_run_add(r, selector);
    for (size_t event; select_run_next(r, &event);) {
        struct bindings b = s->bindings;
        r->moment.bindings = &b;
        if (in_scope(s, &r->moment) && !is_chosen(s, s->best.failed, (uint32_t)event)) {
            if (event >= behind->from)
                consider(behind, selector, &r->moment, r->slots[slot].hits);
            consider(any, selector, &r->moment, r->slots[slot].hits);
        }
        r->moment.bindings = NULL; /* what is counted knows no variables */
    }
    select_run_free(r);
}

/* A sentence with a place for an event. */
static void add_with_event(const struct search *s, const char *words, uint32_t event,
                           struct text *out)
{
    const char *rest = text_gap(out, words);
    add_event(s, event, out);
    text_add(out, rest);
}

static void tell_nearest(struct search *s, const struct selector *selector, uint32_t base,
                         struct expect_outcome *o)
{
    struct nearest behind = {.from = base}, any = {0};
    find_nearest(s, selector, &behind, &any);
    struct nearest *n = behind.score > 0 ? &behind : &any;
    if (n->score == 0) {
        text_add(&o->why, _("Nothing like it happened."));
        o->event = base > 0 ? base - 1 : SIZE_MAX;
    } else {
        const char *rest =
            text_gap(&o->why, n == &behind ? _("Nearest is {}: {}.")
                                           : _("Nearest, and before its turn, is {}: {}."));
        add_event(s, n->event - 1, &o->why);
        rest = text_gap(&o->why, rest);
        text_add(&o->why, n->why.len > 0 ? n->why.s : _("it is not within the bounds of the line"));
        text_add(&o->why, rest);
        o->event = n->event - 1;
    }
    text_free(&behind.why);
    text_free(&any.why);
}

/* ---- an event that would match, but for where it stands ---- */

static void tell_time(struct search *s, const struct line *line, size_t k, uint32_t event,
                      struct text *out)
{
    const struct trace *t = s->gathered->trace;
    const char *rest = text_gap(out, line->after ? _("It comes {} after what the line names")
                                     : k > 0     ? _("It comes {} after the line before")
                                                 : _("It comes {} after the beginning"));
    add_seconds(trace_time(t, event) - search_since(s, s->chosen, k), out);
    text_add(out, rest);
    bool from = line->soonest_ns != TIME_NONE, to = line->latest_ns != TIME_NONE;
    rest = text_gap(out, from && to ? _(", and allowed is from {} to {}.")
                         : from     ? _(", and allowed is from {} on.")
                                    : _(", and allowed is up to {}."));
    if (from) {
        add_seconds(line->soonest_ns, out);
        rest = text_gap(out, rest);
    }
    if (to) {
        add_seconds(line->latest_ns, out);
        text_add(out, rest);
    }
}

/* An event in the right place that only one term keeps from fitting may be the one that was meant.
 */
static void tell_nearest_behind(const struct search *s, const struct selector *selector,
                                uint32_t base, struct text *out)
{
    struct nearest behind = {.from = base}, any = {0};
    find_nearest(s, selector, &behind, &any);
    if (behind.score > 0 && behind.reasons == 1) {
        const char *rest = text_gap(out, _(" Behind that the nearest is {}: {}."));
        add_event(s, behind.event - 1, out);
        rest = text_gap(out, rest);
        text_add(out, text_str(&behind.why));
        text_add(out, rest);
    }
    text_free(&behind.why);
    text_free(&any.why);
}

/* What is wrong with the place of `c`, which the line's selector selects. */
static void tell_place(struct search *s, size_t k, const struct candidate *c, uint32_t base,
                       struct text *out)
{
    const struct line *line = &s->expectation->lines[k];
    uint32_t after = line->after ? search_first(s, line->after, line->after_slot) : 0;
    uint32_t before = line->before ? search_first(s, line->before, line->before_slot) : 0;
    if (c->event < base) {
        add_with_event(s, _("It comes too early, not behind what the lines before it name: {}."),
                       base - 1, out);
        tell_nearest_behind(s, line->selector, base, out);
    } else if (line->after && c->event < after) {
        add_with_event(s, _("It comes before what it must come after: {}."), after - 1, out);
    } else if (line->before && c->event >= before - 1) {
        add_with_event(s, _("It does not come before what it must come before: {}."), before - 1,
                       out);
    } else if (line->next && c->previous > base) {
        add_with_event(s, _("It is not the next one, since this comes between: {}."),
                       c->previous - 1, out);
    } else if (is_chosen(s, k, c->event)) {
        text_add(out, _("It has been matched with another line already."));
    } else {
        tell_time(s, line, k, c->event, out);
    }
}

/* A candidate whose terms all hold: the first behind `base`, else the last before it. */
static bool find_fitting(struct search *s, size_t k, uint32_t base, struct candidate *out)
{
    const struct line *line = &s->expectation->lines[k];
    struct walker w = walk_begin(s->gathered, line->slot, s->flow, s->across);
    bool found = false;
    for (const struct candidate *c; (c = walk_next(&w));) {
        struct bindings b = s->bindings;
        if (!variables_match(s->gathered, line->selector, c->event, &b))
            continue;
        *out = *c;
        found = true;
        if (c->event >= base)
            break;
    }
    return found;
}

/* The line names another event that never came. */
static bool tell_missing(struct search *s, const struct line *line, struct expect_outcome *o)
{
    const struct selector *missing = NULL;
    if (line->after && search_first(s, line->after, line->after_slot) == 0)
        missing = line->after;
    else if (line->before && search_first(s, line->before, line->before_slot) == 0)
        missing = line->before;
    if (!missing)
        return false;
    const char *rest =
        text_gap(&o->why, missing == line->after
                              ? _("It must come after something that never happened: {}. ")
                              : _("It must come before something that never happened: {}. "));
    text_safe_str(&o->why, selector_text(missing));
    text_add(&o->why, rest);
    tell_nearest(s, missing, 0, o);
    return true;
}

static void explain_event(struct search *s, size_t k, struct expect_outcome *o)
{
    const struct line *line = &s->expectation->lines[k];
    uint32_t base = search_base(s, s->chosen, k);
    struct candidate c;
    explain_capture(line->selector, s->gathered->trace, &o->why);
    if (tell_missing(s, line, o))
        return;
    if (!find_fitting(s, k, base, &c)) {
        tell_nearest(s, line->selector, base, o);
        return;
    }
    add_with_event(s, _("It happened: {}. "), c.event, &o->why);
    tell_place(s, k, &c, base, &o->why);
    o->event = c.event;
}

/* ---- counts ---- */

static void explain_many(struct search *s, const struct line *line, struct expect_outcome *o)
{
    const char *words =
        line->least == line->most
            ? _("It happened {} times, and expected was {}. This is one too many: {}.")
            : _("It happened {} times, and expected was {} at the most. This is one too many: {}.");
    const char *rest = text_gap(&o->why, words);
    text_i64(&o->why, s->best.counted);
    rest = text_gap(&o->why, rest);
    text_i64(&o->why, line->most);
    add_with_event(s, rest, s->best.event, &o->why);
    o->event = s->best.event;
}

static void explain_few(struct search *s, const struct line *line, struct expect_outcome *o)
{
    int64_t n = s->best.counted;
    explain_capture(line->selector, s->gathered->trace, &o->why);
    const char *rest = text_gap(&o->why, n == 1 ? _("It happened {} time, and expected was ")
                                                : _("It happened {} times, and expected was "));
    text_i64(&o->why, n);
    text_add(&o->why, rest);
    rest = text_gap(&o->why, line->least == line->most ? _("{}. ") : _("{} at the least. "));
    text_i64(&o->why, line->least);
    text_add(&o->why, rest);
    if (s->best.event != UINT32_MAX) {
        add_with_event(s, _("The last is {}."), s->best.event, &o->why);
        o->event = s->best.event;
    } else {
        tell_nearest(s, line->selector, 0, o);
    }
}

static void explain_counts(struct search *s, size_t k, struct expect_outcome *o)
{
    const struct line *line = &s->expectation->lines[k];
    if (line->most >= 0 && s->best.counted > line->most && line->most == 0) {
        add_with_event(s, _("This must not happen, and it did: {}."), s->best.event, &o->why);
        o->event = s->best.event;
    } else if (line->most >= 0 && s->best.counted > line->most) {
        explain_many(s, line, o);
    } else {
        explain_few(s, line, o);
    }
}

/* ---- the whole ---- */

static void explain_nothing(const struct search *s, struct text *out)
{
    if (trace_flow_count(s->gathered->trace) == 0)
        text_add(out, _("There is no TCP connection in this capture."));
    else
        text_format(out,
                    _("This capture has %u connections, and the one that is asked for is "
                      "number %lld."),
                    trace_flow_count(s->gathered->trace), (long long)s->expectation->connection);
}

void explain_miss(struct search *s, struct expect_outcome *o)
{
    const struct attempt *best = &s->best;
    o->event = SIZE_MAX;
    if (!best->any) {
        explain_nothing(s, &o->why);
        return;
    }
    s->flow = best->flow;
    s->bindings = best->bindings;
    memcpy(s->chosen, best->chosen, sizeof s->chosen);
    s->steps = 0; /* what follows is one look at a line or two */
    s->over = false;
    const struct line *line = &s->expectation->lines[best->failed];
    o->line = line->number;
    if (trace_flow_count(s->gathered->trace) > 1 && !s->across && s->flow != TRACE_NONE)
        text_format(&o->why, _("In connection %u: "), s->flow + 1);
    if (line->kind == LINE_EVENT)
        explain_event(s, best->failed, o);
    else
        explain_counts(s, best->failed, o);
}
