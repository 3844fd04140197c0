#include "tracer/capture/source_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/text.h"
#include "tracer/capture/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct source {
    const struct reader_ops *ops;
    void *reader;          /* (owned) */
    struct feeder *feeder; /* (borrowed from the reader) of a file or pipe, else NULL */
    struct filter *filter; /* (owned) of a file; a live one is in the kernel */
    struct stopper stopper;
};

static int cannot_open(struct error *e, const char *path, int why)
{
    struct text safe = {0};
    text_safe_str(&safe, path);
    if (why == EACCES)
        error_set(e,
                  "%.300s may not be read by you. Ask its owner for it, or read it as one who "
                  "may: sudo cat FILE | tcpladder -r -",
                  text_str(&safe));
    else if (why == ENOENT)
        error_set(e, "There is no file %.300s.", text_str(&safe));
    else if (why == EISDIR)
        error_set(e, "%.300s is a directory. Name a capture file in it.", text_str(&safe));
    else
        error_set(e, "%.300s could not be opened: %s.", text_str(&safe), strerror(why));
    text_free(&safe);
    return -1;
}

/* The descriptor to read a capture from; `*name` is for sentences. */
static int open_path(const char *path, bool *owned, const char **name, struct error *e)
{
    *owned = strcmp(path, "-") != 0;
    *name = *owned ? path : "Standard input";
    int fd = STDIN_FILENO;
    if (*owned)
        do
            fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return cannot_open(e, path, errno);
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        if (*owned)
            close(fd);
        return cannot_open(e, path, EISDIR);
    }
    return fd;
}

/* Say what a file is that is no capture. */
static int not_a_capture(struct error *e, const struct feeder *f, uint32_t magic)
{
    static const struct {
        uint32_t magic, mask;
        const char *what, *tool;
    } packed[] = {
        {0x1f8b0000, 0xffff0000, "gzip", "zcat"},
        {0x28b52ffd, 0xffffffff, "zstd", "zstdcat"},
        {0xfd377a58, 0xffffffff, "xz", "xzcat"},
        {0x425a6800, 0xffffff00, "bzip2", "bzcat"},
    };
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++)
        if ((magic & packed[i].mask) == packed[i].magic)
            return error_set(e,
                             "%s is compressed by %s. Unpack it on the way: %s FILE | "
                             "tcpladder -r -",
                             feeder_name(f), packed[i].what, packed[i].tool);
    return error_set(e,
                     "%s is not a capture: it begins with the bytes %08x, and pcap and pcapng "
                     "files begin otherwise. Give a file that tcpdump -w or Wireshark wrote.",
                     feeder_name(f), magic);
}

static int open_by_magic(struct source *s, struct feeder *f, struct error *e)
{
    const uint8_t *bytes;
    enum fed fed = feeder_want(f, 4, true, &bytes, e);
    if (fed == FED_ERROR)
        return -1;
    if (fed != FED_BYTES)
        return error_set(e,
                         "%s is no capture: it is %s. Give a file that tcpdump -w or "
                         "Wireshark wrote.",
                         feeder_name(f),
                         fed == FED_END ? "empty" : "shorter than any capture's first number");
    struct cursor c;
    cursor_init(&c, bytes, 4, 4);
    uint32_t magic = cursor_be32(&c);
    if (pcap_file_magic(magic)) {
        s->ops = &pcap_file_ops;
        s->reader = pcap_file_open(f, e);
    } else if (pcapng_magic(magic)) {
        s->ops = &pcapng_ops;
        s->reader = pcapng_open(f, e);
    } else {
        return not_a_capture(e, f, magic);
    }
    s->feeder = s->reader ? f : NULL;
    return s->reader ? 0 : -1;
}

static int open_file(struct source *s, const struct source_options *o, struct error *e)
{
    bool owned = false;
    const char *name = "The pipe";
    int fd = o->file ? open_path(o->file, &owned, &name, e) : o->fd;
    if (fd < 0)
        return -1;
    struct feeder *f = feeder_new(fd, owned, name, &s->stopper);
    if (open_by_magic(s, f, e) < 0) {
        feeder_free(f);
        return -1;
    }
    if (!o->filter)
        return 0;
    s->filter = filter_new(o->filter, o->keep_annotations, SNAPLEN_DEFAULT_BYTES);
    return filter_prepare(s->filter, s->ops->linktype(s->reader), e);
}

