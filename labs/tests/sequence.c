/* sequence FILE: what a session tells that is to be the same in each run of it.
 *
 *   C 1 [S] seq 0 ack 0 len 0 delivered       each direction's segments, in the order of sending,
 *   S 1 [S.] seq 0 ack 1 len 0 dropped: ...   by their fate; "again" where all was sent before
 *   C: sends C1, gets S1, sends C2            what each host sent and was delivered, in its order,
 *                                             from which follows what can have caused what
 *   C: SYN-SENT, ESTABLISHED                  the states of each end
 *
 * Besides, at each quiet moment the states that the segments imply must be those that the kernels
 * told. Exit status 1 where they are not, with a line on standard error. */
#include "tracer/base/alloc.h"
#include "tracer/print/line.h"
#include "tracer/trace/trace.h"

#include <stdio.h>
#include <stdlib.h>

enum { QUIET_NS = 50000000 };

static int faults;

static struct source *open_session(const char *path)
{
    struct error e;
    struct source_options options = {.file = path, .fd = -1};
    struct source *source = source_open(&options, &e);
    if (!source) {
        fprintf(stderr, "sequence: %s\n", e.text);
        exit(2);
    }
    return source;
}

/* ---- the kernels' word ----------------------------------------------------------------------- */

static void compare(const struct trace *t, int64_t time_ns)
{
    size_t n = trace_event_count(t);
    for (uint32_t flow = 0; n > 0 && flow < trace_flow_count(t); flow++)
        for (int side = 0; side < SIDE_COUNT; side++) {
            const struct kernel_word *w = trace_kernel_at(t, flow, side, (uint32_t)n - 1);
            enum tcp_state implied = trace_state_now(t, flow, side);
            if (!w || w->state == implied)
                continue;
            fprintf(stderr, "at %.3f s %c is %s by its segments, and its kernel says %s\n",
                    (double)(time_ns - trace_time(t, 0)) / 1e9, trace_host_of(t, flow, side),
                    tcp_state_name(implied), tcp_state_name(w->state));
            faults++;
        }
}

static bool is_packet(const struct trace *t)
{
    size_t n = trace_event_count(t);
    for (size_t i = n; i-- > 0;) {
        struct trace_event e = trace_event(t, i);
        if (e.kind != TRACE_STATE)
            return e.kind == TRACE_SEGMENT || e.kind == TRACE_DELIVERED ||
                   e.kind == TRACE_DROPPED || e.kind == TRACE_COPIED;
    }
    return false;
}

static struct trace *read_session(const char *path)
{
    struct trace *t = trace_new();
    struct source *source = open_session(path);
    struct capture_frame frame;
    struct error e;
    int64_t last_ns = INT64_MAX - QUIET_NS, time_ns = 0;
    while (source_next(source, false, &frame, &e) == SOURCE_FRAME) {
        time_ns = frame.time_ns;
        if (time_ns - QUIET_NS >= last_ns)
            compare(t, time_ns);
        trace_add(t, &frame);
        if (is_packet(t))
            last_ns = time_ns;
    }
    source_close(source);
    compare(t, time_ns);
    return t;
}

/* ---- the segments ---------------------------------------------------------------------------- */

/* The segment's number among those of its sender. */
static uint32_t *number_segments(const struct trace *t)
{
    uint32_t n = (uint32_t)trace_segment_count(t), counts[256] = {0};
    uint32_t *numbers = xcalloc(n + 1, sizeof *numbers);
    for (uint32_t i = 0; i < n; i++) {
        int side;
        uint32_t flow = trace_segment_flow(t, i, &side);
        numbers[i] = ++counts[(unsigned char)trace_host_of(t, flow, side)];
    }
    return numbers;
}

static void tell_direction(const struct trace *t, const uint32_t *numbers, char host)
{
    static const char *const fates[FATE_COUNT] = {"under way", "delivered", "dropped"};
    for (uint32_t i = 0; i < trace_segment_count(t); i++) {
        struct segment s = trace_segment(t, i);
        struct text flags = {0};
        if (trace_host_of(t, s.flow, s.side) != host)
            continue;
        line_flags(s.flags, &flags);
        printf("%c %u [%s] seq %u ack %u len %u%s %s%s%s\n", host, numbers[i], text_str(&flags),
               trace_relative_seq(t, &s), s.flags & TCP_ACK ? trace_relative_ack(t, &s) : 0, s.len,
               s.again ? " again" : "", fates[s.fate], trace_segment_reason(t, i) ? ": " : "",
               trace_segment_reason(t, i) ? trace_segment_reason(t, i) : "");
        text_free(&flags);
    }
}

static void tell_host(const struct trace *t, const uint32_t *numbers, char host)
{
    const char *separator = ": ";
    printf("%c", host);
    for (size_t i = 0; i < trace_event_count(t); i++) {
        struct trace_event e = trace_event(t, i);
        uint32_t segment = trace_event_segment(t, i);
        int side;
        if (segment == TRACE_NONE || e.kind == TRACE_DROPPED)
            continue;
        uint32_t flow = trace_segment_flow(t, segment, &side);
        bool sends = e.kind == TRACE_SEGMENT;
        if (trace_host_of(t, flow, sends ? side : !side) != host)
            continue;
        printf("%s%s %c%u", separator, sends ? "sends" : "gets", trace_host_of(t, flow, side),
               numbers[segment]);
        separator = ", ";
    }
    printf("\n");
}

static void tell_states(const struct trace *t, char host)
{
    const char *separator = ": ";
    printf("%c", host);
    for (uint32_t i = 0; i < trace_state_count(t); i++) {
        struct state_change s = trace_state(t, i);
        if (s.host != host)
            continue;
        printf("%s%s%s", separator, tcp_state_name(s.to),
               s.cause == CAUSE_TIMER   ? " by a timer"
               : s.cause == CAUSE_CLOSE ? " by its program"
                                        : "");
        separator = ", ";
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: sequence FILE\n");
        return 2;
    }
    struct trace *t = read_session(argv[1]);
    uint32_t *numbers = number_segments(t);
    for (int host = 0; host < 2; host++)
        tell_direction(t, numbers, "CS"[host]);
    for (int host = 0; host < 2; host++)
        tell_host(t, numbers, "CS"[host]);
    for (int host = 0; host < 2; host++)
        tell_states(t, "CS"[host]);
    free(numbers);
    trace_free(t);
    return faults > 0;
}
