/* The calls view's own data, shared by its commands (calls.c) and its drawing (calls_draw.c). */
#ifndef TRACER_VIEW_CALLS_H
#define TRACER_VIEW_CALLS_H

#include "tracer/trace/keyed.h"
#include "tracer/view/label.h"
#include "tracer/view/pane.h"

struct process {
    char host;
    int pid;
    const char *program; /* (borrowed from the trace) NULL where not known */
    uint32_t ended;      /* the note that tells its end; TRACE_NONE while it runs */
    int64_t returned_ns; /* in those of its calls that have returned */
    uint32_t *events;    /* (owned) the entries of its calls, as trace events */
    size_t count, cap;
};

struct calls {
    const struct trace *trace; /* (borrowed) */
    size_t taken;
    struct process *processes; /* (owned) those that called anything or were said to start */
    size_t count, cap;
    struct keyed by_pid;
    size_t newest;      /* the process of the latest call */
    size_t only;        /* the one process shown; SIZE_MAX: all */
    size_t cursor, top; /* rows */
    bool follow;
    enum time_format time;
    struct pane pane;
    int body_rows;
};

/* A row: a process' heading (call SIZE_MAX), the blank before the next one's, or a call. */
struct place {
    size_t process, call;
    bool blank;
};

/* What stands in a row; false past the last one. */
bool calls_place_of(const struct calls *v, size_t row, struct place *out);

/* Keep cursor and top within the rows and the cursor in sight. */
void calls_settle(struct calls *v, int body_rows);

/* The call that a trace event enters; how long a call took, to this moment where it has not
 * returned; the time of the last event. */
const struct call *calls_call_of(const struct calls *v, uint32_t event);
int64_t calls_blocked_ns(const struct calls *v, const struct process *p, const struct call *c);
int64_t calls_now_ns(const struct calls *v);

/* A line's words, for searching and copying. */
void calls_row_text(void *view, struct view_position p, struct text *out);

void calls_draw(void *view, struct grid *g, struct area a);

#endif
