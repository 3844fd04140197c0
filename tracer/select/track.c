#include "tracer/select/track.h"

#include "tracer/base/alloc.h"
#include "tracer/tcp/seq.h"
#include "tracer/trace/keyed.h"

#include <stdlib.h>
#include <string.h>

enum { HOLES = 16 };

/* Bytes of a stream by their places in it, which do not wrap; the byte at `to` is not in it. */
struct range {
    int64_t from, to;
};

struct piece {
    struct range range;
    uint64_t number; /* of the distinct range that it is a part of, from 1 */
};

/* Byte ranges of one direction. A range is what one segment brought that had not been sent: one
 * piece, or several where it filled holes. */
struct ranges {
    struct piece *at; /* (owned) those of the first data_max ranges, by their places; disjoint */
    size_t count, cap;
    uint64_t seen;             /* ranges, all of them */
    struct range holes[HOLES]; /* skipped, and not sent yet */
    unsigned hole_count;
};

struct side_track {
    bool sent_any;
    bool connecting; /* its connect() goes on though it has returned */
    bool connected, closed;
    uint8_t state;         /* enum tcp_state */
    int8_t scale;          /* of its SYN; -1: it had none */
    uint32_t next;         /* one past the highest sequence number sent ... */
    int64_t next_place;    /* ... and where in the stream that is */
    struct ranges *ranges; /* (owned) or NULL */
};

struct flow_track {
    struct side_track sides[SIDE_COUNT];
};

struct track {
    const struct trace *trace;
    unsigned needs;
    uint64_t data_max;
    struct flow_track *flows; /* (owned) by index */
    size_t flow_count, flow_cap;
    bool listens[2];
    bool done[DONE_KIND_COUNT];
    struct keyed pairs; /* the addresses of the sender of the first packet between two hosts */
};

struct track *track_new(const struct trace *t, unsigned needs, uint64_t data_max)
{
    struct track *k = xcalloc(1, sizeof *k);
    k->trace = t;
    k->needs = needs;
    k->data_max = data_max;
    return k;
}

static void free_ranges(struct ranges *r)
{
    if (r)
        free(r->at);
    free(r);
}

void track_free(struct track *k)
{
    if (!k)
        return;
    for (size_t i = 0; i < k->flow_count; i++)
        for (int side = 0; side < SIDE_COUNT; side++)
            free_ranges(k->flows[i].sides[side].ranges);
    free(k->flows);
    keyed_free(&k->pairs);
    free(k);
}

static const struct side_track *side_of(const struct track *k, uint32_t flow, int side)
{
    return flow < k->flow_count ? &k->flows[flow].sides[side] : NULL;
}

/* ---- a connection's first event ---- */

/* A SYN finds its sender closed and, as we take it where no calls tell, a listener. */
static void begin_states(struct track *k, struct flow_track *f, uint32_t flow,
                         const struct moment *m)
{
    for (int side = 0; side < SIDE_COUNT; side++)
        f->sides[side].state = STATE_UNKNOWN;
    if (!m->is_segment || !(m->segment.flags & TCP_SYN))
        return;
    char host = moment_letter(k->trace, flow, SIDE_RESPONDER);
    bool listens = !trace_session(k->trace)->present || track_listens(k, host);
    f->sides[SIDE_INITIATOR].state = m->segment.flags & TCP_ACK ? STATE_SYN_SENT : STATE_CLOSED;
    f->sides[SIDE_RESPONDER].state = listens ? STATE_LISTEN : STATE_CLOSED;
}

static struct flow_track *flow_here(struct track *k, const struct moment *m)
{
    while (m->flow >= k->flow_count) {
        xgrow(&k->flows, &k->flow_cap, k->flow_count, sizeof *k->flows);
        struct flow_track *f = &k->flows[k->flow_count];
        *f = (struct flow_track){.sides = {{.scale = -1}, {.scale = -1}}};
        begin_states(k, f, (uint32_t)k->flow_count, m);
        k->flow_count++;
    }
    return &k->flows[m->flow];
}

/* ---- byte ranges ---- */

static bool overlap(struct range a, struct range b)
{
    return a.from < b.to && b.from < a.to;
}

static struct range both(struct range a, struct range b)
{
    return (struct range){a.from > b.from ? a.from : b.from, a.to < b.to ? a.to : b.to};
}

static void add_hole(struct ranges *r, struct range hole)
{
    if (r->hole_count == HOLES) /* the oldest is given up */
        memmove(r->holes, r->holes + 1, --r->hole_count * sizeof r->holes[0]);
    r->holes[r->hole_count++] = hole;
}

static void remove_hole(struct ranges *r, unsigned i)
{
    r->hole_count--;
    memmove(r->holes + i, r->holes + i + 1, (r->hole_count - i) * sizeof r->holes[0]);
}

/* Fill holes with what was sent; the parts of it that did are written to `parts`. */
static size_t fill_holes(struct ranges *r, struct range sent, struct range *parts)
{
    size_t n = 0;
    for (unsigned i = r->hole_count; i-- > 0;) {
        struct range hole = r->holes[i];
        if (!overlap(hole, sent))
            continue;
        parts[n++] = both(hole, sent);
        remove_hole(r, i);
        if (hole.from < sent.from)
            add_hole(r, (struct range){hole.from, sent.from});
        if (sent.to < hole.to)
            add_hole(r, (struct range){sent.to, hole.to});
    }
    return n;
}

