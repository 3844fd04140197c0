/* What a view is: a row of functions, and data of its own. A view turns the model into cells; it
 * sees no terminal. A new view is one more file, and one more row in view_types (views.c). */
#ifndef TRACER_VIEW_VIEW_H
#define TRACER_VIEW_VIEW_H

#include "tracer/trace/trace.h"
#include "tracer/view/command.h"
#include "tracer/view/grid.h"

#include <stdbool.h>
#include <stddef.h>

/* What a command left to do. */
enum view_answer {
    VIEW_NOT_MINE, /* the view does not know the command (or has nothing to close) */
    VIEW_DONE,     /* nothing on the screen changed */
    VIEW_REDRAW,
};

struct view_type {
    const char *name;
    const char *help; /* one sentence: what it shows */

    /* Make one over `trace` (borrowed, outlives the view); free it. */
    void *(*open)(const struct trace *trace);
    void (*close)(void *view);

    /* Take in what the trace has gained; true where the picture changed. */
    bool (*update)(void *view);

    void (*draw)(void *view, struct grid *g, struct area a);
    enum view_answer (*command)(void *view, enum command c);

    /* Append a few words on what it shows now, for the title bar. */
    void (*status)(const void *view, struct text *out);
};

/* All views, the first of them the one that a viewer opens with. */
extern const struct view_type *const view_types[];
extern const size_t view_type_count;

extern const struct view_type ladder_view;
extern const struct view_type states_view;

#endif
