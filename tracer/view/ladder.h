/* The ladder view's own data, shared by its commands (ladder.c) and its drawing (ladder_draw.c). */
#ifndef TRACER_VIEW_LADDER_H
#define TRACER_VIEW_LADDER_H

#include "tracer/view/label.h"
#include "tracer/view/layout.h"
#include "tracer/view/pane.h"
#include "tracer/view/view.h"

struct ladder {
    const struct trace *trace; /* (borrowed) */
    struct layout layout;
    size_t cursor;    /* the selected row */
    size_t top;       /* the first row in sight */
    bool follow;      /* the newest row stays in sight, and selected */
    struct pane pane; /* the detail of the selected line */
    int body_rows;    /* rows of the ladder in sight when drawn last */
    enum time_format time;
};

/* Keep cursor and top within the rows and the cursor in sight; called when the body's size is
 * known. */
void ladder_settle(struct ladder *v, int body_rows);

void ladder_draw(void *view, struct grid *g, struct area a);

/* A row's words in full, for searching and copying. */
void ladder_row_text(void *view, struct view_position p, struct text *out);

/* The trace event that a row stands for, TRACE_NONE for no row. */
uint32_t ladder_event(const struct ladder *v, size_t row);

#endif
