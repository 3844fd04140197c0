/* The arguments of a call as text, as the manual pages and strace write them:
 * `3, 10.0.0.2:9502`, `4, "hello\r\n", 7`. */
#ifndef LABS_CALLS_ARGUMENTS_H
#define LABS_CALLS_ARGUMENTS_H

#include "labs/calls/table.h"
#include "tracer/base/text.h"

#include <sys/types.h>

enum { DATA_SHOWN_BYTES = 32 };

/* Append the arguments at the entry of a call, or at its exit, where `*returned` is what it
 * returned (below 0 for an error) and what the kernel filled in is shown. The memory is that of
 * thread `tid`, which must be stopped. */
void call_add_arguments(struct text *out, const struct call_row *row, pid_t tid,
                        const uint64_t args[CALL_ARGUMENTS], const int64_t *returned);

/* True where the kernel fills in some of a call's arguments. */
bool call_fills_in(const struct call_row *row);

/* Append the socket address among the arguments of connect() or a returned accept(); nothing where
 * it is no internet address or could not be read. */
void call_add_peer(struct text *out, const struct call_row *row, pid_t tid,
                   const uint64_t args[CALL_ARGUMENTS]);

#endif
