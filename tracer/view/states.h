/* The states view's own data, shared by its commands (states.c) and its drawing (states_draw.c).
 *
 * One connection, and how many of its transitions have been taken: those before `cursor`. */
#ifndef TRACER_VIEW_STATES_H
#define TRACER_VIEW_STATES_H

#include "tracer/view/label.h"
#include "tracer/view/view.h"

struct states {
    const struct trace *trace; /* (borrowed) */
    uint32_t flow;             /* TRACE_NONE before there is any connection */

    uint32_t *steps; /* (owned) its state changes, as trace_state() counts them */
    size_t count, cap;
    size_t taken;                     /* changes of the trace that were looked at */
    size_t listeners;                 /* of them, listen() calls at the responder's host */
    enum tcp_state start[SIDE_COUNT]; /* before the first step */

    size_t cursor;
    bool follow; /* the cursor stays behind the newest */
    enum time_format time;
};

void states_draw(void *view, struct grid *g, struct area a);

/* A transition's words, for searching and copying; the position says how many have been taken. */
void states_row_text(void *view, struct view_position p, struct text *out);

#endif
