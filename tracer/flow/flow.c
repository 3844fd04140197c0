#include "tracer/flow/flow.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Flows live in blocks that never move, so that a pointer to one stays good while the table grows.
 * The hash table maps a pair of endpoints, whichever way round, to its newest flow: open
 * addressing, at most half full. Addresses and ports both go into the hash, seeded per table, so
 * that a scan of one host's ports does not pile up in one chain and a hostile capture cannot choose
 * its slots. The hash stands in the slot, so that no other flow is looked at on the way.
 *
 * Most segments are of a flow that had one just before: where its slot was is remembered by the
 * ports alone. What is remembered may be stale, and is looked at before it is believed. */

enum { BLOCK_FLOWS = 256, FIRST_SLOTS = 1024, RECENT_SLOTS = 1024 };

struct flow_table {
    struct flow **blocks; /* (owned) */
    size_t block_cap;
    uint32_t count;
    struct slot {
        uint32_t number; /* flow index + 1; 0 is empty */
        uint32_t hash;
    } * slots; /* (owned) a power of two of them */
    size_t slot_count;
    size_t used; /* slots in use: pairs of endpoints, fewer than flows where ports are reused */
    uint64_t seed;
    uint32_t recent[RECENT_SLOTS]; /* slots by ports */
};

struct flow_table *flow_table_new(void)
{
    struct flow_table *t = xcalloc(1, sizeof *t);
    t->slot_count = FIRST_SLOTS;
    t->slots = xcalloc(t->slot_count, sizeof *t->slots);
    t->seed = (uint64_t)(uintptr_t)t * 0x9e3779b97f4a7c15u;
    return t;
}

void flow_table_free(struct flow_table *t)
{
    if (!t)
        return;
    for (uint32_t i = 0; i * BLOCK_FLOWS < t->count; i++)
        free(t->blocks[i]);
    free(t->blocks);
    free(t->slots);
    free(t);
}

struct flow *flow_at(struct flow_table *t, uint32_t index)
{
    return &t->blocks[index / BLOCK_FLOWS][index % BLOCK_FLOWS];
}

uint32_t flow_count(const struct flow_table *t)
{
    return t->count;
}

/* The two ends of a segment, or of a flow (borrowed). */
struct pair {
    const struct address *a, *b;
    uint16_t a_port, b_port;
};

/* What else a flow learns of a segment. */
struct numbers {
    uint32_t seq, ack, payload_bytes;
    uint16_t flags;
};

/* The products do not wait for each other. */
static uint64_t hash_end(uint64_t seed, const struct address *a, uint16_t port)
{
    uint64_t words[2];
    memcpy(words, a->bytes, sizeof words);
    uint64_t h = (words[0] ^ seed) * 0x9e3779b97f4a7c15u + (words[1] ^ seed) * 0xc2b2ae3d27d4eb4fu +
                 (port ^ seed) * 0xff51afd7ed558ccdu;
    return h ^ h >> 32;
}

/* The sum is the same for both directions. */
static inline uint32_t hash_pair(const struct flow_table *t, const struct pair *p)
{
    uint64_t h = hash_end(t->seed, p->a, p->a_port) + hash_end(t->seed, p->b, p->b_port);
    return (uint32_t)(h * 0xd6e8feb86659fd93u >> 32);
}

static inline bool is_end(const struct endpoint *e, const struct address *address, uint16_t port)
{
    return e->port == port && address_equal(&e->address, address);
}

/* The side of `f` that is at `a` while the other is at `b`; -1 where `f` is between others. */
static inline int side_between(const struct flow *f, const struct pair *p)
{
    if (is_end(&f->ends[0], p->a, p->a_port) && is_end(&f->ends[1], p->b, p->b_port))
        return 0;
    if (is_end(&f->ends[1], p->a, p->a_port) && is_end(&f->ends[0], p->b, p->b_port))
        return 1;
    return -1;
}

/* The slot that holds the flow of a pair, or the empty one where it belongs. Inlined, as it is
 * asked for every segment. */
__attribute__((always_inline)) static inline struct slot *
find_slot(struct flow_table *t, const struct pair *p, uint32_t hash, int *side)
{
    size_t mask = t->slot_count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct slot *slot = &t->slots[i];
        if (slot->number == 0)
            return slot;
        if (slot->hash == hash && (*side = side_between(flow_at(t, slot->number - 1), p)) >= 0)
            return slot;
    }
}

static void grow(struct flow_table *t)
{
    struct slot *old = t->slots;
    size_t old_count = t->slot_count, mask = old_count * 2 - 1;
    t->slot_count = old_count * 2;
    t->slots = xcalloc(t->slot_count, sizeof *t->slots);
    for (size_t i = 0; i < old_count; i++) {
        size_t at = old[i].hash & mask;
        while (old[i].number > 0 && t->slots[at].number > 0)
            at = (at + 1) & mask;
        if (old[i].number > 0)
            t->slots[at] = old[i];
    }
    free(old);
}

