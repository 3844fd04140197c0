#include "tracer/view/kernel.h"

#include "tracer/base/words.h"

/* The kernel is asked when a segment has come or gone and a millisecond later, and its answer takes
 * its time to come in: in a state that an end has had for less than this, nothing is missing. */
enum { GRACE_NS = 50000000, LOOK_AHEAD = 256 };

static bool touches(const struct trace *t, struct trace_event e, uint32_t flow)
{
    int side;
    return (e.kind == TRACE_SEGMENT || e.kind == TRACE_DELIVERED) &&
           trace_segment_flow(t, e.index, &side) == flow;
}

/* The last moment before the connection's next segment. */
static uint32_t end_of(const struct trace *t, uint32_t flow, uint32_t event)
{
    size_t n = trace_event_count(t), most = (size_t)event + LOOK_AHEAD;
    uint32_t last = event;
    while (last + (size_t)1 < n && last < most && !touches(t, trace_event(t, last + 1), flow) &&
           trace_time(t, last + 1) - trace_time(t, event) < GRACE_NS)
        last++;
    return last;
}

/* The state that the segments say an end has, and from when until when. */
struct span {
    enum tcp_state state;
    int64_t since_ns, until_ns;
};

static struct span implied_at(const struct trace *t, uint32_t flow, int side, int64_t now_ns)
{
    struct span s = {STATE_UNKNOWN, INT64_MIN, INT64_MAX};
    for (uint32_t i = 0; i < trace_state_count(t); i++) {
        if (trace_state_flow(t, i) != flow)
            continue;
        struct state_change change = trace_state(t, i);
        if (change.side != side)
            continue;
        if (change.time_ns > now_ns) {
            if (s.since_ns == INT64_MIN)
                s.state = change.from;
            s.until_ns = change.time_ns;
            break;
        }
        s.state = change.to;
        s.since_ns = change.time_ns;
    }
    return s;
}

/* A word that came late, and agrees: NULL where there is none. */
static const struct kernel_word *late_word(const struct trace *t, uint32_t flow, int side,
                                           uint32_t from, const struct span *s)
{
    size_t n = trace_event_count(t);
    for (uint32_t i = from; i < n; i++) {
        int64_t now_ns = trace_time(t, i);
        if (now_ns >= s->until_ns || now_ns - GRACE_NS > s->since_ns)
            return NULL;
        struct trace_event e = trace_event(t, i);
        const struct kernel_word *w = e.kind == TRACE_KERNEL ? trace_kernel(t, e.index) : NULL;
        if (w && w->flow == flow && w->side == side && w->state == s->state)
            return w;
    }
    return NULL;
}

struct kernel_look kernel_look_at(const struct trace *t, uint32_t flow, int side, uint32_t event)
{
    struct kernel_look look = {.implied = STATE_UNKNOWN};
    size_t n = trace_event_count(t);
    if (trace_kernel_count(t) == 0 || flow == TRACE_NONE || event >= n)
        return look;
    uint32_t last = end_of(t, flow, event);
    struct span s = implied_at(t, flow, side, trace_time(t, last));
    look.word = trace_kernel_at(t, flow, side, last);
    look.implied = s.state;
    if (!look.word || s.state == STATE_UNKNOWN || look.word->state == s.state)
        return look;
    const struct kernel_word *late = late_word(t, flow, side, last, &s);
    int64_t end_ns = trace_time(t, n - 1);
    if (late)
        look.word = late;
    else
        look.differs = (s.until_ns < end_ns ? s.until_ns : end_ns) - GRACE_NS >= s.since_ns;
    return look;
}

const char *kernel_reason(const struct kernel_look *look)
{
    enum tcp_state kernel = look->word->state;
    if (kernel == STATE_CLOSED && look->implied == STATE_TIME_WAIT)
        return _("In TIME-WAIT the kernel keeps a small record alone, and gives it up before its "
                 "time where another connection needs the ports.");
    if (kernel == STATE_CLOSED && look->implied == STATE_FIN_WAIT_2)
        return _("Once the program has closed its socket, the kernel waits in FIN-WAIT-2 with a "
                 "small "
                 "record, for as long as its FIN timeout says.");
    if (kernel == STATE_CLOSED)
        return _("The kernel has given the connection up, of which no segment tells: a timer ran "
                 "out, "
                 "or the program was ended.");
    if ((kernel == STATE_FIN_WAIT_1 && look->implied == STATE_ESTABLISHED) ||
        (kernel == STATE_LAST_ACK && look->implied == STATE_CLOSE_WAIT))
        return _("To Linux a connection is closing as soon as its program has closed it; its FIN "
                 "waits "
                 "until what stands before it may be sent.");
    if (kernel == STATE_SYN_RECEIVED || look->implied == STATE_SYN_RECEIVED)
        return _("While a connection is being opened the kernel keeps a small record of it, and "
                 "makes a socket when the handshake is done.");
    return _("The kernel is asked a moment after a segment has come or gone: by then it may have "
             "gone "
             "on, or not have got to it yet.");
}
