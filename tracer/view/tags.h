/* The segments that the user has tagged, by index: a sorted list, four bytes a tag. */
#ifndef TRACER_VIEW_TAGS_H
#define TRACER_VIEW_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is empty. */
struct tags {
    uint32_t *at; /* (owned) rising */
    size_t count, cap;
};

bool tags_has(const struct tags *t, uint32_t segment);
void tags_add(struct tags *t, uint32_t segment);
void tags_remove(struct tags *t, uint32_t segment);

/* Empty it, and free it. */
void tags_clear(struct tags *t);

#endif
