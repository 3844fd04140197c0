/* The line at the foot of the screen that is being typed: a command, a text to search for, a
 * filter, a file's name, words to a host's program. UTF-8, with a cursor and a history. */
#ifndef TRACER_VIEW_EDITOR_H
#define TRACER_VIEW_EDITOR_H

#include "tracer/base/text.h"
#include "tracer/view/grid.h"

enum { HISTORY_LINES = 64, EDITOR_BYTES = 3000 };

/* Lines entered before, the oldest first. All zero is empty. */
struct history {
    char *lines[HISTORY_LINES]; /* (owned) */
    int count;
};
void history_add(struct history *h, const char *line);
void history_free(struct history *h);

/* All zero is an empty line without a history. */
struct editor {
    struct text line;
    size_t cursor;           /* a byte of the line, or its end */
    struct history *history; /* (borrowed) or NULL */
    int at;                  /* the line of the history that is shown; its count: none */
    struct text own;         /* what was being typed before the history was looked at */
};

enum editor_answer {
    EDITOR_NOT_MINE, /* the key is for someone else */
    EDITOR_NOTHING,
    EDITOR_MOVED,   /* the cursor alone */
    EDITOR_CHANGED, /* the line */
    EDITOR_DONE,    /* Enter: the line is ready */
    EDITOR_LEFT,    /* Esc or ^C */
};

/* Begin with a line, the cursor behind it. Freed by editor_free(). */
void editor_begin(struct editor *e, struct history *h, const char *line);
void editor_free(struct editor *e);

/* Take a key. Nothing that a terminal should not be given gets into the line. */
enum editor_answer editor_key(struct editor *e, uint32_t key);

/* Replace the bytes from `from` to the cursor, which then stands behind the new ones. */
void editor_replace(struct editor *e, size_t from, const char *words);

/* Draw the line in one row, the part around the cursor where it is too long. */
void editor_draw(const struct editor *e, struct grid *g, struct area a);

#endif
