/* What a program remembers of its user from one run to the next, in files below
 * $XDG_STATE_HOME/tcpladder, else ~/.local/state/tcpladder. */
#ifndef TRACER_BASE_STATE_FILE_H
#define TRACER_BASE_STATE_FILE_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stddef.h>

/* Append the path of the file of this name; nothing where the user has no place for one. */
void state_file_path(const char *name, struct text *path);

/* Append what it holds, `most` bytes at the most; nothing where it is not there. 0, or -1 with the
 * sentence where it is there and cannot be read, or is no plain file. */
int state_file_read(const char *name, size_t most, struct text *out, struct error *e);

/* Have it hold just this: written beside it and moved into its place, so that it is at any time
 * what it was or what it is to be. Folders and file are the user's alone. 0, or -1 with the
 * sentence; 0 too where the user has no place for it. */
int state_file_write(const char *name, const struct text *bytes, struct error *e);

#endif
