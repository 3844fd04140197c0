/* The ladder view's own data, shared by its commands (ladder.c) and its drawing (ladder_parts.h).
 */
#ifndef TRACER_VIEW_LADDER_H
#define TRACER_VIEW_LADDER_H

#include "tracer/view/again.h"
#include "tracer/view/columns.h"
#include "tracer/view/label.h"
#include "tracer/view/layout.h"
#include "tracer/view/pane.h"
#include "tracer/view/view.h"

/* How it is drawn: between two hosts with their margins, with a lane for each host, or with the
 * connections side by side. */
enum ladder_form { LADDER_TWO_HOSTS, LADDER_HOSTS, LADDER_PAIRS, LADDER_FORMS };

struct ladder {
    const struct trace *trace; /* (borrowed) */
    struct layout layout;
    struct picked *picked; /* (owned) what a filter lets pass; NULL: everything */
    size_t cursor;         /* the selected row */
    size_t top;            /* the first row in sight */
    uint32_t wanted;       /* the moment to be selected when it is laid out, or TRACE_NONE */
    bool follow;           /* the newest row stays in sight, and selected */
    struct pane pane;      /* the detail of the selected line */
    int body_rows;         /* rows of the ladder in sight when drawn last */
    enum time_format time;
    enum ladder_form form;      /* as asked for; ladder_form() says what is drawn */
    struct columns_set columns; /* where it is not drawn between two hosts */
    struct again_memory again;
    const char *said; /* a sentence on the last command, or NULL */
};

/* How it is drawn now: a connection alone is always between two hosts. */
enum ladder_form ladder_form(const struct ladder *v);

/* Keep cursor and top within the rows and the cursor in sight; called when the body's size is
 * known. */
void ladder_settle(struct ladder *v, int body_rows);

void ladder_draw(void *view, struct grid *g, struct area a);

/* Lay out anew what is shown, and keep to the moment that was selected. */
void ladder_lay_out(struct ladder *v);

/* ---- ladder_filter.c ---- */

/* Let only what a selector picks pass, "" for everything; drop the filter, false where there is
 * none. */
int ladder_filter(void *view, const char *words, struct error *e);
bool ladder_unfilter(struct ladder *v);

/* Look at more of the trace with the filter; true where the picture may have changed. */
bool ladder_pick(struct ladder *v);
bool ladder_busy(const void *view);

/* A row's words in full, for searching and copying. */
void ladder_row_text(void *view, struct view_position p, struct text *out);

/* The trace event that a row stands for, TRACE_NONE for no row. */
uint32_t ladder_event(const struct ladder *v, size_t row);

#endif
