#include "tracer/view/stream_rows.h"

#include "tracer/base/alloc.h"
#include "tracer/base/search.h"
#include "tracer/base/utf8.h"
#include "tracer/base/words.h"
#include "tracer/view/glyph.h"
#include "tracer/view/grid.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 8192 };

const char *stream_form_name(enum stream_form form)
{
    static const char *const names[STREAM_FORM_COUNT] = {N_("text"), N_("hex"), N_("escaped"),
                                                         N_("frames")};
    return names[form];
}

/* ---- one character ---------------------------------------------------------------------- */

size_t stream_add_text(const uint8_t *bytes, size_t n, struct text *out)
{
    uint32_t code_point;
    size_t taken = utf8_read(bytes, n, &code_point);
    taken = taken > 0 ? taken : 1;
    text_safe(out, bytes, taken);
    return taken;
}

size_t stream_add_escaped(const uint8_t *bytes, struct text *out)
{
    static const char names[] = "\nn\tt\rr\\\\";
    const char *name = *bytes ? strchr(names, *bytes) : NULL;
    if (name && (name - names) % 2 == 0)
        text_format(out, "\\%c", name[1]);
    else if (*bytes >= 0x20 && *bytes < 0x7f)
        text_char(out, (char)*bytes);
    else
        text_format(out, "\\x%02x", *bytes);
    return 1;
}

/* Append one character as it is shown; returns how many bytes it took. */
static size_t add_one(const struct stream_block *b, const uint8_t *bytes, size_t n,
                      struct text *out)
{
    bool escaped = b->form == STREAM_ESCAPED || (b->ascii && *bytes >= 0x80);
    return escaped ? stream_add_escaped(bytes, out) : stream_add_text(bytes, n, out);
}

/* Bytes of the line's end at `bytes`, 0 where it is none. In text it is not shown. */
static size_t line_end(const uint8_t *bytes, size_t n)
{
    if (n > 0 && bytes[0] == '\n')
        return 1;
    return n > 1 && bytes[0] == '\r' && bytes[1] == '\n' ? 2 : 0;
}

/* ---- rows ------------------------------------------------------------------------------- */

/* Bytes of a row in hex: 16, fewer on a narrow screen. */
static size_t hex_bytes(int cols)
{
    size_t n = 16;
    while (n > 4 && 12 + (int)(n * 7 / 2) > cols)
        n /= 2;
    return n;
}

/* Append what stands at `at`; how many bytes it took, and whether they end the line. */
static size_t add_at(const struct stream_block *b, const struct stream_log *l, size_t at,
                     struct text *out, bool *ended)
{
    const uint8_t *bytes = b->bytes + at;
    size_t end = line_end(bytes, b->len - at);
    if (b->form == STREAM_FRAMES)
        return stream_add_frames(b, l, at, out, ended);
    if (b->form == STREAM_TEXT && end > 0) {
        *ended = true;
        return end;
    }
    *ended = *bytes == '\n' && b->form == STREAM_ESCAPED;
    return add_one(b, bytes, b->len - at, out);
}

static size_t row_of_text(const struct stream_block *b, const struct stream_log *l, size_t at,
                          bool *ended)
{
    struct text one = {0};
    size_t from = at;
    *ended = false;
    for (int col = 0; at < b->len && !*ended;) {
        bool ends;
        text_clear(&one);
        size_t n = add_at(b, l, at, &one, &ends);
        int width = grid_width_of(text_str(&one));
        if (col + width > b->cols && at > from)
            break;
        col += width;
        at += n;
        *ended = ends;
    }
    text_free(&one);
    return at - from;
}

static void add_row(struct stream_block *b, size_t at, size_t len, bool goes_on)
{
    xgrow(&b->rows, &b->row_cap, b->row_count, sizeof *b->rows);
    b->rows[b->row_count++] = (struct stream_row){(uint32_t)at, (uint32_t)len, goes_on};
}

static void make_rows(struct stream_block *b, const struct stream_log *l, bool goes_on)
{
    size_t most = hex_bytes(b->cols);
    b->row_count = 0;
    for (size_t at = 0; at < b->len;) {
        bool ended = true;
        size_t n = b->len - at < most ? b->len - at : most;
        if (b->form != STREAM_HEX)
            n = row_of_text(b, l, at, &ended);
        add_row(b, at, n, goes_on && b->form != STREAM_HEX);
        at += n;
        goes_on = !ended;
    }
    if (b->row_count == 0)
        add_row(b, 0, 0, false);
}

/* ---- blocks ----------------------------------------------------------------------------- */

static bool same_block(const struct stream_log *l, size_t piece)
{
    return stream_log_joined(l, piece) &&
           l->pieces[piece].offset / BLOCK_BYTES == l->pieces[piece - 1].offset / BLOCK_BYTES;
}

