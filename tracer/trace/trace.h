/* The model: one capture or session, live or read, as packets, connections, calls, fates and state
 * changes in the order of time. The printer, the views and the grader all read this one thing.
 *
 * Everything is appended, never changed in place, but for what comes later by nature: a segment's
 * delivery, a call's return. Items refer to each other by index.
 *
 * Of a segment the trace keeps 16 bytes and where its frame is: where it can be had again, if there
 * is such a place (trace_rereads()), else in memory. What more is asked of it is decoded from the
 * frame, and the newest ones asked for are remembered. */
#ifndef TRACER_TRACE_TRACE_H
#define TRACER_TRACE_TRACE_H

#include "tracer/base/text.h"
#include "tracer/capture/source.h"
#include "tracer/decode/packet.h"
#include "tracer/flow/flow.h"
#include "tracer/session/annotation.h"
#include "tracer/tcp/analysis.h"
#include "tracer/tcp/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_NONE UINT32_MAX

/* The kinds of moment, in time order in trace_event(). `index` counts within the kind's own array.
 */
enum trace_kind {
    TRACE_SEGMENT,    /* a TCP segment was sent (or seen, in a plain capture): trace_segment() */
    TRACE_DELIVERED,  /* the segment of this index reached the other host */
    TRACE_DROPPED,    /* the segment of this index was dropped on the wire, or came damaged */
    TRACE_COPIED,     /* a copy that the wire had made of a segment arrived: trace_copy() */
    TRACE_CALL_ENTER, /* the call of this index was entered: trace_call() */
    TRACE_CALL_EXIT,  /* the call of this index returned */
    TRACE_STATE,      /* an end changed its state: trace_state() */
    TRACE_KERNEL,     /* a host's kernel said how it has a connection: trace_kernel() */
    TRACE_CONSOLE,    /* trace_note(): a program printed, or was typed to */
    TRACE_PROCESS,    /* trace_note(): a program started or ended */
    TRACE_NOTE,       /* trace_note(): a word from the runner */
    TRACE_OTHER,      /* a packet that is not TCP, or not whole: trace_other() */
    TRACE_KIND_COUNT,
};

struct trace_event {
    enum trace_kind kind;
    uint32_t index;
};

/* A segment as its frame and the trace together tell it. */
struct segment {
    uint32_t index;  /* its own, of trace_segment() */
    int64_t time_ns; /* when it was sent (the capture's stamp) */
    int64_t fate_ns; /* when it was delivered or dropped; -1 while in flight or not known */
    uint64_t frame;  /* its number in the file, from 1 */
    uint32_t flow;
    uint8_t side;   /* SIDE_ of its sender */
    uint8_t fate;   /* enum fate; FATE_NONE while in flight, or where no wire reports */
    bool again;     /* every byte (SYN and FIN too) of it was sent before */
    bool corrupted; /* dropped by the receiving host: the wire had turned bytes of it */
    bool copied;    /* a copy of it has arrived too */
    uint16_t flags;
    uint32_t seq, ack;
    uint32_t len;    /* payload bytes */
    uint16_t window; /* before scaling */
};

/* The arrival of a copy of a segment, behind the segment's own. */
struct copy {
    int64_t time_ns;
    uint32_t segment;
};

struct call {
    int64_t enter_ns;
    int64_t exit_ns; /* -1 while it blocks */
    char host;       /* 'C' or 'S' */
    int pid, tid;
    uint64_t id;
    const char *name;       /* (borrowed from the trace, as all strings here) */
    const char *args;       /* at entry; where the exit knows more (accept's peer), the exit's */
    const char *enter_args; /* as they stood at entry, whatever the exit said */
    int fd;
    int64_t ret;
    const char *error; /* errno's name, or NULL */
    uint32_t flow;     /* TRACE_NONE where not known */
    uint8_t side;
    const char *file;     /* the source that made the call, as its compiler named it; or NULL */
    const char *function; /* of it, or NULL */
    int line;             /* from 1; 0 where not known */
};

enum state_cause {
    CAUSE_SENT,
    CAUSE_RECEIVED,
    CAUSE_CALL,
    CAUSE_TIMER, /* of the kernel's, which sent nothing: the kernel's word tells */
    CAUSE_CLOSE, /* its program gave it up, and nothing was sent: the kernel's word tells */
    STATE_CAUSE_COUNT
};

struct state_change {
    int64_t time_ns;
    uint32_t flow; /* TRACE_NONE: a listening socket, before any connection */
    uint8_t side;  /* for a listener SIDE_RESPONDER */
    char host;     /* 'C', 'S', or 0 where the hosts have no names */
    enum tcp_state from, to;
    enum tcp_event event; /* what happened to the end, as the state table calls it */
    enum state_cause cause;
    uint32_t cause_index; /* of the segment, the call or the kernel's word */
    const char *rule;     /* the RFC's section */
};

