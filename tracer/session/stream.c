/* Records are little-endian nanosecond pcap: a stream with its header is a capture file on any
 * machine. The writer keeps what the pipe did not take in a queue that grows as it must; the
 * reader keeps what has come until a whole record is there. */
#include "tracer/session/stream.h"

#include "tracer/base/alloc.h"
#include "tracer/base/cursor.h"
#include "tracer/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    FILE_HEADER_BYTES = 24,
    RECORD_HEADER_BYTES = 16,
    RECORD_MAX_BYTES = 1 << 20, /* of one frame; a longer one is no stream of ours */
    SNAPLEN_BYTES = 262144,
    FILL_BYTES = 262144,
};

static const uint32_t magic_ns = 0xa1b23c4d;

int64_t session_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- writing ---- */

struct stream_writer {
    int fd;
    bool gone;           /* the reader went, or the descriptor failed */
    bool blocked;        /* the pipe was full */
    size_t gather;       /* bytes that wait before they are written unasked */
    size_t taken;        /* bytes at the front of `queue` that the pipe took */
    struct text queue;   /* whole records */
    struct text scratch; /* an annotation while it is made */
};

static void put_file_header(struct text *t)
{
    text_le32(t, magic_ns);
    text_le32(t, 4u << 16 | 2); /* version 2.4 */
    text_le32(t, 0);
    text_le32(t, 0);
    text_le32(t, SNAPLEN_BYTES);
    text_le32(t, 1); /* LINKTYPE_ETHERNET */
}

struct stream_writer *stream_writer_new(int fd, bool header)
{
    struct stream_writer *w = xcalloc(1, sizeof *w);
    w->fd = fd;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        w->gone = true;
    if (header)
        put_file_header(&w->queue);
    return w;
}

void stream_writer_free(struct stream_writer *w)
{
    if (!w)
        return;
    text_free(&w->queue);
    text_free(&w->scratch);
    free(w);
}

/* write() that answers EPIPE without the signal, whatever the process does about SIGPIPE: a
 * library may not change what programs started later inherit. */
