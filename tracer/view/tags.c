#include "tracer/view/tags.h"

#include "tracer/base/alloc.h"
#include "tracer/base/search.h"

#include <stdlib.h>
#include <string.h>

static bool is_tag_before(const void *tags, size_t i, int64_t segment)
{
    return ((const uint32_t *)tags)[i] < segment;
}

/* The place of the first tag that is not before `segment`. */
static size_t place_of(const struct tags *t, uint32_t segment)
{
    if (t->count > 0 && t->at[t->count - 1] < segment)
        return t->count; /* tags are mostly added in order */
    return search_first(t->count, is_tag_before, t->at, segment);
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
