/* The whole screen as cells: title bar, the view in use, messages, help, the line being typed, key
 * bar. It is given keys and gives a grid; the terminal is someone else's. */
#ifndef TRACER_VIEW_VIEWER_H
#define TRACER_VIEW_VIEWER_H

#include "tracer/trace/trace.h"
#include "tracer/view/dialogue.h"
#include "tracer/view/grid.h"
#include "tracer/view/theme.h"

#include <stdbool.h>
#include <stdint.h>

enum viewer_answer {
    VIEWER_NOTHING,
    VIEWER_REDRAW,  /* the picture changed: draw it */
    VIEWER_AFRESH,  /* the terminal is to be cleared and drawn again */
    VIEWER_TYPED,   /* a line is ready: viewer_typed() */
    VIEWER_COPIED,  /* words for the clipboard are ready: viewer_copied() */
    VIEWER_SUSPEND, /* stop, as the shell's job control does */
    VIEWER_QUIT,
};

/* Where the frames come from, as the title bar says it. */
enum viewer_source { SOURCE_READING, SOURCE_LIVE, SOURCE_ENDED, SOURCE_FAILED };

/* What the terminal is asked for. */
struct viewer_settings {
    const struct theme *theme;
    bool mouse;
};

/* What a mouse did to a cell. */
enum viewer_mouse { MOUSE_CLICK, MOUSE_DOUBLE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct viewer;
struct view_type;

/* Make a viewer over `trace` (borrowed, outlives it). `title` is foreign text; with `can_type`
 * lines can be typed to the hosts' programs, and commands be given to the run. Freed by
 * viewer_free(). */
struct viewer *viewer_new(const struct trace *trace, const char *title, bool can_type);
void viewer_free(struct viewer *v);

/* Show this view and no other, whatever the trace holds. It was opened elsewhere; the viewer closes
 * it. */
void viewer_alone(struct viewer *v, const struct view_type *type, void *view);

/* Hold a dialogue (borrowed, outlives it) below the view. */
void viewer_set_dialogue(struct viewer *v, const struct dialogue *d);

/* The name of the view that is shown. */
const char *viewer_view(const struct viewer *v);

/* Stay with the first line rather than follow the newest: for what is there already, as a file. */
void viewer_from_start(struct viewer *v);

/* Show the view of this name; false where there is none. */
bool viewer_show(struct viewer *v, const char *name);

/* Take in what the trace has gained, go on with a search or a file; true where the picture changed.
 */
bool viewer_update(struct viewer *v);

/* True while a search goes on or a file is written: viewer_update() is to be called again soon. */
bool viewer_busy(const struct viewer *v);

/* Give it a key: a code point, or one of enum key_code. */
enum viewer_answer viewer_key(struct viewer *v, uint32_t key);

/* The line that VIEWER_TYPED announced, and the host ('C' or 'S') it is for, or ':' for a command
 * to the run; borrowed until the next key. */
const char *viewer_typed(const struct viewer *v, char *host);

/* Tell it of the mouse; `g` is the grid drawn last, and is drawn again. */
enum viewer_answer viewer_mouse(struct viewer *v, struct grid *g, enum viewer_mouse what, int row,
                                int col);

/* The words that VIEWER_COPIED announced; borrowed until the next key. */
const char *viewer_copied(const struct viewer *v);

/* Run a line as it is typed after `:`. 0, or -1 with the sentence. */
int viewer_configure(struct viewer *v, const char *line, struct error *e);

/* Run the lines of a configuration file, if it is there. What is wrong in it is said as a message,
 * with the line's number, and the other lines count. */
void viewer_read_config(struct viewer *v, const char *path);

/* Append the path of the user's configuration file; nothing where there is no home to have it in.
 */
void viewer_config_path(struct text *out);

const struct viewer_settings *viewer_settings(const struct viewer *v);

/* Show a sentence until the next key; say what the source does now. */
void viewer_say(struct viewer *v, const char *sentence);
void viewer_set_source(struct viewer *v, enum viewer_source s);
void viewer_set_dropped(struct viewer *v, uint64_t frames);

/* How many frames came that are not kept, since there is no room for them. */
void viewer_set_passed_over(struct viewer *v, uint64_t frames);

/* How much of what is being read was read; `all` 0 where no one knows. */
void viewer_set_progress(struct viewer *v, uint64_t done, uint64_t all);

/* Draw the whole grid, whatever its size. */
void viewer_draw(struct viewer *v, struct grid *g);

#endif
