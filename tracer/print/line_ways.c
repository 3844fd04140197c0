#include "tracer/print/line_ways.h"

#include "tracer/base/alloc.h"
#include "tracer/print/line_seq.h"

#include <stdlib.h>

/* Enough for the connections that are busy at a time. */
enum { WAYS = 1024 };

/* The products do not wait for each other. A capture that makes ways meet at one place costs itself
 * the gain, no more. */
static size_t place_of(const struct address *source, const struct address *destination,
                       uint32_t ports)
{
    uint64_t words[4];
    memcpy(words, source->bytes, 16);
    memcpy(words + 2, destination->bytes, 16);
    uint64_t h = words[0] * 0x9e3779b97f4a7c15u + words[1] * 0xc2b2ae3d27d4eb4fu +
                 words[2] * 0x165667b19e3779f9u + words[3] * 0xff51afd7ed558ccdu +
                 ports * 0xd6e8feb86659fd93u;
    return (h >> 32) % WAYS;
}

static void spell(struct line_way *way)
{
    char *(*put)(char *at, const struct address *a) =
        way->net == NET_IPV6 ? address_put_v6 : address_put;
    char *at = put(way->text, &way->source);
    at = put_u32(put_str(at, "."), way->source_port);
    at = put(put_str(at, " > "), &way->destination);
    at = put_u32(put_str(at, "."), way->destination_port);
    way->text_bytes = (uint8_t)(put_str(at, ": ") - way->text);
}

static struct line_way *make_ways(void)
{
    struct line_way *ways = xmalloc_aligned(alignof(struct line_way), WAYS * sizeof *ways);
    memset(ways, 0, WAYS * sizeof *ways);
    return ways;
}

struct line_way *line_way_place(struct line_ways *w, const struct packet *p, uint16_t source_port,
                                uint16_t destination_port)
{
    enum { CACHE_LINE_BYTES = 64 };
    if (!w->ways)
        w->ways = make_ways();
    uint32_t ports = (uint32_t)source_port << 16 | destination_port;
    struct line_way *place = &w->ways[place_of(&p->source, &p->destination, ports)];
    __builtin_prefetch(place);
    __builtin_prefetch((const char *)place + CACHE_LINE_BYTES);
    return place;
}

void line_way_enter(struct line_way *way, const struct packet *p, uint16_t source_port,
                    uint16_t destination_port)
{
    if (way->source_port == source_port && way->destination_port == destination_port &&
        way->net == p->net && way->text_bytes > 0 && address_equal(&way->source, &p->source) &&
        address_equal(&way->destination, &p->destination))
        return;
    way->source = p->source;
    way->destination = p->destination;
    way->source_port = source_port;
    way->destination_port = destination_port;
    way->net = (uint8_t)p->net;
    way->direction = LINE_SEQ_UNKNOWN;
    spell(way);
}

uint32_t line_way_by_return(const struct line_ways *w, const struct line_way *way)
{
    uint32_t ports = (uint32_t)way->destination_port << 16 | way->source_port;
    const struct line_way *back = &w->ways[place_of(&way->destination, &way->source, ports)];
    bool is_back = back->source_port == way->destination_port &&
                   back->destination_port == way->source_port && back->net == way->net &&
                   back->direction != LINE_SEQ_UNKNOWN && back->text_bytes > 0 &&
                   address_equal(&back->source, &way->destination) &&
                   address_equal(&back->destination, &way->source);
    return is_back ? line_seq_return(back->direction) : LINE_SEQ_UNKNOWN;
}

void line_ways_free(struct line_ways *w)
{
    free(w->ways);
    *w = (struct line_ways){0};
}
