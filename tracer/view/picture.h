/* For tests only: a story told to a viewer, keys pressed, and the screen held against the picture
 * of it that was recorded in tracer/view/golden. With TCPLADDER_RECORD in the environment pictures
 * are recorded anew. */
#ifndef TRACER_VIEW_PICTURE_H
#define TRACER_VIEW_PICTURE_H

#include "tracer/view/command.h"
#include "tracer/view/scene.h"
#include "tracer/view/viewer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct picture {
    const char *name;
    int cols, rows;
    bool ascii, session;
    void (*story)(struct scene *);
    uint32_t keys[12];
};

static inline char *picture_read(const char *path)
{
    FILE *f = fopen(path, "r");
    if (!f)
        return NULL;
    struct text t = {0};
    char part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        text_bytes(&t, part, n);
    fclose(f);
    return t.s ? t.s : calloc(1, 1);
}

/* Among the keys: the screen is drawn before the next one. */
#define PICTURE_DRAWN UINT32_MAX

static inline void picture_compare(const char *name, const struct text *seen)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tracer/view/golden/%s.txt", TEST_SOURCE_DIR, name);
    if (getenv("TCPLADDER_RECORD")) {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fputs(text_str(seen), f);
        assert_int_equal(fclose(f), 0);
        return;
    }
    char *expected = picture_read(path);
    assert_non_null(expected);
    if (strcmp(expected, text_str(seen)) != 0)
        printf("%s differs; it is now:\n%s", name, text_str(seen));
    assert_string_equal(expected, text_str(seen));
    free(expected);
}

/* `typed` comes after the keys, letter by letter, \r for Enter; NULL for nothing. */
static inline void take_picture(const struct picture *p, const char *view, const char *typed)
{
    struct scene s;
    struct grid g = {.ascii = p->ascii};
    struct text seen = {0};
    scene_begin(&s, p->session);
    p->story(&s);
    struct viewer *v = viewer_new(s.trace, "tcpladder  a story", true);
    assert_true(viewer_show(v, view));
    grid_resize(&g, p->rows, p->cols);
    viewer_update(v);
    viewer_draw(v, &g); /* as on a screen: keys find rows that were drawn */
    for (const uint32_t *k = p->keys; k < p->keys + 12 && *k; k++)
        if (*k == PICTURE_DRAWN)
            viewer_draw(v, &g);
        else
            viewer_key(v, *k);
    for (const char *k = typed ? typed : ""; *k; k++)
        viewer_key(v, *k == '\r' ? KEY_CODE_ENTER : (unsigned char)*k);
    viewer_draw(v, &g);
    grid_text(&g, &seen);
    picture_compare(p->name, &seen);
    text_free(&seen);
    grid_free(&g);
    viewer_free(v);
    scene_end(&s);
}

#endif
