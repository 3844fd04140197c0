/* A WebSocket's two sides, in pieces and with bytes missing: each item behind the one before, every
 * text fit for a terminal.
 *
 *   pieces: what it is (bit 0 the side, bit 1: missing bytes), how many bytes, the bytes
 */
#include "tracer/base/cursor.h"
#include "tracer/base/utf8.h"
#include "tracer/tests/fuzz/fuzz.h"
#include "tracer/websocket/websocket.h"

#include <stdlib.h>

static void check_fit(const struct text *out)
{
    const uint8_t *s = (const uint8_t *)text_str(out);
    for (size_t at = 0; at < out->len;) {
        uint32_t c;
        size_t n = utf8_read(s + at, out->len - at, &c);
        if (n == 0 || !utf8_is_safe(c))
            abort();
        at += n;
    }
}

static void check_side(const struct websocket_side *s)
{
    struct text out = {0};
    for (size_t i = 0; i < s->count; i++) {
        const struct websocket_item *item = &s->items[i];
        if (item->bytes < item->header_bytes || (i == 0 && item->from != 0) ||
            (i > 0 && item->from != s->items[i - 1].from + s->items[i - 1].bytes) ||
            websocket_item_at(s, item->from) != item ||
            websocket_item_at(s, item->from + item->bytes - 1) != item)
            abort();
        if (item->is_frame)
            websocket_words(item, &out);
    }
    check_fit(&out);
    text_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct websocket w = {0};
    struct cursor c;
    cursor_init(&c, bytes, n, n);
    while (cursor_captured_left(&c) > 2) {
        unsigned what = cursor_u8(&c);
        size_t piece = cursor_u8(&c), left = cursor_captured_left(&c);
        uint64_t before = w.sides[what & 1].at;
        piece = piece < left ? piece : left;
        if (what & 2) {
            bool passed = websocket_pass(&w, what & 1, piece);
            if (w.sides[what & 1].at != before + (passed ? piece : 0))
                abort();
        } else {
            websocket_take(&w, what & 1, cursor_bytes(&c, piece), piece);
            if (w.sides[what & 1].at != before + piece)
                abort();
        }
    }
    check_side(&w.sides[0]);
    check_side(&w.sides[1]);
    websocket_free(&w);
    return 0;
}
