/* Capture files of either format, and the stream between processes. What the reader gives, written
 * to a file and read again, must be the same. */
#include "tracer/capture/sink.h"
#include "tracer/capture/source.h"
#include "tracer/session/stream.h"
#include "tracer/tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int file_of(const void *bytes, size_t n)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) != 0) {
        perror("memfd");
        _exit(2);
    }
    return fd;
}

static struct source *reader_of(int fd)
{
    struct source_options options = {.fd = fd};
    return source_open(&options, NULL);
}

static void check_frame(const struct capture_frame *f)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < f->captured_bytes; i++)
        sum += f->bytes[i];
    bool in_reach = f->time_ns < INT64_C(1) << 62 && f->time_ns > -(INT64_C(1) << 62);
    if (f->wire_bytes < f->captured_bytes || !in_reach || sum > UINT32_MAX)
        abort();
}

/* A frame asked for again is the same. */
static void check_again(struct source *s, const struct capture_frame *f)
{
    struct capture_frame again;
    if (!source_again(s, f->at, &again) || again.time_ns != f->time_ns ||
        again.linktype != f->linktype || again.captured_bytes != f->captured_bytes ||
        again.wire_bytes != f->wire_bytes || again.interface != f->interface ||
        memcmp(again.bytes, f->bytes, f->captured_bytes) != 0)
        abort();
}

/* Every frame that the sink took comes back. */
static void check_written(int fd, uint64_t frames)
{
    struct capture_frame f;
    struct error e;
    if (lseek(fd, 0, SEEK_SET) != 0)
        abort();
    struct source *again = reader_of(fd);
    if (!again)
        abort();
    while (source_next(again, true, &f, &e) == SOURCE_FRAME)
        frames--;
    if (frames != 0)
        abort();
    source_close(again);
}

static void read_file(const uint8_t *bytes, size_t n)
{
    struct capture_frame f, nowhere;
    struct error e;
    int fd = file_of(bytes, n);
    struct source *s = reader_of(fd);
    if (s) {
        int out = file_of("", 0);
        uint64_t taken = 0;
        struct sink *sink =
            sink_open_fd(dup(out), "fuzz", source_linktype(s), source_snaplen(s), &e);
        if (!sink)
            abort();
        while (source_next(s, true, &f, &e) == SOURCE_FRAME) {
            check_frame(&f);
            check_again(s, &f);
            taken += sink_write(sink, &f, &e) == 0;
        }
        for (size_t at = 0; at <= n; at++) /* where no frame stands too: no harm */
            if (source_again(s, at, &nowhere))
                check_frame(&nowhere);
        if (sink_close(sink, &e) != 0)
            abort();
        check_written(out, taken);
        source_close(s);
        close(out);
    }
    close(fd);
}

static void read_stream(const uint8_t *bytes, size_t n, bool header)
{
    struct stream_record record;
    int fd = file_of(bytes, n);
    struct stream_reader *r = stream_reader_new(fd, header);
    while (stream_fill(r) > 0)
        while (stream_take(r, &record)) {
            struct annotation a;
            if (annotation_is(record.bytes, record.captured_bytes) &&
                annotation_read(record.bytes, record.captured_bytes, &a, NULL) == 0)
                annotation_free(&a);
        }
    stream_broken(r);
    stream_reader_free(r);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    read_file(bytes, n);
    read_stream(bytes, n, true);
    read_stream(bytes, n, false);
    return 0;
}