/* What a host's kernel itself said of its end of a connection. */
struct kernel_word {
    int64_t time_ns;
    uint32_t flow; /* TRACE_NONE where no segment of it was seen */
    uint8_t side;
    char host;
    enum tcp_state state;    /* STATE_UNKNOWN for a name that RFC 9293 does not have */
    enum tcp_state implied;  /* what the segments had said of the end by then */
    uint32_t cwnd, ssthresh; /* segments */
    uint32_t rtt_us, rto_us;
    uint32_t unacked, backoff, retransmits;
};

struct note {
    int64_t time_ns;
    enum trace_kind kind; /* TRACE_CONSOLE, TRACE_PROCESS or TRACE_NOTE */
    char host;            /* 0 where it concerns neither */
    bool typed;           /* console: typed to the program */
    enum process_event event;
    int pid, status;
    const char *text; /* foreign text: escape before showing */
};

/* A packet that is held on the wire by hand, now. */
struct hold {
    int64_t since_ns;
    int64_t sent_ns; /* its stamp */
    char from;
    uint32_t segment; /* TRACE_NONE where it is none */
    uint64_t number;  /* by which commands name it */
    uint32_t repeats; /* later ones that were the same, and were dropped for it */
};

/* A program that is held at a socket call, now. */
struct waiting {
    int64_t since_ns;
    char host;
    enum waits_at at;
    int pid, tid;
    uint64_t id;   /* of the call, as the session has it */
    uint32_t call; /* TRACE_NONE where its entry was not told */
};

/* What the run's user asked of it, and what came of that. */
struct command_word {
    int64_t time_ns;
    const char *text, *answer; /* foreign text; the answer may have lines, and be "" */
    bool failed;
};

/* What is held by hand now, by the commands that were given. */
struct trace_hands {
    bool wire;        /* something of what is sent from now on */
    bool programs[2]; /* those of host C, of host S */
};

/* A packet that is no whole TCP segment; decode trace_other_frame() for more. */
struct other {
    int64_t time_ns;
    uint64_t frame;
};

/* What the session's first annotation says; `present` false for a plain capture. */
struct trace_session {
    bool present;
    const char *lab, *profile, *kernel, *tier, *writer; /* NULL where not said */
    const char *settings, *wire;                        /* the same */
    const char *congestion;                             /* control of both hosts; the same */
    struct address addresses[2];                        /* of host C, of host S */
    struct address addresses6[2];                       /* beside those, where has_ipv6 */
    bool has_ipv6;
    uint16_t server_port;
    bool ended;
    const char *verdict, *reason;
};

struct trace;

struct trace *trace_new(void);
void trace_free(struct trace *t);

/* Have a frame again by its `at` from `place`; false where it is there no more. */
typedef bool trace_again(void *place, uint64_t at, struct capture_frame *frame);

/* Keep no frame's bytes but have them again from `place` (borrowed until trace_free()): to be
 * called before the first trace_add(), of frames whose `at` holds there. */
void trace_rereads(struct trace *t, trace_again *again, void *place);

/* The same from a source that can (source_rereads()); from any other, frames are kept in memory. */
void trace_rereads_source(struct trace *t, struct source *source);

/* Take one frame: a packet or an annotation. Time is expected not to go back; where it does, the
 * items stand in the order in which they came. Never fails: a bad annotation is a TRACE_NOTE. */
void trace_add(struct trace *t, const struct capture_frame *frame);

/* The same where the frame has been decoded, by packet_decode() of its trace_frame(). */
void trace_add_decoded(struct trace *t, const struct capture_frame *frame, const struct packet *p);

/* How many items of each kind there are, and each by index; what is a pointer is borrowed until the
 * next trace_add(). */
size_t trace_event_count(const struct trace *t);
struct trace_event trace_event(const struct trace *t, size_t i);
size_t trace_segment_count(const struct trace *t);
struct segment trace_segment(const struct trace *t, uint32_t i);
struct copy trace_copy(const struct trace *t, uint32_t i);
size_t trace_call_count(const struct trace *t);
const struct call *trace_call(const struct trace *t, uint32_t i);
size_t trace_state_count(const struct trace *t);
struct state_change trace_state(const struct trace *t, uint32_t i);
size_t trace_kernel_count(const struct trace *t);
const struct kernel_word *trace_kernel(const struct trace *t, uint32_t i);
const struct note *trace_note(const struct trace *t, uint32_t i);
struct other trace_other(const struct trace *t, uint32_t i);

/* What is held by hand now, by number; the programs that are, those held first before; all commands
 * that were given so far. Borrowed until the next trace_add(). */
size_t trace_hold_count(const struct trace *t);
const struct hold *trace_hold(const struct trace *t, size_t i);
size_t trace_waiting_count(const struct trace *t);
const struct waiting *trace_waiting(const struct trace *t, size_t i);
size_t trace_command_count(const struct trace *t);
const struct command_word *trace_command(const struct trace *t, size_t i);
struct trace_hands trace_hands(const struct trace *t);

