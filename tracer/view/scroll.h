/* Which rows of a list are in sight. */
#ifndef TRACER_VIEW_SCROLL_H
#define TRACER_VIEW_SCROLL_H

#include <stddef.h>

/* The first of `height` rows in sight: that of before, moved no further than it takes for the
 * cursor's row to be among them, and for no room to be left behind the last of `n`. */
static inline size_t scroll_top(size_t top, size_t cursor, size_t n, size_t height)
{
    if (cursor < top)
        top = cursor;
    if (cursor >= top + height)
        top = cursor + 1 - height;
    if (top + height > n)
        top = n > height ? n - height : 0;
    return top;
}

#endif
