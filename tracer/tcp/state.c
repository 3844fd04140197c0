#include "tracer/tcp/state.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/decode/packet.h"
#include "tracer/tcp/seq.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

static const char *const state_names[] = {
    [STATE_CLOSED] = "CLOSED",           [STATE_LISTEN] = "LISTEN",
    [STATE_SYN_SENT] = "SYN-SENT",       [STATE_SYN_RECEIVED] = "SYN-RECEIVED",
    [STATE_ESTABLISHED] = "ESTABLISHED", [STATE_FIN_WAIT_1] = "FIN-WAIT-1",
    [STATE_FIN_WAIT_2] = "FIN-WAIT-2",   [STATE_CLOSE_WAIT] = "CLOSE-WAIT",
    [STATE_CLOSING] = "CLOSING",         [STATE_LAST_ACK] = "LAST-ACK",
    [STATE_TIME_WAIT] = "TIME-WAIT",     [STATE_UNKNOWN] = "UNKNOWN",
};
static_assert(sizeof state_names / sizeof state_names[0] == TCP_STATE_COUNT, "a name a state");

static const char *const event_names[] = {
    [EVENT_CALL_LISTEN] = "listen() returned",
    [EVENT_SENT_SYN] = "sent SYN",
    [EVENT_RECEIVED_SYN] = "received SYN",
    [EVENT_SENT_SYN_ACK] = "sent SYN-ACK",
    [EVENT_RECEIVED_SYN_ACK] = "received SYN-ACK",
    [EVENT_SENT_RST] = "sent RST",
    [EVENT_RECEIVED_RST] = "received RST",
    [EVENT_RECEIVED_ACK_OF_SYN] = "received ACK of SYN",
    [EVENT_SENT_FIN] = "sent FIN",
    [EVENT_RECEIVED_ACK_OF_FIN] = "received ACK of FIN",
    [EVENT_RECEIVED_FIN] = "received FIN",
    [EVENT_SEGMENT] = "segment of an open connection",
    [EVENT_TIMER] = "timer",
    [EVENT_CALL_CLOSE] = "closed by its program",
};
static_assert(sizeof event_names / sizeof event_names[0] == TCP_EVENT_COUNT, "a name an event");

/* A passive end leaves LISTEN when its SYN-ACK is seen to leave, not when the SYN reaches it: a SYN
 * that is refused, or finds the queue full, never made it SYN-RECEIVED. */
