/* A list of styled lines: the detail of an event, the help page. Lines too long are wrapped at
 * words, under the column where their body began. */
#ifndef TRACER_VIEW_LINES_H
#define TRACER_VIEW_LINES_H

#include "tracer/view/grid.h"

#include <stddef.h>

struct line {
    char *lead;   /* (owned) a word at the margin, or NULL */
    char *body;   /* (owned) */
    char *remark; /* (owned) a sentence on the body, or NULL */
    enum role role;
};

/* All zero is an empty list. */
struct lines {
    struct line *line; /* (owned) */
    size_t count, cap;
    int lead_cols; /* where bodies begin */
};

/* Append a line, whose strings are copied; `lead` NULL for a line from the margin on. Foreign text
 * has been through text_safe(). */
void lines_add(struct lines *l, const char *lead, const char *body, enum role role);

/* Give the last line its remark, which follows the body in another colour. */
void lines_remark(struct lines *l, const char *remark);

void lines_free(struct lines *l);

/* Draw from screen line `skip` on. Returns how many screen lines there are in all at this width. */
int lines_draw(const struct lines *l, int skip, struct grid *g, struct area a);

#endif
