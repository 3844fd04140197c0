/* The wire between two veth interfaces: a single loop reads both rings, and delivers what is due.
 *
 * Frames are stamped and named by the session's clock and wait by the monotonic one, so that a
 * clock that is set meanwhile neither holds a frame for an hour nor lets it go at once. */
#include "labs/wire/wire.h"

#include "labs/wire/engine.h"
#include "labs/wire/hands.h"
#include "labs/wire/kernel.h"
#include "labs/wire/orders.h"
#include "labs/wire/port.h"
#include "tracer/base/clock.h"
#include "tracer/capture/sink.h"
#include "tracer/session/stream.h"

#include <stdlib.h>
#include <sys/prctl.h>

enum {
    RING_BYTES = 32 << 20,  /* 20,000 frames: five times what one connection's window lets out */
    QUEUE_BYTES = 64 << 20, /* a flood is dropped, not kept in memory without end */
    LINK_BYTES = 14 + 4,    /* Ethernet, with one VLAN tag */
    AGE_MAX_NS = 1000000000,
};

struct wire {
    struct ports ports;
    struct engine *engine; /* (owned) */
    struct orders *orders; /* (owned) its rules, and what is asked of it */
    struct kernel *kernel; /* (owned) */
};

/* Tell what is held by hand now, and what no longer. */
static void tell_held(struct wire *w)
{
    struct flight f;
    bool over;
    while (engine_told(w->engine, &f, &over))
        recorder_held(w->ports.recorder, &f, over);
}

static void carry(void *arg, enum wire_direction d, const struct capture_frame *frame,
                  int64_t name_ns)
{
    struct wire *w = arg;
    if (frame->captured_bytes < frame->wire_bytes) {
        struct engine_fate fate = {.fate = FATE_DROPPED,
                                   .direction = d,
                                   .name_ns = name_ns,
                                   .reason = "longer than the wire's MTU"};
        recorder_fate(w->ports.recorder, &fate, session_now_ns());
        return;
    }
    int64_t age_ns = session_now_ns() - frame->time_ns;
    if (age_ns < 0)
        age_ns = 0;
    if (age_ns > AGE_MAX_NS)
        age_ns = AGE_MAX_NS;
    int64_t now_ns = clock_monotonic_ns();
    engine_arrive(w->engine, d, now_ns - age_ns, name_ns, frame->bytes, frame->captured_bytes);
    orders_count(w->orders, frame->captured_bytes);
    tell_held(w);
    kernel_moved(w->kernel, (int)d, true, frame->bytes, frame->captured_bytes, now_ns);
}

/* The stamp is taken before the frame is let go: all that it causes comes after. */
static void fulfil(struct wire *w, struct engine_fate *fate)
{
    struct error e;
    int64_t now_ns = session_now_ns(), delivered_ns = 0;
    bool delivered = fate->fate == FATE_DELIVERED;
    if (delivered) {
        struct source *other = w->ports.sources[1 - fate->direction];
        if (source_inject(other, fate->bytes, fate->length_bytes, &e) < 0) {
            delivered = false;
            fate->fate = FATE_DROPPED;
            fate->reason = e.text;
        }
        delivered_ns = clock_monotonic_ns();
        engine_delivered(w->engine, fate->direction, delivered_ns);
    }
    recorder_fate(w->ports.recorder, fate, now_ns);
    if (delivered)
        kernel_moved(w->kernel, 1 - (int)fate->direction, false, fate->bytes, fate->length_bytes,
                     delivered_ns);
}

/* The answer stands before what comes of it. */
static void obey(struct wire *w, const char *line)
{
    struct text answer = {0};
    bool done = orders_do(w->orders, line, clock_monotonic_ns(), &answer);
    recorder_command(w->ports.recorder, line, text_str(&answer), done);
    tell_held(w);
    text_free(&answer);
}

static int turn(struct wire *w, const struct port_handler *handler, struct error *e)
{
    int more = ports_read(&w->ports, handler, e);
    if (more < 0)
        return -1;
    struct text line = {0};
    while (ports_order(&w->ports, &line))
        obey(w, text_str(&line));
    text_free(&line);
    struct engine_fate fate;
    while (engine_take(w->engine, clock_monotonic_ns(), &fate))
        fulfil(w, &fate);
    int64_t ask_ns = kernel_turn(w->kernel, clock_monotonic_ns()), until_ns = INT64_MAX;
    if (more)
        until_ns = 0;
    else
        (void)engine_next_due(w->engine, &until_ns);
    if (ask_ns < until_ns)
        until_ns = ask_ns;
    return ports_wait(&w->ports, until_ns, e);
}

static int open_wire(struct wire *w, const struct wire_options *options, struct error *e)
{
    for (int i = 0; i < 2; i++) {
        struct source_options source = {
            .interface = options->interfaces[i],
            .fd = -1,
            .snaplen = options->mtu_bytes + LINK_BYTES,
            .buffer_bytes = RING_BYTES,
            .immediate = true,
            .inbound_only = true,
        };
        if (ports_open(&w->ports, &source, e) < 0)
            return -1;
    }
    return 0;
}

int wire_run(const struct wire_options *options, struct error *e)
{
    struct error own;
    e = e ? e : &own;
    struct wire w = {
        .ports = {.out_fd = options->out_fd, .control_fd = options->control_fd},
    };
    w.engine = engine_new(&(struct engine_options){.delay_ns = options->delay_ns,
                                                   .spacing_ns = options->spacing_ns,
                                                   .bits_per_s = options->bits_per_s,
                                                   .queue_frames = options->queue_frames,
                                                   .queue_bytes = QUEUE_BYTES});
    w.orders = orders_new(&(struct orders_options){
        .engine = w.engine,
        .rulebook = {.addresses = {options->addresses[0], options->addresses[1]},
                     .grows = options->remembers},
        .rules = options->rules});
    const struct port_handler handler = {.frame = carry, .arg = &w};
    w.ports.recorder = recorder_new(options->out_fd);
    w.kernel = kernel_new(options->diag_fds, w.ports.recorder);
    prctl(PR_SET_TIMERSLACK, 1UL);
    int result = open_wire(&w, options, e);
    while (result == 0 && !w.ports.stopped)
        result = turn(&w, &handler, e);
    int more = result == 0; /* what was sent before the end belongs to the story */
    while (more > 0)
        more = result = ports_read(&w.ports, NULL, e);
    ports_end(&w.ports, result < 0 ? e : NULL);
    kernel_free(w.kernel);
    ports_close(&w.ports);
    orders_free(w.orders);
    engine_free(w.engine);
    return result;
}
