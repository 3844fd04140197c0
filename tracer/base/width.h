/* Code points as a terminal shows them: how wide they are, and where a line may end. */
#ifndef TRACER_BASE_WIDTH_H
#define TRACER_BASE_WIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Columns that a code point takes: 0 (combining), 1 or 2. The views do not ask the C library, whose
 * answer hangs on the locale. */
int glyph_width(uint32_t code_point);

/* Whether no line begins with it: it closes what stands before it. A line may end on either side of
 * a wide glyph otherwise. */
bool glyph_closes(uint32_t code_point);

/* Whether no line ends with it: it opens what stands behind it. */
bool glyph_opens(uint32_t code_point);

/* Columns that all of these bytes take. */
int glyph_columns(const char *s, size_t n);

/* The bytes at the beginning of `s` that belong together: up to the next place where a line may
 * end, which is a blank, or on either side of a wide glyph. They take *cols columns. */
size_t glyph_piece(const char *s, size_t n, int *cols);

#endif
