/* Checked allocation: a failure ends the program with one sentence, after the exit hook gave the
 * terminal back. Every result is freed with free(). */
#ifndef TRACER_BASE_ALLOC_H
#define TRACER_BASE_ALLOC_H

#include <stddef.h>

/* Allocate `n` bytes, or `n` zeroed elements of `size` bytes. Never NULL. */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);

/* Allocate `n` bytes at a multiple of `alignment`, which is a power of two and divides `n`. */
void *xmalloc_aligned(size_t alignment, size_t n);

/* Resize `p` to `n` elements of `size` bytes; the multiplication is checked. Never NULL. */
void *xreallocarray(void *p, size_t n, size_t size);

/* Copy a string, or its first `n` bytes. Never NULL. */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);

/* Make room for one more element in a growing array: *p holds *cap elements of `size` bytes,
 * `count` of them in use. *p and *cap are updated. */
void xgrow(void *p, size_t *cap, size_t count, size_t size);

/* Called once before the program dies of want of memory: the curses screen registers its own end.
 */
void alloc_on_failure(void (*hook)(void));

#endif
