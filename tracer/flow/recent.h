/* A flow that had a segment just before, as most segments' flows did: found in a few steps, which
 * are here for the compiler to weave into what asks for every segment. */
#ifndef TRACER_FLOW_RECENT_H
#define TRACER_FLOW_RECENT_H

#include "tracer/flow/flow.h"

enum { FLOWS_IN_BLOCK = 256, RECENT_FLOWS = 1024 };

/* Private to flow.c, but for what follows here. */
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
    uint32_t recent[RECENT_FLOWS]; /* flow index + 1, by ports; 0 is empty */
};

static inline struct flow *flow_in_block(const struct flow_table *t, uint32_t index)
{
    return &t->blocks[index / FLOWS_IN_BLOCK][index % FLOWS_IN_BLOCK];
}

static inline bool flow_is_end(const struct endpoint *e, const struct address *address,
                               uint16_t port)
{
    return e->port == port && address_equal(&e->address, address);
}

/* The side of `f` that is at `a` while the other is at `b`; -1 where `f` is between others. */
static inline int flow_side_between(const struct flow *f, const struct address *a, uint16_t a_port,
                                    const struct address *b, uint16_t b_port)
{
    if (flow_is_end(&f->ends[0], a, a_port) && flow_is_end(&f->ends[1], b, b_port))
        return 0;
    if (flow_is_end(&f->ends[1], a, a_port) && flow_is_end(&f->ends[0], b, b_port))
        return 1;
    return -1;
}

/* Where the flow between two ports may be remembered: in one place for both directions. */
static inline uint32_t *flow_recent_place(struct flow_table *t, uint16_t a_port, uint16_t b_port)
{
    return &t->recent[(a_port ^ b_port) % RECENT_FLOWS];
}

static inline struct flow *flow_count_segment(struct flow *f, int side, uint32_t payload_bytes)
{
    f->segments[side]++;
    f->payload_bytes[side] += payload_bytes;
    return f;
}

/* The flow of a segment, where it is remembered and nothing is to be learned of it any more; else
 * NULL. */
static inline struct flow *flow_recent(struct flow_table *t, const struct address *a,
                                       uint16_t a_port, const struct address *b, uint16_t b_port,
                                       int *side)
{
    uint32_t number = *flow_recent_place(t, a_port, b_port);
    if (number == 0)
        return NULL;
    struct flow *f = flow_in_block(t, number - 1);
    *side = flow_side_between(f, a, a_port, b, b_port);
    return *side >= 0 && f->seq_known[0] && f->seq_known[1] ? f : NULL;
}

/* flow_of() of a segment that was read by itself. Any such segment takes the longer way. */
struct flow *flow_of_segment_any(struct flow_table *t, const struct plain_segment *s, int *side);
static inline struct flow *flow_of_segment(struct flow_table *t, const struct plain_segment *s,
                                           int *side)
{
    struct flow *f =
        flow_recent(t, &s->source, s->source_port, &s->destination, s->destination_port, side);
    if (f)
        return flow_count_segment(f, *side, s->payload_bytes);
    struct plain_segment any = *s; /* no address of `s` is given away: it need not be in memory */
    int its_side;
    f = flow_of_segment_any(t, &any, &its_side);
    *side = its_side;
    return f;
}

#endif
