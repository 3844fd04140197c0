#include "labs/wire/port.h"

#include "tracer/base/clock.h"
#include "tracer/base/words.h"
#include "tracer/session/stream.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    BATCH = 64, /* frames read from one ring before the other's turn */
    MARK_EVERY_NS = 5000000,
    STEP_NS = 20000000,   /* a clock that was set, not slewed */
    STRETCH_NS = 1000000, /* two readings further apart than this say nothing */
};

int ports_open(struct ports *p, const struct source_options *options, struct error *e)
{
    struct source *source = source_open(options, e);
    if (!source)
        return -1;
    p->names[p->count] = options->interface;
    p->sources[p->count++] = source;
    return 0;
}

void ports_close(struct ports *p)
{
    for (int i = 0; i < p->count; i++)
        source_close(p->sources[i]);
    recorder_free(p->recorder);
    text_free(&p->orders);
}

/* Stamps are of the clock that a person or NTP may set; a run across such a step cannot be judged.
 */
static void watch_clock(struct ports *p)
{
    int64_t before = clock_monotonic_ns(), session = session_now_ns(), after = clock_monotonic_ns();
    if (after - before > STRETCH_NS)
        return;
    int64_t moved = session - before - p->clock_offset_ns;
    if (p->clock_offset_ns != 0 && (moved > STEP_NS || moved < -STEP_NS))
        p->clock_stepped = true;
    p->clock_offset_ns = session - before;
}

/* An interface that could be read, and cannot be any more. */
static int broken(const char *name, struct error *e)
{
    struct error why = *e;
    if (if_nametoindex(name) == 0)
        return error_exit(e, EXIT_MACHINE,
                          "The wire between the hosts was cut in the middle of the run: its "
                          "interface %s is gone. Run it again.",
                          name);
    return error_exit(e, EXIT_MACHINE, "The wire between the hosts broke: %.600s", why.text);
}

/* A ring that is being read. */
struct reading {
    struct ports *ports;
    const struct port_handler *handler;
    enum wire_direction direction;
    int frames;
    int64_t last_ns; /* the stamp of the last one */
};

/* Where the wire was not let run, neither were the hosts' programs, as a rule, while their kernels'
 * timers went on: what comes next may be due to that, though nothing was on its way meanwhile. */
static void watch_marks(struct ports *p)
{
    int64_t missed_ns = clock_monotonic_ns() - p->marked_ns - MARK_EVERY_NS;
    if (p->marked_ns != 0 && missed_ns > p->missed_ns)
        p->missed_ns = missed_ns;
}

/* Before the first frame it delayed the start and no more. */
static void note_missed(struct ports *p)
{
    if (p->spoken && p->missed_ns > p->late_ns)
        p->late_ns = p->missed_ns;
    p->spoken = true;
    p->missed_ns = 0;
}

static bool take_frame(void *to, const struct capture_frame *frame)
{
    struct reading *r = to;
    note_missed(r->ports);
    int64_t name_ns = recorder_packet(r->ports->recorder, r->direction, frame);
    if (r->handler)
        r->handler->frame(r->handler->arg, r->direction, frame, name_ns);
    r->last_ns = frame->time_ns;
    return ++r->frames < BATCH;
}

/* Read one ring. *up_to_ns is pulled back to the last frame read where more may wait behind it. */
static int read_ring(struct ports *p, int i, const struct port_handler *handler, int64_t *up_to_ns,
                     struct error *e)
{
    struct reading r = {.ports = p, .handler = handler, .direction = (enum wire_direction)i};
    enum source_result result = source_some(p->sources[i], false, take_frame, &r, e);
    if (result == SOURCE_WAIT)
        return 0;
    if (result == SOURCE_END)
        return error_set(e, "The wire's capture ended by itself. Run the lab again.");
    if (result == SOURCE_ERROR)
        return broken(p->names[i], e);
    if (r.last_ns < *up_to_ns)
        *up_to_ns = r.last_ns;
    return 1;
}

