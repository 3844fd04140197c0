/* One event of a trace with what selectors ask of it, and the counters of its connection. Inside
 * tracer/select only. */
#ifndef TRACER_SELECT_MOMENT_H
#define TRACER_SELECT_MOMENT_H

#include "tracer/decode/packet.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stdint.h>

struct track;

/* Values of variables; NULL in a moment where there are none. J and K are the first two. */
enum { VARIABLE_J, VARIABLE_K, VARIABLES_MAX = 16 };
struct bindings {
    uint32_t bound; /* a bit a variable */
    int64_t values[VARIABLES_MAX];
};

struct moment {
    const struct trace *trace; /* (borrowed) */
    const struct track *track; /* (borrowed) */
    struct bindings *bindings; /* (borrowed) or NULL */
    size_t event;
    enum trace_kind kind;
    uint32_t index;
    int64_t time_ns;
    bool is_segment; /* a segment's sending, delivery or loss: `segment` is set */
    bool is_packet;  /* a segment, or an other packet */
    struct segment segment;
    const struct call *call; /* (borrowed) or NULL */
    uint32_t flow;           /* TRACE_NONE: of no connection */
    int side;                /* who sent, called or changed */
    char host;               /* its letter; 0 where it has none */
    bool decoded;
    struct packet packet; /* after moment_packet() */
};

/* Make `m` the event `event` of the trace. */
void moment_set(struct moment *m, const struct trace *t, size_t event);

/* The decoded packet of a moment that has one; its frame's bytes are not to be used. */
const struct packet *moment_packet(struct moment *m);

/* The payload that was captured (borrowed until the trace is next used); false where the moment has
 * none. */
bool moment_payload(struct moment *m, const uint8_t **bytes, size_t *n);

/* 'C' or 'S' for a side of a connection: the session's host, or in a plain capture the initiator
 * and the responder; 0 where the session knows no host of that address. */
char moment_letter(const struct trace *t, uint32_t flow, int side);

#endif
