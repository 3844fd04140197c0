#include "tracer/app/pump.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { WRITE_BYTES = 65536, HOLD_MS = 60, GRACE_MS = 1000 };

/* How much may be written at once: once we are told to end, only what is sure not to block, and
 * nothing (0) where the reader has taken nothing for a second. */
static size_t may_write(const struct pump *p, size_t left)
{
    if (!source_stopped(p->source))
        return left;
    struct pollfd room = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (poll(&room, 1, GRACE_MS) == 0)
        return 0;
    return left < PIPE_BUF ? left : PIPE_BUF;
}

static int not_taken(struct pump *p, int why, struct error *e)
{
    p->unheard = true;
    if (why == ETIMEDOUT)
        return error_set(e, "The reader of standard output takes nothing: the rest is left out.");
    if (why == EPIPE) {
        p->reader_gone = true;
        return error_set(e, "The reader of standard output went away.");
    }
    return error_set(e,
                     "Standard output could not be written: %s. What is missing there is in the "
                     "capture still.",
                     strerror(why));
}

/* Write the text to standard output and forget it. */
static int put(struct pump *p, struct text *out, struct error *e)
{
    for (size_t at = 0; at < out->len;) {
        size_t most = may_write(p, out->len - at);
        if (most == 0)
            return not_taken(p, ETIMEDOUT, e);
        ssize_t n = write(STDOUT_FILENO, out->s + at, most);
        if (n > 0) {
            at += (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = STDOUT_FILENO, .events = POLLOUT};
            poll(&room, 1, GRACE_MS);
        } else if (n == 0 || errno != EINTR) {
            return not_taken(p, n == 0 ? ENOSPC : errno, e);
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

/* What is there already, and what the output has held back. */
static int put_rest(struct pump *p, bool last, struct text *out, struct error *e)
{
    bool more = p->output && p->output->rest;
    while (more) {
        more = p->output->rest(p->output_state, last, out);
        if (more && put(p, out, e) < 0)
            return -1;
    }
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
    return put_rest(p, false, out, e);
}

/* Keep a frame, or show it to those who choose. */
static int keep(struct pump *p, const struct capture_frame *frame, const struct options *o,
                struct text *out, struct error *e)
{
    if (p->expecting)
        expecting_frame(p->expecting, frame);
    if (p->selecting && selecting_frame(p->selecting, frame, out, e) < 0)
        return -1;
    if (!p->selecting && p->sink && sink_write(p->sink, frame, e) < 0)
        return -1;
    return p->sink && o->packet_buffered ? sink_flush(p->sink, e) : 0;
}

static int pass(struct pump *p, const struct capture_frame *frame, const struct options *o,
                struct text *out, struct error *e)
{
    p->frames++;
    if ((p->expecting || p->selecting || p->sink) && keep(p, frame, o, out, e) < 0)
        return -1;
    if (p->output)
        p->output->frame(p->output_state, frame, out);
    return out->len >= WRITE_BYTES ? put(p, out, e) : 0;
}

static uint64_t passed(const struct pump *p)
{
    return p->selecting ? selecting_count(p->selecting) : p->frames;
}

/* What source_some() hands each frame to. */
struct passing {
    struct pump *pump;
    const struct options *options;
    struct text *out;
    struct error *e;
    bool failed;
};

static bool has_enough(const struct passing *to)
{
    uint64_t most = to->options->count;
    return most > 0 && passed(to->pump) >= most;
}

static bool take(void *state, const struct capture_frame *frame)
{
    struct passing *to = state;
    struct pump *p = to->pump;
    struct capture_frame seen;
    if (p->vantage) {
        seen = *frame;
        if (!vantage_take(p->vantage, &seen))
            return true;
        frame = &seen;
    }
    to->failed = pass(p, frame, to->options, to->out, to->e) < 0;
    return !to->failed && !has_enough(to);
}

/* The same where every frame goes to the output and to nobody else, as most often. */
static bool take_all(void *state, const struct capture_frame *frame)
{
    struct passing *to = state;
    struct pump *p = to->pump;
    p->frames++;
    p->output->frame(p->output_state, frame, to->out);
    if (to->out->len >= WRITE_BYTES)
        to->failed = put(p, to->out, to->e) < 0;
    return !to->failed;
}

static source_taker *taker_for(const struct pump *p, const struct options *o)
{
    bool others = p->vantage || p->expecting || p->selecting || p->sink;
    return p->output && !others && o->count == 0 ? take_all : take;
}

static int run(struct pump *p, const struct options *o, struct text *out, struct error *e)
{
    struct passing to = {p, o, out, e, false};
    source_taker *taker = taker_for(p, o);
    bool wait = false;
    while (!has_enough(&to)) {
        switch (source_some(p->source, wait, taker, &to, e)) {
        case SOURCE_FRAME:
            if (to.failed)
                return -1;
            wait = false;
            break;
        case SOURCE_WAIT:
            wait = true;
            if (idle(p, out, e) < 0)
                return -1;
            break;
        case SOURCE_END: return p->vantage ? vantage_end(p->vantage, e) : 0;
        case SOURCE_ERROR: return -1;
        }
    }
    return 0;
}

int pump_run(struct pump *p, const struct options *o, struct error *e)
{
    struct text out = {0};
    int result = run(p, o, &out, e);
    if (!p->unheard) { /* what came before a fault is told first */
        struct error also;
        if (p->selecting && selecting_end(p->selecting, &out, result < 0 ? &also : e) < 0)
            result = -1;
        if (put_rest(p, true, &out, result < 0 ? &also : e) < 0)
            result = -1;
    }
    text_free(&out);
    return result;
}