static uint32_t first_byte(const struct segment *s)
{
    return s->seq + (s->flags & TCP_SYN ? 1 : 0);
}

/* Where a segment's bytes stand: the place nearest to the newest that its numbers can mean. */
static struct range range_of(const struct side_track *side, const struct segment *s)
{
    int64_t from = side->next_place + (int32_t)(first_byte(s) - side->next);
    return (struct range){from, from + s->len};
}

/* The first piece that ends behind a place. */
static size_t piece_behind(const struct ranges *r, int64_t place)
{
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->at[middle].range.to <= place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Nearly always behind all others. */
static void add_piece(struct ranges *r, struct range part, uint64_t number)
{
    size_t at = piece_behind(r, part.from);
    xgrow(&r->at, &r->cap, r->count, sizeof *r->at);
    memmove(r->at + at + 1, r->at + at, (r->count - at) * sizeof *r->at);
    r->at[at] = (struct piece){part, number};
    r->count++;
}

static void follow_data(struct track *k, struct side_track *side, const struct segment *s)
{
    struct range parts[HOLES + 1];
    if (s->len == 0)
        return;
    if (!side->ranges)
        side->ranges = xcalloc(1, sizeof *side->ranges);
    struct ranges *r = side->ranges;
    struct range sent = range_of(side, s);
    size_t n = fill_holes(r, sent, parts);
    if (side->sent_any && sent.from > side->next_place)
        add_hole(r, (struct range){side->next_place, sent.from});
    if (!side->sent_any)
        parts[n++] = sent;
    else if (sent.to > side->next_place)
        parts[n++] = both(sent, (struct range){side->next_place, sent.to});
    if (n == 0)
        return;
    r->seen++;
    for (size_t i = 0; i < n && r->seen <= k->data_max; i++)
        add_piece(r, parts[i], r->seen);
}

/* The lowest number from `low` on of the ranges of which the segment carries a byte; 0: none. */
static uint64_t number_from(const struct track *k, const struct segment *s, uint64_t low)
{
    const struct side_track *side = side_of(k, s->flow, s->side);
    const struct ranges *r = side ? side->ranges : NULL;
    uint64_t lowest = 0;
    if (!r || s->len == 0)
        return 0;
    struct range sent = range_of(side, s);
    for (size_t i = piece_behind(r, sent.from); i < r->count && r->at[i].range.from < sent.to; i++)
        if (r->at[i].number >= low && (lowest == 0 || r->at[i].number < lowest))
            lowest = r->at[i].number;
    return lowest;
}

bool track_carries(const struct track *k, const struct segment *s, uint64_t low, uint64_t high)
{
    uint64_t number = number_from(k, s, low);
    return number > 0 && number <= high;
}

uint64_t track_data_number(const struct track *k, const struct segment *s)
{
    return number_from(k, s, 1);
}

/* ---- segments ---- */

static void follow_segment(struct track *k, struct moment *m)
{
    const struct segment *s = &m->segment;
    struct side_track *side = &flow_here(k, m)->sides[m->side];
    if (!side->sent_any) /* places begin here */
        side->next = first_byte(s);
    if (k->needs & NEED_DATA)
        follow_data(k, side, s);
    if ((k->needs & NEED_SCALE) && (s->flags & TCP_SYN)) {
        const struct packet *p = moment_packet(m);
        bool scaled = p->is_tcp && p->tcp.has_window_scale;
        side->scale = !scaled ? -1 : p->tcp.window_scale < 14 ? (int8_t)p->tcp.window_scale : 14;
    }
    uint32_t end = first_byte(s) + s->len + (s->flags & TCP_FIN ? 1 : 0);
    if (seq_gt(end, side->next)) {
        side->next_place += (int32_t)(end - side->next);
        side->next = end;
    }
    side->sent_any = true;
}

/* Windows are scaled where both SYNs asked for it. */
int track_scale(const struct track *k, uint32_t flow, int side)
{
    const struct side_track *own = side_of(k, flow, side), *peer = side_of(k, flow, !side);
    const struct flow *f = trace_flow(k->trace, flow);
    if (!own || !f->iss_known[SIDE_INITIATOR] || !f->iss_known[SIDE_RESPONDER])
        return -1;
    return own->scale < 0 || peer->scale < 0 ? 0 : own->scale;
}

/* ---- states and what a host has done ---- */

static bool is_name(const struct call *c, const char *name, const char *other)
{
    return strcmp(c->name, name) == 0 || strcmp(c->name, other) == 0;
}

static void connected_once(struct track *k, struct side_track *side)
{
    k->done[DONE_CONNECTED] = !side->connected;
    side->connected = true;
    side->connecting = false;
}

static bool is_on_its_way(const struct call *c)
{
    static const char *const errors[] = {"EINPROGRESS", "EINTR", "EALREADY"};
    for (size_t i = 0; c->error && i < sizeof errors / sizeof errors[0]; i++)
        if (strcmp(c->error, errors[i]) == 0)
            return true;
    return false;
}

/* A session without hosts has calls and no connection to link them to. */
static bool has_no_segments(const struct track *k)
{
    const char *tier = trace_session(k->trace)->tier;
    return tier && strcmp(tier, "calls") == 0;
}

static void follow_exit(struct track *k, const struct moment *m)
{
    const struct call *c = m->call;
    if (is_name(c, "accept", "accept4")) {
        k->done[DONE_ACCEPTED] = c->ret >= 0;
        return;
    }
    if (strcmp(c->name, "connect") != 0)
        return;
    if (m->flow == TRACE_NONE) {
        k->done[DONE_CONNECTED] = c->ret == 0 && has_no_segments(k);
        return;
    }
    struct side_track *side = &flow_here(k, m)->sides[m->side];
    bool is_connected = c->ret == 0 || (c->error && strcmp(c->error, "EISCONN") == 0);
    if (is_connected)
        connected_once(k, side);
    else if (is_on_its_way(c))
        side->connecting = true;
}

/* An end that stops sending by its own doing: it sent its FIN, or a RST. */
static bool closes(const struct state_change *s)
{
    return s->cause == CAUSE_SENT && (s->to == STATE_FIN_WAIT_1 || s->to == STATE_LAST_ACK ||
                                      s->to == STATE_CLOSING || s->to == STATE_CLOSED);
}

static void follow_state(struct track *k, const struct moment *m)
{
    struct state_change s = trace_state(k->trace, m->index);
    if (m->flow == TRACE_NONE) {
        if (m->host)
            k->listens[m->host == 'S'] = s.to == STATE_LISTEN;
        return;
    }
    struct side_track *side = &flow_here(k, m)->sides[m->side];
    bool opener = side->state == STATE_SYN_SENT || s.from == STATE_SYN_SENT;
    side->state = (uint8_t)s.to;
    if (s.to == STATE_ESTABLISHED &&
        (side->connecting || (opener && !trace_session(k->trace)->present)))
        connected_once(k, side);
    if (closes(&s) && !side->closed) {
        side->closed = true;
        k->done[DONE_CLOSED] = true;
    }
}

enum tcp_state track_state(const struct track *k, uint32_t flow, int side)
{
    const struct side_track *s = side_of(k, flow, side);
    return s ? (enum tcp_state)s->state : STATE_UNKNOWN;
}

bool track_listens(const struct track *k, char host)
{
    return (host == 'C' || host == 'S') && k->listens[host == 'S'];
}

bool track_done(const struct track *k, enum done_kind kind)
{
    return k->done[kind];
}

/* ---- packets without a connection ---- */

static void mix(uint64_t *h, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *h = (*h ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
}

/* One end of a packet, the port counting only where both have one address. */
static struct key end_key(const struct address *from, const struct address *to, uint16_t port)
{
    struct key key = {.a = UINT64_C(14695981039346656037), .b = UINT64_C(0x9e3779b97f4a7c15)};
    mix(&key.a, from, sizeof *from);
    mix(&key.a, to, sizeof *to);
    mix(&key.b, to, sizeof *to);
    mix(&key.b, from, sizeof *from);
    key.c = address_equal(from, to) ? port : 0;
    return key;
}

static void follow_pair(struct track *k, const struct address *from, uint16_t from_port,
                        const struct address *to, uint16_t to_port)
{
    struct key there = end_key(from, to, from_port), back = end_key(to, from, to_port);
    if (keyed_find(&k->pairs, there) != KEYED_NONE || keyed_find(&k->pairs, back) != KEYED_NONE)
        return;
    keyed_add(&k->pairs, there, 0);
}

static void follow_packet_pair(struct track *k, struct moment *m)
{
    if (m->is_segment) {
        const struct flow *f = trace_flow(k->trace, m->flow);
        if (f->segments[0] + f->segments[1] > 0 && m->flow >= k->flow_count)
            follow_pair(k, &f->ends[0].address, f->ends[0].port, &f->ends[1].address,
                        f->ends[1].port);
        return;
    }
    const struct packet *p = moment_packet(m);
    if (p->net == NET_IPV4 || p->net == NET_IPV6)
        follow_pair(k, &p->source, p->udp_source_port, &p->destination, p->udp_destination_port);
}

int track_pair_side(const struct track *k, const struct packet *p)
{
    return keyed_find(&k->pairs, end_key(&p->source, &p->destination, p->udp_source_port)) ==
           KEYED_NONE;
}

/* ---- any event ---- */

void track_event(struct track *k, struct moment *m)
{
    memset(k->done, 0, sizeof k->done);
    if ((k->needs & NEED_PAIRS) && (m->kind == TRACE_SEGMENT || m->kind == TRACE_OTHER))
        follow_packet_pair(k, m);
    if (m->kind == TRACE_SEGMENT)
        follow_segment(k, m);
    else if (m->kind == TRACE_STATE)
        follow_state(k, m);
    else if (m->kind == TRACE_CALL_EXIT)
        follow_exit(k, m);
}
