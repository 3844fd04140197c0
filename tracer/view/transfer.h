/* For tests only: one connection's bulk transfer as it might have gone, the same each time. A
 * sender with slow start and fast retransmit, a wire of 20 ms that drops what it is told to, a
 * receiver with SACK that stops reading for a while. Told to a trace as a session, or as a capture
 * at the sender. */
#ifndef TRACER_VIEW_TRANSFER_H
#define TRACER_VIEW_TRANSFER_H

#include "tracer/view/scene.h"

enum {
    TRANSFER_SEGMENTS = 240,
    TRANSFER_MSS = 1000,
    TRANSFER_ONE_WAY_US = 20000,
    TRANSFER_SPACING_US = 700, /* between arrivals */
    TRANSFER_RTO_US = 240000,
    TRANSFER_BUFFER = 40, /* segments that the receiver holds */
    TRANSFER_QUEUE = 512,
};

struct transfer_packet {
    char from;
    uint16_t flags;
    uint32_t seq, ack, len, window;
    uint32_t sack[2];       /* from, to; the same: none */
    int64_t sent_us, at_us; /* at: when it arrives */
};

struct transfer {
    struct scene *scene;
    bool session;               /* else a capture at the sender */
    uint32_t iss, irs;          /* C's and S's */
    uint32_t drops[8];          /* C's data transmissions that the wire drops, from 1 */
    int64_t stop_us, resume_us; /* the receiver does not read between these */
    bool kernel;                /* C's kernel tells of its congestion window */
    uint32_t told_cwnd;

    /* the wire: data on its way, then ACKs on theirs */
    struct transfer_packet data[TRANSFER_QUEUE], acks[TRANSFER_QUEUE];
    uint32_t data_head, data_tail, ack_head, ack_tail;
    uint32_t sent; /* data transmissions so far */
    /* the sender, in segments */
    uint32_t una, nxt, highest, window, cwnd, threshold, repeats, recover;
    bool recovering;
    int64_t rto_us;
    /* the receiver */
    uint32_t expected, unread;
    bool have[TRANSFER_SEGMENTS + 1];
};

/* Put one on the wire's record: a frame with the options that it needs. */
static inline void transfer_frame(struct transfer *t, int64_t at_us,
                                  const struct transfer_packet *p)
{
    static const uint8_t syn[12] = {2, 4, 0x03, 0xe8, 4, 2, 1, 3, 3, 7, 1, 1};
    uint8_t b[2048] = {0};
    bool is_syn = p->flags & TCP_SYN, sack = p->sack[0] != p->sack[1], up = p->from == 'C';
    uint32_t header = is_syn || sack ? 32 : 20, n = 14 + 20 + header + p->len;
    scene_be(b + 12, 0x0800, 2);
    b[14] = 0x45;
    scene_be(b + 16, n - 14, 2);
    b[22] = 64, b[23] = PROTO_TCP;
    scene_be(b + 26, up ? 0x0a000001 : 0x0a000002, 4);
    scene_be(b + 30, up ? 0x0a000002 : 0x0a000001, 4);
    scene_be(b + 34, up ? 34567 : 9502, 2);
    scene_be(b + 36, up ? 9502 : 34567, 2);
    scene_be(b + 38, p->seq, 4);
    scene_be(b + 42, p->ack, 4);
    b[46] = (uint8_t)(header / 4 << 4);
    b[47] = (uint8_t)p->flags;
    scene_be(b + 48, is_syn ? 64000 : p->window >> 7, 2);
    if (is_syn) {
        memcpy(b + 54, syn, sizeof syn);
    } else if (sack) {
        b[54] = b[55] = 1, b[56] = 5, b[57] = 10;
        scene_be(b + 58, p->sack[0], 4);
        scene_be(b + 62, p->sack[1], 4);
    }
    scene_add(t->scene, at_us, b, n);
}

/* A packet leaves; a capture at the sender sees the other side's when it arrives. */
static inline void transfer_leaves(struct transfer *t, const struct transfer_packet *p)
{
    if (t->session || p->from == 'C')
        transfer_frame(t, p->sent_us, p);
}

static inline void transfer_arrives(struct transfer *t, const struct transfer_packet *p)
{
    if (t->session)
        scene_fate(t->scene, p->at_us, p->from, p->sent_us, FATE_DELIVERED);
    else if (p->from == 'S')
        transfer_frame(t, p->at_us, p);
}

