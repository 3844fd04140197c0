#include "tracer/capture/spool.h"

#include "tracer/base/alloc.h"
#include "tracer/base/text.h"
#include "tracer/capture/pages.h"
#include "tracer/capture/source_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What stands before a frame's bytes. */
struct record {
    int64_t time_ns;
    int32_t linktype;
    uint32_t captured_bytes, wire_bytes, interface;
};

/* Frames are written out together. One is never written in parts, so that each is either in the
 * file or in the tail. */
enum {
    WRITE_BYTES = 1 << 16,
    TAIL_BYTES = WRITE_BYTES + (int)sizeof(struct record) + FRAME_MAX_BYTES
};

struct spool {
    int fd; /* (owned) */
    bool in_memory;
    uint64_t limit;
    uint64_t written; /* bytes in the file */
    uint8_t *tail;    /* (owned) TAIL_BYTES: what comes behind them */
    size_t tail_used;
    uint64_t frames;
    struct pages *pages; /* (owned) */
    bool full;
    struct error why; /* it is full */
};

/* ---- the file --------------------------------------------------------------------------- */

/* A file in `folder` that has no name, or loses it at once. */
static int nameless_file(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    struct text path = {0}; /* a file system that cannot do that */
    text_add(&path, folder);
    text_add(&path, "/tcpladder.XXXXXX");
    fd = mkostemp(path.s, O_CLOEXEC);
    if (fd >= 0)
        unlink(path.s);
    text_free(&path);
    return fd;
}

static int open_file(struct spool *s, struct error *e)
{
    /* Not that of a caller whose rights are fewer than the program's. */
    const char *folder = secure_getenv("TMPDIR");
    s->fd = folder && folder[0] ? nameless_file(folder) : -1;
    if (s->fd < 0)
        s->fd = nameless_file("/tmp");
    if (s->fd >= 0)
        return 0;
    int why = errno;
    s->in_memory = true;
    s->fd = memfd_create("tcpladder", MFD_CLOEXEC);
    if (s->fd >= 0)
        return 0;
    return error_exit(e, EXIT_MACHINE,
                      "The frames can be kept nowhere: no temporary file can be made in /tmp (%s), "
                      "nor one in memory (%s). Set TMPDIR to a folder that you may write to.",
                      strerror(why), strerror(errno));
}

struct spool *spool_new(uint64_t limit_bytes, struct error *e)
{
    struct spool *s = xcalloc(1, sizeof *s);
    uint64_t most = (UINT64_C(1) << AT_BITS) - TAIL_BYTES;
    s->limit = limit_bytes > 0 ? limit_bytes : SPOOL_LIMIT_BYTES;
    s->limit = s->limit < most ? s->limit : most;
    if (open_file(s, e) < 0) {
        spool_free(s);
        return NULL;
    }
    s->pages = pages_new(s->fd, 0);
    s->tail = xmalloc(TAIL_BYTES);
    return s;
}

void spool_free(struct spool *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    pages_free(s->pages);
    free(s->tail);
    free(s);
}

bool spool_in_memory(const struct spool *s)
{
    return s->in_memory;
}

uint64_t spool_frames(const struct spool *s)
{
    return s->frames;
}

uint64_t spool_bytes(const struct spool *s)
{
    return s->written + s->tail_used;
}

/* ---- keeping ---------------------------------------------------------------------------- */

/* No frame more will be kept. Those of the tail stay there where they could not be written. */
static void close_for_more(struct spool *s, int failed)
{
    s->full = true;
    if (failed)
        error_set(
            &s->why,
            "No more packets are kept: the temporary file cannot grow (%s). Make room, or set "
            "TMPDIR to a folder with more, and start again.",
            strerror(failed));
    else
        error_set(&s->why, "The limit is reached: later packets are only counted. --limit SIZE "
                           "raises it.");
}

/* Write the tail out; where that fails it stays as it is. */
static int write_tail(struct spool *s)
{
    size_t done = 0;
    while (done < s->tail_used) {
        ssize_t n = pwrite(s->fd, s->tail + done, s->tail_used - done, (off_t)(s->written + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close_for_more(s, n < 0 ? errno : ENOSPC);
            return -1;
        }
        done += (size_t)n;
    }
    s->written += done;
    s->tail_used = 0;
    return 0;
}

static void append(struct spool *s, const void *bytes, size_t n)
{
    if (n > 0)
        memcpy(s->tail + s->tail_used, bytes, n);
    s->tail_used += n;
}

int spool_put(struct spool *s, const struct capture_frame *frame, uint64_t *at, struct error *e)
{
    uint32_t n = frame->captured_bytes < FRAME_MAX_BYTES ? frame->captured_bytes : FRAME_MAX_BYTES;
    struct record r = {frame->time_ns, frame->linktype, n, frame->wire_bytes, frame->interface};
    size_t need = sizeof r + n;
    if (!s->full && spool_bytes(s) + need > s->limit)
        close_for_more(s, 0);
    if (!s->full && s->tail_used >= WRITE_BYTES)
        write_tail(s);
    if (s->full) {
        if (e)
            *e = s->why;
        return -1;
    }
    *at = spool_bytes(s);
    append(s, &r, sizeof r);
    append(s, frame->bytes, n);
    s->frames++;
    return 0;
}

/* ---- reading again ---------------------------------------------------------------------- */

static const uint8_t *bytes_at(struct spool *s, uint64_t at, size_t n)
{
    if (at < s->written)
        return pages_bytes(s->pages, at, n);
    uint64_t place = at - s->written;
    return place <= s->tail_used && n <= s->tail_used - place ? s->tail + place : NULL;
}

bool spool_again(struct spool *s, uint64_t at, struct capture_frame *frame)
{
    struct record r;
    const uint8_t *bytes = bytes_at(s, at, sizeof r);
    if (!bytes)
        return false;
    memcpy(&r, bytes, sizeof r);
    if (r.captured_bytes > FRAME_MAX_BYTES)
        return false;
    bytes = bytes_at(s, at + sizeof r, r.captured_bytes);
    *frame = (struct capture_frame){
        .time_ns = r.time_ns,
        .linktype = r.linktype,
        .bytes = bytes,
        .captured_bytes = r.captured_bytes,
        .wire_bytes = r.wire_bytes,
        .interface = r.interface,
        .at = at,
    };
    return bytes != NULL;
}
