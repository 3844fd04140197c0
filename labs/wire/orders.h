/* Commands to the wire (labs/control), carried out on an engine and its rules: pure, as they are.
 * Each has an answer for the person who gave it. */
#ifndef LABS_WIRE_ORDERS_H
#define LABS_WIRE_ORDERS_H

#include "labs/wire/engine.h"
#include "labs/wire/rulebook.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was sent is kept for rules that come later up to so much, unless there are rules already. */
enum { ORDERS_KEEP_BYTES = 64 << 20 };

struct orders_options {
    struct engine *engine;            /* (borrowed) */
    struct rulebook_options rulebook; /* `grows` where rules may come later and count from the
                                         first frame on */
    const struct rules *const *rules; /* (borrowed) ends with NULL; NULL for none */
};

/* Gives the engine its rules. Freed by orders_free(), before the engine. */
struct orders;
struct orders *orders_new(const struct orders_options *options);
void orders_free(struct orders *o);

/* Carry out one command. True where it was done. Appends the answer: sentences, or the lines of a
 * list, without a newline at the end. */
bool orders_do(struct orders *o, const char *line, int64_t now_ns, struct text *answer);

/* A frame of so many bytes has arrived: forget what was kept where that becomes too much. */
void orders_count(struct orders *o, uint32_t length_bytes);

#endif
