/* Private to the tcpdump line: the ways that packets went of late, each from one endpoint to
 * another, with the text that stands for it. Most packets go a way that others went just before:
 * their endpoints are not spelled anew, nor is their conversation looked up. */
#ifndef TRACER_PRINT_LINE_WAYS_H
#define TRACER_PRINT_LINE_WAYS_H

#include "tracer/base/put.h"
#include "tracer/decode/packet.h"

#include <stdalign.h>

enum { LINE_WAY_MOST = 2 * (ADDRESS_MOST + PUT_U32_MOST) + 8 + PUT_SPOILT };

struct line_way {
    alignas(64) struct address source; /* all of an IPv4 way lies in two lines of the cache */
    struct address destination;
    uint16_t source_port, destination_port;
    uint8_t net;              /* an IPv6 address may look like an IPv4 one */
    uint8_t text_bytes;       /* 0 where this is no way yet */
    uint32_t direction;       /* of which conversation, as line_seq_find() says; or not known yet */
    char text[LINE_WAY_MOST]; /* "10.0.0.1.80 > 10.0.0.2.81: " */
};

/* All zero knows no way. */
struct line_ways {
    struct line_way *ways; /* (owned) a fixed number, each at the place that its endpoints choose */
};

/* The place of a packet's way between two ports (borrowed until the next call). It comes to the
 * cache meanwhile. */
struct line_way *line_way_place(struct line_ways *w, const struct packet *p, uint16_t source_port,
                                uint16_t destination_port);

/* The way there is that of this packet from now on. */
void line_way_enter(struct line_way *way, const struct packet *p, uint16_t source_port,
                    uint16_t destination_port);

/* Of a way whose conversation is not known: that of the way back, where it went there of late; else
 * LINE_SEQ_UNKNOWN. */
uint32_t line_way_by_return(const struct line_ways *w, const struct line_way *way);

/* Write its text at `at`, which has room for LINE_WAY_MOST. Returns the text's end. As much as
 * there can be is copied, of IPv4 and else: that is known. */
static inline char *line_way_put(char *at, const struct line_way *way)
{
    enum { IPV4_MOST = 48 };
    memcpy(at, way->text, IPV4_MOST);
    if (way->text_bytes > IPV4_MOST)
        memcpy(at + IPV4_MOST, way->text + IPV4_MOST, sizeof way->text - IPV4_MOST);
    return at + way->text_bytes;
}

void line_ways_free(struct line_ways *w);

#endif