static inline void transfer_send(struct transfer *t, int64_t now, uint32_t segment)
{
    struct transfer_packet p = {'C',        TCP_ACK,      t->iss + 1 + segment * TRANSFER_MSS,
                                t->irs + 1, TRANSFER_MSS, 64000,
                                {0, 0},     now,          0};
    bool dropped = false;
    t->sent++;
    for (int i = 0; i < 8; i++)
        dropped = dropped || t->drops[i] == t->sent;
    const struct transfer_packet *last = &t->data[(t->data_tail - 1) % TRANSFER_QUEUE];
    p.at_us = now + TRANSFER_ONE_WAY_US;
    if (t->data_tail > 0 && p.at_us < last->at_us + TRANSFER_SPACING_US)
        p.at_us = last->at_us + TRANSFER_SPACING_US;
    transfer_leaves(t, &p);
    if (!dropped)
        t->data[t->data_tail++ % TRANSFER_QUEUE] = p;
    else if (t->session)
        scene_fate(t->scene, now + 5, 'C', now, FATE_DROPPED);
    if (segment >= t->highest)
        t->highest = segment + 1;
    if (t->rto_us == 0)
        t->rto_us = now + TRANSFER_RTO_US;
}

/* As much as both windows allow; each a little later than the one before. */
static inline void transfer_go_on(struct transfer *t, int64_t now)
{
    if (t->kernel && t->cwnd != t->told_cwnd) {
        t->told_cwnd = t->cwnd;
        scene_kernel(t->scene, now, 'C', (char[]){"ESTABLISHED"}, (int)t->cwnd, 0);
    }
    while (t->nxt < TRANSFER_SEGMENTS && t->nxt - t->una < t->cwnd && t->nxt - t->una < t->window) {
        transfer_send(t, now, t->nxt++);
        now += 30;
    }
}

static inline uint32_t transfer_room(const struct transfer *t)
{
    return TRANSFER_BUFFER > t->unread ? TRANSFER_BUFFER - t->unread : 0;
}

static inline void transfer_answer(struct transfer *t, int64_t now)
{
    struct transfer_packet p = {'S',
                                TCP_ACK,
                                t->irs + 1,
                                t->iss + 1 + t->expected * TRANSFER_MSS,
                                0,
                                transfer_room(t) * TRANSFER_MSS,
                                {0, 0},
                                now + 15,
                                now + 15 + TRANSFER_ONE_WAY_US};
    uint32_t from = t->expected, to;
    while (from < TRANSFER_SEGMENTS && !t->have[from])
        from++;
    for (to = from; to < TRANSFER_SEGMENTS && t->have[to]; to++) {
    }
    if (from < to) {
        p.sack[0] = t->iss + 1 + from * TRANSFER_MSS;
        p.sack[1] = t->iss + 1 + to * TRANSFER_MSS;
    }
    transfer_leaves(t, &p);
    t->acks[t->ack_tail++ % TRANSFER_QUEUE] = p;
}

static inline void transfer_take_data(struct transfer *t)
{
    const struct transfer_packet *p = &t->data[t->data_head++ % TRANSFER_QUEUE];
    bool reads = p->at_us < t->stop_us || p->at_us >= t->resume_us;
    transfer_arrives(t, p);
    t->have[(p->seq - t->iss - 1) / TRANSFER_MSS] = true;
    for (; t->expected < TRANSFER_SEGMENTS && t->have[t->expected]; t->expected++)
        t->unread += !reads;
    t->unread = reads ? 0 : t->unread;
    transfer_answer(t, p->at_us);
}

static inline void transfer_recover(struct transfer *t, int64_t now)
{
    t->threshold = t->cwnd / 2 > 2 ? t->cwnd / 2 : 2;
    t->cwnd = t->threshold;
    t->recover = t->highest;
    t->recovering = true;
    transfer_send(t, now, t->una);
}

