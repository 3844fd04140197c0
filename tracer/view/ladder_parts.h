/* Private to the ladder's drawing: the body (ladder_draw.c), the header (ladder_header.c), the
 * words of a row (ladder_words.c). */
#ifndef TRACER_VIEW_LADDER_PARTS_H
#define TRACER_VIEW_LADDER_PARTS_H

#include "tracer/view/ladder.h"

/* Where everything stands across the screen. */
struct ladder_columns {
    struct area time, margin[HOST_COUNT], lanes;
    int rail[HOST_COUNT];
};

static inline enum role ladder_role_of_host(int host)
{
    return host == HOST_LEFT ? ROLE_HOST_C : ROLE_HOST_S;
}

/* The connection whose states the header shows; TRACE_NONE where they are of no one alone. */
uint32_t ladder_header_flow(const struct ladder *v);

/* The header, with the states at the selected row: the newest one while following. */
void ladder_draw_header(const struct ladder *v, const struct ladder_columns *c, struct grid *g,
                        struct area a);

/* Append what stands in a margin of row `r`, in so many columns; how it looks. */
enum role ladder_margin_text(const struct ladder *v, const struct ladder_row *row, size_t r,
                             int host, int cols, struct text *out);

#endif