static void gather(struct stream_block *b, const struct stream_log *l)
{
    b->len = 0;
    for (size_t i = b->first; i < b->first + b->count; i++) {
        const struct piece *p = &l->pieces[i];
        if (p->kind != PIECE_BYTES)
            continue;
        if (b->len + p->len > b->cap) {
            b->cap = b->len + p->len + BLOCK_BYTES;
            b->bytes = xreallocarray(b->bytes, b->cap, 1);
        }
        stream_log_bytes(l, p, b->bytes + b->len);
        b->len += p->len;
    }
}

/* Whether the block begins in the middle of a line. */
static bool begins_inside(const struct stream_block *b, const struct stream_log *l)
{
    const struct piece *p = &l->pieces[b->first];
    if (b->form == STREAM_FRAMES) {
        const struct websocket_item *i = websocket_item_at(&l->socket.sides[p->side], p->offset);
        return i && i->from < p->offset;
    }
    if (!stream_log_joined(l, b->first))
        return false;
    struct piece last = l->pieces[b->first - 1];
    uint8_t byte;
    last.at += last.len - 1;
    last.len = 1;
    stream_log_bytes(l, &last, &byte);
    return byte != '\n';
}

void stream_block_load(struct stream_block *b, const struct stream_log *l, size_t piece)
{
    if (piece >= b->first && piece - b->first < b->count)
        return;
    size_t first = piece, end = piece + 1;
    while (same_block(l, first))
        first--;
    while (end < l->count && same_block(l, end))
        end++;
    b->first = first;
    b->count = end - first;
    gather(b, l);
    make_rows(b, l, begins_inside(b, l));
}

void stream_block_forget(struct stream_block *b)
{
    b->count = 0;
}

void stream_block_free(struct stream_block *b)
{
    free(b->bytes);
    free(b->rows);
    *b = (struct stream_block){0};
}

static bool begins_by(const void *rows, size_t i, int64_t at)
{
    return ((const struct stream_row *)rows)[i].at <= (uint64_t)at;
}

size_t stream_block_row(const struct stream_block *b, const struct stream_log *l, struct spot s)
{
    uint64_t at = l->pieces[s.piece].offset - l->pieces[b->first].offset + s.at;
    return search_last(b->row_count, begins_by, b->rows, (int64_t)at);
}

struct spot stream_block_spot(const struct stream_block *b, const struct stream_log *l, size_t row)
{
    uint64_t offset = l->pieces[b->first].offset + b->rows[row].at;
    size_t i = b->first;
    while (i + 1 < b->first + b->count && l->pieces[i + 1].offset <= offset)
        i++;
    return (struct spot){i, (uint32_t)(offset - l->pieces[i].offset)};
}

/* ---- words ------------------------------------------------------------------------------ */

static void add_hex(const struct stream_block *b, const struct stream_log *l, size_t row,
                    struct text *out)
{
    const uint8_t *bytes = b->bytes + b->rows[row].at;
    size_t n = b->rows[row].len, most = hex_bytes(b->cols);
    text_hex_padded(out, l->pieces[b->first].offset + b->rows[row].at, 8);
    text_char(out, ' ');
    for (size_t i = 0; i < most; i++) {
        if (i % 2 == 0)
            text_char(out, ' ');
        if (i < n)
            text_hex_padded(out, bytes[i], 2);
        else
            text_add(out, "  ");
    }
    text_add(out, "  ");
    for (size_t i = 0; i < n; i++)
        text_char(out, bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '.');
}

static void add_notice(const struct piece *p, struct text *out)
{
    const char *bytes = p->len == 1 ? "byte" : "bytes";
    switch (p->kind) {
    case PIECE_GAP: text_format(out, "[gap of %u %s]", p->len, bytes); break;
    case PIECE_UNCAPTURED:
        text_format(out, "[%u %s that the capture did not keep]", p->len, bytes);
        break;
    case PIECE_FIN: text_add(out, _("[FIN: the stream ends here]")); break;
    case PIECE_RST: text_add(out, _("[RST: the connection is given up]")); break;
    default: break;
    }
}

void stream_block_words(const struct stream_block *b, const struct stream_log *l, size_t row,
                        struct text *out)
{
    const struct stream_row *r = &b->rows[row];
    if (r->len == 0) {
        add_notice(&l->pieces[b->first], out);
    } else if (b->form == STREAM_HEX) {
        add_hex(b, l, row, out);
    } else {
        bool ended = false;
        for (size_t at = r->at; at < r->at + r->len && !ended;)
            at += add_at(b, l, at, out, &ended);
    }
}
