/* The inside of the trace, shared by the files of this folder and by nobody else. */
#ifndef TRACER_TRACE_MODEL_H
#define TRACER_TRACE_MODEL_H

#include "tracer/trace/keyed.h"
#include "tracer/trace/trace.h"

#define VECTOR(type)                                                                               \
    struct {                                                                                       \
        type *at; /* (owned) */                                                                    \
        size_t count, cap;                                                                         \
    }

/* Append one element; `v` is a VECTOR. */
#define VECTOR_ADD(v, element)                                                                     \
    do {                                                                                           \
        xgrow(&(v).at, &(v).cap, (v).count, sizeof *(v).at);                                       \
        (v).at[(v).count++] = (element);                                                           \
    } while (0)

/* What the trace keeps of a flow beyond the connection table. */
struct flow_life {
    struct tcp_end ends[SIDE_COUNT];
    uint32_t snd_max[SIDE_COUNT]; /* one past the highest sequence number sent */
    bool sent_any[SIDE_COUNT];
};

struct trace {
    VECTOR(struct trace_event) events;
    VECTOR(struct segment) segments;
    VECTOR(struct call) calls;
    VECTOR(struct state_change) states;
    VECTOR(struct note) notes;
    VECTOR(struct other) others;
    VECTOR(struct flow_life) lives; /* by flow index */
    struct keyed in_flight;         /* segments whose fate is still to come, by stamp and host */
    struct keyed open_calls;        /* calls that have not returned, by number and host */
    struct keyed listeners;         /* listen() calls, by endpoint (address zero: any) and host */
    VECTOR(char *) strings;         /* every string an item borrows */
    VECTOR(uint8_t) bytes;          /* the frames, one behind the other */
    struct flow_table *flows;
    struct trace_session session;
    uint64_t frames;
    const char *last_fault; /* what was wrong with the last annotation that could not be read */
};

/* Append to the moments in time order. */
void trace_moment(struct trace *t, int64_t time_ns, enum trace_kind kind, uint32_t index);

/* Keep a copy of a string as long as the trace lives; NULL gives NULL. */
const char *trace_keep(struct trace *t, const char *s);

/* Take one packet that is no annotation. */
void trace_add_packet(struct trace *t, const struct capture_frame *frame);

/* Take one annotation, read. */
void trace_add_annotation(struct trace *t, int64_t time_ns, const struct annotation *a);

/* A word from the trace itself to the reader. */
void trace_remark(struct trace *t, int64_t time_ns, const char *text);

/* What became of the segment that `fate` names. */
void trace_fate(struct trace *t, int64_t time_ns, const struct annotation *a);

/* Note the state changes of one end. */
void trace_states(struct trace *t, int64_t time_ns, uint32_t flow, int side,
                  const struct tcp_change *changes, int count, enum state_cause cause,
                  uint32_t cause_index);

/* Whether `host` is known to listen at `at`. */
bool trace_listens(const struct trace *t, char host, const struct endpoint *at);

#endif
