/* The folders that a file is to stand in. */
#ifndef TRACER_BASE_FOLDERS_H
#define TRACER_BASE_FOLDERS_H

#include <sys/types.h>

/* Make those above `path` that are not there, with these permissions. 0, or -1 with errno where one
 * could not be made: those above it have been. */
int folders_above(const char *path, mode_t mode);

#endif
