/* Where frames come from: a live interface, a capture file, or a pipe that is being written to.
 * All three are one type, so that nothing later asks which it is. Only this folder sees pcap.h. */
#ifndef TRACER_CAPTURE_SOURCE_H
#define TRACER_CAPTURE_SOURCE_H

#include "tracer/base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* One captured frame. `bytes` is borrowed and lasts until the next call on the source. */
struct capture_frame {
    int64_t time_ns; /* since the epoch, less than 2^62 either way: differences fit */
    int linktype;    /* LINKTYPE_ value; a pcapng file may mix them */
    uint32_t
        carried_s; /* so many of its seconds a pcap file has in the fraction: 0 in a sound one */
    const uint8_t *bytes;
    uint32_t captured_bytes;
    uint32_t wire_bytes;
    uint32_t interface; /* pcapng interface number, else 0 */
    uint64_t at;        /* of a file: where its record or block stands; less than 2^44 */
};

enum source_result {
    SOURCE_FRAME, /* a frame was read */
    SOURCE_WAIT,  /* nothing yet: poll source_fd() and come back */
    SOURCE_END,   /* the end of a file or pipe, or source_stop() */
    SOURCE_ERROR, /* the error sentence is set; frames read before it stand */
};

struct source;

struct source_options {
    const char *interface; /* live: an interface's name, "any" too; else NULL */
    const char *file;      /* a path, "-" for standard input; else NULL */
    int fd;                /* an open descriptor to read a capture from; -1 for none (borrowed) */
    const char *filter;    /* a pcap filter expression, or NULL */
    bool keep_annotations; /* the filter lets annotation frames (0x88B5) pass */
    uint32_t snaplen;      /* live: bytes a frame at the most; 0 is 262144 */
    uint32_t buffer_bytes; /* live: the kernel's ring; 0: as much as suits */
    bool immediate;        /* live: hand over each frame at once, from a ring of few */
    bool no_promiscuous;   /* live */
    bool inbound_only;     /* live: only what arrives at the interface */
};

/* Open a source. A file may be pcap (micro- or nanosecond, either byte order) or pcapng; a FIFO or
 * pipe is read as it is written, a record at a time. Returns NULL with the error's sentence set;
 * a live interface without permission sets status EXIT_MACHINE. Freed by source_close(). */
struct source *source_open(const struct source_options *options, struct error *e);
void source_close(struct source *s);

/* Read one frame. With `wait` it blocks until there is one, the end, or source_stop(); without, it
 * answers SOURCE_WAIT instead. A record cut short by the end of a file is SOURCE_ERROR, after all
 * whole ones. */
enum source_result source_next(struct source *s, bool wait, struct capture_frame *frame,
                               struct error *e);

/* Take a frame (its bytes are borrowed until the return); false to be given no more for now. */
typedef bool source_taker(void *to, const struct capture_frame *frame);

/* The same for as many frames as are at hand, without a copy of any: `take` is given one after the
 * other. Answers SOURCE_FRAME where it wanted no more, else why there are none. With `wait` it
 * blocks until there is the first. */
enum source_result source_some(struct source *s, bool wait, source_taker *take, void *to,
                               struct error *e);

/* True where a frame can be had again: of a regular file. */
bool source_rereads(const struct source *s);

/* Read the frame again of which source_next() said that it stands `at`, while the reading goes on
 * undisturbed. Its bytes are borrowed until the next source_again(). False where the file does not
 * hold it any more: it was cut short or written over meanwhile. */
bool source_again(struct source *s, uint64_t at, struct capture_frame *frame);

/* A descriptor to poll for reading before source_next(), -1 for a plain file (always ready). */
int source_fd(const struct source *s);

/* Make a blocked or later source_next() return SOURCE_END. Safe in a signal handler. */
void source_stop(struct source *s);
bool source_stopped(const struct source *s);

/* Of a regular file: how many of its bytes have been read, and how many there are now. False
 * elsewhere, where no one knows how much is to come. */
bool source_progress(const struct source *s, uint64_t *done_bytes, uint64_t *all_bytes);

/* The first frame's (or the file's) LINKTYPE_ value and snapshot length, known after opening. */
int source_linktype(const struct source *s);
uint32_t source_snaplen(const struct source *s);
bool source_is_live(const struct source *s);

/* The interface that is captured on (borrowed), of a live source; else NULL. */
const char *source_interface(const struct source *s);

/* Live: frames the kernel handed over and frames it dropped; false where it is not live. */
bool source_counts(struct source *s, uint64_t *received, uint64_t *dropped);

/* The snapshot of interface names by kernel index, for LINUX_SLL2; NULL where not known. */
const char *source_interface_name(uint32_t index, char *buffer, uint32_t buffer_bytes);

/* List the interfaces, one line each, as `tcpdump -D` does; -1 with the sentence on failure. */
struct text;
int source_list_interfaces(struct text *out, struct error *e);

#endif
