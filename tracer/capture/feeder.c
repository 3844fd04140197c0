/* A buffer over a descriptor. Pipes are polled before each read rather than made non-blocking:
 * O_NONBLOCK belongs to the open file, which standard input shares with the shell. */
#include "tracer/capture/pages.h"
#include "tracer/capture/source_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int stopper_open(struct stopper *s, struct error *e)
{
    atomic_init(&s->stopped, false);
    if (pipe2(s->ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        s->ends[0] = s->ends[1] = -1;
        return error_exit(e, EXIT_MACHINE, "A pipe could not be made: %s.", strerror(errno));
    }
    return 0;
}

void stopper_close(struct stopper *s)
{
    for (int i = 0; i < 2; i++)
        if (s->ends[i] >= 0)
            close(s->ends[i]);
}

int stopper_wait(struct stopper *s, int fd, int timeout_ms)
{
    struct pollfd p[2] = {
        {.fd = fd, .events = POLLIN},
        {.fd = s->ends[0], .events = POLLIN},
    };
    int n = poll(p, 2, timeout_ms);
    if (n < 0)
        return errno == EINTR ? 0 : -1;
    return p[0].revents != 0;
}

/* A read is large, but not so large that what it brings has left the processor's cache before it is
 * looked at. It lands on a page's boundary: copying from the kernel is then fastest. What the last
 * one left over is moved to just before that. */
enum { READ_BYTES = 128 << 10, PAGE_BYTES = 4096, BUFFER_BYTES = FEEDER_MOST + READ_BYTES };
static_assert(FEEDER_MOST % PAGE_BYTES == 0, "a read lands on a page's boundary");

struct feeder *feeder_new(int fd, bool owned, const char *name, struct stopper *stopper)
{
    struct feeder *f = xcalloc(1, sizeof *f);
    struct stat st;
    struct text safe = {0};
    text_safe_str(&safe, name);
    f->fd = fd;
    f->owned = owned;
    f->name = safe.s ? safe.s : xstrdup("");
    f->stopper = stopper;
    f->is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    f->buffer = xmalloc_aligned(PAGE_BYTES, BUFFER_BYTES);
    /* Standard input may be a file that someone has read a part of: the rest is the capture. */
    off_t base = f->is_file ? lseek(fd, 0, SEEK_CUR) : -1;
    if (base >= 0) {
        f->base = (uint64_t)base;
        f->pages = pages_new(fd, f->base);
    }
    return f;
}

void feeder_free(struct feeder *f)
{
    if (!f)
        return;
    if (f->owned)
        close(f->fd);
    pages_free(f->pages);
    free(f->name);
    free(f->buffer);
    free(f);
}

bool feeder_rereads(const struct feeder *f)
{
    return f->pages != NULL;
}

uint64_t feeder_all_bytes(const struct feeder *f)
{
    struct stat st;
    if (!f->is_file || fstat(f->fd, &st) != 0 || (uint64_t)st.st_size < f->base)
        return 0;
    return (uint64_t)st.st_size - f->base;
}

const uint8_t *feeder_again(struct feeder *f, uint64_t at, size_t n)
{
    return f->pages ? pages_bytes(f->pages, at, n) : NULL;
}

const char *feeder_name(const struct feeder *f)
{
    return f->name;
}

int feeder_fd(const struct feeder *f)
{
    return f->is_file ? -1 : f->fd;
}

/* Let what has come of the bytes to skip go. */
static void skip_arrived(struct feeder *f)
{
    size_t here = f->have - f->at;
    size_t n = f->to_skip < here ? (size_t)f->to_skip : here;
    f->at += n;
    f->to_skip -= n;
}

/* Read once into the buffer. FED_BYTES where something came. */
static enum fed read_more(struct feeder *f, bool wait, struct error *e)
{
    size_t left = f->have - f->at;
    if (left == 0 || f->have == BUFFER_BYTES) {
        memmove(f->buffer + FEEDER_MOST - left, f->buffer + f->at, left);
        f->at = FEEDER_MOST - left;
        f->have = FEEDER_MOST;
    }
    for (;;) {
        if (atomic_load(&f->stopper->stopped))
            return FED_WAIT;
        int ready = f->is_file ? 1 : stopper_wait(f->stopper, f->fd, wait ? -1 : 0);
        if (ready == 0 && !wait)
            return FED_WAIT;
        if (ready == 0)
            continue;
        ssize_t n = read(f->fd, f->buffer + f->have, BUFFER_BYTES - f->have);
        if (n > 0) {
            f->have += (size_t)n;
            return FED_BYTES;
        }
        if (n == 0)
            return FED_END;
        if (errno == EAGAIN && !wait)
            return FED_WAIT;
        if (errno != EINTR && errno != EAGAIN) {
            error_set(e, "%s could not be read at byte %llu: %s.", f->name,
                      (unsigned long long)(f->offset + (f->have - f->at)), strerror(errno));
            return FED_ERROR;
        }
    }
}

enum fed feeder_fetch(struct feeder *f, size_t n, bool wait, const uint8_t **bytes, struct error *e)
{
    for (;;) {
        skip_arrived(f);
        if (f->to_skip == 0 && f->have - f->at >= n)
            break;
        enum fed more = f->ended ? FED_END : read_more(f, wait, e);
        if (more == FED_END) {
            f->ended = true;
            return f->to_skip > 0 || f->have > f->at ? FED_SHORT : FED_END;
        }
        if (more != FED_BYTES)
            return more;
    }
    *bytes = f->buffer + f->at;
    return FED_BYTES;
}

enum source_result feeder_result(const struct feeder *f, enum fed fed, const char *what,
                                 struct error *e)
{
    switch (fed) {
    case FED_BYTES: return SOURCE_FRAME;
    case FED_WAIT: return atomic_load(&f->stopper->stopped) ? SOURCE_END : SOURCE_WAIT;
    case FED_END: return SOURCE_END;
    case FED_ERROR: return SOURCE_ERROR;
    case FED_SHORT: break;
    }
    error_set(e,
              "%s ends at byte %llu, in the middle of a %s: the capture was cut short. What stands "
              "before is whole; capture again, or copy the file again, for the rest.",
              f->name, (unsigned long long)(f->offset + (f->have - f->at) - f->to_skip), what);
    return SOURCE_ERROR;
}

enum source_result feeder_too_far(const struct feeder *f, struct error *e)
{
    error_set(e,
              "%s is larger than the %llu TiB that can be kept track of. What stands before was "
              "read; editcap splits such a file.",
              f->name, 1ull << (AT_BITS - 40));
    return SOURCE_ERROR;
}
