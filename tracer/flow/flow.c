#include "tracer/flow/recent.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Flows live in blocks that never move, so that a pointer to one stays good while the table grows.
 * The hash table maps a pair of endpoints, whichever way round, to its newest flow: open
 * addressing, at most half full. Addresses and ports both go into the hash, seeded per table, so
 * that a scan of one host's ports does not pile up in one chain and a hostile capture cannot choose
 * its slots. The hash stands in the slot, so that no other flow is looked at on the way.
 *
 * Most segments are of a flow that had one just before: it is remembered by the ports alone. Which
 * addresses it is between is looked at before that is believed. A flow that takes the ports of
 * another takes its place here too. */

enum { FIRST_SLOTS = 1024 };

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
    for (uint32_t i = 0; i * FLOWS_IN_BLOCK < t->count; i++)
        free(t->blocks[i]);
    free(t->blocks);
    free(t->slots);
    free(t);
}

struct flow *flow_at(struct flow_table *t, uint32_t index)
{
    return flow_in_block(t, index);
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

static inline bool is_of(const struct flow *f, const struct pair *p, int *side)
{
    *side = flow_side_between(f, p->a, p->a_port, p->b, p->b_port);
    return *side >= 0;
}

/* The slot that holds the flow of a pair, or the empty one where it belongs. */
static struct slot *find_slot(struct flow_table *t, const struct pair *p, uint32_t hash, int *side)
{
    size_t mask = t->slot_count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct slot *slot = &t->slots[i];
        if (slot->number == 0)
            return slot;
        if (slot->hash == hash && is_of(flow_at(t, slot->number - 1), p, side))
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
    if (t->count % FLOWS_IN_BLOCK == 0) {
        xgrow(&t->blocks, &t->block_cap, t->count / FLOWS_IN_BLOCK, sizeof(struct flow *));
        t->blocks[t->count / FLOWS_IN_BLOCK] = xcalloc(FLOWS_IN_BLOCK, sizeof(struct flow));
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

/* The flow of a segment that is not remembered, or opens one. */
static struct flow *find_or_open(struct flow_table *t, const struct pair *pair,
                                 const struct numbers *n, int *side)
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
    *flow_recent_place(t, pair->a_port, pair->b_port) = slot->number;
    return f;
}

/* Any segment. What this is given is put together for it alone. */
__attribute__((noinline)) static struct flow *
flow_of_any(struct flow_table *t, const struct pair *pair, const struct numbers *n, int *side)
{
    struct flow *f = find_or_open(t, pair, n, side);
    if (!knows_iss(f, n))
        learn_iss(f, *side, n);
    return flow_count_segment(f, *side, n->payload_bytes);
}

struct flow *flow_of(struct flow_table *t, const struct packet *p, int *side)
{
    const struct tcp_header *h = &p->tcp;
    struct flow *f =
        flow_recent(t, &p->source, h->source_port, &p->destination, h->destination_port, side);
    if (f && !(h->flags & TCP_SYN))
        return flow_count_segment(f, *side, h->payload_bytes);
    const struct pair pair = {&p->source, &p->destination, h->source_port, h->destination_port};
    const struct numbers numbers = {h->seq, h->ack, h->payload_bytes, h->flags};
    return flow_of_any(t, &pair, &numbers, side);
}

struct flow *flow_of_segment_any(struct flow_table *t, const struct plain_segment *s, int *side)
{
    const struct pair pair = {&s->source, &s->destination, s->source_port, s->destination_port};
    const struct numbers numbers = {s->seq, s->ack, s->payload_bytes, s->flags};
    return flow_of_any(t, &pair, &numbers, side);
}
