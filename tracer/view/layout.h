/* The ladder's rows: every moment of the trace in its place, top to bottom. Rows hang on the events
 * alone, not on the screen's size, so they are laid out once, as events come.
 *
 * A row is one moment. What happens at that moment shares it: a state change stands on the row of
 * the segment that caused it, a call that returned at once has its result on the row of its entry.
 * Where nothing happened for long, one row says for how long. */
#ifndef TRACER_VIEW_LAYOUT_H
#define TRACER_VIEW_LAYOUT_H

#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOST_LEFT, HOST_RIGHT, HOST_COUNT }; /* the two margins; C is left */

enum row_kind {
    ROW_MOMENT, /* something in the lanes or the margins */
    ROW_GAP,    /* a long time in which nothing happened */
    ROW_LINE,   /* one line across: a note, a packet that is not TCP */
};

enum margin_kind {
    MARGIN_NONE,
    MARGIN_CALL,     /* a call's entry, and its result where that came at once */
    MARGIN_CALL_END, /* the return of a call that had blocked */
    MARGIN_STATE,
    MARGIN_NOTE, /* console text, a program's start or end */
};

struct ladder_row {
    int64_t time_ns; /* for a gap: how long it was */
    enum row_kind kind;
    uint32_t event; /* the first trace event on this row */
    uint32_t sent;  /* the segment that leaves on this row, or TRACE_NONE */
    uint32_t ended; /* the segment that arrives or is lost on this row, or TRACE_NONE */
    struct {
        enum margin_kind kind;
        uint32_t index; /* of the call, the state change, the note */
    } margin[HOST_COUNT];
    uint16_t blocked[HOST_COUNT]; /* calls that the host is blocked in, past the row of entry */
    uint8_t state[HOST_COUNT];    /* enum tcp_state after this row; STATE_UNKNOWN before any */
};

struct segment_rows {
    uint32_t sent, ended; /* TRACE_NONE where it has none */
};

struct call_rows {
    uint32_t enter, exit; /* exit == enter: it returned at once */
};

struct layout {
    const struct trace *trace; /* (borrowed) */
    uint32_t flow;             /* the one connection shown, or TRACE_NONE for all */

    struct ladder_row *rows; /* (owned) */
    size_t count, cap;
    size_t taken; /* trace events laid out */

    struct segment_rows *segments; /* (owned) by index of the segment */
    size_t segment_count, segment_cap;
    struct call_rows *calls; /* (owned) by index of the call */
    size_t call_count, call_cap;
    uint32_t longest; /* rows between a segment's sending and its end, at the most */
};

/* Start with no rows; `flow` as above. Freed by layout_free(). */
void layout_init(struct layout *l, const struct trace *trace, uint32_t flow);
void layout_free(struct layout *l);

/* Lay out the events that came since; true where there were any. */
bool layout_update(struct layout *l);

/* Rows of a segment or call (TRACE_NONE twice where it is not shown). */
struct segment_rows layout_segment(const struct layout *l, uint32_t segment);
struct call_rows layout_call(const struct layout *l, uint32_t call);

/* Which margin the sender of a flow's side has: C left, S right; without names the initiator left.
 */
int layout_host(const struct trace *t, uint32_t flow, int side);

#endif
