/* The ladder's rows: every moment of the trace in its place, top to bottom. Rows hang on the events
 * alone, not on the screen's size, so they are laid out once, as events come.
 *
 * A row is one moment. What happens at that moment shares it: a state change stands on the row of
 * the segment that caused it, a call that returned at once has its result on the row of its entry.
 * Where nothing happened for long, one row says for how long.
 *
 * Of a row four bytes are kept, the event that it begins with; layout_row() tells the rest. */
#ifndef TRACER_VIEW_LAYOUT_H
#define TRACER_VIEW_LAYOUT_H

#include "tracer/trace/trace.h"
#include "tracer/view/picked.h"

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
    enum row_kind kind;
    uint32_t event; /* the first trace event on this row */
    uint32_t sent;  /* the segment that leaves on this row, or TRACE_NONE */
    uint32_t ended; /* the segment that arrives or is lost on this row, or TRACE_NONE */
    bool copy;      /* it has arrived before: this is a copy that the wire made of it */
    struct {
        enum margin_kind kind;
        uint32_t index; /* of the call, the state change, the note */
    } margin[HOST_COUNT];
};

struct segment_rows {
    uint32_t sent, ended; /* TRACE_NONE where it has none */
};

struct call_rows {
    uint32_t enter, exit; /* exit == enter: it returned at once */
};

/* From the row behind `row` on, a host is blocked in `depth` calls. */
struct layout_blocked {
    uint32_t row, depth;
};

/* On `row` an end came into a state: that on a margin, or one of layout_end(). */
struct layout_state {
    uint32_t row;
    uint8_t end, state;
};

/* The most connections that are picked out together. */
enum { LAYOUT_FLOWS_MOST = 8 };

struct layout {
    const struct trace *trace; /* (borrowed) */
    uint32_t flow;             /* the one connection shown; TRACE_NONE for several or for all */
    uint32_t flows[LAYOUT_FLOWS_MOST];
    int flow_count;              /* of flows; 0: all are shown */
    const struct picked *picked; /* (borrowed) what is shown; NULL: everything. Set as is bare */
    bool bare; /* without calls and the programs' words; set before the first update */

    uint32_t *rows; /* (owned) the event that each begins with; the top bit marks a gap */
    size_t count, cap;
    size_t taken; /* trace events laid out */
    int64_t last_ns;
    int64_t start_ns; /* of the first row that there is, or would be without the filter */
    bool started;
    struct ladder_row last; /* the last row */

    struct segment_rows *segments; /* (owned) by index of the segment, where it has two rows */
    size_t segment_count, segment_cap;
    struct call_rows *calls; /* (owned) by index of the call */
    size_t call_count, call_cap;
    uint32_t longest; /* rows between a segment's sending and its end, at the most */
    bool has_copies;  /* some row is the arrival of a copy */

    struct layout_blocked *blocked[HOST_COUNT]; /* (owned) */
    size_t blocked_count[HOST_COUNT], blocked_cap[HOST_COUNT];
    struct layout_state *states; /* (owned) where the margins are those of two known ends */
    size_t state_count, state_cap;
};

/* Start with no rows, to show `n` connections (LAYOUT_FLOWS_MOST at the most), with 0 all of them.
 * Freed by layout_free(). */
void layout_init(struct layout *l, const struct trace *trace, const uint32_t *flows, int n);
void layout_free(struct layout *l);

/* Lay out the events that came since; true where there were any. */
bool layout_update(struct layout *l);

/* The same for so long at the most; true where there were any. */
bool layout_update_some(struct layout *l, int64_t budget_ns);

/* Row `r`, which there is. */
struct ladder_row layout_row(const struct layout *l, size_t r);

/* The segment that leaves on row `r`, or TRACE_NONE: as layout_row() says, but sooner. */
uint32_t layout_sent(const struct layout *l, size_t r);

/* When a row's moment was; for a gap, when it ended. How long a gap was. */
int64_t layout_time(const struct layout *l, size_t r);
int64_t layout_gap_ns(const struct layout *l, size_t r);

/* The last row that begins with this event or an earlier one; 0 where there is none. */
size_t layout_row_of(const struct layout *l, uint32_t event);

/* The row above `row` on which a segment left; `row` where it is not among the next few thousand.
 */
size_t layout_row_above(const struct layout *l, size_t row, uint32_t segment);

/* The calls that a host is blocked in on a row, past those entered on it. */
uint32_t layout_blocked(const struct layout *l, size_t r, int host);

/* The state after row `r` of the end on a margin, where two or more connections are picked out of
 * that which layout_end() names; STATE_UNKNOWN before any. */
enum tcp_state layout_state(const struct layout *l, size_t r, int end);

/* An end of the connections that are picked out: its number, -1 for a connection that is not. */
int layout_end(const struct layout *l, uint32_t flow, int side);

/* Rows of a segment that leaves on row `sent`, and of a call (TRACE_NONE where it has none). */
struct segment_rows layout_segment(const struct layout *l, uint32_t segment);
struct call_rows layout_call(const struct layout *l, uint32_t call);

/* Which margin the sender of a flow's side has: C left, S right; without names the initiator left.
 */
int layout_host(const struct trace *t, uint32_t flow, int side);

#endif
