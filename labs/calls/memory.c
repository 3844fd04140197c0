#include "labs/calls/memory.h"

#include <sys/uio.h>

/* The kernel stops a transfer at an iovec's edge, not within it: cut where the smallest pages end,
 * so that all up to an unmapped page is had. */
enum { PAGE_BYTES = 4096, MAX_PARTS = 8 };

size_t tracee_read(pid_t tid, uint64_t address, void *to, size_t n)
{
    struct iovec parts[MAX_PARTS];
    size_t count = 0, covered = 0;
    while (covered < n && count < MAX_PARTS) {
        uint64_t at = address + covered;
        size_t part = (size_t)(PAGE_BYTES - at % PAGE_BYTES);
        if (part > n - covered)
            part = n - covered;
        parts[count++] = (struct iovec){.iov_base = (void *)(uintptr_t)at, .iov_len = part};
        covered += part;
    }
    struct iovec local = {.iov_base = to, .iov_len = covered};
    ssize_t got = process_vm_readv(tid, &local, 1, parts, count, 0);
    return got > 0 ? (size_t)got : 0;
}

bool tracee_read_all(pid_t tid, uint64_t address, void *to, size_t n)
{
    return tracee_read(tid, address, to, n) == n;
}