#define ROW(from, event, to, rule)                                                                 \
    [STATE_##from][EVENT_##event] = {STATE_##from, EVENT_##event, STATE_##to, rule}
static const struct tcp_transition table[TCP_STATE_COUNT][TCP_EVENT_COUNT] = {
    ROW(CLOSED, CALL_LISTEN, LISTEN, "RFC 9293 3.10.1 OPEN call, passive"),
    ROW(CLOSED, SENT_SYN, SYN_SENT, "RFC 9293 3.10.1 OPEN call, active"),
    ROW(LISTEN, SENT_SYN, SYN_SENT, "RFC 9293 3.10.1 OPEN call, active"),
    ROW(UNKNOWN, SENT_SYN, SYN_SENT, "RFC 9293 3.10.1 OPEN call, active"),
    ROW(CLOSED, SENT_SYN_ACK, SYN_RECEIVED, "RFC 9293 3.10.7.2 LISTEN, SYN"),
    ROW(LISTEN, SENT_SYN_ACK, SYN_RECEIVED, "RFC 9293 3.10.7.2 LISTEN, SYN"),
    ROW(UNKNOWN, SENT_SYN_ACK, SYN_RECEIVED, "RFC 9293 3.10.7.2 LISTEN, SYN"),
    ROW(SYN_SENT, RECEIVED_SYN, SYN_RECEIVED, "RFC 9293 3.10.7.3 simultaneous open"),
    ROW(SYN_SENT, RECEIVED_SYN_ACK, ESTABLISHED, "RFC 9293 3.10.7.3 SYN-SENT"),
    ROW(SYN_RECEIVED, RECEIVED_ACK_OF_SYN, ESTABLISHED, "RFC 9293 3.10.7.4 ACK"),
    ROW(UNKNOWN, SEGMENT, ESTABLISHED, "the capture began in the middle"),

    ROW(SYN_RECEIVED, SENT_FIN, FIN_WAIT_1, "RFC 9293 3.10.4 CLOSE call"),
    ROW(ESTABLISHED, SENT_FIN, FIN_WAIT_1, "RFC 9293 3.10.4 CLOSE call"),
    ROW(UNKNOWN, SENT_FIN, FIN_WAIT_1, "RFC 9293 3.10.4 CLOSE call"),
    ROW(CLOSE_WAIT, SENT_FIN, LAST_ACK, "RFC 9293 3.10.4 CLOSE call"),

    ROW(FIN_WAIT_1, RECEIVED_ACK_OF_FIN, FIN_WAIT_2, "RFC 9293 3.10.7.4 ACK"),
    ROW(CLOSING, RECEIVED_ACK_OF_FIN, TIME_WAIT, "RFC 9293 3.10.7.4 ACK"),
    ROW(LAST_ACK, RECEIVED_ACK_OF_FIN, CLOSED, "RFC 9293 3.10.7.4 ACK"),

    ROW(SYN_RECEIVED, RECEIVED_FIN, CLOSE_WAIT, "RFC 9293 3.10.7.4 FIN"),
    ROW(ESTABLISHED, RECEIVED_FIN, CLOSE_WAIT, "RFC 9293 3.10.7.4 FIN"),
    ROW(UNKNOWN, RECEIVED_FIN, CLOSE_WAIT, "RFC 9293 3.10.7.4 FIN"),
    ROW(FIN_WAIT_1, RECEIVED_FIN, CLOSING, "RFC 9293 3.10.7.4 FIN"),
    ROW(FIN_WAIT_2, RECEIVED_FIN, TIME_WAIT, "RFC 9293 3.10.7.4 FIN"),

    ROW(LISTEN, SENT_RST, CLOSED, "RFC 9293 3.10.7.1 nobody was listening"),
    ROW(SYN_SENT, SENT_RST, CLOSED, "RFC 9293 3.10.5 ABORT call"),
    ROW(SYN_RECEIVED, SENT_RST, CLOSED, "RFC 9293 3.10.5 ABORT call"),
    ROW(ESTABLISHED, SENT_RST, CLOSED, "RFC 9293 3.10.5 ABORT call"),
    ROW(FIN_WAIT_1, SENT_RST, CLOSED, "RFC 9293 3.10.5 ABORT call"),
    ROW(FIN_WAIT_2, SENT_RST, CLOSED, "RFC 9293 3.10.5 ABORT call"),
    ROW(CLOSE_WAIT, SENT_RST, CLOSED, "RFC 9293 3.10.5 ABORT call"),
    ROW(CLOSING, SENT_RST, CLOSED, "RFC 9293 3.10.5 ABORT call"),
    ROW(LAST_ACK, SENT_RST, CLOSED, "RFC 9293 3.10.5 ABORT call"),
    ROW(UNKNOWN, SENT_RST, CLOSED, "RFC 9293 3.10.5 ABORT call"),

    ROW(SYN_SENT, RECEIVED_RST, CLOSED, "RFC 9293 3.10.7.3 connection refused"),
    ROW(SYN_RECEIVED, RECEIVED_RST, CLOSED, "RFC 9293 3.10.7.4 RST"),
    ROW(ESTABLISHED, RECEIVED_RST, CLOSED, "RFC 9293 3.10.7.4 RST"),
    ROW(FIN_WAIT_1, RECEIVED_RST, CLOSED, "RFC 9293 3.10.7.4 RST"),
    ROW(FIN_WAIT_2, RECEIVED_RST, CLOSED, "RFC 9293 3.10.7.4 RST"),
    ROW(CLOSE_WAIT, RECEIVED_RST, CLOSED, "RFC 9293 3.10.7.4 RST"),
    ROW(CLOSING, RECEIVED_RST, CLOSED, "RFC 9293 3.10.7.4 RST"),
    ROW(LAST_ACK, RECEIVED_RST, CLOSED, "RFC 9293 3.10.7.4 RST"),
    ROW(TIME_WAIT, RECEIVED_RST, CLOSED, "RFC 9293 3.10.7.4 RST"),
    ROW(UNKNOWN, RECEIVED_RST, CLOSED, "RFC 9293 3.10.7.4 RST"),

    ROW(SYN_SENT, TIMER, CLOSED, "RFC 9293 3.8.3 given up"),
    ROW(SYN_RECEIVED, TIMER, CLOSED, "RFC 9293 3.8.3 given up"),
    ROW(ESTABLISHED, TIMER, CLOSED, "RFC 9293 3.8.3 given up"),
    ROW(FIN_WAIT_1, TIMER, CLOSED, "RFC 9293 3.8.3 given up"),
    ROW(FIN_WAIT_2, TIMER, CLOSED, "not in the RFC: a FIN timeout"),
    ROW(CLOSE_WAIT, TIMER, CLOSED, "RFC 9293 3.8.3 given up"),
    ROW(CLOSING, TIMER, CLOSED, "RFC 9293 3.8.3 given up"),
    ROW(LAST_ACK, TIMER, CLOSED, "RFC 9293 3.8.3 given up"),
    ROW(TIME_WAIT, TIMER, CLOSED, "RFC 9293 3.10.8 2MSL over"),

    ROW(SYN_SENT, CALL_CLOSE, CLOSED, "RFC 9293 3.10.4 CLOSE call"),
};
#undef ROW

const struct tcp_transition *tcp_transition(enum tcp_state from, enum tcp_event event)
{
    const struct tcp_transition *row = &table[from][event];
    return row->rule ? row : NULL;
}

const char *tcp_state_name(enum tcp_state s)
{
    return s < TCP_STATE_COUNT ? state_names[s] : "?";
}

const char *tcp_event_name(enum tcp_event e)
{
    return e < TCP_EVENT_COUNT ? event_names[e] : "?";
}

const char *tcp_timer_clause(enum tcp_state from)
{
    static const char *const clauses[TCP_STATE_COUNT] = {
        [STATE_SYN_SENT] = N_("no answer came to its SYN, however often it was sent"),
        [STATE_SYN_RECEIVED] = N_("no ACK came to its SYN-ACK, however often it was sent"),
        [STATE_ESTABLISHED] = N_("what it sent was not acknowledged, however often it was sent"),
        [STATE_FIN_WAIT_1] = N_("its FIN was not acknowledged, however often it was sent"),
        [STATE_FIN_WAIT_2] = N_("the other end's FIN did not come within the FIN timeout"),
        [STATE_CLOSE_WAIT] = N_("what it sent was not acknowledged, however often it was sent"),
        [STATE_CLOSING] = N_("its FIN was not acknowledged, however often it was sent"),
        [STATE_LAST_ACK] = N_("its FIN was not acknowledged, however often it was sent"),
        [STATE_TIME_WAIT] = N_("no segment of the connection can be under way any more"),
    };
    return from < TCP_STATE_COUNT && clauses[from] ? _(clauses[from]) : "";
}

/* Apply one event: move along its row where there is one, and note the change. */
static int apply(struct tcp_end *end, enum tcp_event event, struct tcp_change *changes, int count)
{
    const struct tcp_transition *row = tcp_transition((enum tcp_state)end->state, event);
    if (!row || count >= TCP_CHANGES_MAX)
        return count;
    changes[count] = (struct tcp_change){row->from, row->to, event, row->rule};
    end->state = (uint8_t)row->to;
    return count + 1;
}

int tcp_end_event(struct tcp_end *end, enum tcp_event event,
                  struct tcp_change changes[TCP_CHANGES_MAX])
{
    return apply(end, event, changes, 0);
}

int tcp_end_sent(struct tcp_end *end, const struct tcp_facts *segment,
                 struct tcp_change changes[TCP_CHANGES_MAX])
{
    uint16_t flags = segment->flags;
    int count = 0;
    if (flags & TCP_RST)
        return apply(end, EVENT_SENT_RST, changes, count);
    if (flags & TCP_SYN) {
        end->syn_sent = true;
        end->iss = segment->seq;
        count = apply(end, flags & TCP_ACK ? EVENT_SENT_SYN_ACK : EVENT_SENT_SYN, changes, count);
    }
    if (flags & TCP_FIN) {
        end->fin_sent = true;
        end->fin_seq = segment->seq + segment->len + (flags & TCP_SYN ? 1 : 0);
        count = apply(end, EVENT_SENT_FIN, changes, count);
    }
    return apply(end, EVENT_SEGMENT, changes, count);
}

struct tcp_held {
    unsigned count;
    struct {
        uint32_t from, to;
    } ranges[TCP_HELD_MAX];
};

void tcp_end_free(struct tcp_end *end)
{
    free(end->held);
    end->held = NULL;
}

/* Whether a range that is held touches [from, to), and so takes it in: all that follows one lost
 * segment is one range. */
static bool join(struct tcp_held *held, uint32_t from, uint32_t to)
{
    for (unsigned i = 0; i < held->count; i++) {
        if (seq_gt(from, held->ranges[i].to) || seq_lt(to, held->ranges[i].from))
            continue;
        if (seq_lt(from, held->ranges[i].from))
            held->ranges[i].from = from;
        if (seq_gt(to, held->ranges[i].to))
            held->ranges[i].to = to;
        return true;
    }
    return false;
}

/* Remember [from, to) as delivered beyond a gap. Full: the furthest range makes room. */
static void hold(struct tcp_end *end, uint32_t from, uint32_t to)
{
    if (!end->held)
        end->held = xcalloc(1, sizeof *end->held);
    struct tcp_held *held = end->held;
    if (join(held, from, to))
        return;
    unsigned at = held->count;
    if (at < TCP_HELD_MAX) {
        held->count++;
    } else {
        at = 0;
        for (unsigned i = 1; i < TCP_HELD_MAX; i++)
            if (seq_gt(held->ranges[i].from, held->ranges[at].from))
                at = i;
        if (seq_ge(from, held->ranges[at].from))
            return;
    }
    held->ranges[at].from = from;
    held->ranges[at].to = to;
}

/* Move RCV.NXT over the ranges that it has reached. */
static void take_held(struct tcp_end *end)
{
    struct tcp_held *held = end->held;
    for (unsigned i = 0; held && i < held->count;) {
        if (seq_gt(held->ranges[i].from, end->rcv_nxt)) {
            i++;
            continue;
        }
        if (seq_gt(held->ranges[i].to, end->rcv_nxt))
            end->rcv_nxt = held->ranges[i].to;
        held->ranges[i] = held->ranges[--held->count];
        i = 0;
    }
}

/* Move RCV.NXT over [from, to) and over whatever that joins it to. */
static void advance(struct tcp_end *end, uint32_t from, uint32_t to)
{
    if (!end->rcv_nxt_known) {
        end->rcv_nxt = from;
        end->rcv_nxt_known = true;
    }
    if (seq_le(to, end->rcv_nxt))
        return;
    if (seq_gt(from, end->rcv_nxt)) {
        hold(end, from, to);
        return;
    }
    end->rcv_nxt = to;
    take_held(end);
}

/* RFC 9293 3.10.7.3 and 3.10.7.4, first check: a RST counts in SYN-SENT when it acknowledges the
 * SYN, and later when it is not older than what was delivered. */
static bool rst_counts(const struct tcp_end *end, const struct tcp_facts *segment)
{
    if (end->state == STATE_SYN_SENT)
        return (segment->flags & TCP_ACK) && segment->ack == end->iss + 1;
    return !end->rcv_nxt_known || seq_ge(segment->seq, end->rcv_nxt);
}

static int received_syn(struct tcp_end *end, const struct tcp_facts *segment,
                        struct tcp_change *changes, int count)
{
    bool answer = segment->flags & TCP_ACK;
    if (answer && end->syn_sent && segment->ack != end->iss + 1)
        return count;
    if (!end->rcv_nxt_known) {
        end->rcv_nxt = segment->seq + 1;
        end->rcv_nxt_known = true;
    }
    return apply(end, answer ? EVENT_RECEIVED_SYN_ACK : EVENT_RECEIVED_SYN, changes, count);
}

static int received_ack(struct tcp_end *end, const struct tcp_facts *segment,
                        struct tcp_change *changes, int count)
{
    if (end->syn_sent && seq_gt(segment->ack, end->iss))
        count = apply(end, EVENT_RECEIVED_ACK_OF_SYN, changes, count);
    if (end->fin_sent && seq_gt(segment->ack, end->fin_seq))
        count = apply(end, EVENT_RECEIVED_ACK_OF_FIN, changes, count);
    return count;
}

static int received_fin(struct tcp_end *end, struct tcp_change *changes, int count)
{
    /* RCV.NXT passes the FIN only when every byte before it has been delivered. */
    if (!end->fin_received || seq_le(end->rcv_nxt, end->peer_fin))
        return count;
    return apply(end, EVENT_RECEIVED_FIN, changes, count);
}

int tcp_end_received(struct tcp_end *end, const struct tcp_facts *segment,
                     struct tcp_change changes[TCP_CHANGES_MAX])
{
    uint16_t flags = segment->flags;
    int count = 0;
    if (flags & TCP_RST)
        return rst_counts(end, segment) ? apply(end, EVENT_RECEIVED_RST, changes, count) : 0;
    if (flags & TCP_SYN)
        count = received_syn(end, segment, changes, count);
    if (flags & TCP_ACK)
        count = received_ack(end, segment, changes, count);
    uint32_t data = segment->seq + (flags & TCP_SYN ? 1 : 0);
    uint32_t data_end = data + segment->len;
    if ((flags & TCP_FIN) && !end->fin_received) {
        end->fin_received = true;
        end->peer_fin = data_end;
    }
    advance(end, data, data_end + (flags & TCP_FIN ? 1 : 0));
    int before = count;
    count = received_fin(end, changes, count);
    if (count > before || (flags & TCP_SYN))
        return count;
    return apply(end, EVENT_SEGMENT, changes, count);
}
