#include "tracer/base/cursor.h"

const uint8_t *cursor_fail(struct cursor *c, size_t n)
{
    if (c->verdict == VERDICT_OK)
        c->verdict = n > cursor_claimed_left(c) ? VERDICT_MALFORMED : VERDICT_TRUNCATED;
    return NULL;
}

struct cursor cursor_sub(struct cursor *c, size_t n)
{
    struct cursor child = *c;
    cursor_narrow(&child, n);
    if (c->verdict != VERDICT_OK)
        return child;
    if (n > cursor_claimed_left(c)) {
        c->verdict = VERDICT_MALFORMED;
        c->at = c->claimed;
    } else {
        c->at += n; /* may pass the captured end: the next read then says truncated */
    }
    return child;
}
