/* UTF-8, one code point at a time. */
#ifndef TRACER_BASE_UTF8_H
#define TRACER_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Read one code point of `bytes`. Returns how many bytes it took, 0 where they are not well-formed
 * UTF-8 (overlong forms, surrogates and values past U+10FFFF are not) or `n` is 0. */
size_t utf8_read(const uint8_t *bytes, size_t n, uint32_t *code_point);

/* Write a code point to `out` (4 bytes at most) and return its length. */
size_t utf8_write(uint32_t code_point, char *out);

/* How many of the first `n` bytes to keep where a text was cut there: without the beginning of a
 * code point that the cut has left. */
size_t utf8_whole(const char *s, size_t n);

/* True for a code point that a terminal may be given as it stands: no control (C0, DEL, C1), no
 * bidirectional or other invisible format control, no line or paragraph separator. */
bool utf8_is_safe(uint32_t code_point);

#endif
