#include "labs/wire/shaper.h"

#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"

#include <stdlib.h>

void shaper_init(struct shaper *s, int64_t bits_per_s, size_t places)
{
    *s = (struct shaper){.bits_per_s = bits_per_s, .places = places, .free_ns = INT64_MIN};
    if (bits_per_s > 0)
        s->leaves = xcalloc(places + 1, sizeof *s->leaves);
}

void shaper_free(struct shaper *s)
{
    free(s->leaves);
    s->leaves = NULL;
}

int64_t shaper_pass(struct shaper *s, int64_t now_ns, uint32_t length_bytes)
{
    if (s->bits_per_s == 0)
        return 0;
    while (s->count > 0 && s->leaves[s->first] <= now_ns) {
        s->first = (s->first + 1) % (s->places + 1);
        s->count--;
    }
    if (s->count > 0 && s->count >= s->places)
        return -1;
    int64_t begins = s->free_ns > now_ns ? s->free_ns : now_ns;
    if (begins > now_ns)
        s->leaves[(s->first + s->count++) % (s->places + 1)] = begins;
    s->free_ns = begins + (int64_t)length_bytes * 8 * NS_PER_S / s->bits_per_s;
    return s->free_ns - now_ns;
}
