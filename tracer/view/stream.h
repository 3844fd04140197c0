/* The stream view's own data, shared by its commands (stream.c) and its drawing (stream_draw.c). */
#ifndef TRACER_VIEW_STREAM_H
#define TRACER_VIEW_STREAM_H

#include "tracer/view/label.h"
#include "tracer/view/pane.h"
#include "tracer/view/stream_rows.h"

struct stream {
    const struct trace *trace; /* (borrowed) */
    struct stream_log log;
    struct stream_block block; /* the one looked at last, and how all of them are shown */
    enum time_format time;
    bool follow;
    bool form_chosen; /* by hand: else a WebSocket is shown as frames, all else as text */
    uint32_t wanted;  /* the event to be selected when it is taken in, or TRACE_NONE */
    struct pane pane;
    int body_rows; /* when drawn last */
};

/* Put the spots of cursor and top at the beginnings of rows, the cursor in sight. */
void stream_settle(struct stream *v);

/* The form that x shows next. */
enum stream_form stream_form_after(const struct stream *v);

/* Move a spot one row up (-1) or down (1); false at an end of the stream. */
bool stream_step(struct stream *v, struct spot *s, int by);

void stream_draw(void *view, struct grid *g, struct area a);

#endif
