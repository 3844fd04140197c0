/* The session stream between processes: pcap records on a pipe, written whole or queued, so that a
 * writer never waits for its reader. */
#ifndef TRACER_SESSION_STREAM_H
#define TRACER_SESSION_STREAM_H

#include "tracer/session/annotation.h"

#include <stdbool.h>
#include <stdint.h>

/* All records of one stream are of LINKTYPE_ETHERNET with nanosecond stamps. */
struct stream_writer;

/* Write to `fd` (borrowed; it is made non-blocking). With `header` the 24-byte pcap file header
 * goes first, so that the stream is a capture file. Freed by stream_writer_free(). */
struct stream_writer *stream_writer_new(int fd, bool header);
void stream_writer_free(struct stream_writer *w);

/* Queue one record (a packet's bytes, or an annotation) stamped `time_ns` and write what the pipe
 * takes, unless records are being gathered. False once the reader is gone or the descriptor failed:
 * later records are dropped. */
bool stream_write(struct stream_writer *w, int64_t time_ns, const void *bytes, uint32_t captured,
                  uint32_t wire);
bool stream_annotate(struct stream_writer *w, int64_t time_ns, const struct annotation *a);

/* From now on, queue records until so many bytes wait, or until stream_flush(): for a writer of
 * many, to which one system call each would be dear. */
void stream_gather(struct stream_writer *w, size_t bytes);

/* Bytes queued and not yet taken. */
size_t stream_pending(const struct stream_writer *w);

/* True where the pipe took less than it was to: poll the descriptor for writing, then flush. */
bool stream_blocked(const struct stream_writer *w);

/* Write what can be written now; with `wait` until all is written or the reader is gone. */
bool stream_flush(struct stream_writer *w, bool wait);

/* The other end: cuts what arrives on `fd` (borrowed, non-blocking) into records. */
struct stream_reader;
struct stream_record {
    int64_t time_ns;
    const uint8_t *bytes; /* (borrowed) until the next stream_fill() */
    uint32_t captured_bytes, wire_bytes;
};
struct stream_reader *stream_reader_new(int fd, bool header);
void stream_reader_free(struct stream_reader *r);

/* Read what is there. 1: something came; 0: nothing now; -1: the end, or a stream that is not
 * ours (stream_broken() then). */
int stream_fill(struct stream_reader *r);
bool stream_broken(const struct stream_reader *r);

/* Take the next whole record; false where there is none yet. */
bool stream_take(struct stream_reader *r, struct stream_record *record);

/* The session's clock: nanoseconds since the epoch, the clock that stamps packets. */
int64_t session_now_ns(void);

#endif
