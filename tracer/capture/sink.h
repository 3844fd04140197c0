/* Where frames go: a capture file, or an interface. */
#ifndef TRACER_CAPTURE_SINK_H
#define TRACER_CAPTURE_SINK_H

#include "tracer/base/error.h"
#include "tracer/capture/source.h"

#include <stdint.h>

struct sink;

/* Create a nanosecond pcap file ("-" is standard output). Every write and the close are checked, so
 * that a full disk is an error, not a shorter file. Returns NULL with the sentence set. */
struct sink *sink_open_file(const char *path, int linktype, uint32_t snaplen, struct error *e);

/* The same on an open descriptor (owned from here on). */
struct sink *sink_open_fd(int fd, const char *name, int linktype, uint32_t snaplen,
                          struct error *e);

/* Write one frame. After a failure the file ends on a whole record. 0, or -1 with the sentence. */
int sink_write(struct sink *s, const struct capture_frame *frame, struct error *e);

/* Hand what is buffered to the system now. 0, or -1 with the sentence. */
int sink_flush(struct sink *s, struct error *e);

/* Flush, close and free. 0, or -1 with the sentence: what was written may then be incomplete. */
int sink_close(struct sink *s, struct error *e);

/* The program is about to die of want of memory: hand the whole records that are buffered to the
 * system. NULL is allowed. */
void sink_rescue(struct sink *s);

/* Inject a frame on the interface that a live source reads. 0, or -1 with the sentence. */
int source_inject(struct source *s, const uint8_t *bytes, uint32_t n, struct error *e);

#endif
