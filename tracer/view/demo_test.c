#include "tracer/view/scene.h"
#include "tracer/view/viewer.h"
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    struct scene s;
    scene_begin(&s, true);
    scene_handshake(&s);
    scene_rest(&s);
    struct viewer *v = viewer_new(s.trace, "handshake", true);
    struct grid g = {0};
    g.ascii = argc > 3;
    grid_resize(&g, argc > 2 ? atoi(argv[2]) : 24, argc > 1 ? atoi(argv[1]) : 80);
    viewer_update(v);
    viewer_draw(v, &g);
    struct text t = {0};
    grid_text(&g, &t);
    fputs(text_str(&t), stdout);
    text_free(&t);
    grid_free(&g);
    viewer_free(v);
    scene_end(&s);
}
