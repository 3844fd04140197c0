/* What stands beside the viewer's picture and has keys of its own: a lab's prose and questions, a
 * prompt. Like a view it is told of keys and draws cells, and sees no terminal. */
#ifndef TRACER_VIEW_COMPANION_H
#define TRACER_VIEW_COMPANION_H

#include "tracer/capture/source.h"
#include "tracer/view/grid.h"

#include <stdbool.h>
#include <stdint.h>

enum companion_answer {
    COMPANION_NOT_MINE, /* the key is for the viewer */
    COMPANION_NOTHING,
    COMPANION_REDRAW,
    COMPANION_QUIT,
};

struct companion {
    void *data;

    /* A frame has come from the source (its bytes are borrowed); no more will come. */
    void (*take)(void *data, const struct capture_frame *frame);
    void (*end)(void *data);

    /* The next of the frames taken that the viewer may show now; false where there is none. */
    bool (*next)(void *data, struct capture_frame *frame);

    /* True once where the viewer is to forget what it has shown, and next() has begun again with
     * the first frame. May be NULL. */
    bool (*anew)(void *data);

    /* Whether all that was taken, and will be, may be shown. */
    bool (*finished)(const void *data);

    /* Draw all of it on a grid of its own. With `focused`, keys go to it first. */
    void (*draw)(void *data, struct grid *g, bool focused);

    enum companion_answer (*key)(void *data, uint32_t key);
};

/* Where the two stand on a screen of that size: side by side where it is wide, the companion below
 * otherwise; on a small one whoever is focused has all of it, and the other's area is empty. */
void companion_place(int rows, int cols, bool focused, struct area *viewer, struct area *companion);

/* Copy what stands on `from` to the area of `to`; the line between the two areas. */
void companion_copy(const struct grid *from, struct grid *to, struct area a);
void companion_line(struct grid *g, struct area viewer, struct area companion);

#endif
