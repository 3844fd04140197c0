/* A dialogue below the view: lines are typed, and answered by someone whom the viewer does not
 * know. */
#ifndef TRACER_VIEW_DIALOGUE_H
#define TRACER_VIEW_DIALOGUE_H

#include "tracer/base/text.h"
#include "tracer/capture/source.h"
#include "tracer/trace/trace.h"
#include "tracer/view/grid.h"

#include <stdbool.h>
#include <stddef.h>

typedef void dialogue_offer(void *to, const char *word, const char *help);

/* What was said: a line fit for a terminal. */
struct dialogue_line {
    const char *words; /* (borrowed) */
    enum role role;
    bool begins; /* what follows belongs to it: it was typed */
};

struct dialogue {
    void *self; /* given to each */

    /* It is about this trace (borrowed, outlives it). Called first. */
    void (*begin)(void *self, const struct trace *trace);

    /* A frame has come, which the trace does not have yet. */
    void (*frame)(void *self, const struct capture_frame *frame);

    /* Go on, now and then: how many milliseconds until it wants to again, -1 for as long as nothing
     * comes; *changed where more was said. */
    int (*update)(void *self, bool *changed);

    /* What is typed is asked for with this: "C> ". */
    void (*label)(void *self, struct text *out, enum role *role);

    /* A line was typed. Words that may stand at the end of one, where they begin (both borrowed).
     */
    void (*enter)(void *self, const char *line);
    size_t (*complete)(void *self, const char *line, dialogue_offer *offer, void *to);

    /* Lines typed at other times, the oldest first; NULL behind the last. */
    const char *(*earlier)(void *self, size_t i);

    /* What was said, the oldest first. */
    size_t (*count)(void *self);
    struct dialogue_line (*said)(void *self, size_t i);

    /* Bytes for whom the viewer's typed lines go to: taken away as they are sent. */
    struct text *(*outgoing)(void *self);

    /* Whether the viewer is to be left, where the source has ended or not. */
    bool (*over)(void *self, bool ended);
};

#endif
