#include "tracer/base/cursor.h"

const uint8_t *cursor_fail(struct cursor *c, size_t n)
{
    if (c->verdict == VERDICT_OK)
        c->verdict = n > cursor_claimed_left(c) ? VERDICT_MALFORMED : VERDICT_TRUNCATED;
    return NULL;
}
