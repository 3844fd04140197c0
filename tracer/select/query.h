/* Values of a trace, for questions and prose: "ack of first S > C [S.]", "count of C > S data",
 * "time of S > C [S.] - time of C > S [S]" (docs/expectations.md). */
#ifndef TRACER_SELECT_QUERY_H
#define TRACER_SELECT_QUERY_H

#include "tracer/base/text.h"
#include "tracer/select/fault.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct query;

/* Parse a whole text. NULL with the fault set where it is none. Freed by query_free(). */
struct query *query_parse(const char *text, struct select_fault *fault);
void query_free(struct query *q);

/* Every word that begins a value, the list ending with NULL: for help and completion. */
const char *const *query_words(void);

/* True where the answer is settled only when the trace has ended: a count, a state at the end, the
 * last of something. */
bool query_needs_end(const struct query *q);

struct answer {
    bool is_number;
    int64_t number; /* nanoseconds where is_time */
    bool is_time;
    bool is_flags;    /* text is flags as tcpdump writes them, without brackets */
    struct text text; /* (owned) as it is shown: "2927179379", "S.", "0.010040 s", "ESTABLISHED" */
    size_t event;     /* of the first selector; SIZE_MAX: of none */
};

/* Answer it from the trace as it stands. False where what it asks for is not there: the text then
 * says what. Free a->text in either case. */
bool query_answer(const struct query *q, const struct trace *t, struct answer *a);

#endif
