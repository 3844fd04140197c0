/* RFC 9293 connection states as a table by endpoint event, and the inference of both ends' states
 * from what each sent and received. The viewer, the docs and the tests read this one table. */
#ifndef TRACER_TCP_STATE_H
#define TRACER_TCP_STATE_H

#include <stdbool.h>
#include <stdint.h>

enum tcp_state {
    STATE_CLOSED,
    STATE_LISTEN,
    STATE_SYN_SENT,
    STATE_SYN_RECEIVED,
    STATE_ESTABLISHED,
    STATE_FIN_WAIT_1,
    STATE_FIN_WAIT_2,
    STATE_CLOSE_WAIT,
    STATE_CLOSING,
    STATE_LAST_ACK,
    STATE_TIME_WAIT,
    STATE_UNKNOWN, /* the capture began in the middle and nothing told yet */
    TCP_STATE_COUNT,
};

/* What can happen at an endpoint. A segment may be several of these, in this order. */
enum tcp_event {
    EVENT_CALL_LISTEN, /* listen() returned 0 */
    EVENT_SENT_SYN,    /* SYN without ACK */
    EVENT_RECEIVED_SYN,
    EVENT_SENT_SYN_ACK,
    EVENT_RECEIVED_SYN_ACK,
    EVENT_SENT_RST,
    EVENT_RECEIVED_RST,
    EVENT_RECEIVED_ACK_OF_SYN,
    EVENT_SENT_FIN,
    EVENT_RECEIVED_ACK_OF_FIN,
    EVENT_RECEIVED_FIN,
    EVENT_SEGMENT, /* any other segment: where a capture began in the middle, it shows an open one
                    */
    EVENT_TIMER,   /* 2MSL over, or retransmission given up */
    EVENT_CALL_CLOSE, /* its program gave it up, and no segment told of that */
    TCP_EVENT_COUNT,
};

/* One row: in `from`, on `event`, to `to`, because the RFC says so. */
struct tcp_transition {
    enum tcp_state from;
    enum tcp_event event;
    enum tcp_state to;
    const char *rule; /* "RFC 9293 3.10.7.3" */
};

/* The row for (from, event), or NULL where the event changes nothing in that state. */
const struct tcp_transition *tcp_transition(enum tcp_state from, enum tcp_event event);

/* "SYN-SENT", as RFC 9293 writes it; "sent SYN". */
const char *tcp_state_name(enum tcp_state s);
const char *tcp_event_name(enum tcp_event e);

/* Ranges beyond a gap that an end remembers. One more and the furthest is forgotten: the end's
 * state may then lag until the peer repeats it. */
enum { TCP_HELD_MAX = 8 };

/* One endpoint as its segments show it. All zero (with state set) is a fresh one; freed by
 * tcp_end_free(). */
struct tcp_end {
    uint8_t state; /* enum tcp_state */
    bool syn_sent, fin_sent, fin_received;
    uint32_t iss;      /* where syn_sent */
    uint32_t fin_seq;  /* sequence number of its FIN, where fin_sent */
    uint32_t peer_fin; /* sequence number of the peer's FIN, where fin_received */
    bool rcv_nxt_known;
    uint32_t rcv_nxt;      /* RCV.NXT: the next in-order byte it has been delivered */
    struct tcp_held *held; /* (owned) delivered beyond a gap, not yet in order; NULL: none ever */
};

void tcp_end_free(struct tcp_end *end);

/* What a timer that ends a connection in this state is, in a clause: "no answer came ..."; "" where
 * none does. */
const char *tcp_timer_clause(enum tcp_state from);

/* A segment, as far as states care. */
struct tcp_facts {
    uint16_t flags; /* TCP_ bits of decode/packet.h */
    uint32_t seq, ack, len;
};

/* The state changes that one segment causes at one end: three at the most (the ACK of its SYN, the
 * ACK of its FIN and the peer's FIN in one segment). */
struct tcp_change {
    enum tcp_state from, to;
    enum tcp_event event;
    const char *rule;
};
enum { TCP_CHANGES_MAX = 3 };

/* A listener's state after listen() returned 0, or any other event that is no segment: apply one
 * row of the table. Returns how many changes were written, 0 or 1. */
int tcp_end_event(struct tcp_end *end, enum tcp_event event,
                  struct tcp_change changes[TCP_CHANGES_MAX]);

/* Tell an end that it sent, or was delivered, a segment. Writes the changes and returns how many. A
 * FIN behind a gap is noted only when the gap has been filled. */
int tcp_end_sent(struct tcp_end *end, const struct tcp_facts *segment,
                 struct tcp_change changes[TCP_CHANGES_MAX]);
int tcp_end_received(struct tcp_end *end, const struct tcp_facts *segment,
                     struct tcp_change changes[TCP_CHANGES_MAX]);

#endif
