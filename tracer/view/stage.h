/* For tests only: a viewer over a scene, its keys pressed and its screen looked at. */
#ifndef TRACER_VIEW_STAGE_H
#define TRACER_VIEW_STAGE_H

#include "tracer/view/scene.h"
#include "tracer/view/viewer.h"

#include <stdlib.h>
#include <string.h>

struct stage {
    struct scene scene;
    struct viewer *viewer;
    struct grid grid;
    struct text seen;
};

/* Show the scene, which has begun, on so many rows and columns. */
static inline void stage_open(struct stage *s, const char *title, bool can_type, int rows, int cols)
{
    s->viewer = viewer_new(s->scene.trace, title, can_type);
    grid_resize(&s->grid, rows, cols);
    viewer_update(s->viewer);
    viewer_draw(s->viewer, &s->grid);
}

static inline void stage_close(struct stage *s)
{
    viewer_free(s->viewer);
    grid_free(&s->grid);
    text_free(&s->seen);
    scene_end(&s->scene);
}

/* The same for a stage that is a test's state, made by calloc(). */
static inline int stage_tear_down(void **state)
{
    stage_close(*state);
    free(*state);
    return 0;
}

static inline const char *look(struct stage *s)
{
    viewer_draw(s->viewer, &s->grid);
    text_clear(&s->seen);
    grid_text(&s->grid, &s->seen);
    return text_str(&s->seen);
}

static inline bool sees(struct stage *s, const char *words)
{
    return strstr(look(s), words) != NULL;
}

static inline enum viewer_answer press(struct stage *s, uint32_t key)
{
    return viewer_key(s->viewer, key);
}

#endif
