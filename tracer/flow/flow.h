/* The connection table: which connection a segment belongs to, and which of its two sides sent it.
 */
#ifndef TRACER_FLOW_FLOW_H
#define TRACER_FLOW_FLOW_H

#include "tracer/decode/plain_segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A flow's two sides. Side 0 is the initiator: the sender of the first SYN seen; where the capture
 * began in the middle, the sender of the first segment seen, except that the sender of a SYN-ACK is
 * side 1. */
enum { SIDE_INITIATOR, SIDE_RESPONDER, SIDE_COUNT };

#define FLOW_NONE UINT32_MAX

struct endpoint {
    struct address address;
    uint16_t port;
};

struct flow {
    uint32_t index;    /* from 0, in order of the first segment seen */
    uint32_t previous; /* the connection that had these ports before, or FLOW_NONE */
    uint64_t payload_bytes[SIDE_COUNT];
    uint32_t segments[SIDE_COUNT];
    uint32_t iss[SIDE_COUNT]; /* ISS; where unknown, the first sequence number seen less one */
    struct endpoint ends[SIDE_COUNT];
    bool iss_known[SIDE_COUNT];   /* the SYN of this side was seen */
    bool seq_known[SIDE_COUNT];   /* this side sent anything yet */
    bool iss_guessed[SIDE_COUNT]; /* iss is from the other side's first acknowledgement */
};

struct flow_table;

struct flow_table *flow_table_new(void);
void flow_table_free(struct flow_table *t);

/* Find the flow of a TCP packet (p->is_tcp), making one where it is the first, or where a SYN with
 * another ISS reuses the ports of a connection. `*side` is the sender's side. */
struct flow *flow_of(struct flow_table *t, const struct packet *p, int *side);

/* Find the newest flow between two endpoints, whichever side each is on; NULL where there is none.
 * `*side` is the side `a` is on. */
struct flow *flow_lookup(struct flow_table *t, const struct endpoint *a, const struct endpoint *b,
                         int *side);

/* A flow by index (borrowed), and how many there are. */
struct flow *flow_at(struct flow_table *t, uint32_t index);
uint32_t flow_count(const struct flow_table *t);

/* Write "10.0.0.1:9502", an IPv6 address in brackets. */
void endpoint_text(const struct endpoint *e, struct text *out);

/* The same, written at `at`, which has room for ENDPOINT_MOST. Returns the text's end. */
enum { ENDPOINT_MOST = 64 };
char *endpoint_put(char *at, const struct endpoint *e);
bool endpoint_parse(const char *s, struct endpoint *e);
static inline bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && address_equal(&a->address, &b->address);
}

#endif
