/* The findings view's own data, shared by its commands (findings.c) and its drawing
 * (findings_draw.c). */
#ifndef TRACER_VIEW_FINDINGS_H
#define TRACER_VIEW_FINDINGS_H

#include "tracer/view/label.h"
#include "tracer/view/view.h"

struct findings {
    const struct trace *trace; /* (borrowed) */
    size_t known, taken;       /* findings; those of them that are counted */
    size_t counts[FINDING_KIND_COUNT];
    size_t faults;
    int kind; /* the one kind shown; -1: all */
    bool only_faults;
    uint32_t *shown; /* (owned) the findings shown, where not all are */
    size_t shown_count, shown_cap;
    size_t cursor, top; /* rows */
    bool follow;
    enum time_format time;
    int body_rows;
};

/* How many rows there are, and the finding in each. */
size_t findings_rows(const struct findings *v);
const struct finding *findings_at(const struct findings *v, size_t row);

/* Keep cursor and top within the rows and the cursor in sight. */
void findings_settle(struct findings *v, int body_rows);

/* A line's words, for searching and copying. */
void findings_row_text(void *view, struct view_position p, struct text *out);

void findings_draw(void *view, struct grid *g, struct area a);

#endif
