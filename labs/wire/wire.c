/* The wire between two veth interfaces: a single loop reads both rings, and delivers what is due.
 *
 * Frames are stamped and named by the session's clock and wait by the monotonic one, so that a
 * clock that is set meanwhile neither holds a frame for an hour nor lets it go at once. */
#include "labs/wire/wire.h"

#include "labs/wire/engine.h"
#include "labs/wire/hands.h"
#include "labs/wire/kernel.h"
#include "labs/wire/orders.h"
#include "labs/wire/patience.h"
#include "labs/wire/port.h"
#include "tracer/base/words.h"
#include "tracer/base/clock.h"
#include "tracer/capture/sink.h"
#include "tracer/session/stream.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    RING_BYTES = 32 << 20,  /* 20,000 frames: five times what one connection's window lets out */
    QUEUE_BYTES = 64 << 20, /* a flood is dropped, not kept in memory without end */
    LINK_BYTES = 14 + 4,    /* Ethernet, with one VLAN tag */
    SLICE_NS = 100000,      /* the least there is */
};

/* A host with an IPv6 address joins the group by which neighbours ask for it, and reports that by
 * multicast whenever it likes: the one word that no setting of the kernel takes from it. On this
 * wire nobody asks, and it is not carried. */
static const char no_reports[] =
    "not (ip6[6] = 0 and ip6[40] = 58 and ip6[48] = 143 and ip6[54:2] = 1 and "
    "ip6[60:4] = 0xff020000 and ip6[64:4] = 0 and ip6[68:4] = 1 and ip6[72] = 0xff)";

/* A frame that is older than this by its stamp was stamped before the clock was set. */
static const int64_t age_most_ns = 120LL * NS_PER_S;

struct wire {
    struct ports ports;
    struct engine *engine; /* (owned) */
    struct orders *orders; /* (owned) its rules, and what is asked of it */
    struct kernel *kernel; /* (owned) */
    struct patience patience;
};

static void decode(struct packet *p, const uint8_t *bytes, uint32_t length_bytes)
{
    const struct frame raw = {.linktype = LINKTYPE_ETHERNET,
                              .bytes = bytes,
                              .captured_bytes = length_bytes,
                              .wire_bytes = length_bytes};
    packet_decode(&raw, p);
}

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
                                   .reason = N_("longer than the wire's MTU")};
        recorder_fate(w->ports.recorder, &fate, session_now_ns());
        return;
    }
    int64_t now_ns = clock_monotonic_ns();
    int64_t age_ns = now_ns + w->ports.clock_offset_ns - frame->time_ns;
    if (age_ns < 0)
        age_ns = 0;
    if (age_ns > age_most_ns)
        age_ns = age_most_ns;
    engine_arrive(w->engine, d, now_ns - age_ns, name_ns, frame->bytes, frame->captured_bytes);
    orders_count(w->orders, frame->captured_bytes);
    tell_held(w);
    struct packet p;
    decode(&p, frame->bytes, frame->captured_bytes);
    patience_sent(&w->patience, &p, now_ns - age_ns);
    kernel_moved(w->kernel, (int)d, true, &p, now_ns);
}

static int64_t note_lateness(struct wire *w, int64_t due_ns, int64_t now_ns)
{
    int64_t late_ns = now_ns - due_ns;
    if (late_ns > w->ports.late_ns)
        w->ports.late_ns = late_ns;
    return late_ns;
}

static void note_delivery(struct wire *w, const struct engine_fate *fate, int64_t now_ns,
                          int64_t late_ns)
{
    struct packet p;
    decode(&p, fate->bytes, fate->length_bytes);
    patience_delivered(&w->patience, &p, now_ns, late_ns);
    kernel_moved(w->kernel, 1 - (int)fate->direction, false, &p, now_ns);
}

/* Bring about what became of a frame at `now_ns`; what time it is then. The stamp is taken before
 * the frame is let go: all that it causes comes after. */
