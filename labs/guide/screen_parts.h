/* The lab's screen: what its two files share.
 *
 *      screen.c         what is said, keys, frames
 *      screen_draw.c    cells */
#ifndef LABS_GUIDE_SCREEN_PARTS_H
#define LABS_GUIDE_SCREEN_PARTS_H

#include "labs/guide/guide.h"
#include "labs/guide/prose.h"
#include "labs/guide/screen.h"
#include "tracer/view/editor.h"

#include <stddef.h>
#include <stdint.h>

#define LOOK_NOW SIZE_MAX

/* What has been said so far, the newest last. */
struct entry {
    char *markdown;   /* (owned) */
    const char *lead; /* before its first line */
    bool apart;       /* an empty line stands above it */
    size_t first_line;
};

struct guide_screen {
    struct companion companion;
    struct recording *recording;
    struct guide *guide;
    struct entry *entries;
    size_t count, cap;
    struct prose prose; /* the entries, wrapped to: */
    int cols;
    size_t fresh;    /* the first entry of what was said last */
    long top;        /* the line in the first row; -1: where what is fresh can be read */
    int rows;        /* of text, when drawn last */
    bool asked;      /* the question that is to be answered stands there */
    bool step_asked; /* the student wants to see the next step */
    bool over;
    struct editor editor;
    struct guide_end end; /* (borrowed) */
    size_t *steps;        /* how much had been said when each step was revealed */
    size_t step_count, steps_cap;
    size_t look;      /* one looks back to how it was after so many of them, or: LOOK_NOW */
    size_t fresh_now; /* what `fresh` is then */
};

/* Whether what is said goes on below what is seen of it. */
bool guide_screen_more(const struct guide_screen *s);

void guide_screen_draw(void *data, struct grid *g, bool focused);

#endif
