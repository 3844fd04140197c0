#include "tracer/app/pump.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { WRITE_BYTES = 65536, HOLD_MS = 60 };

/* Write the text to standard output and forget it. */
static int put(struct pump *p, struct text *out, struct error *e)
{
    for (size_t at = 0; at < out->len;) {
        ssize_t n = write(STDOUT_FILENO, out->s + at, out->len - at);
        if (n > 0) {
            at += (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = STDOUT_FILENO, .events = POLLOUT};
            poll(&room, 1, -1);
        } else if (n < 0 && errno == EPIPE) {
            p->reader_gone = true;
            return error_set(e, "The reader of standard output went away.");
        } else if (n == 0 || errno != EINTR) {
            return error_set(e,
                             "Standard output could not be written: %s. What is missing there "
                             "is in the capture still.",
                             strerror(n == 0 ? ENOSPC : errno));
        }
    }
    text_clear(out);
    return 0;
}

static int settle(struct pump *p, struct text *out, struct error *e)
{
    if (p->sink && sink_flush(p->sink, e) < 0)
        return -1;
    return put(p, out, e);
}

/* The source has nothing more for now. Hand all to who reads us; after a moment of rest also what
 * was held back. */
static int idle(struct pump *p, struct text *out, struct error *e)
{
    if (settle(p, out, e) < 0)
        return -1;
    if (!p->output || !p->output->rest)
        return 0;
    struct pollfd more = {.fd = source_fd(p->source), .events = POLLIN};
    if (poll(&more, 1, HOLD_MS) > 0)
        return 0;
    p->output->rest(p->output_state, false, out);
    return put(p, out, e);
}

static int pass(struct pump *p, const struct capture_frame *frame, const struct options *o,
                struct text *out, struct error *e)
{
    p->frames++;
    if (p->sink && sink_write(p->sink, frame, e) < 0)
        return -1;
    if (p->sink && o->packet_buffered && sink_flush(p->sink, e) < 0)
        return -1;
    if (p->output)
        p->output->frame(p->output_state, frame, out);
    return out->len >= WRITE_BYTES ? put(p, out, e) : 0;
}

static int run(struct pump *p, const struct options *o, struct text *out, struct error *e)
{
    struct capture_frame frame;
    bool wait = false;
    while (o->count == 0 || p->frames < o->count) {
        switch (source_next(p->source, wait, &frame, e)) {
        case SOURCE_FRAME:
            wait = false;
            if (pass(p, &frame, o, out, e) < 0)
                return -1;
            break;
        case SOURCE_WAIT:
            wait = true;
            if (idle(p, out, e) < 0)
                return -1;
            break;
        case SOURCE_END: return 0;
        case SOURCE_ERROR: return -1;
        }
    }
    return 0;
}

int pump_run(struct pump *p, const struct options *o, struct error *e)
{
    struct text out = {0};
    int result = run(p, o, &out, e);
    if (!p->reader_gone) { /* what came before a fault is told first */
        struct error also;
        if (p->output && p->output->rest)
            p->output->rest(p->output_state, true, &out);
        if (put(p, &out, result < 0 ? &also : e) < 0)
            result = -1;
    }
    text_free(&out);
    return result;
}
