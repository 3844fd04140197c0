#include "labs/wire/engine.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct held {
    struct held *next;
    enum fate fate;
    const char *reason;
    int64_t name_ns, ready_ns;
    uint64_t turn; /* counts arrivals */
    uint32_t length_bytes;
    uint8_t bytes[];
};

/* First in, first out. A frame's due time is known only when it is the first: it is then spaced
 * from what was truly delivered before it. */
struct queue {
    struct held *first, *last; /* (owned) */
    size_t count, bytes;
    int64_t free_ns; /* the wire takes no delivery before this */
};

struct engine {
    struct engine_options options;
    struct queue queues[WIRE_DIRECTION_COUNT];
    struct held *lent; /* (owned) whose bytes the caller is looking at */
    uint64_t arrivals;
};

struct engine *engine_new(const struct engine_options *options)
{
    struct engine *e = xcalloc(1, sizeof *e);
    e->options = *options;
    for (int d = 0; d < WIRE_DIRECTION_COUNT; d++)
        e->queues[d].free_ns = INT64_MIN;
    return e;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    for (int d = 0; d < WIRE_DIRECTION_COUNT; d++) {
        while (e->queues[d].first) {
            struct held *h = e->queues[d].first;
            e->queues[d].first = h->next;
            free(h);
        }
    }
    free(e->lent);
    free(e);
}

void engine_arrive(struct engine *e, enum wire_direction d, int64_t now_ns, int64_t name_ns,
                   const uint8_t *bytes, uint32_t length_bytes)
{
    struct queue *q = &e->queues[d];
    struct held *h = xmalloc(sizeof *h + length_bytes);
    *h = (struct held){
        .fate = FATE_DELIVERED,
        .name_ns = name_ns,
        .ready_ns = now_ns + e->options.delay_ns,
        .turn = e->arrivals++,
        .length_bytes = length_bytes,
    };
    if (length_bytes > 0)
        memcpy(h->bytes, bytes, length_bytes);
    if (q->bytes + length_bytes > e->options.queue_bytes) {
        h->fate = FATE_DROPPED;
        h->reason = "the wire's queue is full";
    } else {
        q->bytes += length_bytes;
    }
    if (q->last)
        q->last->next = h;
    else
        q->first = h;
    q->last = h;
    q->count++;
}

/* A frame that is dropped takes no room on the wire, so it waits for no spacing. */
static int64_t due(const struct queue *q)
{
    const struct held *h = q->first;
    return h->fate == FATE_DELIVERED && q->free_ns > h->ready_ns ? q->free_ns : h->ready_ns;
}

/* The direction whose first frame is due first, -1 where nothing is held. */
static int next_direction(const struct engine *e)
{
    int next = -1;
    for (int d = 0; d < WIRE_DIRECTION_COUNT; d++) {
        const struct queue *q = &e->queues[d];
        if (!q->first)
            continue;
        const struct queue *best = next < 0 ? NULL : &e->queues[next];
        if (!best || due(q) < due(best) ||
            (due(q) == due(best) && q->first->turn < best->first->turn))
            next = d;
    }
    return next;
}

bool engine_next_due(const struct engine *e, int64_t *due_ns)
{
    int d = next_direction(e);
    if (d < 0)
        return false;
    *due_ns = due(&e->queues[d]);
    return true;
}

static struct held *pop(struct queue *q)
{
    struct held *h = q->first;
    q->first = h->next;
    if (!q->first)
        q->last = NULL;
    q->count--;
    if (h->fate == FATE_DELIVERED)
        q->bytes -= h->length_bytes;
    return h;
}

void engine_delivered(struct engine *e, enum wire_direction d, int64_t now_ns)
{
    e->queues[d].free_ns = now_ns + e->options.spacing_ns;
}

bool engine_take(struct engine *e, int64_t now_ns, struct engine_fate *fate)
{
    int d = next_direction(e);
    if (d < 0 || due(&e->queues[d]) > now_ns)
        return false;
    struct queue *q = &e->queues[d];
    int64_t due_ns = due(q);
    free(e->lent);
    struct held *h = e->lent = pop(q);
    if (h->fate == FATE_DELIVERED)
        engine_delivered(e, (enum wire_direction)d, now_ns);
    *fate = (struct engine_fate){
        .fate = h->fate,
        .direction = (enum wire_direction)d,
        .name_ns = h->name_ns,
        .due_ns = due_ns,
        .reason = h->reason,
        .bytes = h->bytes,
        .length_bytes = h->length_bytes,
    };
    return true;
}

size_t engine_held(const struct engine *e, enum wire_direction d)
{
    return e->queues[d].count;
}
