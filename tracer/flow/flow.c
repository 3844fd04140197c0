#include "tracer/flow/flow.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Flows live in blocks that never move, so that a pointer to one stays good while the table grows.
 * The hash table maps a pair of endpoints, whichever way round, to its newest flow: open
 * addressing, at most half full. Addresses and ports both go into the hash, seeded per table, so
 * that a scan of one host's ports does not pile up in one chain and a hostile capture cannot choose
 * its slots. */

enum { BLOCK_FLOWS = 256, FIRST_SLOTS = 1024 };

struct flow_table {
    struct flow **blocks; /* (owned) */
    size_t block_cap;
    uint32_t count;
    uint32_t *slots; /* (owned) flow index + 1; 0 is empty */
    size_t slot_count;
    size_t used; /* slots in use: pairs of endpoints, fewer than flows where ports are reused */
    uint64_t seed;
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

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
}

static uint64_t hash_endpoint(uint64_t seed, const struct endpoint *e)
{
    uint64_t words[2];
    memcpy(words, e->address.bytes, sizeof words);
    return mix(mix(mix(seed, words[0]), words[1]), e->port);
}

/* The sum is the same for both directions. */
static uint64_t hash_pair(const struct flow_table *t, const struct endpoint *a,
                          const struct endpoint *b)
{
    return mix(t->seed, hash_endpoint(t->seed, a) + hash_endpoint(t->seed, b));
}

/* The side of `f` that is at `a` while the other is at `b`; -1 where `f` is between others. */
static int side_between(const struct flow *f, const struct endpoint *a, const struct endpoint *b)
{
    for (int side = 0; side < SIDE_COUNT; side++)
        if (endpoint_equal(&f->ends[side], a) && endpoint_equal(&f->ends[!side], b))
            return side;
    return -1;
}

/* The slot that holds the flow between `a` and `b`, or the empty one where it belongs. */
static uint32_t *find_slot(struct flow_table *t, const struct endpoint *a, const struct endpoint *b,
                           int *side)
{
    size_t mask = t->slot_count - 1;
    for (size_t i = hash_pair(t, a, b) & mask;; i = (i + 1) & mask) {
        if (t->slots[i] == 0)
            return &t->slots[i];
        *side = side_between(flow_at(t, t->slots[i] - 1), a, b);
        if (*side >= 0)
            return &t->slots[i];
    }
}

static void grow(struct flow_table *t)
{
    uint32_t *old = t->slots;
    size_t old_count = t->slot_count;
    t->slot_count *= 2;
    t->slots = xcalloc(t->slot_count, sizeof *t->slots);
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] == 0)
            continue;
        const struct flow *f = flow_at(t, old[i] - 1);
        int side;
        *find_slot(t, &f->ends[0], &f->ends[1], &side) = old[i];
    }
    free(old);
}

static struct flow *add_flow(struct flow_table *t, const struct endpoint *initiator,
                             const struct endpoint *responder)
{
    if (t->count % BLOCK_FLOWS == 0) {
        xgrow(&t->blocks, &t->block_cap, t->count / BLOCK_FLOWS, sizeof(struct flow *));
        t->blocks[t->count / BLOCK_FLOWS] = xcalloc(BLOCK_FLOWS, sizeof(struct flow));
    }
    struct flow *f = flow_at(t, t->count);
    f->index = t->count++;
    f->ends[SIDE_INITIATOR] = *initiator;
    f->ends[SIDE_RESPONDER] = *responder;
    return f;
}

struct flow *flow_lookup(struct flow_table *t, const struct endpoint *a, const struct endpoint *b,
                         int *side)
{
    uint32_t *slot = find_slot(t, a, b, side);
    return *slot ? flow_at(t, *slot - 1) : NULL;
}

/* A SYN opens another connection on the same ports where this side is known by another ISS: it has
 * spoken before, or was acknowledged. A repeated SYN has the same one; the other side's first SYN
 * is a simultaneous open. */
static bool reuses_ports(const struct flow *f, int side, const struct tcp_header *tcp)
{
    if ((tcp->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
        return false;
    return (f->seq_known[side] || f->iss_guessed[side]) && f->iss[side] != tcp->seq;
}

/* Learn the ISS of the sender, and from its ACK, until the other side speaks, that of the other. */
static void learn_iss(struct flow *f, int side, const struct tcp_header *tcp)
{
    if (tcp->flags & TCP_SYN) {
        f->iss[side] = tcp->seq;
        f->iss_known[side] = true;
    } else if (!f->seq_known[side] && !f->iss_guessed[side]) {
        f->iss[side] = tcp->seq - 1;
    }
    f->seq_known[side] = true;
    if ((tcp->flags & TCP_ACK) && !f->seq_known[!side] && !f->iss_guessed[!side]) {
        f->iss[!side] = tcp->ack - 1;
        f->iss_guessed[!side] = true;
    }
}

struct flow *flow_of(struct flow_table *t, const struct packet *p, int *side)
{
    const struct tcp_header *tcp = &p->tcp;
    struct endpoint from = {p->source, tcp->source_port};
    struct endpoint to = {p->destination, tcp->destination_port};
    if (t->used * 2 >= t->slot_count)
        grow(t);
    uint32_t *slot = find_slot(t, &from, &to, side);
    struct flow *f = *slot ? flow_at(t, *slot - 1) : NULL;
    if (!f || reuses_ports(f, *side, tcp)) {
        bool answer = (tcp->flags & TCP_SYN) && (tcp->flags & TCP_ACK);
        t->used += f == NULL;
        uint32_t previous = f ? f->index : FLOW_NONE;
        f = answer ? add_flow(t, &to, &from) : add_flow(t, &from, &to);
        *side = answer ? SIDE_RESPONDER : SIDE_INITIATOR;
        f->previous = previous;
        *slot = f->index + 1;
    }
    learn_iss(f, *side, tcp);
    f->segments[*side]++;
    f->payload_bytes[*side] += tcp->payload_bytes;
    return f;
}
