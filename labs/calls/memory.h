/* The memory of a stopped program, read with bounds. */
#ifndef LABS_CALLS_MEMORY_H
#define LABS_CALLS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Read up to `n` bytes at `address` of thread `tid`. Returns how many could be read; what lies
 * behind an unmapped page is missing. */
size_t tracee_read(pid_t tid, uint64_t address, void *to, size_t n);

/* The same, all or nothing: true where all `n` bytes were read. */
bool tracee_read_all(pid_t tid, uint64_t address, void *to, size_t n);

#endif
