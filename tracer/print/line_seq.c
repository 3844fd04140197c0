#include "tracer/print/line_seq.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* The end with the lower port (of equal ports, the lower address) comes first. */
struct conversation {
    struct address low, high;
    uint16_t low_port, high_port;
    uint16_t net; /* an IPv6 address may look like an IPv4 one */
};

struct line_seq_entry {
    struct conversation key;
    uint32_t base[2]; /* of what the low end sends, and the high one */
    bool known;
};

static bool same(const struct conversation *a, const struct conversation *b)
{
    return memcmp(a, b, sizeof *a) == 0; /* there is no padding in it */
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0xff51afd7ed558ccdu;
    return h ^ h >> 32;
}

static uint32_t hash(uint64_t seed, const struct conversation *k)
{
    uint64_t words[4];
    memcpy(words, k->low.bytes, 16);
    memcpy(words + 2, k->high.bytes, 16);
    uint64_t h = mix(seed, (uint64_t)k->low_port << 16 | k->high_port);
    for (size_t i = 0; i < 4; i++)
        h = mix(h, words[i]);
    return (uint32_t)h;
}

/* The slot of a key, or the free one where it belongs. */
static struct line_seq_slot *slot(const struct line_seq_table *t, const struct conversation *key,
                                  uint32_t h)
{
    size_t at = h & (t->capacity - 1);
    while (t->slots[at].entry &&
           (t->slots[at].hash != h || !same(&t->entries[t->slots[at].entry - 1].key, key)))
        at = (at + 1) & (t->capacity - 1);
    return &t->slots[at];
}

/* Twice the slots. The hash is kept beside each, so that no entry needs to be looked at. */
static void make_room(struct line_seq_table *t)
{
    if (t->count * 2 < t->capacity)
        return;
    struct line_seq_slot *old = t->slots;
    size_t old_capacity = t->capacity;
    t->capacity = old_capacity ? old_capacity * 2 : 512;
    t->slots = xcalloc(t->capacity, sizeof *t->slots);
    if (t->seed == 0)
        t->seed = (uint64_t)(uintptr_t)t->slots; /* where that is, a capture cannot know */
    for (size_t i = 0; i < old_capacity; i++) {
        size_t at = old[i].hash & (t->capacity - 1);
        while (old[i].entry && t->slots[at].entry)
            at = (at + 1) & (t->capacity - 1);
        if (old[i].entry)
            t->slots[at] = old[i];
    }
    free(old);
}

static bool sent_by_high(const struct packet *p)
{
    if (p->tcp.source_port != p->tcp.destination_port)
        return p->tcp.source_port > p->tcp.destination_port;
    return memcmp(p->source.bytes, p->destination.bytes, sizeof p->source.bytes) > 0;
}

static struct conversation conversation_of(const struct packet *p, bool high)
{
    const struct tcp_header *tcp = &p->tcp;
    return (struct conversation){
        .low = high ? p->destination : p->source,
        .high = high ? p->source : p->destination,
        .low_port = high ? tcp->destination_port : tcp->source_port,
        .high_port = high ? tcp->source_port : tcp->destination_port,
        .net = (uint16_t)p->net,
    };
}

void line_seq_fetch(const struct line_seq_table *t, const struct packet *p)
{
    struct conversation key = conversation_of(p, sent_by_high(p));
    if (t->capacity > 0)
        __builtin_prefetch(&t->slots[hash(t->seed, &key) & (t->capacity - 1)], 1);
}

uint32_t line_seq_find(struct line_seq_table *t, const struct packet *p)
{
    bool high = sent_by_high(p);
    struct conversation key = conversation_of(p, high);
    make_room(t);
    uint32_t h = hash(t->seed, &key);
    struct line_seq_slot *found = slot(t, &key, h);
    if (found->entry == 0) {
        xgrow(&t->entries, &t->entry_capacity, t->count, sizeof *t->entries);
        t->entries[t->count++] = (struct line_seq_entry){.key = key};
        *found = (struct line_seq_slot){.entry = (uint32_t)t->count, .hash = h};
    }
    return (found->entry - 1) * 2 + high;
}

struct line_seq line_seq_take(struct line_seq_table *t, uint32_t direction,
                              const struct tcp_header *tcp)
{
    struct line_seq_entry *e = &t->entries[direction / 2];
    uint32_t *own = &e->base[direction % 2], *other = &e->base[!(direction % 2)];
    if (e->known && !(tcp->flags & TCP_SYN))
        return (struct line_seq){tcp->seq - *own, tcp->ack - *other, *other};
    e->known = true;
    *own = tcp->seq;
    *other = tcp->ack - 1;
    return (struct line_seq){tcp->seq, tcp->ack, *other};
}

void line_seq_free(struct line_seq_table *t)
{
    free(t->entries);
    free(t->slots);
    *t = (struct line_seq_table){0};
}
