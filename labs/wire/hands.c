#include "labs/wire/hands.h"

#include "labs/wire/engine_parts.h"
#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/decode/packet.h"

#include <stdlib.h>
#include <string.h>

static bool is_held(const struct held *h)
{
    return h->ready_ns == ENGINE_NEVER_NS;
}

/* ---- holding --------------------------------------------------------------------------------- */

static void to_be_told(struct engine *e, struct held *h)
{
    e->untold += !h->untold;
    h->untold = true;
}

void held_by_hand(struct engine *e, struct queue *q, struct held *h)
{
    h->held_by = RULING_HELD_BY_HAND;
    h->ready_ns = ENGINE_NEVER_NS;
    h->overtakers = 0;
    q->by_hand++;
    if (!h->reason)
        h->reason = xstrdup(N_("held by hand"));
    to_be_told(e, h);
}

/* What a host sends again when nobody acknowledges it: it takes up sequence numbers. A bare ACK
 * that is the same as another one has a meaning of its own. */
static bool is_repeatable(const struct packet *p)
{
    return p->is_tcp && (p->tcp.payload_bytes > 0 || (p->tcp.flags & (TCP_SYN | TCP_FIN)));
}

static bool same_segment(const struct packet *a, const struct packet *b)
{
    const uint16_t telling = TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK;
    return memcmp(&a->source, &b->source, sizeof a->source) == 0 &&
           memcmp(&a->destination, &b->destination, sizeof a->destination) == 0 &&
           a->tcp.source_port == b->tcp.source_port &&
           a->tcp.destination_port == b->tcp.destination_port && a->tcp.seq == b->tcp.seq &&
           a->tcp.payload_bytes == b->tcp.payload_bytes &&
           (a->tcp.flags & telling) == (b->tcp.flags & telling);
}

static void decode(const struct held *h, struct packet *p)
{
    const struct frame frame = {.linktype = LINKTYPE_ETHERNET,
                                .bytes = h->bytes,
                                .captured_bytes = h->length_bytes,
                                .wire_bytes = h->length_bytes};
    packet_decode(&frame, p);
}

bool held_repeats(struct engine *e, struct queue *q, const struct held *h)
{
    struct packet one, other;
    decode(h, &one);
    if (!is_repeatable(&one))
        return false;
    for (struct held *o = q->last; o && is_held(o); o = o->before) {
        if (o->held_by != RULING_HELD_BY_HAND)
            continue;
        decode(o, &other);
        if (!is_repeatable(&other) || !same_segment(&one, &other))
            continue;
        o->repeats++;
        to_be_told(e, o);
        return true;
    }
    return false;
}

void engine_hold_all(struct engine *e, bool on)
{
    e->hold_all = on;
}

/* ---- looking --------------------------------------------------------------------------------- */

static struct flight flight_of(enum wire_direction d, const struct held *h)
{
    return (struct flight){
        .direction = d,
        .number = h->number,
        .name_ns = h->name_ns,
        .arrived_ns = h->arrived_ns,
        .held = is_held(h),
        .by_hand = is_held(h) && h->held_by == RULING_HELD_BY_HAND,
        .ready_ns = h->ready_ns,
        .repeats = h->repeats,
        .event = h->event,
        .bytes = h->bytes,
        .length_bytes = h->length_bytes,
    };
}

/* The frame with the least number from `from` on, of those that are to be delivered; only held ones
 * where `held`. */
static struct held *least(const struct engine *e, uint64_t from, bool held, enum wire_direction *d)
{
    struct held *best = NULL;
    for (int i = 0; i < WIRE_DIRECTION_COUNT; i++)
        for (struct held *h = e->queues[i].first; h; h = h->next) {
            bool fits = h->number >= from && h->fate == FATE_DELIVERED && (!held || is_held(h));
            if (!fits || (best && best->number < h->number))
                continue;
            best = h;
            *d = (enum wire_direction)i;
        }
    return best;
}

static bool tell(const struct held *h, enum wire_direction d, struct flight *f)
{
    if (h)
        *f = flight_of(d, h);
    return h != NULL;
}

bool engine_next_in_flight(const struct engine *e, uint64_t after, struct flight *f)
{
    enum wire_direction d = WIRE_FROM_C;
    const struct held *h = least(e, after + 1, false, &d);
    return tell(h, d, f);
}

