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
    return a->low_port == b->low_port && a->high_port == b->high_port && a->net == b->net &&
           address_equal(&a->low, &b->low) && address_equal(&a->high, &b->high);
}

/* FNV-1a: enough for keys that a capture gives, and the table only grows. */
static size_t hash(const struct conversation *k)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < sizeof k->low.bytes; i++) {
        h = (h ^ k->low.bytes[i]) * 1099511628211u;
        h = (h ^ k->high.bytes[i]) * 1099511628211u;
    }
    h = (h ^ k->low_port) * 1099511628211u;
    h = (h ^ k->high_port) * 1099511628211u;
    return (size_t)(h ^ h >> 32);
}

/* The entry of a key, or the free one where it belongs. */
static struct line_seq_entry *slot(struct line_seq_entry *entries, size_t capacity,
                                   const struct conversation *key)
{
    size_t at = hash(key) & (capacity - 1);
    while (entries[at].key.used && !same(&entries[at].key, key))
        at = (at + 1) & (capacity - 1);
    return &entries[at];
}

static void make_room(struct line_seq_table *t)
{
    if (t->count * 4 < t->capacity * 3)
        return;
    size_t capacity = t->capacity ? t->capacity * 2 : 256;
    struct line_seq_entry *entries = xcalloc(capacity, sizeof *entries);
    for (size_t i = 0; i < t->capacity; i++)
        if (t->entries[i].key.used)
            *slot(entries, capacity, &t->entries[i].key) = t->entries[i];
    free(t->entries);
    t->entries = entries;
    t->capacity = capacity;
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
    struct line_seq_entry *e = slot(t->entries, t->capacity, &key);
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
