/* A stream as what a WebSocket is made of: the lines of its upgrade, then its frames, each with its
 * header in words and its payload without the mask.
 *
 *   C> GET /chat HTTP/1.1
 *   C> [FIN text, mask 37fa213d, length 5] hello
 *   S> [FIN close, length 5, code 1000 (normal closure)] bye
 */
#include "tracer/view/stream_rows.h"

#include "tracer/base/utf8.h"

/* What a row holds of one item, from `at` on, and where that stands in the stream. */
struct place {
    const struct websocket_item *item;
    const uint8_t *bytes;
    size_t left;     /* of the item and the block, whichever ends first */
    uint64_t offset; /* of the first byte */
    bool whole;      /* the item ends there */
};

/* Bytes of no item: what is not complete, or cannot be read behind a gap. */
static size_t add_unread(const struct stream_block *b, size_t at, struct text *out)
{
    return stream_add_escaped(b->bytes + at, out);
}

static size_t add_line(const struct stream_block *b, const struct place *p, struct text *out)
{
    if (p->bytes[0] == '\n' || (p->left == 2 && p->bytes[0] == '\r'))
        return p->left; /* the line's end */
    return b->ascii && *p->bytes >= 0x80 ? stream_add_escaped(p->bytes, out)
                                         : stream_add_text(p->bytes, p->left, out);
}

/* The header as far as the block has it, and of a close its code. */
static size_t add_header(const struct place *p, struct text *out)
{
    uint64_t head = p->item->header_bytes + (p->item->has_code ? 2u : 0u);
    uint64_t left = p->item->from + head - p->offset;
    if (p->offset == p->item->from) {
        text_add(out, "[");
        websocket_words(p->item, out);
        text_add(out, head < p->item->bytes ? "] " : "]");
    }
    return left < p->left ? (size_t)left : p->left;
}

static size_t add_payload(const struct stream_block *b, const struct place *p, struct text *out)
{
    uint8_t bytes[4];
    size_t n = p->left < sizeof bytes ? p->left : sizeof bytes;
    for (size_t i = 0; i < n; i++)
        bytes[i] = websocket_unmasked(p->item, p->offset + i, p->bytes[i]);
    bool escaped = !websocket_is_text(p->item) || (b->ascii && bytes[0] >= 0x80);
    return escaped ? stream_add_escaped(bytes, out) : stream_add_text(bytes, n, out);
}

size_t stream_add_frames(const struct stream_block *b, const struct stream_log *l, size_t at,
                         struct text *out, bool *ended)
{
    const struct piece *first = &l->pieces[b->first];
    struct place p = {.bytes = b->bytes + at, .left = b->len - at, .offset = first->offset + at};
    p.item = websocket_item_at(&l->socket.sides[first->side], p.offset);
    *ended = false;
    if (!p.item)
        return add_unread(b, at, out);
    uint64_t left = p.item->from + p.item->bytes - p.offset;
    p.whole = left <= p.left;
    p.left = p.whole ? (size_t)left : p.left;
    uint64_t head = p.item->header_bytes + (p.item->has_code ? 2u : 0u);
    size_t n = !p.item->is_frame                ? add_line(b, &p, out)
               : p.offset < p.item->from + head ? add_header(&p, out)
                                                : add_payload(b, &p, out);
    *ended = p.whole && n == p.left;
    return n;
}