static inline void transfer_take_ack(struct transfer *t)
{
    const struct transfer_packet *p = &t->acks[t->ack_head++ % TRANSFER_QUEUE];
    uint32_t acked = (p->ack - t->iss - 1) / TRANSFER_MSS;
    int64_t now = p->at_us + 10;
    transfer_arrives(t, p);
    t->window = p->window / TRANSFER_MSS;
    if (acked > t->una) {
        t->una = acked;
        t->nxt = t->nxt > acked ? t->nxt : acked;
        t->repeats = 0;
        t->rto_us = t->una < t->highest ? now + TRANSFER_RTO_US : 0;
        if (t->recovering && acked < t->recover)
            transfer_send(t, now, t->una);
        else
            t->recovering = false;
        if (!t->recovering)
            t->cwnd += t->cwnd < t->threshold || acked % t->cwnd == 0;
    } else if (t->una < t->highest && t->window > 0 && ++t->repeats == 3 && !t->recovering) {
        transfer_recover(t, now);
    }
    transfer_go_on(t, now + 5);
}

static inline void transfer_times_out(struct transfer *t)
{
    int64_t now = t->rto_us;
    t->threshold = t->cwnd / 2 > 2 ? t->cwnd / 2 : 2;
    t->cwnd = 1;
    t->nxt = t->una + 1;
    t->repeats = 0;
    t->recovering = false;
    transfer_send(t, now, t->una);
    t->rto_us = now + 2 * TRANSFER_RTO_US;
}

/* The handshake, and the FIN once all has been acknowledged. */
static inline int64_t transfer_crosses(struct transfer *t, int64_t now, char from, uint16_t flags,
                                       uint32_t seq, uint32_t ack)
{
    struct transfer_packet p = {
        from, flags, seq, ack, 0, 64000, {0, 0}, now, now + TRANSFER_ONE_WAY_US};
    transfer_leaves(t, &p);
    transfer_arrives(t, &p);
    return p.at_us + 20;
}

static inline void transfer_run(struct transfer *t)
{
    uint32_t end = t->iss + 1 + TRANSFER_SEGMENTS * TRANSFER_MSS;
    int64_t now = transfer_crosses(t, 1000, 'C', TCP_SYN, t->iss, 0);
    now = transfer_crosses(t, now, 'S', TCP_SYN | TCP_ACK, t->irs, t->iss + 1);
    t->cwnd = 4;
    t->threshold = 100;
    t->window = TRANSFER_BUFFER;
    transfer_go_on(t, now);
    bool woken = false;
    while (t->una < TRANSFER_SEGMENTS) {
        int64_t data =
            t->data_head < t->data_tail ? t->data[t->data_head % TRANSFER_QUEUE].at_us : INT64_MAX;
        int64_t ack =
            t->ack_head < t->ack_tail ? t->acks[t->ack_head % TRANSFER_QUEUE].at_us : INT64_MAX;
        int64_t wake = !woken && t->resume_us > 0 && t->unread > 0 ? t->resume_us : INT64_MAX;
        int64_t rto = t->rto_us > 0 ? t->rto_us : INT64_MAX;
        if (wake <= data && wake <= ack && wake <= rto) {
            woken = true;
            t->unread = 0;
            transfer_answer(t, wake);
        } else if (data <= ack && data <= rto) {
            transfer_take_data(t);
        } else if (ack <= rto) {
            transfer_take_ack(t);
        } else {
            transfer_times_out(t);
        }
        now = t->ack_head > 0 ? t->acks[(t->ack_head - 1) % TRANSFER_QUEUE].at_us : now;
    }
    now = transfer_crosses(t, now + 2000, 'C', TCP_FIN | TCP_ACK, end, t->irs + 1);
    now = transfer_crosses(t, now, 'S', TCP_FIN | TCP_ACK, t->irs + 1, end + 1);
    transfer_crosses(t, now, 'C', TCP_ACK, end + 1, t->irs + 2);
}

/* The story of it with losses: two found by fast retransmit, one of them lost twice so that it
 * takes a timeout; and a closed window. `iss` near 2^32 makes the numbers wrap around. */
static inline void transfer_story_of(struct scene *s, bool session, bool kernel, uint32_t iss)
{
    struct transfer t = {.scene = s,
                         .session = session,
                         .kernel = kernel,
                         .iss = iss,
                         .irs = 1181523844u,
                         .drops = {21, 24, 70, 71, 88},
                         .stop_us = 770000,
                         .resume_us = 990000};
    transfer_run(&t);
}

static inline void transfer_story(struct scene *s, bool session, uint32_t iss)
{
    transfer_story_of(s, session, false, iss);
}

#endif
