/* Items that will be named again by a key: a call by its number, a segment by its stamp, a listener
 * by its endpoint. Each step takes the same time however many there are. */
#ifndef TRACER_TRACE_KEYED_H
#define TRACER_TRACE_KEYED_H

#include <stddef.h>
#include <stdint.h>

#define KEYED_NONE UINT32_MAX

struct key {
    uint64_t a, b;
    uint32_t c;
};

struct keyed_entry;

/* All zero is empty. */
struct keyed {
    struct keyed_entry *entries; /* (owned) those of one slot are linked, oldest first */
    size_t cap, used;
    uint32_t spare; /* first of the entries given back; 0: none */
    size_t count;
    struct keyed_slot *slots; /* (owned) */
    size_t slot_count;
};

/* Add an item; one key may have several. */
void keyed_add(struct keyed *k, struct key key, uint32_t item);

/* The oldest item of a key, left or taken out; KEYED_NONE where there is none. */
uint32_t keyed_find(const struct keyed *k, struct key key);
uint32_t keyed_take(struct keyed *k, struct key key);

void keyed_free(struct keyed *k);

#endif
