/* Private to tracer/capture: parts of a file again, in any order, by pread() through a small cache.
 * Nothing is mapped, so that a file that is cut short meanwhile is an answer, not a SIGBUS. */
#ifndef TRACER_CAPTURE_PAGES_H
#define TRACER_CAPTURE_PAGES_H

#include <stddef.h>
#include <stdint.h>

struct pages;

/* Make a cache over `fd` (borrowed, outlives it). Its offsets are counted from `base`. */
struct pages *pages_new(int fd, uint64_t base);
void pages_free(struct pages *p);

/* The `n` bytes at `at`, borrowed until the next call; NULL where the file does not have them all,
 * or cannot be read. */
const uint8_t *pages_bytes(struct pages *p, uint64_t at, size_t n);

#endif