/* The segment whose sending, delivery, loss or copy the moment `i` is; TRACE_NONE for any other. */
uint32_t trace_event_segment(const struct trace *t, size_t i);

/* The moment at which the item `index` of a kind stands; TRACE_NONE where there is none. The search
 * goes through all moments. */
uint32_t trace_event_of(const struct trace *t, enum trace_kind kind, uint32_t index);

/* When the moment `i` of trace_event() was. */
int64_t trace_time(const struct trace *t, size_t i);

/* Of segment `i` what costs no look at its frame: its connection and sender, its flags, whether it
 * was all sent before. */
uint32_t trace_segment_flow(const struct trace *t, uint32_t i, int *side);
uint16_t trace_segment_flags(const struct trace *t, uint32_t i);
bool trace_segment_again(const struct trace *t, uint32_t i);

/* The rule of the wire that segment `i` met, or another reason for its fate; NULL where none was
 * told. */
const char *trace_segment_reason(const struct trace *t, uint32_t i);

/* The connection of state change `i`, TRACE_NONE for a listening socket's. */
uint32_t trace_state_flow(const struct trace *t, uint32_t i);

/* How many changes of state stand before the moment `i`, which may be the end. */
uint32_t trace_states_before(const struct trace *t, size_t i);

/* Where what concerns a connection stands by now: the moments from `from` up to before `to`. Others
 * stand among them, and none outside. Of a session, where calls and words come in, it is all. */
struct trace_range {
    size_t from, to;
};
struct trace_range trace_flow_range(const struct trace *t, uint32_t flow);

/* The same for its segments alone, of whatever trace. */
struct trace_range trace_flow_segments(const struct trace *t, uint32_t flow);

/* The first SYN of a side of a connection, by the index of its segment; TRACE_NONE where it was not
 * seen. */
uint32_t trace_syn_of(const struct trace *t, uint32_t flow, int side);

uint32_t trace_flow_count(const struct trace *t);
const struct flow *trace_flow(const struct trace *t, uint32_t i);
const struct trace_session *trace_session(const struct trace *t);

/* Append a call's line of code, fit for a terminal: `client.c:31`; nothing where it is not known.
 */
void trace_call_line(const struct call *c, struct text *out);

/* The folder (copied; NULL for none) in which the programs' sources are looked for, and whether
 * they may be read from anywhere on this machine: where the programs run here and now, not for a
 * session from somewhere. */
void trace_set_sources(struct trace *t, const char *folder, bool anywhere);
const char *trace_sources(const struct trace *t, bool *anywhere);

/* What the analysis found in the segments, in their order; borrowed until the next trace_add().
 * trace_findings_of() gives the first of a segment's, and how many it has. */
size_t trace_finding_count(const struct trace *t);
const struct finding *trace_finding(const struct trace *t, size_t i);
size_t trace_findings_of(const struct trace *t, uint32_t segment, size_t *first);

/* What the analysis knows of a connection by now. */
void trace_connection(const struct trace *t, uint32_t flow, struct analysis_connection *out);

/* Find nothing, from the first frame on: for who analyses the segments himself. */
void trace_without_findings(struct trace *t);

/* A captured frame as packet_decode() takes it; its bytes are borrowed from it. */
static inline struct frame trace_frame(const struct capture_frame *frame)
{
    return (struct frame){
        .time_ns = frame->time_ns,
        .linktype = frame->linktype,
        .carried_s = frame->carried_s,
        .bytes = frame->bytes,
        .captured_bytes = frame->captured_bytes,
        .wire_bytes = frame->wire_bytes,
    };
}

/* The frame that a segment, or an other packet, was decoded from; without a byte where the file
 * does not hold it any more. Its bytes are borrowed until the next call that is given the trace. */
struct frame trace_segment_frame(const struct trace *t, uint32_t segment);
struct frame trace_other_frame(const struct trace *t, uint32_t other);

/* True where packets have two moments, sent and delivered, each with its own stamp. */
bool trace_has_wire(const struct trace *t);

/* 'C' or 'S' for whose host an end is, where the session names hosts; else 0. Where both hosts have
 * one address the port tells. */
char trace_host_at(const struct trace *t, const struct endpoint *end);

/* The same for a side of a flow. */
char trace_host_of(const struct trace *t, uint32_t flow, int side);

/* The kernel's last word on an end by the moment `event`; NULL where it has said nothing by then.
 */
const struct kernel_word *trace_kernel_at(const struct trace *t, uint32_t flow, int side,
                                          uint32_t event);

/* The state of a side of a flow after the last event taken. */
enum tcp_state trace_state_now(const struct trace *t, uint32_t flow, int side);

/* Sequence numbers as tcpdump prints them by default: of side `side` of the flow, relative to ISS.
 */
uint32_t trace_relative_seq(const struct trace *t, const struct segment *s);
uint32_t trace_relative_ack(const struct trace *t, const struct segment *s);

#endif
