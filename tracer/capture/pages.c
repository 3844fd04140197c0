#include "tracer/capture/pages.h"

#include "tracer/base/alloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A page has one place only, by its number. Frames in view lie close together, or, of one
 * connection among many, each on a page of its own: there are as many places as a screen has rows.
 */
enum { PAGE_BYTES = 1 << 14, PLACES = 64 };

struct place {
    uint64_t number; /* of the page that is here */
    size_t have;     /* bytes of it; the last one of a file is short, and may grow */
    uint8_t *bytes;  /* (owned) PAGE_BYTES, or NULL before the first use */
};

struct pages {
    int fd;
    uint64_t base;
    struct place places[PLACES];
    uint8_t *joined; /* (owned) what lies across pages */
    size_t joined_cap;
};

struct pages *pages_new(int fd, uint64_t base)
{
    struct pages *p = xcalloc(1, sizeof *p);
    p->fd = fd;
    p->base = base;
    return p;
}

void pages_free(struct pages *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < PLACES; i++)
        free(p->places[i].bytes);
    free(p->joined);
    free(p);
}

/* Read a page; how much of it the file has. */
static size_t read_page(const struct pages *p, uint64_t number, uint8_t *bytes)
{
    uint64_t at = p->base + number * PAGE_BYTES;
    size_t have = 0;
    if (at > INT64_MAX - PAGE_BYTES)
        return 0;
    while (have < PAGE_BYTES) {
        ssize_t n = pread(p->fd, bytes + have, PAGE_BYTES - have, (off_t)(at + have));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        have += (size_t)n;
    }
    return have;
}

/* The page of this number, its first `n` bytes at least; NULL where there are not so many. */
static const uint8_t *page(struct pages *p, uint64_t number, size_t n)
{
    struct place *place = &p->places[number % PLACES];
    if (place->bytes && place->number == number && place->have >= n)
        return place->bytes;
    if (!place->bytes)
        place->bytes = xmalloc(PAGE_BYTES);
    place->number = number;
    place->have = read_page(p, number, place->bytes);
    return place->have >= n ? place->bytes : NULL;
}

/* Put together what lies across pages. */
static const uint8_t *join(struct pages *p, uint64_t at, size_t n)
{
    if (p->joined_cap < n) {
        free(p->joined);
        p->joined = xmalloc(n);
        p->joined_cap = n;
    }
    for (size_t done = 0; done < n;) {
        size_t from = (at + done) % PAGE_BYTES, here = PAGE_BYTES - from;
        if (here > n - done)
            here = n - done;
        const uint8_t *bytes = page(p, (at + done) / PAGE_BYTES, from + here);
        if (!bytes)
            return NULL;
        memcpy(p->joined + done, bytes + from, here);
        done += here;
    }
    return p->joined;
}

const uint8_t *pages_bytes(struct pages *p, uint64_t at, size_t n)
{
    size_t from = at % PAGE_BYTES;
    if (from + n > PAGE_BYTES)
        return join(p, at, n);
    const uint8_t *bytes = page(p, at / PAGE_BYTES, from + n);
    return bytes ? bytes + from : NULL;
}
