/* The detail view's own data: one packet's fields as a tree and its bytes beside it, shared by what
 * it shows (detail_packet.c), the tree (detail_tree.c), the commands (detail_view.c) and the
 * drawing (detail_draw.c). */
#ifndef TRACER_VIEW_DETAIL_VIEW_H
#define TRACER_VIEW_DETAIL_VIEW_H

#include "tracer/fields/fields.h"
#include "tracer/view/stream_log.h"
#include "tracer/view/view.h"

enum { DETAIL_FOLDS = 32, DETAIL_PATH = 6 };

/* A branch that was folded or unfolded by hand, in every packet that has it. */
struct detail_fold {
    const char *name; /* (borrowed) a field's */
    uint8_t depth;
    bool folded;
};

struct detail_view {
    const struct trace *trace; /* (borrowed) */
    uint32_t flow;             /* whose packets are stepped through; TRACE_NONE: all */
    uint32_t event;            /* the moment shown; TRACE_NONE: none yet */
    size_t events;             /* how many the trace had when it was updated last */
    size_t looked;             /* how many moments have been looked at for a first packet */
    uint32_t segment;          /* its segment, or TRACE_NONE */
    uint8_t *bytes;            /* (owned) a copy of its frame's; NULL where it has no packet */
    uint32_t captured_bytes;
    uint64_t frame; /* its number in the capture */
    struct fields fields;
    struct stream_log stream; /* of its connection, as far as that may be a WebSocket */
    size_t items;             /* of the WebSocket, when the fields were read */
    uint32_t syn_flow;        /* whose SYNs these are; TRACE_NONE: nobody's */
    bool has_syn[SIDE_COUNT];
    struct tcp_header syn[SIDE_COUNT];
    struct detail_fold folds[DETAIL_FOLDS];
    int fold_count;
    size_t cursor;       /* the selected field */
    size_t top;          /* screen rows of the tree scrolled away */
    bool in_bytes;       /* the keys move in the bytes, not in the tree */
    uint32_t byte;       /* the byte that they are on */
    uint32_t top_byte;   /* the first byte in sight */
    int tree_rows, skip; /* rows of the tree, when drawn last; lines of a story scrolled away */
    uint32_t row_bytes;  /* bytes on a row, when drawn last */
    int byte_rows;
};

/* Show the packet of a moment; where it has none (a call), the moment's story. */
void detail_take(struct detail_view *v, uint32_t event);

/* Go on reading its connection; true where what is shown has become more by that. */
bool detail_read_on(struct detail_view *v);

/* Show the first packet, once there is one; true where that has changed something. */
bool detail_take_first(struct detail_view *v);

/* Show the packet after (1) or before (-1); false where there is none. */
bool detail_step(struct detail_view *v, int by);

/* Whether a field is in sight, no branch above it being folded; whether its own branch is. */
bool detail_visible(const struct detail_view *v, size_t field);
bool detail_folded(const struct detail_view *v, size_t field);
bool detail_is_branch(const struct detail_view *v, size_t field);
void detail_fold(struct detail_view *v, size_t field, bool folded);

/* The visible field `by` rows from another, or the last one on the way there. */
size_t detail_field_by(const struct detail_view *v, size_t field, int64_t by);

/* The row of a visible field (past the last: how many rows there are), and the field of a row
 * (FIELD_NONE past the last). */
size_t detail_row(const struct detail_view *v, size_t field);
size_t detail_field_of_row(const struct detail_view *v, size_t row);

/* Select the field that the byte under the cursor is in. */
void detail_follow_byte(struct detail_view *v);

/* Unfold what hides the selected field. */
void detail_reveal(struct detail_view *v);

/* The branch of the whole header that a field is in. */
size_t detail_layer(const struct detail_view *v, size_t field);

void detail_view_draw(void *view, struct grid *g, struct area a);

#endif
