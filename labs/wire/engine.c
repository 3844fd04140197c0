#include "labs/wire/engine_parts.h"

#include "labs/wire/damage.h"
#include "labs/wire/rulebook.h"
#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/base/clock.h"

#include <stdlib.h>
#include <string.h>

/* A frame that is to be overtaken, and by nobody is, comes all the same. */
static const int64_t overtaken_within_ns = NS_PER_S;

struct engine *engine_new(const struct engine_options *options)
{
    struct engine *e = xcalloc(1, sizeof *e);
    e->options = *options;
    for (int d = 0; d < WIRE_DIRECTION_COUNT; d++) {
        e->queues[d].free_ns = e->queues[d].floor_ns = INT64_MIN;
        shaper_init(&e->queues[d].shaper, options->bits_per_s, options->queue_frames);
    }
    return e;
}

void engine_follow(struct engine *e, struct rulebook *rules)
{
    e->options.rules = rules;
}

/* ---- frames -------------------------------------------------------------------------------- */

enum { FREE_MOST = 64 };

static void free_held(struct held *h)
{
    if (h)
        free(h->reason);
    free(h);
}

static struct held *take_held(struct engine *e, uint32_t length_bytes)
{
    struct held *h = e->free;
    if (h && h->room_bytes >= length_bytes) {
        e->free = h->next;
        e->free_count--;
    } else {
        h = xmalloc(sizeof *h + length_bytes);
        h->room_bytes = length_bytes;
    }
    return h;
}

static void leave_held(struct engine *e, struct held *h)
{
    if (!h || e->free_count == FREE_MOST || (e->free && h->room_bytes < e->free->room_bytes)) {
        free_held(h);
        return;
    }
    free(h->reason);
    h->next = e->free;
    e->free = h;
    e->free_count++;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    for (int d = 0; d < WIRE_DIRECTION_COUNT; d++) {
        while (e->queues[d].first) {
            struct held *h = e->queues[d].first;
            e->queues[d].first = h->next;
            free_held(h);
        }
        shaper_free(&e->queues[d].shaper);
    }
    free_held(e->lent);
    for (struct held *h = e->free, *next; h; h = next) {
        next = h->next;
        free(h);
    }
    free(e);
}

/* ---- a queue ------------------------------------------------------------------------------- */

/* Put a frame behind `before`, NULL for at the front. */
static void link_behind(struct queue *q, struct held *before, struct held *h)
{
    h->before = before;
    h->next = before ? before->next : q->first;
    *(before ? &before->next : &q->first) = h;
    *(h->next ? &h->next->before : &q->last) = h;
    q->count++;
}

void queue_unlink(struct queue *q, struct held *h)
{
    *(h->before ? &h->before->next : &q->first) = h->next;
    *(h->next ? &h->next->before : &q->last) = h->before;
    q->count--;
}

/* Most frames are ready after all that came before them. */
void queue_insert(struct queue *q, struct held *h)
{
    struct held *before = q->last;
    while (before && before->ready_ns > h->ready_ns)
        before = before->before;
    link_behind(q, before, h);
}

static bool waits(const struct held *h)
{
    return h->ready_ns == ENGINE_NEVER_NS || h->overtakers > 0;
}

/* ---- arrival ------------------------------------------------------------------------------- */

static void drop(struct held *h, const char *reason)
{
    if (h->fate == FATE_DROPPED)
        return;
    h->fate = FATE_DROPPED;
    h->reason = xstrdup(reason);
}

/* Let go what the rules let go at this arrival, in either direction. */
static void let_go(struct engine *e, const bool *released, int64_t now_ns)
{
    for (int d = 0; d < WIRE_DIRECTION_COUNT; d++) {
        struct queue *q = &e->queues[d];
        for (struct held *h = q->waiting > 0 ? q->first : NULL, *next; h; h = next) {
            next = h->next;
            if (h->ready_ns != ENGINE_NEVER_NS || h->held_by == RULING_HELD_BY_HAND ||
                !released[h->held_by])
                continue;
            int64_t usual_ns = h->arrived_ns + e->options.delay_ns;
            queue_unlink(q, h);
            h->ready_ns = usual_ns > now_ns ? usual_ns : now_ns;
            queue_insert(q, h);
            q->waiting--;
        }
    }
}

/* A frame passes those that are to be overtaken: the ones that were passed often enough follow it,
 * in their order. */
static void overtake(struct queue *q, struct held *by)
{
    struct held *behind = by;
    for (struct held *h = q->waiting > 0 ? q->first : NULL, *next; h; h = next) {
        next = h->next;
        if (h->overtakers == 0 || --h->overtakers > 0)
            continue;
        queue_unlink(q, h);
        h->ready_ns = by->ready_ns;
        link_behind(q, behind, h);
        behind = h;
        q->waiting--;
    }
}

/* Do with a frame what the rules say beyond what its link does. */
static void follow(struct held *h, const struct ruling *r)
{
    h->reason = r->reason ? xstrdup(r->reason) : NULL;
    h->copies = (int)r->copies;
    h->ready_ns += r->delay_ns;
    if (r->turned_bytes > 0)
        h->corrupted = damage(h->bytes, h->length_bytes, r->turned_bytes, r->chance);
    h->held_by = r->held_by;
    h->overtakers = r->overtaken_by;
    if (r->held_by != RULING_NOT_HELD) {
        h->ready_ns = ENGINE_NEVER_NS;
        h->overtakers = 0;
    } else if (h->overtakers > 0) {
        h->ready_ns += overtaken_within_ns;
    }
}

