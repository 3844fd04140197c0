/* The files that clients have put here. They are kept in memory, without a name outside of this
 * program, and end with it. */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stdint.h>

enum { FILES_MOST = 16, FILE_NAME_MOST = 32 };
#define FILE_BYTES_MOST (UINT64_C(64) << 20)

/* A descriptor of an empty file, to be written and then kept; -1 where there is no room. No more
 * than FILES_MOST are out at a time: descriptors are for connections. */
int store_new(void);

/* What is not needed any more, of store_new() or of store_open(). */
void store_return(int file);

/* Keep it under a name. Another of this name goes. False: there are too many; the file is closed.
 */
bool store_keep(int file, const char *name);

/* A descriptor of one's own of the file with this name, and its size; -1: there is none. */
int store_open(const char *name, uint64_t *bytes);

void store_close(void);

#endif
