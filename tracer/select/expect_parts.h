/* Expectations from the inside. Inside tracer/select only. */
#ifndef TRACER_SELECT_EXPECT_PARTS_H
#define TRACER_SELECT_EXPECT_PARTS_H

#include "tracer/select/expect.h"
#include "tracer/select/node.h"
#include "tracer/select/parse.h"
#include "tracer/select/run_parts.h"

enum { LINES_MAX = 64, NEEDS_MAX = 8, TIME_NONE = -1 };

enum line_kind { LINE_EVENT, LINE_COUNT };

/* One line. An event line is matched by one event, behind the line before; a count line counts the
 * events of the whole scope. */
struct line {
    enum line_kind kind;
    int number;                /* of the text, from 1 */
    char *text;                /* (owned) as it was written */
    struct selector *selector; /* (owned), as are the two */
    struct selector *after, *before;
    bool next;                     /* no other event of its sort since the line before */
    unsigned block;                /* any order { }: its number, from 1; 0: in none */
    int64_t least, most;           /* LINE_COUNT; most -1: no bound */
    int64_t soonest_ns, latest_ns; /* TIME_NONE: no bound */
    size_t slot, after_slot, before_slot;
};

enum scope { SCOPE_ONE, SCOPE_EVERY, SCOPE_ACROSS };

struct expectation {
    char *name, *hint; /* (owned) */
    int64_t points;
    int number; /* of its first line */
    enum scope scope;
    int64_t connection; /* 0: any */
    struct variables variables;
    size_t line_count;
    struct line lines[LINES_MAX];
    size_t need_count;
    char *needs[NEEDS_MAX]; /* (owned) names */
    size_t need_of[NEEDS_MAX];
};

struct expectations {
    struct expectation *at; /* (owned) */
    size_t count, cap;
};

/* Whether its lines may be matched by events of several connections. */
bool expectation_is_across(const struct expectation *e);

/* ---- the events that come into question ---- */

struct candidate {
    uint32_t event, flow;
    uint32_t previous; /* the event of the same sort before it, plus 1; 0: none */
};

/* The candidates of one slot, by connection and within it by event; those of none stand last. */
struct candidates {
    struct candidate *at; /* (owned) */
    size_t count, cap;
    bool cut; /* there were more than are kept */
};

struct gathered {
    const struct trace *trace;
    struct select_run *run;     /* (owned) */
    struct candidates *of_slot; /* (owned) */
    uint32_t *begins;           /* (owned) by connection: its first event, plus 1 */
    size_t kept;                /* candidates of all slots */
};

/* Go through the trace once and gather what each line's selectors select, whatever the values of
 * variables. */
void gather(struct gathered *g, const struct expectations *e, const struct trace *t);
void gathered_free(struct gathered *g);

/* A walk over the candidates of a slot in the scope of a connection (its own and those of none; all
 * of them with `across`), in the order of events. */
struct walker {
    const struct candidate *own, *own_end, *free, *free_end;
};
struct walker walk_begin(const struct gathered *g, size_t slot, uint32_t flow, bool across);
const struct candidate *walk_next(struct walker *w);

/* Move on to the first candidate at or behind an event. */
void walk_skip(struct walker *w, uint32_t event);

/* The lowest connection from `flow` on that has a candidate in the slot; TRACE_NONE: none. */
uint32_t first_flow(const struct gathered *g, size_t slot, uint64_t flow);

/* Whether the terms with variables hold; unbound ones are bound unless frozen. */
bool variables_match(const struct gathered *g, const struct selector *s, uint32_t event,
                     struct bindings *b);

/* ---- the search ---- */

/* The best that was reached: how far, and with what. */
struct attempt {
    bool any;
    size_t depth; /* lines matched; line_count: a count line failed */
    uint32_t flow;
    struct bindings bindings;
    uint32_t chosen[LINES_MAX];
    size_t failed;   /* the line that was missed */
    int64_t counted; /* LINE_COUNT: how many there were */
    uint32_t event;  /* LINE_COUNT: the one too many, or the last */
};

struct search {
    const struct gathered *gathered;
    const struct expectation *expectation;
    bool across;
    uint32_t flow;
    int64_t steps, steps_most;
    bool over;
    struct bindings bindings;
    uint32_t chosen[LINES_MAX];
    struct attempt best;
};

enum expect_result search_expectation(struct search *s);

/* The event that line `k` must come behind, plus 1 (0: it may be the first). */
uint32_t search_base(const struct search *s, const uint32_t *chosen, size_t k);

/* The first event in scope of a slot, under the bindings, plus 1; 0: none. */
uint32_t search_first(struct search *s, const struct selector *selector, size_t slot);

/* The time from which a line's durations are counted. */
int64_t search_since(struct search *s, const uint32_t *chosen, size_t k);

/* ---- the explanation ---- */

void explain_miss(struct search *s, struct expect_outcome *o);

#endif
