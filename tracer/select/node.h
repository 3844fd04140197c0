/* A parsed selector from the inside: a tree of terms. Inside tracer/select only. */
#ifndef TRACER_SELECT_NODE_H
#define TRACER_SELECT_NODE_H

#include "tracer/select/moment.h"
#include "tracer/select/selector.h"
#include "tracer/tcp/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What may be asked of an event. Each has a row in term.c. */
enum term_kind {
    TERM_DIRECTION, /* C > S: a, b */
    TERM_ACTOR,     /* the host at work: a */
    TERM_HOST,      /* either end: a */
    TERM_FLAGS,     /* [S.] */
    TERM_BITS,      /* syn: any of flags_set */
    TERM_FIELD,     /* a number, compared */
    TERM_PRESENT,   /* a field that is there */
    TERM_SEQ_RANGE, /* seq 1:8 */
    TERM_DATA,      /* data, data 3: low to high, 0: any */
    TERM_BYTES,     /* bytes 1..7 */
    TERM_PROTOCOL,  /* tcp, udp, icmp ... */
    TERM_UNREACHABLE,
    TERM_PAYLOAD, /* text, as `match` says */
    TERM_AGAIN,
    TERM_FATE,     /* delivered, dropped: number is enum fate */
    TERM_WIRE,     /* duplicated, corrupted: number is enum wire_word */
    TERM_ANALYSIS, /* number is enum finding_kind */
    TERM_CALL_NAME,
    TERM_CALL_PHASE, /* number is enum call_phase */
    TERM_CALL_ARGS,
    TERM_CALL_ERROR, /* fails (text NULL), fails ECONNREFUSED */
    TERM_DONE,       /* number is enum done_kind */
    TERM_IS,         /* the actor's end is in the state */
    TERM_BECOMES,
    TERM_CONSOLE, /* prints, types: number is whether typed */
    TERM_PROCESS, /* number is enum process_event */
    TERM_KERNEL,  /* a kernel's word; of its state, but for STATE_UNKNOWN: of any */
    TERM_KIND_COUNT,
};

enum done_kind { DONE_CONNECTED, DONE_ACCEPTED, DONE_CLOSED, DONE_KIND_COUNT };
enum wire_word { WIRE_DUPLICATED, WIRE_CORRUPTED };
enum compare {
    COMPARE_EQ,
    COMPARE_NE,
    COMPARE_LT,
    COMPARE_LE,
    COMPARE_GT,
    COMPARE_GE,
    COMPARE_RANGE
};
enum payload_match { PAYLOAD_HOLDS, PAYLOAD_STARTS, PAYLOAD_IS };

/* An end as it is written: C, S:9502, 10.0.0.1:80, *, :80. All zero is any. */
struct end_pattern {
    char letter; /* 'C', 'S' or 0 */
    bool has_address;
    struct address address;
    uint16_t port; /* 0: any */
};

/* A number, or a variable and what is added to it. */
struct operand {
    int variable; /* -1: none */
    int64_t number;
};

struct field;

struct term {
    enum term_kind kind;
    struct end_pattern a, b;
    const struct field *field;
    enum compare compare;
    struct operand low, high;
    uint16_t flags_set, flags_clear;
    bool bare;    /* flags: no payload */
    bool as_fate; /* delivered and dropped below `not`: ask for the fate at any moment */
    enum payload_match match;
    int64_t number;
    enum tcp_state state;
    char *text; /* (owned) not always a string */
    size_t text_bytes;
};

enum node_kind { NODE_TERM, NODE_AND, NODE_OR, NODE_NOT, NODE_COUNT };
#define NODE_NONE UINT32_MAX
enum { COUNT_LAST = -1 };

struct node {
    enum node_kind kind;
    struct term term; /* NODE_TERM */
    uint32_t first;   /* its first child */
    uint32_t next;    /* the next child of its parent */
    int64_t nth;      /* NODE_COUNT: 1 is the first, COUNT_LAST the last */
    uint32_t counter; /* NODE_COUNT: its place among the selector's counters */
    unsigned moments; /* which moments of a segment it is about: MOMENT_ bits; 0: any */
    size_t from, to;  /* where it stands in what was parsed; 0, 0: not a whole term */
};

/* A segment's moments, as bits. */
enum { MOMENT_SENT = 1, MOMENT_DELIVERED = 2, MOMENT_DROPPED = 4, MOMENT_COPIED = 8 };

/* What must be followed through the trace for a selector's sake, as bits. */
enum {
    NEED_DATA = 1,
    NEED_SCALE = 2,
    NEED_PAIRS = 4,
    NEED_END = 8, /* last: the whole trace must be known */
};

struct selector {
    char *text;         /* (owned) as it was written */
    size_t at;          /* where that stood in what was parsed */
    struct node *nodes; /* (owned) children before parents */
    size_t count, cap;
    uint32_t root;
    uint32_t counters;
    unsigned needs;
    uint64_t data_max;  /* the highest N of data N */
    uint32_t variables; /* a bit for each that it uses */
};

#endif
