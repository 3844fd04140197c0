#include "tracer/capture/pcapng_sections.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

bool sections_begin(struct sections *s, uint64_t at, bool big_endian)
{
    if (s->last_only)
        s->count = s->interface_count = 0;
    if (s->count == INTERFACES_MAX)
        return false;
    xgrow(&s->all, &s->cap, s->count, sizeof *s->all);
    s->all[s->count++] = (struct section){
        .at = at,
        .big_endian = big_endian,
        .first_interface = s->interface_count,
    };
    return true;
}

bool sections_add(struct sections *s, const struct interface *i)
{
    if (s->count == 0 || s->interface_count == INTERFACES_MAX)
        return false;
    xgrow(&s->interfaces, &s->interface_cap, s->interface_count, sizeof *i);
    s->interfaces[s->interface_count++] = *i;
    s->all[s->count - 1].interface_count++;
    return true;
}

const struct section *sections_last(const struct sections *s)
{
    return s->count > 0 ? &s->all[s->count - 1] : NULL;
}

static bool holds(const struct sections *s, size_t i, uint64_t at)
{
    return i < s->count && s->all[i].at <= at && (i + 1 == s->count || at < s->all[i + 1].at);
}

const struct section *sections_at(struct sections *s, uint64_t at)
{
    size_t low = 0, high = s->count; /* those before `low` begin at `at` or sooner */
    if (holds(s, s->found, at))
        return &s->all[s->found];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->all[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    s->found = low - 1;
    return &s->all[s->found];
}

const struct interface *sections_interface(const struct sections *s, const struct section *in,
                                           uint32_t number)
{
    return number < in->interface_count ? &s->interfaces[in->first_interface + number] : NULL;
}

void sections_free(struct sections *s)
{
    free(s->all);
    free(s->interfaces);
    *s = (struct sections){0};
}
