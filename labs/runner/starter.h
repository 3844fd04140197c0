/* The run blocks of a lab's paper, while it runs: when each further program is to be started. That
 * is when the steps that stand before its block have come to pass, whoever watches. */
#ifndef LABS_RUNNER_STARTER_H
#define LABS_RUNNER_STARTER_H

#include "labs/lesson/lesson.h"
#include "tracer/capture/source.h"

#include <stdbool.h>

struct starter;

/* For a lab that has run blocks; NULL for one that has none, or for no lab. The lesson is borrowed.
 * Freed by starter_free(). */
struct starter *starter_new(const struct lesson *l);
void starter_free(struct starter *s);

/* The run, as it is recorded. */
void starter_record(struct starter *s, const struct capture_frame *frame);

/* The host, 0 or 1, of the next program that is to be started now; -1 where there is none. Each is
 * told once. */
int starter_due(struct starter *s);

/* Whether programs are still to be started; they are not, from now on. */
bool starter_waits(const struct starter *s);
void starter_give_up(struct starter *s);

#endif
