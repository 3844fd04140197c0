/* What a view is: a row of functions, and data of its own. A view turns the model into cells; it
 * sees no terminal. A new view is one more file, and one more row in view_types (views.c). */
#ifndef TRACER_VIEW_VIEW_H
#define TRACER_VIEW_VIEW_H

#include "tracer/trace/trace.h"
#include "tracer/view/command.h"
#include "tracer/view/grid.h"
#include "tracer/view/label.h"

#include <stdbool.h>
#include <stddef.h>

/* What a command left to do. */
enum view_answer {
    VIEW_NOT_MINE, /* the view does not know the command (or has nothing to close) */
    VIEW_DONE,     /* nothing on the screen changed */
    VIEW_REDRAW,
    VIEW_OPEN,  /* another view is to be laid over this one: target() says which, and of what */
    VIEW_LEAVE, /* the viewer is to be left */
};

enum { VIEW_FLOWS_MOST = 8 };

/* What one view asks another to show. */
struct view_target {
    const struct view_type *type;
    uint32_t flow;                   /* the one connection, or TRACE_NONE for all */
    uint32_t event;                  /* of the trace, to be selected; TRACE_NONE: the first shown */
    uint32_t flows[VIEW_FLOWS_MOST]; /* connections picked out, to be shown side by side */
    int flow_count;                  /* of flows; 0: there is none but `flow` */
};

/* A line of a view, so that it is found again: `row` and `part` order the lines from top to bottom,
 * `flow` is what the view needs besides (a connection that it shows alone, as a rule). */
struct view_position {
    uint64_t row, part;
    uint32_t flow;
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

    /* The rest may be NULL. */

    /* What is selected: what another view is to show, and after VIEW_OPEN which. Closed again, this
     * view stands as it was. */
    struct view_target (*target)(const void *view);

    /* Turn to what another view asked for; called once, after open() and update(). */
    void (*show)(void *view, const struct view_target *target);

    /* A sentence on the command just given (borrowed), NULL where there is nothing to say; asked
     * after each. */
    const char *(*said)(void *view);

    /* Its key bar, ended by COMMAND_NONE, in place of the table's. */
    const struct command_bar_item *bar;

    /* Its lines, for marks (the first two), searching and copying (all four). The selected line;
     * select one (the nearest, where it is gone); go by 1 down or by -1 up, false at an end (by 0 a
     * position of which only `row` and `part` are set, too small or too large even, becomes a true
     * one; false where there are no lines); append a line's words, fit for a terminal. */
    struct view_position (*position)(const void *view);
    void (*go)(void *view, struct view_position p);
    bool (*step)(void *view, struct view_position *p, int by);
    void (*row_text)(void *view, struct view_position p, struct text *out);

    /* Select the line of a trace event, or the one before it, without showing anything else. */
    void (*seek)(void *view, uint32_t event);

    /* Show only what the words let pass, "" for all. Called as they are typed, too. 0, or -1 with
     * the sentence, and nothing has changed. */
    int (*filter)(void *view, const char *words, struct error *e);

    /* Whether the newest is kept in sight, and selected. */
    bool (*follows)(const void *view);

    /* Whether update() has more to do, though the trace may have gained nothing. */
    bool (*busy)(const void *view);

    /* Whether it shows the segments of a connection, or would if there were room; NULL: of all. */
    bool (*shows)(const void *view, uint32_t flow);

    /* Write times so from now on. Where it is NULL the view is given COMMAND_TIME instead. */
    void (*set_time)(void *view, enum time_format format);

    /* The commands that mean anything where it is shown alone (viewer_alone()), ended by
     * COMMAND_NONE. */
    const enum command *commands;

    /* Take a click, `row` and `col` from the corner of its area; VIEW_NOT_MINE selects the line. */
    enum view_answer (*click)(void *view, int row, int col);
};

/* All views, the first of them the one that a viewer opens with. */
extern const struct view_type *const view_types[];
extern const size_t view_type_count;

extern const struct view_type ladder_view, connections_view, states_view, stream_view, calls_view,
    findings_view, detail_view, plots_view, code_view;

#endif
