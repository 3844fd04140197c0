/* The connections view's own data, shared by what it counts (connection_rows.c), how it is sorted
 * and filtered (connection_order.c), its columns (connection_columns.c), its drawing
 * (connections_draw.c) and its commands (connections.c); what a selector chooses of it
 * (connection_select.c). */
#ifndef TRACER_VIEW_CONNECTIONS_H
#define TRACER_VIEW_CONNECTIONS_H

#include "tracer/select/selector.h"
#include "tracer/view/view.h"

/* The columns, from left to right. */
enum connection_column {
    COLUMN_NUMBER,
    COLUMN_FROM,
    COLUMN_TO,
    COLUMN_STATE,
    COLUMN_AGE,
    COLUMN_DURATION,
    COLUMN_SEGMENTS_OUT, /* from the initiator */
    COLUMN_SEGMENTS_IN,
    COLUMN_BYTES_OUT,
    COLUMN_BYTES_IN,
    COLUMN_AGAIN,
    COLUMN_RTT,
    COLUMN_FLAGS,
    COLUMN_COUNT,
};

/* How far the handshake was seen, for its round trip. */
enum handshake { HANDSHAKE_NONE, HANDSHAKE_SYN, HANDSHAKE_SYN_ACK, HANDSHAKE_OVER };

/* One connection as it stood when the order was made: a paused picture keeps still. */
struct connection {
    int64_t first_ns, last_ns; /* of its segments */
    int64_t syn_ns;
    int64_t rtt_ns; /* SYN to the acknowledgement of the SYN-ACK; -1 where not known */
    uint64_t segments[SIDE_COUNT], bytes[SIDE_COUNT];
    uint32_t again;       /* segments that had been sent before */
    uint32_t again_since; /* and those of them that came since the order was made */
    uint32_t first_event; /* of the trace */
    uint32_t last_segment;
    uint32_t words_at; /* where its endpoints stand among the words */
    uint16_t flags;    /* of all its segments */
    uint8_t state[SIDE_COUNT];
    uint8_t handshake; /* enum handshake */
    bool changed;      /* since the order was made */
    bool listed;       /* it has a place in the order, and is in the totals */
    bool tagged;       /* to be opened together with others */
};

/* What a connection is sorted by: larger is later; the row breaks a tie. */
struct connection_key {
    uint64_t key[3];
    uint32_t row;
};

enum connection_pin { PIN_NONE, PIN_FIRST, PIN_LAST };

struct connections {
    const struct trace *trace; /* (borrowed) */
    struct connection *rows;   /* (owned) by index of the flow */
    size_t count, cap;
    struct text words; /* "from to", in lower case, each ended by a NUL: what the filter reads */
    size_t taken;      /* trace events counted */
    int64_t now_ns;    /* of the latest event */
    bool begun;        /* there was one */

    struct connection_key *order; /* (owned) those shown, as sorted */
    size_t shown, order_cap;
    uint32_t *changed; /* (owned) rows that changed since */
    size_t changed_count, changed_cap;
    struct connection_key *moved; /* (owned) those of them that are shown, for the merge */
    size_t moved_cap;
    bool reorder; /* all are to be sorted afresh */
    struct connection total;
    uint64_t open; /* connections shown of which neither end is CLOSED or in TIME-WAIT */

    enum connection_column column; /* sorted by */
    bool falling;
    struct text filter;    /* a text in lower case, or a selector as it was typed */
    struct chosen *chosen; /* (owned) what the selector chooses; NULL: the filter is a text */

    size_t tagged;    /* rows that are */
    struct text said; /* a sentence on the last command */

    size_t cursor, top; /* in the order */
    uint32_t selected;  /* the row under the cursor, TRACE_NONE before the first */
    enum connection_pin pin;
    int body_rows; /* rows in sight when drawn last */
    struct {
        int col, cols;
    } drawn[COLUMN_COUNT];   /* where the columns stood then */
    int width[COLUMN_COUNT]; /* the widest text yet, where a column has no width of its own */
    bool state_seen[TCP_STATE_COUNT][TCP_STATE_COUNT]; /* and is in that width */
};

/* Count what the trace has gained, for so long at the most; true where there was anything. */
bool connections_count(struct connections *v, int64_t budget_ns);

/* Bring the order, the totals and the cursor up to date. */
void connections_arrange(struct connections *v);

/* Sort and filter everything afresh at the next connections_arrange(). */
void connections_reorder(struct connections *v);

/* Take from the trace what it says itself of a connection that has changed. */
void connections_refresh(struct connections *v, uint32_t row);

/* Where a row stands in the order by now; `at` where it is not shown. */
size_t connections_place(const struct connections *v, uint32_t row, size_t at);

/* A row is to be sorted, and asked whether it passes, once more. */
void connections_changed(struct connections *v, uint32_t row);

/* Whether a filter's words are a selector, freed by connections_choose() later: NULL where they are
 * a text. -1 with the sentence where they can be neither. */
int connections_parse(const char *words, struct selector **s, struct error *e);

/* Filter by a selector (owned from now on), by NULL no more. */
void connections_choose(struct connections *v, struct selector *s);

/* Look at more of the trace for it, true where there was more; whether there is. */
bool connections_look(struct connections *v);
bool connections_choosing(const struct connections *v);

/* Whether it selects an event of the row's connection, as far as was looked. */
bool connections_chosen(const struct connections *v, uint32_t row);

/* Whether the filter lets a row pass. */
bool connections_match(const struct connections *v, uint32_t row);

/* Write in lower case from a byte of the text on. */
void connections_lower(struct text *t, size_t from);

/* From `from` to `to`; 0 where it would be negative. */
int64_t connections_span(int64_t from, int64_t to);

/* A column's heading; its name in words; its own width, 0 for that of its texts; how it looks and
 * sorts; `rank`: the lower, the longer it stays as the screen narrows. */
struct column_type {
    const char *heading;
    const char *words;
    int width;
    bool right;   /* its texts are flush right */
    bool falling; /* the largest first, when it is chosen */
    bool settled; /* a connection keeps what it is sorted by: it stays where it is */
    int rank;
    const char *arrow; /* which way, behind heading and words; NULL: none */
};
extern const struct column_type column_types[COLUMN_COUNT];

/* Append a column's heading, or its name in words, in the user's language. */
void column_heading(enum connection_column column, struct text *out);
void column_words(enum connection_column column, struct text *out);

/* Append a row's text in a column, and say how it looks. */
enum role column_text(const struct connections *v, const struct connection *c, uint32_t row,
                      enum connection_column column, struct text *out);

/* Append a count in at most five columns, "99999", "123k", "1.2M". */
void column_number(uint64_t n, struct text *out);

/* Whether a connection is tagged. */
bool connections_has_tag(const struct connections *v, uint32_t flow);

void connections_draw(void *view, struct grid *g, struct area a);

#endif