static ssize_t write_quietly(int fd, const void *bytes, size_t n)
{
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigprocmask(SIG_BLOCK, &pipe_signal, &before);
    ssize_t written = write(fd, bytes, n);
    int why = errno;
    if (written < 0 && why == EPIPE) {
        struct timespec at_once = {0};
        while (sigtimedwait(&pipe_signal, NULL, &at_once) < 0 && errno == EINTR)
            continue;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return written;
}

static void drop_taken(struct stream_writer *w)
{
    if (w->taken < w->queue.len && w->taken < w->queue.len / 2)
        return;
    memmove(w->queue.s, w->queue.s + w->taken, w->queue.len - w->taken);
    w->queue.len -= w->taken;
    w->taken = 0;
}

static bool give_up(struct stream_writer *w)
{
    w->gone = true;
    text_free(&w->queue);
    w->taken = 0;
    return false;
}

static bool wait_for_room(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    while (poll(&p, 1, -1) < 0)
        if (errno != EINTR)
            return false;
    return true;
}

bool stream_flush(struct stream_writer *w, bool wait)
{
    if (w->gone)
        return false;
    w->blocked = false;
    while (w->taken < w->queue.len) {
        ssize_t n = write_quietly(w->fd, w->queue.s + w->taken, w->queue.len - w->taken);
        if (n > 0) {
            w->taken += (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            w->blocked = !wait;
            if (!wait)
                break;
            if (!wait_for_room(w->fd))
                return give_up(w);
        } else if (n == 0 || errno != EINTR) {
            return give_up(w);
        }
    }
    if (w->taken > 0)
        drop_taken(w);
    return true;
}

bool stream_blocked(const struct stream_writer *w)
{
    return w->blocked;
}

void stream_gather(struct stream_writer *w, size_t bytes)
{
    w->gather = bytes;
}

size_t stream_pending(const struct stream_writer *w)
{
    return w->queue.len - w->taken;
}

bool stream_write(struct stream_writer *w, int64_t time_ns, const void *bytes, uint32_t captured,
                  uint32_t wire)
{
    if (w->gone)
        return false;
    if (captured > RECORD_MAX_BYTES) /* no link has such frames; the reader would refuse it */
        captured = RECORD_MAX_BYTES;
    if (time_ns < 0)
        time_ns = 0;
    text_le32(&w->queue, (uint32_t)(time_ns / 1000000000));
    text_le32(&w->queue, (uint32_t)(time_ns % 1000000000));
    text_le32(&w->queue, captured);
    text_le32(&w->queue, wire);
    text_bytes(&w->queue, bytes, captured);
    bool later = w->gather > 0 && (w->blocked || stream_pending(w) < w->gather);
    return later || stream_flush(w, false);
}

bool stream_annotate(struct stream_writer *w, int64_t time_ns, const struct annotation *a)
{
    text_clear(&w->scratch);
    annotation_write(a, &w->scratch);
    uint32_t n = (uint32_t)w->scratch.len;
    return stream_write(w, time_ns, w->scratch.s, n, n);
}

/* ---- reading ---- */

struct stream_reader {
    int fd;
    bool awaits_header, broken, ended;
    size_t at; /* of the next record in `bytes` */
    struct text bytes;
};

struct stream_reader *stream_reader_new(int fd, bool header)
{
    struct stream_reader *r = xcalloc(1, sizeof *r);
    r->fd = fd;
    r->awaits_header = header;
    return r;
}

void stream_reader_free(struct stream_reader *r)
{
    if (!r)
        return;
    text_free(&r->bytes);
    free(r);
}

int stream_fill(struct stream_reader *r)
{
    if (r->broken || r->ended)
        return -1;
    if (r->at > 0) {
        memmove(r->bytes.s, r->bytes.s + r->at, r->bytes.len - r->at);
        r->bytes.len -= r->at;
        r->at = 0;
    }
    for (;;) {
        ssize_t n = read(r->fd, text_reserve(&r->bytes, FILL_BYTES), FILL_BYTES);
        if (n > 0) {
            text_commit(&r->bytes, (size_t)n);
            return 1;
        }
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n < 0 && errno == EINTR)
            continue;
        r->ended = true;
        r->broken = n < 0;
        return -1;
    }
}

static struct cursor cursor_here(const struct stream_reader *r)
{
    struct cursor c;
    size_t left = r->bytes.len - r->at;
    cursor_init(&c, text_str(&r->bytes) + r->at, left, left);
    return c;
}

/* Pass the file header; false while it is not here, or is another's. */
static bool take_header(struct stream_reader *r)
{
    struct cursor c = cursor_here(r);
    if (cursor_captured_left(&c) < FILE_HEADER_BYTES)
        return false;
    bool ours = cursor_le32(&c) == magic_ns && cursor_le16(&c) == 2;
    cursor_skip(&c, FILE_HEADER_BYTES - 10);
    if (!ours || cursor_le32(&c) != 1) {
        r->broken = true;
        return false;
    }
    r->awaits_header = false;
    r->at += FILE_HEADER_BYTES;
    return true;
}

bool stream_take(struct stream_reader *r, struct stream_record *record)
{
    if (r->broken || (r->awaits_header && !take_header(r)))
        return false;
    struct cursor c = cursor_here(r);
    uint32_t seconds = cursor_le32(&c), ns = cursor_le32(&c);
    uint32_t captured = cursor_le32(&c), wire = cursor_le32(&c);
    if (!cursor_ok(&c))
        return false;
    if (ns >= 1000000000 || captured > RECORD_MAX_BYTES) {
        r->broken = true;
        return false;
    }
    const uint8_t *bytes = cursor_bytes(&c, captured);
    if (!bytes)
        return false;
    *record = (struct stream_record){
        .time_ns = (int64_t)seconds * 1000000000 + ns,
        .bytes = bytes,
        .captured_bytes = captured,
        .wire_bytes = wire,
    };
    r->at += RECORD_HEADER_BYTES + (size_t)captured;
    return true;
}

bool stream_broken(const struct stream_reader *r)
{
    if (r->broken || !r->ended)
        return r->broken;
    /* At the end: a record, or the header, that never became whole. */
    struct stream_reader look = *r;
    struct stream_record record;
    bool whole = stream_take(&look, &record);
    return look.broken || (!whole && look.at < look.bytes.len);
}
