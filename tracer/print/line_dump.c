/* The packet's bytes below its line. */
#include "tracer/print/line_parts.h"

enum { BYTES_PER_ROW = 16, HEX_COLUMNS = 40 };

static bool is_graphic(uint8_t byte)
{
    return byte > 0x20 && byte < 0x7f;
}

/* Pairs of bytes, each pair behind a blank. Returns how many columns that took. */
static size_t hex_row(struct text *out, const uint8_t *bytes, size_t n)
{
    size_t before = out->len;
    for (size_t i = 0; i < n; i++) {
        if (i % 2 == 0)
            text_char(out, ' ');
        text_hex_padded(out, bytes[i], 2);
    }
    return out->len - before;
}

static void hex_rows(struct text *out, const uint8_t *bytes, size_t n, bool with_ascii)
{
    for (size_t at = 0; at < n; at += BYTES_PER_ROW) {
        size_t row = n - at < BYTES_PER_ROW ? n - at : BYTES_PER_ROW;
        text_add(out, "\n\t0x");
        text_hex_padded(out, at, 4);
        text_add(out, ": ");
        size_t columns = hex_row(out, bytes + at, row);
        if (!with_ascii)
            continue;
        text_repeat(out, ' ', HEX_COLUMNS - columns + 2);
        for (size_t i = 0; i < row; i++)
            text_char(out, is_graphic(bytes[at + i]) ? (char)bytes[at + i] : '.');
    }
}

/* A carriage return vanishes before a newline, as the line's end that it is. */
static void ascii(struct text *out, const uint8_t *bytes, size_t n)
{
    text_char(out, '\n');
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = bytes[i];
        if (byte == '\r') {
            if (n - i > 2 && bytes[i + 1] != '\n')
                text_char(out, '.');
        } else if (is_graphic(byte) || byte == '\t' || byte == ' ' || byte == '\n') {
            text_char(out, (char)byte);
        } else {
            text_char(out, '.');
        }
    }
}

void line_dump(struct line *l)
{
    const struct line_options *options = &l->lp->options;
    if (options->dump == LINE_DUMP_NONE)
        return;
    size_t captured = l->p->frame.captured_bytes;
    size_t skipped = options->dump_link || l->extent == EXTENT_WHOLE ? 0
                     : l->extent == EXTENT_NOTHING                   ? captured
                                                                     : l->p->link_header_bytes;
    struct cursor c;
    cursor_init(&c, l->p->frame.bytes, captured, captured);
    cursor_skip(&c, skipped);
    size_t n = cursor_captured_left(&c);
    const uint8_t *bytes = cursor_bytes(&c, n);
    if (!bytes || (n == 0 && !options->dump_link))
        return;
    if (options->dump == LINE_DUMP_ASCII)
        ascii(l->out, bytes, n);
    else
        hex_rows(l->out, bytes, n, options->dump == LINE_DUMP_HEX_AND_ASCII);
}
