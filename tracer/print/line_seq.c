#include "tracer/print/line_seq.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* The end with the lower port (of equal ports, the lower address) comes first. */
struct conversation {
    struct address low, high;
    uint16_t low_port, high_port;
    uint8_t net; /* an IPv6 address may look like an IPv4 one */
    uint8_t used;
};

struct line_seq_entry {
    struct conversation key;
    uint32_t low_base, high_base;
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

static size_t hash(uint64_t seed, const struct conversation *k)
{
    uint64_t words[4];
    memcpy(words, k->low.bytes, 16);
    memcpy(words + 2, k->high.bytes, 16);
    uint64_t h = mix(seed, (uint64_t)k->low_port << 16 | k->high_port);
    for (size_t i = 0; i < 4; i++)
        h = mix(h, words[i]);
    return (size_t)h;
}

/* The entry of a key, or the free one where it belongs. */
static struct line_seq_entry *slot(const struct line_seq_table *t, const struct conversation *key)
{
    size_t at = hash(t->seed, key) & (t->capacity - 1);
    while (t->entries[at].key.used && !same(&t->entries[at].key, key))
        at = (at + 1) & (t->capacity - 1);
    return &t->entries[at];
}

static void make_room(struct line_seq_table *t)
{
    if (t->count * 4 < t->capacity * 3)
        return;
    struct line_seq_table old = *t;
    t->capacity = t->capacity ? t->capacity * 2 : 256;
    t->entries = xcalloc(t->capacity, sizeof *t->entries);
    t->seed = (uint64_t)(uintptr_t)t->entries; /* where that is, a capture cannot know */
    for (size_t i = 0; i < old.capacity; i++)
        if (old.entries[i].key.used)
            *slot(t, &old.entries[i].key) = old.entries[i];
    free(old.entries);
}

static bool sent_by_high(const struct packet *p)
{
    if (p->tcp.source_port != p->tcp.destination_port)
        return p->tcp.source_port > p->tcp.destination_port;
    return memcmp(p->source.bytes, p->destination.bytes, sizeof p->source.bytes) > 0;
}

struct line_seq line_seq_of(struct line_seq_table *t, const struct packet *p)
{
    const struct tcp_header *tcp = &p->tcp;
    bool high = sent_by_high(p);
    struct conversation key = {
        .low = high ? p->destination : p->source,
        .high = high ? p->source : p->destination,
        .low_port = high ? tcp->destination_port : tcp->source_port,
        .high_port = high ? tcp->source_port : tcp->destination_port,
        .net = (uint8_t)p->net,
        .used = 1,
    };
    make_room(t);
    struct line_seq_entry *e = slot(t, &key);
    bool known = e->key.used && !(tcp->flags & TCP_SYN);
    if (!known) {
        t->count += !e->key.used;
        e->key = key;
        e->low_base = high ? tcp->ack - 1 : tcp->seq;
        e->high_base = high ? tcp->seq : tcp->ack - 1;
    }
    uint32_t own = high ? e->high_base : e->low_base;
    uint32_t other = high ? e->low_base : e->high_base;
    return (struct line_seq){
        .seq = known ? tcp->seq - own : tcp->seq,
        .ack = known ? tcp->ack - other : tcp->ack,
        .sack_base = other,
    };
}

void line_seq_free(struct line_seq_table *t)
{
    free(t->entries);
    *t = (struct line_seq_table){0};
}
