/* Private to tracer/capture: what the kinds of source share.
 *
 * A source is one of a live interface (live.c), a pcap file (pcap_file.c) or a pcapng file
 * (pcapng.c); each is a row of functions behind source.c, which adds the filter and the stopping.
 * Files and pipes are the same to the latter two: both are read through a feeder. */
#ifndef TRACER_CAPTURE_SOURCE_PARTS_H
#define TRACER_CAPTURE_SOURCE_PARTS_H

#include "tracer/base/cursor.h"
#include "tracer/capture/source.h"

#include <stdatomic.h>
#include <stddef.h>

/* The most bytes that one frame may have. The link layers that the tracer knows stay far below;
 * the kernel's largest offloaded segments do too. A record that claims more is damaged. */
enum { FRAME_MAX_BYTES = 1 << 20, SNAPLEN_DEFAULT_BYTES = 262144 };

/* Frames of a file are kept by where they stand in it; what lies further (16 TiB) is refused. */
enum { AT_BITS = 44 };

/* ---- stopping: a pipe to oneself, so that poll() notices ---- */
struct stopper {
    int ends[2];
    atomic_bool stopped;
};

int stopper_open(struct stopper *s, struct error *e);
void stopper_close(struct stopper *s);

/* Wait until `fd` can be read, the stopper was stopped, or `timeout_ms` has passed (-1: never).
 * Returns 1 where fd is ready, 0 where not, -1 on failure. */
int stopper_wait(struct stopper *s, int fd, int timeout_ms);

/* ---- the feeder: bytes of a file or pipe, in large reads ---- */
struct feeder {
    int fd;
    bool owned, is_file, ended;
    char *name;              /* (owned) fit for a sentence */
    struct stopper *stopper; /* (borrowed) */
    uint8_t *buffer;         /* (owned) on a page's boundary */
    size_t at, have;         /* the bytes not yet passed are buffer[at] to buffer[have - 1] */
    uint64_t to_skip;        /* bytes to pass that have not come yet */
    uint64_t base;           /* where in the file the capture begins */
    uint64_t offset;         /* in the capture, of buffer[at] plus to_skip */
    struct pages *pages;     /* (owned) to read again; NULL where that cannot be */
};

enum fed {
    FED_BYTES, /* they are here */
    FED_WAIT,  /* not yet */
    FED_END,   /* the end, before the first of them */
    FED_SHORT, /* the end, in the middle of them */
    FED_ERROR, /* reading failed: the sentence is set */
};

/* Read from `fd` (owned with `owned`); `name` is for sentences (copied). The stopper is borrowed.
 */
struct feeder *feeder_new(int fd, bool owned, const char *name, struct stopper *stopper);
void feeder_free(struct feeder *f);

/* Have the next `n` bytes (FEEDER_MOST at most) in memory and point to them, without moving past
 * them. They stay until the next feeder_want(). feeder_fetch() is for where they are not here. */
enum { FEEDER_MOST = FRAME_MAX_BYTES + 65536 };
enum fed feeder_fetch(struct feeder *f, size_t n, bool wait, const uint8_t **bytes,
                      struct error *e);
static inline enum fed feeder_want(struct feeder *f, size_t n, bool wait, const uint8_t **bytes,
                                   struct error *e)
{
    if (f->to_skip > 0 || f->have - f->at < n)
        return feeder_fetch(f, n, wait, bytes, e);
    *bytes = f->buffer + f->at;
    return FED_BYTES;
}

/* Move past `n` bytes, which need not have come yet. */
static inline void feeder_skip(struct feeder *f, uint64_t n)
{
    size_t here = f->have - f->at;
    size_t pass = n < here ? (size_t)n : here;
    f->offset += n;
    f->at += pass;
    f->to_skip += n - pass;
}

/* The bytes that are here already, and how many. */
static inline const uint8_t *feeder_here(const struct feeder *f, size_t *bytes)
{
    *bytes = f->to_skip > 0 ? 0 : f->have - f->at;
    return f->buffer + f->at;
}

/* Where in the file the next byte stands; the name for sentences; the descriptor to poll, -1 for a
 * plain file. */
static inline uint64_t feeder_offset(const struct feeder *f)
{
    return f->offset;
}
const char *feeder_name(const struct feeder *f);
int feeder_fd(const struct feeder *f);

/* True once no more is to be handed out. */
static inline bool feeder_stopped(const struct feeder *f)
{
    return atomic_load(&f->stopper->stopped);
}

/* True for a regular file: its bytes can be had again. */
bool feeder_rereads(const struct feeder *f);

/* How many bytes there are of a regular file now; 0 elsewhere. */
uint64_t feeder_all_bytes(const struct feeder *f);

/* The `n` bytes again that stood at offset `at`, borrowed until the next feeder_again(); NULL where
 * they are not there any more. The reading is not disturbed. */
const uint8_t *feeder_again(struct feeder *f, uint64_t at, size_t n);

/* Answer for a record or block that could not be had whole. */
enum source_result feeder_result(const struct feeder *f, enum fed fed, const char *what,
                                 struct error *e);

/* The same for a frame that stands where its place could not be kept. Nothing is in the way of a
 * file of any size but the room that its frames' places have. */
enum source_result feeder_too_far(const struct feeder *f, struct error *e);

/* ---- the kinds ---- */
struct reader_ops {
    enum source_result (*next)(void *reader, bool wait, struct capture_frame *frame,
                               struct error *e);
    /* As source_some() without a filter; there may be more at hand still. NULL: by `next` */
    enum source_result (*some)(void *reader, bool wait, source_taker *take, void *to,
                               struct error *e);
    bool (*again)(void *reader, uint64_t at, struct capture_frame *frame); /* NULL: it cannot */
    int (*linktype)(const void *reader);
    uint32_t (*snaplen)(const void *reader);
    int (*fd)(const void *reader);
    bool (*counts)(void *reader, uint64_t *received, uint64_t *dropped);
    int (*inject)(void *reader, const uint8_t *bytes, uint32_t n, struct error *e);
    void (*close)(void *reader);
};

/* Open over a feeder (owned once it succeeded), by the first four bytes of the file. */
void *pcap_file_open(struct feeder *f, struct error *e);
void *pcapng_open(struct feeder *f, struct error *e);
extern const struct reader_ops pcap_file_ops, pcapng_ops, live_ops;
bool pcap_file_magic(uint32_t magic_be);
bool pcapng_magic(uint32_t magic_be);

/* Open an interface; the filter goes into the kernel. The stopper is borrowed. */
void *live_open(const struct source_options *options, struct stopper *stopper, struct error *e);

/* The name of the interface (borrowed). */
const char *live_interface(const void *reader);

/* ---- filters over files ---- */
struct filter;
struct filter *filter_new(const char *expression, bool keep_annotations, uint32_t snaplen);
void filter_free(struct filter *f);

/* Compile for a link type. 0, or -1 with the sentence. */
int filter_prepare(struct filter *f, int linktype, struct error *e);

/* 1 the frame passes, 0 it does not, -1 with the sentence where the filter does not suit its link
 * type. */
int filter_match(struct filter *f, const struct capture_frame *frame, struct error *e);

/* The sentence for a filter that libpcap refused. Returns -1. */
int filter_refused(struct error *e, const char *expression, const char *why);

/* ---- link types: files hold LINKTYPE_, libpcap's functions take DLT_; they differ for a few ----
 */
int linktype_of_dlt(int dlt);
int dlt_of_linktype(int linktype);

/* The link type of a file as the rest of the program knows it. */
int linktype_of_file(uint32_t field);

#endif
