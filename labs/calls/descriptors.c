#include "labs/calls/descriptors.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

enum { FIRST_COUNT = 64 };

void descriptors_free(struct descriptors *d)
{
    free(d->inodes);
    *d = (struct descriptors){0};
}

uint64_t descriptors_find(const struct descriptors *d, int fd)
{
    return fd >= 0 && (size_t)fd < d->count ? d->inodes[fd] : 0;
}

static void make_room(struct descriptors *d, int fd)
{
    size_t count = d->count ? d->count : FIRST_COUNT;
    while (count <= (size_t)fd)
        count *= 2;
    uint64_t *inodes = xcalloc(count, sizeof *inodes);
    for (size_t i = 0; i < d->count; i++)
        inodes[i] = d->inodes[i];
    free(d->inodes);
    d->inodes = inodes;
    d->count = count;
}

void descriptors_keep(struct descriptors *d, int fd, uint64_t inode)
{
    if (d->hidden || inode == 0 || fd < 0 || fd >= DESCRIPTORS_MOST)
        return;
    if ((size_t)fd >= d->count)
        make_room(d, fd);
    d->inodes[fd] = inode;
}

void descriptors_forget(struct descriptors *d, unsigned first, unsigned last)
{
    for (size_t i = first; i <= last && i < d->count; i++)
        d->inodes[i] = 0;
}

void descriptors_hide(struct descriptors *d)
{
    descriptors_free(d);
    d->hidden = true;
}