static struct flow *add_flow(struct flow_table *t)
{
    if (t->count % BLOCK_FLOWS == 0) {
        xgrow(&t->blocks, &t->block_cap, t->count / BLOCK_FLOWS, sizeof(struct flow *));
        t->blocks[t->count / BLOCK_FLOWS] = xcalloc(BLOCK_FLOWS, sizeof(struct flow));
    }
    struct flow *f = flow_at(t, t->count);
    f->index = t->count++;
    return f;
}

struct flow *flow_lookup(struct flow_table *t, const struct endpoint *a, const struct endpoint *b,
                         int *side)
{
    struct pair pair = {&a->address, &b->address, a->port, b->port};
    const struct slot *slot = find_slot(t, &pair, hash_pair(t, &pair), side);
    return slot->number > 0 ? flow_at(t, slot->number - 1) : NULL;
}

/* A SYN opens another connection on the same ports where this side is known by another ISS: it has
 * spoken before, or was acknowledged. A repeated SYN has the same one; the other side's first SYN
 * is a simultaneous open. */
static bool reuses_ports(const struct flow *f, int side, const struct numbers *n)
{
    if ((n->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
        return false;
    return (f->seq_known[side] || f->iss_guessed[side]) && f->iss[side] != n->seq;
}

/* Both ISS are as well known as they will be. */
static inline bool knows_iss(const struct flow *f, const struct numbers *n)
{
    return f->seq_known[0] && f->seq_known[1] && !(n->flags & TCP_SYN);
}

/* Learn the ISS of the sender, and from its ACK, until the other side speaks, that of the other. */
static void learn_iss(struct flow *f, int side, const struct numbers *n)
{
    if (n->flags & TCP_SYN) {
        f->iss[side] = n->seq;
        f->iss_known[side] = true;
    } else if (!f->seq_known[side] && !f->iss_guessed[side]) {
        f->iss[side] = n->seq - 1;
    }
    f->seq_known[side] = true;
    if ((n->flags & TCP_ACK) && !f->seq_known[!side] && !f->iss_guessed[!side]) {
        f->iss[!side] = n->ack - 1;
        f->iss_guessed[!side] = true;
    }
}

/* The first flow between two ends, or the next one where `before` was there already. */
static struct flow *open_flow(struct flow_table *t, const struct pair *pair,
                              const struct numbers *n, const struct flow *before, int *side)
{
    bool answer = (n->flags & TCP_SYN) && (n->flags & TCP_ACK);
    *side = answer ? SIDE_RESPONDER : SIDE_INITIATOR;
    struct flow *f = add_flow(t);
    f->previous = before ? before->index : FLOW_NONE;
    f->ends[*side] = (struct endpoint){*pair->a, pair->a_port};
    f->ends[!*side] = (struct endpoint){*pair->b, pair->b_port};
    return f;
}

/* Where the flow of a pair may be remembered: in one place for both directions. */
static inline uint32_t *recent_of(struct flow_table *t, const struct pair *p)
{
    return &t->recent[(p->a_port ^ p->b_port) % RECENT_SLOTS];
}

/* The flow of a segment whose slot is not remembered, or that opens one. */
__attribute__((noinline)) static struct flow *
find_or_open(struct flow_table *t, const struct pair *pair, const struct numbers *n, int *side)
{
    if (t->used * 2 >= t->slot_count)
        grow(t);
    uint32_t hash = hash_pair(t, pair);
    struct slot *slot = find_slot(t, pair, hash, side);
    struct flow *f = slot->number > 0 ? flow_at(t, slot->number - 1) : NULL;
    if (!f || reuses_ports(f, *side, n)) {
        t->used += f == NULL;
        f = open_flow(t, pair, n, f, side);
        *slot = (struct slot){f->index + 1, hash};
    }
    *recent_of(t, pair) = (uint32_t)(slot - t->slots);
    return f;
}

__attribute__((always_inline)) static inline struct flow *
flow_between(struct flow_table *t, const struct pair *pair, const struct numbers *n, int *side)
{
    const struct slot *slot = &t->slots[*recent_of(t, pair)];
    struct flow *f = slot->number > 0 ? flow_at(t, slot->number - 1) : NULL;
    if (!f || (*side = side_between(f, pair)) < 0 || (n->flags & TCP_SYN))
        f = find_or_open(t, pair, n, side);
    if (!knows_iss(f, n))
        learn_iss(f, *side, n);
    f->segments[*side]++;
    f->payload_bytes[*side] += n->payload_bytes;
    return f;
}

struct flow *flow_of(struct flow_table *t, const struct packet *p, int *side)
{
    const struct tcp_header *h = &p->tcp;
    const struct pair pair = {&p->source, &p->destination, h->source_port, h->destination_port};
    const struct numbers numbers = {h->seq, h->ack, h->payload_bytes, h->flags};
    return flow_between(t, &pair, &numbers, side);
}

struct flow *flow_of_segment(struct flow_table *t, const struct plain_segment *s, int *side)
{
    const struct pair pair = {&s->source, &s->destination, s->source_port, s->destination_port};
    const struct numbers numbers = {s->seq, s->ack, s->payload_bytes, s->flags};
    return flow_between(t, &pair, &numbers, side);
}
