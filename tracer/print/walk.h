/* The walk-through: the story of a session as text, in the order of time. Each call as it is
 * entered and as it returns, each segment in tcpdump's notation with J and K of this run, each
 * change of state, and a plain sentence for each segment on what it means. */
#ifndef TRACER_PRINT_WALK_H
#define TRACER_PRINT_WALK_H

#include "tracer/base/text.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>

struct walk;

/* Walk through a trace (borrowed) that may still grow; `ascii` keeps to ASCII. Freed by
 * walk_free(). */
struct walk *walk_new(const struct trace *trace, bool ascii);
void walk_free(struct walk *w);

/* Let no line of words be longer than so many columns; 100 unless said otherwise. */
void walk_columns(struct walk *w, int columns);

/* Leave out what commands were answered: it is told elsewhere. */
void walk_without_answers(struct walk *w);

/* Append what has happened since the last call. A call that was entered as the very last thing is
 * held back, since it may return at once and is then one line; with `last` it is not. */
void walk_more(struct walk *w, bool last, struct text *out);

#endif
