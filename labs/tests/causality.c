/* causality FILE CONNECTIONS: whether in a recorded session each cause precedes its effects. Prints
 * what it counted; every fault is a line, and the exit status 1. */
#include "tracer/capture/source.h"
#include "tracer/tcp/seq.h"
#include "tracer/trace/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned faults;

static void fault(const char *what, uint64_t which, int64_t cause_ns, int64_t effect_ns)
{
    if (faults++ < 20)
        printf("%s: number %" PRIu64 ", cause %" PRId64 ", effect %" PRId64 "\n", what, which,
               cause_ns, effect_ns);
}

static void in_order(const char *what, uint64_t which, int64_t cause_ns, int64_t effect_ns)
{
    if (cause_ns > effect_ns)
        fault(what, which, cause_ns, effect_ns);
}

static struct trace *read_session(const char *path)
{
    struct error e;
    struct source_options options = {.file = path, .fd = -1};
    struct source *source = source_open(&options, &e);
    struct capture_frame frame;
    enum source_result got = SOURCE_END;
    struct trace *t = trace_new();
    int64_t last_ns = 0;
    uint64_t number = 0;
    while (source && (got = source_next(source, true, &frame, &e)) == SOURCE_FRAME) {
        in_order("the file's records are not in the order of time", ++number, last_ns,
                 frame.time_ns);
        last_ns = frame.time_ns;
        trace_add(t, &frame);
    }
    if (!source || got == SOURCE_ERROR) {
        printf("%s\n", e.text);
        exit(1);
    }
    source_close(source);
    return t;
}

/* What each connection's calls and segments were stamped. */
struct life {
    int64_t syn_ns, syn_ack_delivered_ns, ack_delivered_ns;
    int64_t delivered_data_ns[SIDE_COUNT]; /* the first delivery of data sent by this side */
    bool connected, accepted;
};

static void check_calls(const struct trace *t, struct life *lives)
{
    for (uint32_t i = 0; i < trace_call_count(t); i++) {
        const struct call *call = trace_call(t, i);
        if (call->exit_ns >= 0)
            in_order("a call returned before it was entered", i, call->enter_ns, call->exit_ns);
        if (call->flow == TRACE_NONE || call->exit_ns < 0 || call->ret < 0)
            continue;
        struct life *life = &lives[call->flow];
        if (strcmp(call->name, "connect") == 0) {
            life->connected = true;
            in_order("a SYN before its connect()", i, call->enter_ns, life->syn_ns);
            in_order("connect() returned before the SYN-ACK was delivered", i,
                     life->syn_ack_delivered_ns, call->exit_ns);
        } else if (strncmp(call->name, "accept", 6) == 0) {
            life->accepted = true;
            in_order("accept() returned before the handshake was complete", i,
                     life->ack_delivered_ns, call->exit_ns);
        } else if (strncmp(call->name, "recv", 4) == 0 && call->ret > 0) {
            in_order("recv() returned data before it was delivered", i,
                     life->delivered_data_ns[!call->side], call->exit_ns);
        }
    }
}

/* In time order: nothing is acknowledged before it was delivered. */
static void check_acks(const struct trace *t, struct life *lives)
{
    uint32_t flows = trace_flow_count(t);
    uint32_t(*got)[SIDE_COUNT] = calloc(flows ? flows : 1, sizeof *got); /* RCV.NXT, relative */
    for (size_t i = 0; i < trace_event_count(t); i++) {
        struct trace_event e = trace_event(t, i);
        int64_t now_ns = trace_time(t, i);
        if (e.kind != TRACE_SEGMENT && e.kind != TRACE_DELIVERED)
            continue;
        const struct segment got_s = trace_segment(t, e.index), *s = &got_s;
        struct life *life = &lives[s->flow];
        uint32_t space = s->len + (s->flags & TCP_SYN ? 1 : 0) + (s->flags & TCP_FIN ? 1 : 0);
        uint32_t end = trace_relative_seq(t, s) + space;
        if (e.kind == TRACE_DELIVERED) {
            in_order("a segment was delivered before it was sent", s->frame, s->time_ns,
                     s->fate_ns);
            if (seq_gt(end, got[s->flow][!s->side]))
                got[s->flow][!s->side] = end;
            if (s->len > 0 && life->delivered_data_ns[s->side] == 0)
                life->delivered_data_ns[s->side] = now_ns;
            if ((s->flags & TCP_SYN) && (s->flags & TCP_ACK))
                life->syn_ack_delivered_ns = now_ns;
            else if (!(s->flags & TCP_SYN) && s->side == SIDE_INITIATOR &&
                     life->ack_delivered_ns == 0)
                life->ack_delivered_ns = now_ns;
        } else {
            if ((s->flags & TCP_SYN) && !(s->flags & TCP_ACK) && life->syn_ns == 0)
                life->syn_ns = now_ns;
            if ((s->flags & TCP_ACK) && seq_gt(trace_relative_ack(t, s), got[s->flow][s->side]))
                fault("acknowledged before it was delivered", s->frame, 0, now_ns);
        }
    }
    free(got);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: causality FILE CONNECTIONS\n");
        return 2;
    }
    struct trace *t = read_session(argv[1]);
    uint32_t flows = trace_flow_count(t), connected = 0, accepted = 0;
    struct life *lives = calloc(flows ? flows : 1, sizeof *lives);
    check_acks(t, lives);
    check_calls(t, lives);
    for (uint32_t i = 0; i < flows; i++) {
        connected += lives[i].connected;
        accepted += lives[i].accepted;
    }
    printf(
        "%u connections, %u connect() and %u accept() matched to them, %zu segments, %u faults\n",
        flows, connected, accepted, trace_segment_count(t), faults);
    uint32_t expected = (uint32_t)atoi(argv[2]);
    if (flows != expected || connected != expected || accepted != expected) {
        printf("expected %u of each\n", expected);
        faults++;
    }
    free(lives);
    trace_free(t);
    return faults > 0;
}