static int open_any(struct source *s, const struct source_options *o, struct error *e)
{
    if (stopper_open(&s->stopper, e) < 0)
        return -1;
    if (o->file || o->fd >= 0)
        return open_file(s, o, e);
    s->ops = &live_ops;
    s->reader = live_open(o, &s->stopper, e);
    return s->reader ? 0 : -1;
}

struct source *source_open(const struct source_options *options, struct error *e)
{
    struct source *s = xcalloc(1, sizeof *s);
    if (open_any(s, options, e) < 0) {
        source_close(s);
        return NULL;
    }
    return s;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    if (s->reader)
        s->ops->close(s->reader);
    filter_free(s->filter);
    stopper_close(&s->stopper);
    free(s);
}

/* A frame that may be held back: this one, or the next that passes. */
static enum source_result next_that_passes(struct source *s, bool wait, struct capture_frame *frame,
                                           struct error *e)
{
    for (;;) {
        if (frame->at >> AT_BITS && source_rereads(s))
            return feeder_too_far(s->feeder, e);
        int passes = s->filter ? filter_match(s->filter, frame, e) : 1;
        if (passes != 0)
            return passes < 0 ? SOURCE_ERROR : SOURCE_FRAME;
        if (atomic_load(&s->stopper.stopped))
            return SOURCE_END;
        enum source_result r = s->ops->next(s->reader, wait, frame, e);
        if (r != SOURCE_FRAME)
            return r;
    }
}

enum source_result source_next(struct source *s, bool wait, struct capture_frame *frame,
                               struct error *e)
{
    if (atomic_load(&s->stopper.stopped))
        return SOURCE_END;
    enum source_result r = s->ops->next(s->reader, wait, frame, e);
    if (r == SOURCE_FRAME && (s->filter || frame->at >> AT_BITS))
        return next_that_passes(s, wait, frame, e);
    return r;
}

enum source_result source_some(struct source *s, bool wait, source_taker *take, void *to,
                               struct error *e)
{
    struct capture_frame frame;
    enum source_result r;
    if (s->ops->some && !s->filter)
        return atomic_load(&s->stopper.stopped) ? SOURCE_END
                                                : s->ops->some(s->reader, wait, take, to, e);
    while ((r = source_next(s, wait, &frame, e)) == SOURCE_FRAME && take(to, &frame))
        wait = false;
    return r;
}

bool source_rereads(const struct source *s)
{
    return s->feeder && feeder_rereads(s->feeder);
}

bool source_again(struct source *s, uint64_t at, struct capture_frame *frame)
{
    return source_rereads(s) && s->ops->again(s->reader, at, frame);
}

bool source_progress(const struct source *s, uint64_t *done_bytes, uint64_t *all_bytes)
{
    *all_bytes = s->feeder ? feeder_all_bytes(s->feeder) : 0;
    *done_bytes = *all_bytes > 0 ? feeder_offset(s->feeder) : 0;
    return *all_bytes > 0;
}

int source_fd(const struct source *s)
{
    return s->ops->fd(s->reader);
}

void source_stop(struct source *s)
{
    int before = errno;
    atomic_store(&s->stopper.stopped, true);
    if (write(s->stopper.ends[1], "", 1) < 0) {
        /* Full: it has been told already. */
    }
    errno = before;
}

bool source_stopped(const struct source *s)
{
    return atomic_load(&s->stopper.stopped);
}

int source_linktype(const struct source *s)
{
    return s->ops->linktype(s->reader);
}

uint32_t source_snaplen(const struct source *s)
{
    return s->ops->snaplen(s->reader);
}

bool source_is_live(const struct source *s)
{
    return s->ops == &live_ops;
}

const char *source_interface(const struct source *s)
{
    return source_is_live(s) ? live_interface(s->reader) : NULL;
}

bool source_counts(struct source *s, uint64_t *received, uint64_t *dropped)
{
    return s->ops->counts && s->ops->counts(s->reader, received, dropped);
}

int source_inject(struct source *s, const uint8_t *bytes, uint32_t n, struct error *e)
{
    if (!s->ops->inject)
        return error_set(e, "Frames can be sent on an interface only, not into a capture file.");
    return s->ops->inject(s->reader, bytes, n, e);
}
