/* Where something stands in what is in order, by halves. */
#ifndef TRACER_BASE_SEARCH_H
#define TRACER_BASE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the thing at place `i` of a list comes before what is looked for, `key`. */
typedef bool search_before(const void *list, size_t i, int64_t key);

/* The first of `count` places that does not come before it; `count` where all do. */
static inline size_t search_first(size_t count, search_before *is_before, const void *list,
                                  int64_t key)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(list, middle, key))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The last place that comes before it; 0 where none does. */
static inline size_t search_last(size_t count, search_before *is_before, const void *list,
                                 int64_t key)
{
    size_t first = search_first(count, is_before, list, key);
    return first > 0 ? first - 1 : 0;
}

#endif
