#include "tracer/view/tags.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* The place of the first tag that is not before `segment`. */
static size_t place_of(const struct tags *t, uint32_t segment)
{
    size_t low = 0, high = t->count;
    if (high > 0 && t->at[high - 1] < segment)
        return high; /* tags are mostly added in order */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->at[middle] < segment)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool tags_has(const struct tags *t, uint32_t segment)
{
    size_t i = place_of(t, segment);
    return i < t->count && t->at[i] == segment;
}

void tags_add(struct tags *t, uint32_t segment)
{
    size_t i = place_of(t, segment);
    if (i < t->count && t->at[i] == segment)
        return;
    xgrow(&t->at, &t->cap, t->count, sizeof *t->at);
    memmove(t->at + i + 1, t->at + i, (t->count - i) * sizeof *t->at);
    t->at[i] = segment;
    t->count++;
}

void tags_remove(struct tags *t, uint32_t segment)
{
    size_t i = place_of(t, segment);
    if (i == t->count || t->at[i] != segment)
        return;
    t->count--;
    memmove(t->at + i, t->at + i + 1, (t->count - i) * sizeof *t->at);
}

void tags_clear(struct tags *t)
{
    free(t->at);
    *t = (struct tags){0};
}
