#include "tracer/trace/keyed.h"

#include "tracer/base/alloc.h"

#include <stdbool.h>
#include <stdlib.h>

/* Chains in a table of slots that are at least as many as the items. Links are numbers of entries
 * plus one, 0 ends a chain. The hash is seeded by where the table lies in memory, so that a hostile
 * session cannot choose its slots. */

enum { FIRST_SLOTS = 64 };

struct keyed_entry {
    struct key key;
    uint32_t item;
    uint32_t next;
};

struct keyed_slot {
    uint32_t first, last;
};

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
}

static struct keyed_slot *slot_of(const struct keyed *k, const struct key *key)
{
    uint64_t seed = (uint64_t)(uintptr_t)k->slots * 0x9e3779b97f4a7c15u;
    return &k->slots[mix(mix(mix(seed, key->a), key->b), key->c) & (k->slot_count - 1)];
}

static bool same(const struct key *a, const struct key *b)
{
    return a->a == b->a && a->b == b->b && a->c == b->c;
}

static void link_last(struct keyed *k, uint32_t link)
{
    struct keyed_entry *entry = &k->entries[link - 1];
    struct keyed_slot *slot = slot_of(k, &entry->key);
    entry->next = 0;
    if (slot->last)
        k->entries[slot->last - 1].next = link;
    else
        slot->first = link;
    slot->last = link;
}

/* Twice the slots. Chains are moved from their fronts, so that one key's items keep their order. */
static void grow(struct keyed *k)
{
    struct keyed_slot *old = k->slots;
    size_t old_count = k->slot_count;
    k->slot_count = old_count ? old_count * 2 : FIRST_SLOTS;
    k->slots = xcalloc(k->slot_count, sizeof *k->slots);
    for (size_t i = 0; i < old_count; i++)
        for (uint32_t link = old[i].first, next; link; link = next) {
            next = k->entries[link - 1].next;
            link_last(k, link);
        }
    free(old);
}

static uint32_t new_entry(struct keyed *k)
{
    uint32_t link = k->spare;
    if (link) {
        k->spare = k->entries[link - 1].next;
        return link;
    }
    xgrow(&k->entries, &k->cap, k->used, sizeof *k->entries);
    return (uint32_t)++k->used;
}

void keyed_add(struct keyed *k, struct key key, uint32_t item)
{
    if (k->count >= k->slot_count)
        grow(k);
    uint32_t link = new_entry(k);
    k->entries[link - 1] = (struct keyed_entry){.key = key, .item = item};
    link_last(k, link);
    k->count++;
}

uint32_t keyed_find(const struct keyed *k, struct key key)
{
    if (k->count == 0)
        return KEYED_NONE;
    for (uint32_t link = slot_of(k, &key)->first; link; link = k->entries[link - 1].next)
        if (same(&k->entries[link - 1].key, &key))
            return k->entries[link - 1].item;
    return KEYED_NONE;
}

uint32_t keyed_take(struct keyed *k, struct key key)
{
    if (k->count == 0)
        return KEYED_NONE;
    struct keyed_slot *slot = slot_of(k, &key);
    uint32_t before = 0, link = slot->first;
    while (link && !same(&k->entries[link - 1].key, &key)) {
        before = link;
        link = k->entries[link - 1].next;
    }
    if (!link)
        return KEYED_NONE;
    struct keyed_entry *entry = &k->entries[link - 1];
    if (before)
        k->entries[before - 1].next = entry->next;
    else
        slot->first = entry->next;
    if (slot->last == link)
        slot->last = before;
    entry->next = k->spare;
    k->spare = link;
    k->count--;
    return entry->item;
}

void keyed_free(struct keyed *k)
{
    free(k->entries);
    free(k->slots);
    *k = (struct keyed){0};
}
