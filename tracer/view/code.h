/* The source view's own data, shared by its commands (code.c) and its drawing (code_draw.c). */
#ifndef TRACER_VIEW_CODE_H
#define TRACER_VIEW_CODE_H

#include "tracer/view/source_file.h"
#include "tracer/view/view.h"

struct code_view {
    const struct trace *trace; /* (borrowed) */
    size_t taken;
    uint32_t *events; /* (owned) the entries of the calls whose line is known, as trace events */
    size_t count, cap;
    size_t at;   /* the call shown, where there is one */
    bool follow; /* the newest */
    struct source_file file;
    const char *name;   /* of the file held or missed, (borrowed from the trace); NULL: none yet */
    size_t cursor, top; /* lines of it, from 0 */
    int body_rows;
};

/* The call whose line is lit; NULL where there is none. */
const struct call *code_call(const struct code_view *v);

/* Keep the cursor in sight. */
void code_settle(struct code_view *v, int body_rows);

void code_draw(void *view, struct grid *g, struct area a);

#endif