static int64_t fulfil(struct wire *w, struct engine_fate *fate, int64_t now_ns)
{
    struct error e;
    int64_t stamp_ns = session_now_ns(), late_ns = 0;
    bool delivered = fate->fate == FATE_DELIVERED;
    if (delivered) {
        late_ns = note_lateness(w, fate->due_ns, now_ns);
        struct source *other = w->ports.sources[1 - fate->direction];
        if (source_inject(other, fate->bytes, fate->length_bytes, &e) < 0) {
            delivered = false;
            fate->fate = FATE_DROPPED;
            fate->reason = e.text;
        }
        now_ns = clock_monotonic_ns();
        engine_delivered(w->engine, fate->direction, now_ns);
    }
    recorder_fate(w->ports.recorder, fate, stamp_ns);
    if (delivered)
        note_delivery(w, fate, now_ns, late_ns);
    return now_ns;
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
    int64_t now_ns = clock_monotonic_ns();
    while (engine_take(w->engine, now_ns, &fate))
        now_ns = fulfil(w, &fate, now_ns);
    int64_t ask_ns = kernel_turn(w->kernel, clock_monotonic_ns()), until_ns = INT64_MAX;
    if (more)
        until_ns = 0;
    else
        (void)engine_next_due(w->engine, &until_ns);
    if (ask_ns < until_ns)
        until_ns = ask_ns;
    return ports_wait(&w->ports, until_ns, e);
}

/* It runs little and often: a short slice lets it on as soon as it wakes, where the machine is busy
 * (Linux 6.12). Where that is not to be had, it is late more often. */
static void be_prompt(void)
{
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t slice_ns, deadline_ns, period_ns;
    } attributes = {.size = 48, .policy = SCHED_OTHER, .slice_ns = SLICE_NS};
    attributes.nice = getpriority(PRIO_PROCESS, 0);
    prctl(PR_SET_TIMERSLACK, 1UL);
    if (sched_getscheduler(0) == SCHED_OTHER) /* and was not made a real-time process */
        (void)!syscall(SYS_sched_setattr, 0, &attributes, 0);
}

/* By which the kernels' timers count. */
static int64_t tick_ns(void)
{
    struct timespec tick = {0};
    clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
    return tick.tv_nsec;
}

static int open_wire(struct wire *w, const struct wire_options *options, struct error *e)
{
    for (int i = 0; i < 2; i++) {
        struct source_options source = {
            .interface = options->interfaces[i],
            .fd = -1,
            .filter = options->addresses6[0] ? no_reports : NULL,
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
        .ports = {.out_fd = options->out_fd,
                  .control_fd = options->control_fd,
                  .lateness_ns = options->lateness_ns},
    };
    w.engine = engine_new(&(struct engine_options){.delay_ns = options->delay_ns,
                                                   .spacing_ns = options->spacing_ns,
                                                   .bits_per_s = options->bits_per_s,
                                                   .queue_frames = options->queue_frames,
                                                   .queue_bytes = QUEUE_BYTES});
    w.orders = orders_new(&(struct orders_options){
        .engine = w.engine,
        .rulebook = {.addresses = {options->addresses[0], options->addresses[1]},
                     .addresses6 = {options->addresses6[0], options->addresses6[1]},
                     .grows = options->remembers},
        .rules = options->rules});
    const struct port_handler handler = {.frame = carry, .arg = &w};
    w.ports.recorder = recorder_new(options->out_fd);
    w.kernel = kernel_new(options->diag_fds, w.ports.recorder);
    patience_begin(&w.patience, options->delay_ns, tick_ns());
    be_prompt();
    int result = open_wire(&w, options, e);
    while (result == 0 && !w.ports.stopped)
        result = turn(&w, &handler, e);
    int more = result == 0; /* what was sent before the end belongs to the story */
    while (more > 0)
        more = result = ports_read(&w.ports, NULL, e);
    int64_t due_ns;
    if (engine_next_due(w.engine, &due_ns)) /* what was due, and not delivered, is late too */
        note_lateness(&w, due_ns, clock_monotonic_ns());
    kernel_last(w.kernel);
    w.ports.decided_ns = w.patience.decided_ns;
    ports_end(&w.ports, result < 0 ? e : NULL);
    kernel_free(w.kernel);
    patience_free(&w.patience);
    ports_close(&w.ports);
    orders_free(w.orders);
    engine_free(w.engine);
    return result;
}
