/* An IPv4 or IPv6 address in one type, so that nothing later branches on the family. */
#ifndef TRACER_DECODE_ADDRESS_H
#define TRACER_DECODE_ADDRESS_H

#include "tracer/base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* IPv4 stands as ::ffff:a.b.c.d, as in RFC 4291 section 2.5.5.2. */
struct address {
    uint8_t bytes[16];
};
static const uint8_t address_v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static inline struct address address_from_v4(const uint8_t bytes[4])
{
    struct address a;
    memcpy(a.bytes, address_v4_prefix, sizeof address_v4_prefix);
    memcpy(a.bytes + sizeof address_v4_prefix, bytes, 4);
    return a;
}

static inline struct address address_from_v6(const uint8_t bytes[16])
{
    struct address a;
    memcpy(a.bytes, bytes, sizeof a.bytes);
    return a;
}

static inline bool address_is_v4(const struct address *a)
{
    return memcmp(a->bytes, address_v4_prefix, sizeof address_v4_prefix) == 0;
}

static inline bool address_equal(const struct address *a, const struct address *b)
{
    uint64_t one[2], other[2]; /* memcmp() is called where much else is inlined */
    memcpy(one, a->bytes, sizeof one);
    memcpy(other, b->bytes, sizeof other);
    return ((one[0] ^ other[0]) | (one[1] ^ other[1])) == 0;
}

/* Append the address as tcpdump -n prints it: dotted quad, or RFC 5952 form. */
void address_text(const struct address *a, struct text *out);

/* The same for an address that stood in an IPv6 header: ::ffff:10.0.0.1 keeps its prefix. */
void address_text_v6(const struct address *a, struct text *out);

/* The same, written at `at`, which has room for ADDRESS_MOST characters and PUT_SPOILT more.
 * Returns the text's end. */
enum { ADDRESS_MOST = 45 };
char *address_put(char *at, const struct address *a);
char *address_put_v6(char *at, const struct address *a);

/* Read "10.0.0.1" or "fe80::1" (no zone, no port). Returns false where it is neither. */
bool address_parse(const char *s, struct address *a);

#endif
