/* The plots view's own data, shared by its commands (plots.c), its kinds of plot (plots_kinds.c)
 * and its frame (plots_draw.c).
 *
 * Times in it count from the trace's first moment. */
#ifndef TRACER_VIEW_PLOTS_H
#define TRACER_VIEW_PLOTS_H

#include "tracer/view/axis.h"
#include "tracer/view/canvas.h"
#include "tracer/view/label.h"
#include "tracer/view/series.h"
#include "tracer/view/view.h"

enum plot_kind { PLOT_STEVENS, PLOT_TCPTRACE, PLOT_RTT, PLOT_FLIGHT, PLOT_RATE, PLOT_KIND_COUNT };

/* What is drawn with, from the least important on. */
enum plot_ink {
    INK_JOIN,   /* a thin line between points */
    INK_WINDOW, /* how far the sender may go */
    INK_CWND,   /* the congestion window, as the kernel says it */
    INK_SACK,
    INK_ACK,
    INK_POINT_BACK, /* a measurement on an ACK, or of a segment, as a point */
    INK_POINT,
    INK_GOOD, /* what arrived, as columns */
    INK_DATA,
    INK_REPEAT, /* a duplicate ACK */
    INK_EDGE,   /* SYN and FIN */
    INK_ZERO,
    INK_AGAIN,
    INK_RST,
    INK_LOST,
    INK_COUNT,
};
extern const struct canvas_ink plot_inks[INK_COUNT];

/* What a canvas was drawn of: where nothing of this has changed it is drawn already. */
struct plot_subject {
    uint32_t changes, flow;
    int side, rows, cols;
    enum plot_kind kind;
    bool ascii;
    int64_t from, to;
};

struct plots {
    const struct trace *trace; /* (borrowed) */
    struct series series;
    enum plot_kind kind;
    bool all;         /* the whole connection is in sight */
    int64_t from, to; /* else this */
    uint32_t cursor;  /* item */
    bool follow;      /* the cursor stays on the newest */
    uint32_t wanted;  /* the event to be selected when it is taken in, or TRACE_NONE */
    enum time_format time;

    struct plot_subject drawn;
    struct canvas canvas;
    struct axis x, y;
    struct axis_scale across, up; /* the same over the canvas's dots */
    unsigned seen;                /* inks that are on the canvas, a bit each */
    bool window_above;            /* some of the window's line is above the canvas */
    int64_t interval_ns;          /* of the throughput */
};

/* The range of time in sight; that of the whole connection. */
void plots_range(const struct plots *v, int64_t *from, int64_t *to);
void plots_whole(const struct plots *v, int64_t *from, int64_t *to);

/* The trace's first moment. */
int64_t plots_origin(const struct plots *v);

/* The connection's item under the cursor; its event is TRACE_NONE where there is none. */
struct series_point plots_point(const struct plots *v);

struct plot_legend {
    enum plot_ink ink;
    uint32_t glyph; /* as it looks on the canvas */
    char ascii;
    const char *words;
};

/* A kind of plot. */
struct plot_type {
    const char *tab, *name;
    enum axis_unit unit;
    struct plot_legend legend[12]; /* ended by one without words */

    /* Stretch the extents to the values in sight, and to those of the window's line. */
    void (*measure)(struct plots *v, struct series_extent *values, struct series_extent *window);

    /* Draw on the canvas along the axes. */
    void (*draw)(struct plots *v);

    /* Where the plot has a point; SERIES_UNKNOWN: none. */
    int64_t (*value)(const struct plots *v, const struct series_point *p);
};
extern const struct plot_type plot_types[PLOT_KIND_COUNT];

void plots_draw(void *view, struct grid *g, struct area a);

/* An item's words, for searching and copying. */
void plots_row_text(void *view, struct view_position p, struct text *out);

#endif
