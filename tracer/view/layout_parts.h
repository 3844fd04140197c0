/* Private to the layout's two files: laying out (layout.c) and telling of a row (layout_row.c). */
#ifndef TRACER_VIEW_LAYOUT_PARTS_H
#define TRACER_VIEW_LAYOUT_PARTS_H

#include "tracer/view/layout.h"

/* The top bit of a row: it is the silence before its event. */
#define LAYOUT_GAP (UINT32_C(1) << 31)

/* The row that an event begins. */
struct ladder_row layout_begun_by(const struct layout *l, uint32_t event);

/* Put a state change beside the segment that caused it; false where it has to have its own row. */
bool layout_joins(const struct layout *l, struct ladder_row *row, uint32_t change);

/* The margin of a state change. */
int layout_margin_of(const struct layout *l, const struct state_change *change);

/* True where what concerns a connection, or TRACE_NONE, is shown. */
bool layout_shows(const struct layout *l, uint32_t flow);

#endif