int ports_read(struct ports *p, const struct port_handler *handler, struct error *e)
{
    watch_clock(p);
    watch_marks(p);
    int more = 0;
    int64_t up_to_ns = session_now_ns(); /* before the reads that find the rings empty */
    for (int i = 0; i < p->count; i++) {
        int result = read_ring(p, i, handler, &up_to_ns, e);
        if (result < 0)
            return -1;
        more |= result;
    }
    int64_t now_ns = clock_monotonic_ns();
    if (p->marked_ns == 0 || now_ns - p->marked_ns >= MARK_EVERY_NS) {
        recorder_mark(p->recorder, up_to_ns);
        p->marked_ns = now_ns;
    }
    return more;
}

static void read_control(struct ports *p)
{
    char bytes[1024];
    ssize_t n = read(p->control_fd, bytes, sizeof bytes);
    if (n > 0)
        text_bytes(&p->orders, bytes, (size_t)n);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
        p->stopped = true;
}

bool ports_order(struct ports *p, struct text *line)
{
    const char *end = p->orders.len > 0 ? memchr(p->orders.s, '\n', p->orders.len) : NULL;
    if (!end)
        return false;
    size_t n = (size_t)(end - p->orders.s);
    text_clear(line);
    text_bytes(line, p->orders.s, n);
    p->orders.len -= n + 1;
    memmove(p->orders.s, end + 1, p->orders.len);
    return true;
}

int ports_wait(struct ports *p, int64_t until_ns, struct error *e)
{
    struct pollfd ready[2 + WIRE_DIRECTION_COUNT] = {
        {.fd = p->control_fd, .events = POLLIN},
        {.fd = recorder_blocked(p->recorder) ? p->out_fd : -1, .events = POLLOUT},
    };
    for (int i = 0; i < p->count; i++)
        ready[2 + i] = (struct pollfd){.fd = source_fd(p->sources[i]), .events = POLLIN};
    if (until_ns > p->marked_ns + MARK_EVERY_NS)
        until_ns = p->marked_ns + MARK_EVERY_NS;
    int64_t left_ns = until_ns - clock_monotonic_ns();
    if (left_ns < 0)
        left_ns = 0;
    struct timespec timeout = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
    int n = ppoll(ready, (nfds_t)(2 + p->count), &timeout, NULL);
    if (n < 0 && errno != EINTR)
        return error_set(e, "The wire could not wait for frames: %s. Run the lab again.",
                         strerror(errno));
    if (n > 0 && ready[0].revents)
        read_control(p);
    if (n > 0 && ready[1].revents)
        recorder_flush(p->recorder);
    return 0;
}

/* What keeps the run from being judged, as a sentence; "" where nothing does. */
static void write_fault(const struct ports *p, uint64_t dropped, char reason[200])
{
    reason[0] = '\0';
    if (dropped > 0)
        snprintf(
            reason, 200,
            N_("The wire lost %llu frames that the hosts had sent: this run shows less than what "
               "happened."),
            (unsigned long long)dropped);
    else if (p->clock_stepped)
        snprintf(reason, 200,
                 N_("The machine's clock was set while the lab ran: its times cannot be trusted."));
    else if (p->lateness_ns > 0 && p->late_ns > p->lateness_ns)
        snprintf(
            reason, 200,
            N_("The wire fell %lld ms behind its schedule, and its network allows %lld ms: the "
               "machine was too busy, and what the hosts' timers did is not the lab's."),
            (long long)(p->late_ns / NS_PER_MS), (long long)(p->lateness_ns / NS_PER_MS));
    else if (p->decided_ns > 0)
        snprintf(
            reason, 200,
            N_("The wire fell %lld ms behind its schedule where a host waited for less than that: "
               "what was sent then, or sent again, is not the lab's."),
            (long long)(p->decided_ns / NS_PER_MS));
}

void ports_end(struct ports *p, const struct error *failure)
{
    uint64_t dropped = 0;
    char reason[200];
    for (int i = 0; i < p->count; i++) {
        uint64_t received, lost;
        if (source_counts(p->sources[i], &received, &lost))
            dropped += lost;
    }
    write_fault(p, dropped, reason);
    if (failure)
        recorder_end(p->recorder, "failed", failure->text, dropped, p->late_ns);
    else
        recorder_end(p->recorder, reason[0] ? "void" : "done", reason[0] ? reason : NULL, dropped,
                     p->late_ns);
}
