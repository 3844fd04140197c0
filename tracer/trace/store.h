/* Where the trace's frames are: each is put once and can be had again by the number that it was
 * given. Either somebody else keeps them (the capture file that they came from, a spool), or they
 * are copied to memory. */
#ifndef TRACER_TRACE_STORE_H
#define TRACER_TRACE_STORE_H

#include "tracer/trace/trace.h"

/* Numbers of frames are below 2^44: 16 TiB of a file. */
enum { STORE_AT_BITS = 44 };

struct store;

struct store *store_new(void);
void store_free(struct store *s);

/* Have frames from now on again from where they are kept already, by their own `at`. */
void store_reread(struct store *s, trace_again *again, void *place);

/* Keep a frame; returns the number to have it again by. */
uint64_t store_put(struct store *s, const struct capture_frame *frame);

/* Have a frame again; one without bytes where its file does not hold it any more. The bytes are
 * borrowed until the next call on the store. */
struct capture_frame store_get(struct store *s, uint64_t at);

#endif
