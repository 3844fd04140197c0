/* A nanosecond pcap file, little-endian, written in whole records: the buffer holds nothing but
 * whole records, and where the system took only some of its bytes the file is cut back to the end
 * of the last whole one. */
#include "tracer/capture/sink.h"

#include "tracer/base/alloc.h"
#include "tracer/base/cursor.h"
#include "tracer/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_HEADER_BYTES = 24, RECORD_HEADER_BYTES = 16, FLUSH_BYTES = 262144 };

static const int64_t latest_ns = INT64_C(4294967295999999999);

struct sink {
    int fd;
    char *name; /* (owned) for sentences */
    int linktype;
    uint32_t snaplen;
    bool failed;
    bool header_pending; /* the file header stands at the front of the buffer */
    uint64_t file_bytes; /* taken by the system, all of them whole records */
    struct text buffer;
};

static void put_file_header(struct sink *s)
{
    text_le32(&s->buffer, 0xa1b23c4d);
    text_le32(&s->buffer, 4u << 16 | 2); /* version 2.4 */
    text_le32(&s->buffer, 0);
    text_le32(&s->buffer, 0);
    text_le32(&s->buffer, s->snaplen);
    text_le32(&s->buffer, (uint32_t)s->linktype);
    s->header_pending = true;
}

/* How many of the first `n` bytes of the buffer are whole records. */
static size_t whole_within(const struct sink *s, size_t n)
{
    struct cursor c;
    cursor_init(&c, s->buffer.s, n, n);
    if (s->header_pending && !cursor_skip(&c, FILE_HEADER_BYTES))
        return 0;
    for (;;) {
        size_t whole = c.at;
        cursor_skip(&c, 8);
        uint32_t captured = cursor_le32(&c);
        cursor_skip(&c, 4);
        if (!cursor_skip(&c, captured))
            return whole;
    }
}

/* Give up: the file ends where its last whole record does, where it can be cut at all. */
static int give_up(struct sink *s, size_t taken, int why, struct error *e)
{
    struct stat st;
    size_t whole = whole_within(s, taken);
    off_t here = lseek(s->fd, 0, SEEK_CUR);
    s->failed = true;
    if (here >= (off_t)taken && fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode))
        while (ftruncate(s->fd, here - (off_t)(taken - whole)) < 0 && errno == EINTR)
            continue;
    if (why == EPIPE)
        return error_set(e, "The reader of %s went away.", s->name);
    return error_set(e,
                     "Writing %s failed after %llu bytes: %s. What stands in it is whole; make "
                     "room, or choose another place with -w, and capture again.",
                     s->name, (unsigned long long)(s->file_bytes + whole), strerror(why));
}

static int write_all(struct sink *s, struct error *e)
{
    size_t taken = 0;
    while (taken < s->buffer.len) {
        ssize_t n = write(s->fd, s->buffer.s + taken, s->buffer.len - taken);
        if (n > 0) {
            taken += (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            struct pollfd p = {.fd = s->fd, .events = POLLOUT};
            if (poll(&p, 1, -1) < 0 && errno != EINTR)
                return give_up(s, taken, errno, e);
        } else if (n == 0 || errno != EINTR) {
            return give_up(s, taken, n == 0 ? ENOSPC : errno, e);
        }
    }
    s->file_bytes += s->buffer.len;
    s->header_pending = false;
    text_clear(&s->buffer);
    return 0;
}

struct sink *sink_open_fd(int fd, const char *name, int linktype, uint32_t snaplen, struct error *e)
{
    struct sink *s = xcalloc(1, sizeof *s);
    struct text safe = {0};
    text_safe_str(&safe, name);
    s->fd = fd;
    s->name = safe.s ? safe.s : xstrdup("");
    s->linktype = linktype;
    s->snaplen = snaplen > 0 ? snaplen : 262144;
    put_file_header(s);
    if (write_all(s, e) < 0) {
        sink_close(s, NULL);
        return NULL;
    }
    return s;
}

struct sink *sink_open_file(const char *path, int linktype, uint32_t snaplen, struct error *e)
{
    bool standard = strcmp(path, "-") == 0;
    int fd;
    do
        fd = standard ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                      : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        int why = errno;
        struct text safe = {0};
        text_safe_str(&safe, standard ? "standard output" : path);
        error_set(e, "%.300s could not be opened for writing: %s. Choose another place with -w.",
                  text_str(&safe), strerror(why));
        text_free(&safe);
        return NULL;
    }
    return sink_open_fd(fd, standard ? "standard output" : path, linktype, snaplen, e);
}

int sink_write(struct sink *s, const struct capture_frame *frame, struct error *e)
{
    if (s->failed)
        return error_set(e, "Nothing more can be written to %s: an earlier write failed.", s->name);
    if (frame->linktype != s->linktype)
        return error_set(e,
                         "%s holds frames of link type %d, and one of link type %d came: a pcap "
                         "file holds one kind only. Filter the capture for one interface.",
                         s->name, s->linktype, frame->linktype);
    int64_t t = frame->time_ns > 0 ? frame->time_ns : 0; /* the format knows 1970 to 2106 */
    if (t > latest_ns)
        t = latest_ns;
    text_le32(&s->buffer, (uint32_t)(t / 1000000000));
    text_le32(&s->buffer, (uint32_t)(t % 1000000000));
    text_le32(&s->buffer, frame->captured_bytes);
    text_le32(&s->buffer, frame->wire_bytes);
    text_bytes(&s->buffer, frame->bytes, frame->captured_bytes);
    return s->buffer.len >= FLUSH_BYTES ? write_all(s, e) : 0;
}

int sink_flush(struct sink *s, struct error *e)
{
    if (s->failed)
        return error_set(e, "Nothing more can be written to %s: an earlier write failed.", s->name);
    return write_all(s, e);
}

int sink_close(struct sink *s, struct error *e)
{
    if (!s)
        return 0;
    int result = s->failed ? error_set(e, "%s is not complete: an earlier write failed.", s->name)
                           : write_all(s, e);
    if (close(s->fd) < 0 && errno != EINTR && result == 0)
        result = error_set(e, "Closing %s failed: %s. What was written last may be missing.",
                           s->name, strerror(errno));
    text_free(&s->buffer);
    free(s->name);
    free(s);
    return result;
}