bool engine_in_flight(const struct engine *e, uint64_t number, struct flight *f)
{
    return number > 0 && engine_next_in_flight(e, number - 1, f) && f->number == number;
}

bool engine_first_held(const struct engine *e, struct flight *f)
{
    enum wire_direction d = WIRE_FROM_C;
    const struct held *h = least(e, 1, true, &d);
    return tell(h, d, f);
}

/* ---- what becomes of one --------------------------------------------------------------------- */

static struct held *find(const struct engine *e, uint64_t number, enum wire_direction *d)
{
    struct held *h = least(e, number, false, d);
    return h && h->number == number ? h : NULL;
}

static void say(struct held *h, const char *reason)
{
    free(h->reason);
    h->reason = xstrdup(reason);
}

/* A frame that waits no longer, for anybody. */
static void stop_waiting(struct engine *e, struct queue *q, struct held *h)
{
    bool by_hand = is_held(h) && h->held_by == RULING_HELD_BY_HAND;
    if (is_held(h) || h->overtakers > 0)
        q->waiting--;
    if (by_hand) {
        q->by_hand--;
        to_be_told(e, h);
    }
    h->overtakers = 0;
}

static void ready_at(struct engine *e, struct queue *q, struct held *h, int64_t ready_ns)
{
    queue_unlink(q, h);
    stop_waiting(e, q, h);
    h->ready_ns = ready_ns;
    queue_insert(q, h);
}

/* When it comes that is let go now. */
static int64_t usual_ns(const struct engine *e, const struct held *h, int64_t now_ns)
{
    int64_t usual = h->arrived_ns + e->options.delay_ns;
    return usual > now_ns ? usual : now_ns;
}

void engine_let(struct engine *e, uint64_t number, int64_t now_ns)
{
    enum wire_direction d;
    struct held *h = find(e, number, &d);
    if (h && is_held(h))
        ready_at(e, &e->queues[d], h, usual_ns(e, h, now_ns));
}

/* What is dropped is out of the way at once. */
void engine_drop(struct engine *e, uint64_t number, int64_t now_ns)
{
    enum wire_direction d;
    struct held *h = find(e, number, &d);
    if (!h)
        return;
    ready_at(e, &e->queues[d], h, now_ns);
    e->queues[d].bytes -= h->length_bytes;
    h->fate = FATE_DROPPED;
    say(h, N_("dropped by hand"));
}

void engine_duplicate(struct engine *e, uint64_t number, int64_t now_ns)
{
    enum wire_direction d;
    struct held *h = find(e, number, &d);
    if (!h)
        return;
    h->copies++;
    say(h, N_("duplicated by hand"));
    if (is_held(h))
        ready_at(e, &e->queues[d], h, usual_ns(e, h, now_ns));
}

void engine_delay(struct engine *e, uint64_t number, int64_t now_ns, int64_t delay_ns)
{
    enum wire_direction d;
    struct held *h = find(e, number, &d);
    if (!h)
        return;
    say(h, N_("delayed by hand"));
    ready_at(e, &e->queues[d], h, (is_held(h) ? now_ns : h->ready_ns) + delay_ns);
}

size_t engine_let_all(struct engine *e, int64_t now_ns)
{
    size_t count = 0;
    for (int d = 0; d < WIRE_DIRECTION_COUNT; d++) {
        struct queue *q = &e->queues[d];
        for (struct held *h = q->first, *next; h; h = next) {
            next = h->next;
            if (!is_held(h) || h->fate != FATE_DELIVERED)
                continue;
            ready_at(e, q, h, usual_ns(e, h, now_ns));
            count++;
        }
    }
    return count;
}

/* ---- what is told ---------------------------------------------------------------------------- */

void engine_forget_events(struct engine *e)
{
    for (int d = 0; d < WIRE_DIRECTION_COUNT; d++)
        for (struct held *h = e->queues[d].first; h; h = h->next)
            h->event = RULING_NO_EVENT;
}

bool engine_told(struct engine *e, struct flight *f, bool *over)
{
    for (int d = 0; e->untold > 0 && d < WIRE_DIRECTION_COUNT; d++)
        for (struct held *h = e->queues[d].first; h; h = h->next) {
            if (!h->untold)
                continue;
            h->untold = false;
            e->untold--;
            *f = flight_of((enum wire_direction)d, h);
            *over = !f->by_hand;
            return true;
        }
    return false;
}
