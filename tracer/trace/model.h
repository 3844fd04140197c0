/* The inside of the trace, shared by the files of this folder and by nobody else. */
#ifndef TRACER_TRACE_MODEL_H
#define TRACER_TRACE_MODEL_H

#include "tracer/trace/keyed.h"
#include "tracer/trace/moments.h"
#include "tracer/trace/store.h"
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

/* What the trace keeps of a segment: the rest is in its frame. */
enum { SEGMENT_FLAGS_MASK = 0x1ff };
struct segment_record {
    uint32_t at_low; /* of its frame in the store: see segment_at() */
    uint32_t at_high : STORE_AT_BITS - 32;
    uint32_t flags : 9;
    uint32_t again : 1;
    uint32_t fate : 2;
    uint32_t corrupted : 1;
    uint32_t copied : 1;
    uint32_t flow_side; /* flow << 1 | side */
};

static inline uint64_t segment_at(const struct segment_record *s)
{
    return (uint64_t)s->at_high << 32 | s->at_low;
}

/* A packet that is no segment. */
struct other_record {
    uint64_t at;
    uint32_t frame;
};

/* What the trace keeps of a state change. It stands right behind its cause, from which the rest
 * follows. */
struct state_record {
    uint8_t from : 4, to : 4;
    uint8_t event : 4, cause : 3, side : 1;
};

/* What the trace keeps of a flow beyond the connection table. */
struct flow_life {
    struct tcp_end ends[SIDE_COUNT];
    uint32_t snd_max[SIDE_COUNT]; /* one past the highest sequence number sent */
    uint32_t first_segment, last_segment;
    bool sent_any[SIDE_COUNT];
};

/* The segments that were asked for last, or came last, as their frames tell them. */
enum { RECENT_SEGMENTS = 2048 };
struct recent_segment {
    uint32_t index; /* TRACE_NONE: none */
    uint32_t seq, ack, len;
    int64_t time_ns;
    uint16_t window;
};
struct recent {
    struct recent_segment segments[RECENT_SEGMENTS];
};

struct trace {
    struct moments *moments; /* (owned) */
    VECTOR(struct segment_record) segments;
    VECTOR(int64_t) fates; /* when each segment's fate fell; only where a wire reports */
    VECTOR(struct copy) copies;
    VECTOR(struct call) calls;
    VECTOR(struct state_record) states;
    VECTOR(struct kernel_word) kernel;
    VECTOR(struct note) notes;
    VECTOR(struct hold) holds;      /* those of now, by number */
    VECTOR(struct waiting) waiting; /* the same, in the order in which they came */
    VECTOR(struct command_word) commands;
    struct trace_hands hands;
    VECTOR(struct other_record) others;
    VECTOR(struct flow_life) lives;  /* by flow index */
    struct keyed in_flight;          /* segments whose fate is still to come, by stamp and host */
    struct keyed copied;             /* delivered ones that may have copies, by the same */
    struct keyed reasons;            /* indexes of strings, by segment */
    uint32_t last_reason;            /* the last one added, if any */
    struct keyed open_calls;         /* calls that have not returned, by number and host */
    struct keyed listeners;          /* listen() calls, by endpoint (address zero: any) and host */
    VECTOR(char *) strings;          /* every string an item borrows */
    struct store *store;             /* (owned) the frames */
    struct recent *recent;           /* (owned) the segments that were asked for last */
    struct analysis *analysis;       /* (owned) NULL where nobody wants to know */
    VECTOR(struct finding) findings; /* by segment */
    struct flow_table *flows;
    struct trace_session session;
    uint64_t frames;
    VECTOR(uint32_t) not_segments; /* the numbers of the frames that are none, upwards */
    char *sources;                 /* (owned) the folder of the programs' sources, or NULL */
    bool sources_anywhere;
    const char *last_file, *last_function; /* (borrowed) of the call kept last */
    const char *last_fault; /* what was wrong with the last annotation that could not be read */
};

struct recent *recent_new(void);
void recent_keep(struct recent *r, uint32_t index, int64_t time_ns, const struct tcp_header *tcp);

/* Append to the moments in time order. */
void trace_moment(struct trace *t, enum trace_kind kind, uint32_t index);

/* Keep a copy of a string as long as the trace lives; NULL gives NULL. The other keeps the first so
 * many bytes of one. */
const char *trace_keep(struct trace *t, const char *s);
const char *trace_keep_bytes(struct trace *t, const char *s, size_t bytes);

/* Take one packet that is no annotation. */
void trace_add_packet(struct trace *t, const struct capture_frame *frame, const struct packet *p);

/* Take one annotation, read. */
void trace_add_annotation(struct trace *t, int64_t time_ns, const struct annotation *a);

/* A word from the trace itself to the reader. */
void trace_remark(struct trace *t, int64_t time_ns, const char *text);

/* Let the analysis take a segment, and keep what it finds. */
void trace_analyse(struct trace *t, uint32_t segment, const struct packet *p,
                   const struct flow *flow, int side);

/* What became of the segment that `fate` names. */
void trace_fate(struct trace *t, int64_t time_ns, const struct annotation *a);

/* The segment sent then from a host, whose fate has not been told; KEYED_NONE where there is none.
 */
uint32_t trace_travelling(const struct trace *t, int64_t sent_ns, char from);

/* What is held by hand, and what was asked. */
void trace_add_held(struct trace *t, int64_t time_ns, const struct annotation *a);
void trace_add_waits(struct trace *t, int64_t time_ns, const struct annotation *a);
void trace_add_command(struct trace *t, int64_t time_ns, const struct annotation *a);

/* Note the state changes of one end; cause, side and host are those of `like`. */
void trace_states(struct trace *t, const struct state_record *like,
                  const struct tcp_change *changes, int count);

/* Whether `host` is known to listen at `at`. */
bool trace_listens(const struct trace *t, char host, const struct endpoint *at);

#endif
