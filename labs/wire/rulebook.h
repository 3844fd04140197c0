/* What the wire's rules say of each frame. A pure function of the frames it is shown, each
 * direction's in their order: selectors, counts and chances are asked of what was sent, when it
 * arrives at the wire (docs/expectations.md, "Rules for the wire").
 *
 * Chance is drawn for the rule's nth packet of a direction, from the seed, so that a run is the
 * same again however the two directions are interleaved. */
#ifndef LABS_WIRE_RULEBOOK_H
#define LABS_WIRE_RULEBOOK_H

#include "labs/wire/engine.h"
#include "tracer/select/rule.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rulebook_options {
    const char *addresses[2];  /* of host C and host S, numeric */
    const char *addresses6[2]; /* and those of IPv6; NULL for none */
    uint16_t server_port;      /* tells C from S where both have one address */
    bool grows;                /* rules come later too: what was sent is kept for them */
};

struct rulebook;

/* Freed by rulebook_free(). */
struct rulebook *rulebook_new(const struct rulebook_options *options);
void rulebook_free(struct rulebook *b);

/* Add rules (borrowed) behind those there are. They count from the first frame on, if what was sent
 * was kept (`grows`), and else from now on. */
void rulebook_add(struct rulebook *b, const struct rules *rules);

/* Hold by hand what the selector selects (copied) from now on; no longer hold anything so. */
void rulebook_hold(struct rulebook *b, const struct selector *s);
void rulebook_hold_none(struct rulebook *b);

/* What was sent, whose events the rulings name. Borrowed. */
const struct trace *rulebook_trace(const struct rulebook *b);

/* How many rules there are. */
size_t rulebook_count(const struct rulebook *b);

/* A frame arrives: what is to be done with it, and who is let go by it. What it points to is
 * borrowed until the next frame. */
struct ruling rulebook_rule(struct rulebook *b, enum wire_direction d, int64_t now_ns,
                            const uint8_t *bytes, uint32_t length_bytes);

#endif
