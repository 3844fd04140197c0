/* The rows of a stream on the screen: as text, in hex, escaped, or as a WebSocket's frames.
 *
 * Rows are made of one block at a time. A block is a run of pieces that follow each other in one
 * direction, at most some 8 KiB of them, so that a line of text goes on over segments' borders and
 * yet no more is looked at than is near the screen. */
#ifndef TRACER_VIEW_STREAM_ROWS_H
#define TRACER_VIEW_STREAM_ROWS_H

#include "tracer/view/stream_log.h"

enum stream_form { STREAM_TEXT, STREAM_HEX, STREAM_ESCAPED, STREAM_FRAMES, STREAM_FORM_COUNT };

struct stream_row {
    uint32_t at, len; /* bytes of the block */
    bool goes_on;     /* the row before did not end the line */
};

/* All zero is empty. */
struct stream_block {
    size_t first, count; /* pieces */
    enum stream_form form;
    bool ascii; /* what is not ASCII is escaped in text too */
    int cols;
    uint8_t *bytes; /* (owned) none where it is a gap or an end */
    size_t len, cap;
    struct stream_row *rows; /* (owned) one at least */
    size_t row_count, row_cap;
};

/* "text", "hex", "escaped", "frames". */
const char *stream_form_name(enum stream_form form);

/* Make the rows of the block that holds a piece, in the form, `ascii` and `cols` that the block
 * has. Nothing is done where it is loaded already; stream_block_forget() when the log has grown or
 * one of these was changed. */
void stream_block_load(struct stream_block *b, const struct stream_log *l, size_t piece);
void stream_block_forget(struct stream_block *b);
void stream_block_free(struct stream_block *b);

/* The row of a spot in the block, and the spot of a row's first byte. */
size_t stream_block_row(const struct stream_block *b, const struct stream_log *l, struct spot s);
struct spot stream_block_spot(const struct stream_block *b, const struct stream_log *l, size_t row);

/* Append the row's character at `at` in the block: as text, or escaped. How many bytes it took. */
size_t stream_add_text(const uint8_t *bytes, size_t n, struct text *out);
size_t stream_add_escaped(const uint8_t *bytes, struct text *out);

/* The same in the form of frames: of the bytes at `at` in the block. A frame's header is told when
 * its first byte is. How many bytes it took; *ended: they end a line or a frame. */
size_t stream_add_frames(const struct stream_block *b, const struct stream_log *l, size_t at,
                         struct text *out, bool *ended);

/* Append a row's words: its bytes in the block's form, or what the piece stands for. */
void stream_block_words(const struct stream_block *b, const struct stream_log *l, size_t row,
                        struct text *out);

#endif