/* The rules see every frame, whatever becomes of it. */
static struct ruling ask_rules(struct engine *e, enum wire_direction d, const struct held *h)
{
    struct ruling r = {.held_by = RULING_NOT_HELD, .event = RULING_NO_EVENT};
    if (!e->options.rules)
        return r;
    r = rulebook_rule(e->options.rules, d, h->arrived_ns, h->bytes, h->length_bytes);
    let_go(e, r.released, h->arrived_ns);
    return r;
}

/* The link's own rate, what rules add to it, and its order. */
static void pass_link(struct queue *q, struct held *h, const struct ruling *r)
{
    int64_t late_ns = shaper_pass(&q->shaper, h->arrived_ns, h->length_bytes);
    if (late_ns < 0) {
        drop(h, "the queue before the wire is full");
        return;
    }
    h->ready_ns += late_ns + r->late_ns;
    if (h->ready_ns < q->floor_ns)
        h->ready_ns = q->floor_ns;
    q->floor_ns = h->ready_ns;
}

void engine_arrive(struct engine *e, enum wire_direction d, int64_t now_ns, int64_t name_ns,
                   const uint8_t *bytes, uint32_t length_bytes)
{
    struct queue *q = &e->queues[d];
    struct held *h = take_held(e, length_bytes);
    *h = (struct held){
        .room_bytes = h->room_bytes,
        .fate = FATE_DELIVERED,
        .name_ns = name_ns,
        .arrived_ns = now_ns,
        .ready_ns = now_ns + e->options.delay_ns,
        .number = ++e->arrivals,
        .length_bytes = length_bytes,
    };
    if (length_bytes > 0)
        memcpy(h->bytes, bytes, length_bytes);
    struct ruling r = ask_rules(e, d, h);
    bool by_hand = e->hold_all || r.held_by == RULING_HELD_BY_HAND;
    h->event = r.event;
    if (q->by_hand > 0 && held_repeats(e, q, h))
        drop(h, N_("repeats a held one"));
    else if (r.drop)
        drop(h, r.reason);
    else if (q->bytes + length_bytes > e->options.queue_bytes)
        drop(h, "the wire's queue is full");
    else
        pass_link(q, h, &r);
    if (h->fate == FATE_DROPPED) {
        queue_insert(q, h);
        return;
    }
    q->bytes += length_bytes;
    follow(h, &r);
    if (by_hand)
        held_by_hand(e, q, h);
    queue_insert(q, h);
    if (waits(h))
        q->waiting++;
    else
        overtake(q, h);
}

/* ---- departure ----------------------------------------------------------------------------- */

/* A frame that is dropped takes no room on the wire, so it waits for no spacing. */
static int64_t due(const struct queue *q)
{
    const struct held *h = q->first;
    return h->fate == FATE_DELIVERED && q->free_ns > h->ready_ns ? q->free_ns : h->ready_ns;
}

/* The direction whose first frame is due first, -1 where nothing is held but by rules. */
static int next_direction(const struct engine *e)
{
    int next = -1;
    for (int d = 0; d < WIRE_DIRECTION_COUNT; d++) {
        const struct queue *q = &e->queues[d];
        if (!q->first || q->first->ready_ns == ENGINE_NEVER_NS)
            continue;
        const struct queue *best = next < 0 ? NULL : &e->queues[next];
        if (!best || due(q) < due(best) ||
            (due(q) == due(best) && q->first->number < best->first->number))
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

void engine_delivered(struct engine *e, enum wire_direction d, int64_t now_ns)
{
    e->queues[d].free_ns = now_ns + e->options.spacing_ns;
}

/* Take the first frame out. The caller looks at it until the next call. */
static void take_out(struct engine *e, struct queue *q, struct held *h)
{
    queue_unlink(q, h);
    if (waits(h))
        q->waiting--;
    if (h->fate == FATE_DELIVERED)
        q->bytes -= h->length_bytes;
    e->untold -= h->untold;
    e->lent = h;
}

bool engine_take(struct engine *e, int64_t now_ns, struct engine_fate *fate)
{
    int d = next_direction(e);
    if (d < 0 || due(&e->queues[d]) > now_ns)
        return false;
    struct queue *q = &e->queues[d];
    struct held *h = q->first;
    *fate = (struct engine_fate){
        .fate = h->fate,
        .direction = (enum wire_direction)d,
        .name_ns = h->name_ns,
        .due_ns = due(q),
        .reason = h->reason,
        .copy = h->copy,
        .corrupted = h->corrupted,
        .bytes = h->bytes,
        .length_bytes = h->length_bytes,
    };
    leave_held(e, e->lent);
    e->lent = NULL;
    if (h->copy++ == h->copies || h->fate != FATE_DELIVERED)
        take_out(e, q, h);
    if (h->fate == FATE_DELIVERED)
        engine_delivered(e, (enum wire_direction)d, now_ns);
    return true;
}

size_t engine_held(const struct engine *e, enum wire_direction d)
{
    return e->queues[d].count;
}
