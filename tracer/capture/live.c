/* A live interface, through libpcap. The handle is non-blocking always; waiting is poll()'s, which
 * also watches the stopper. */
#include "tracer/capture/interfaces.h"
#include "tracer/capture/source_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/base/text.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct live {
    pcap_t *pcap;            /* (owned) */
    char *name;              /* (owned) */
    struct stopper *stopper; /* (borrowed) */
    int out_fd;              /* (owned) that frames are injected by; -1 before the first */
    int linktype;
    int64_t ns_per_tick;
    uint64_t frames;
    uint64_t received, dropped;           /* since opening */
    uint32_t last_received, last_dropped; /* libpcap's counters, which wrap */
    uint64_t ring_bytes; /* what the ring holds; 0 where a frame is to be handed on at once */
    uint64_t bytes;      /* that the frames took in it, about */
    uint64_t last_bytes; /* how many these were when we waited last, and when that was */
    int64_t last_ns;
    double bytes_a_ms; /* how fast they came of late */
};

enum { PACKET_TIMEOUT_MS = 20, POLL_AGAIN_MS = 1000 };

/* Where frames may come some milliseconds later, the ring holds them one behind the other: a burst
 * of so many bytes is kept while we do not get to run. */
enum { RING_BYTES = 32 << 20 };

static int no_permission(struct error *e, const char *name)
{
    char program[256];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = '\0';
    const char *self = n > 0 ? program : "tcpladder";
    return error_exit(
        e, EXIT_MACHINE,
        "Capturing on %s needs a permission that you do not have. Three ways to it: let this "
        "program capture for everyone (sudo setcap cap_net_raw,cap_net_admin=eip %s); for one "
        "group only (before that: sudo chgrp GROUP and sudo chmod 750 on the same file); or run "
        "it by sudo once. Reading a capture file with -r needs no permission, nor do the labs of "
        "tcplab.",
        name, self);
}

static int activation_failed(const struct live *l, int status, struct error *e)
{
    struct text why = {0};
    int result;
    text_safe_str(&why, pcap_geterr(l->pcap));
    switch (status) {
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED: result = no_permission(e, l->name); break;
    case PCAP_ERROR_NO_SUCH_DEVICE:
        result = error_set(e, "There is no interface \"%s\". `tcpladder -D` lists those there are.",
                           l->name);
        break;
    case PCAP_ERROR_IFACE_NOT_UP:
        result = error_exit(e, EXIT_MACHINE,
                            "The interface %s is down. `sudo ip link set %s up` brings it up.",
                            l->name, l->name);
        break;
    default:
        result = error_exit(e, EXIT_MACHINE, "Capturing on %s could not begin: %.300s%s%.200s.",
                            l->name, pcap_statustostr(status), why.len ? ": " : "", text_str(&why));
    }
    text_free(&why);
    return result;
}

/* libpcap leaves out what leaves the interface when it has come already; kernels since 4.20 leave
 * it out before, so that it takes no room in the ring. */
static int take_inbound(const struct live *l, struct error *e)
{
    if (pcap_setdirection(l->pcap, PCAP_D_IN) < 0)
        return error_exit(e, EXIT_MACHINE, "%s cannot tell what arrives from what leaves: %s.",
                          l->name, pcap_geterr(l->pcap));
#ifdef PACKET_IGNORE_OUTGOING
    int on = 1;
    (void)setsockopt(pcap_fileno(l->pcap), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
#endif
    return 0;
}

static int activate(struct live *l, const struct source_options *o, struct error *e)
{
    pcap_t *p = l->pcap;
    bool any = strcmp(l->name, "any") == 0;
    pcap_set_snaplen(p, (int)(o->snaplen > 0 && o->snaplen <= FRAME_MAX_BYTES
                                  ? o->snaplen
                                  : SNAPLEN_DEFAULT_BYTES));
    pcap_set_promisc(p, !o->no_promiscuous && !any);
    pcap_set_timeout(p, PACKET_TIMEOUT_MS);
    pcap_set_immediate_mode(p, o->immediate);
    int ring_bytes = o->buffer_bytes > INT32_MAX ? INT32_MAX : (int)o->buffer_bytes;
    if (ring_bytes == 0 && !o->immediate)
        ring_bytes = RING_BYTES;
    if (ring_bytes > 0)
        pcap_set_buffer_size(p, ring_bytes);
    l->ring_bytes = o->immediate ? 0 : (uint64_t)ring_bytes;
    /* Refused where the platform has microseconds only: asked again below. */
    pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
    int status = pcap_activate(p);
    if (status < 0)
        return activation_failed(l, status, e);
    l->ns_per_tick = pcap_get_tstamp_precision(p) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
    /* "any" frames then tell their interface; where that is not to be had, SLL does. */
    if (any)
        (void)pcap_set_datalink(p, DLT_LINUX_SLL2);
    l->linktype = linktype_of_dlt(pcap_datalink(p));
    char why[PCAP_ERRBUF_SIZE];
    if (pcap_setnonblock(p, 1, why) < 0)
        return error_exit(e, EXIT_MACHINE, "%s could not be read without waiting: %s.", l->name,
                          why);
    return o->inbound_only ? take_inbound(l, e) : 0;
}

static int set_filter(const struct live *l, const char *expression, struct error *e)
{
    struct bpf_program code;
    if (pcap_compile(l->pcap, &code, expression, 1, PCAP_NETMASK_UNKNOWN) < 0)
        return filter_refused(e, expression, pcap_geterr(l->pcap));
    int status = pcap_setfilter(l->pcap, &code);
    pcap_freecode(&code);
    if (status < 0)
        return filter_refused(e, expression, pcap_geterr(l->pcap));
    return 0;
}

static void live_close(void *reader)
{
    struct live *l = reader;
    if (l->pcap)
        pcap_close(l->pcap);
    if (l->out_fd >= 0)
        close(l->out_fd);
    free(l->name);
    free(l);
}

void *live_open(const struct source_options *options, struct stopper *stopper, struct error *e)
{
    char why[PCAP_ERRBUF_SIZE];
    char *name = interface_name(options->interface, e);
    if (!name)
        return NULL;
    struct live *l = xcalloc(1, sizeof *l);
    l->name = name;
    l->out_fd = -1;
    l->stopper = stopper;
    l->pcap = pcap_create(name, why);
    if (!l->pcap) {
        error_exit(e, EXIT_MACHINE, "Capturing on %s could not begin: %s.", name, why);
        live_close(l);
        return NULL;
    }
    if (activate(l, options, e) < 0 || (options->filter && set_filter(l, options->filter, e) < 0)) {
        live_close(l);
        return NULL;
    }
    return l;
}

const char *live_interface(const void *reader)
{
    const struct live *l = reader;
    return l->name;
}

static enum source_result stopped_working(const struct live *l, struct error *e)
{
    struct text why = {0};
    text_safe_str(&why, pcap_geterr(l->pcap));
    error_set(e,
              "The capture on %s ended by itself after %llu frames: %.300s. They stand; start it "
              "again when the interface is back.",
              l->name, (unsigned long long)l->frames, text_str(&why));
    text_free(&why);
    return SOURCE_ERROR;
}

/* While frames come fast, each of the ring's blocks would wake us, to few frames and to a cache
 * that others have had meanwhile. For how long to leave the ring alone instead: a quarter of it
 * fills meanwhile, at the fastest that it filled of late, so that a burst finds room. 0 where so
 * little comes that blocks do not wake us more often. */
static int rest_ms(struct live *l)
{
    enum { MOST_MS = 10, RING_PARTS = 4, TWO_BLOCKS_BYTES = 512 << 10 };
    const double fading = 0.95;
    int64_t now_ns = clock_monotonic_ns();
    double a_ms =
        (double)(l->bytes - l->last_bytes) * NS_PER_MS / (double)(now_ns - l->last_ns + 1);
    l->last_bytes = l->bytes;
    l->last_ns = now_ns;
    l->bytes_a_ms = a_ms > l->bytes_a_ms * fading ? a_ms : l->bytes_a_ms * fading;
    double part = (double)l->ring_bytes / RING_PARTS, most = l->bytes_a_ms * MOST_MS;
    double bytes = part < most ? part : most;
    return bytes < TWO_BLOCKS_BYTES ? 0 : (int)(bytes / l->bytes_a_ms);
}

static void wait_for_frames(const struct live *l)
{
    const struct timeval *required = pcap_get_required_select_timeout(l->pcap);
    int timeout_ms = required ? (int)(required->tv_sec * 1000 + required->tv_usec / 1000 + 1)
                              : POLL_AGAIN_MS; /* notices an interface that goes without a word */
    stopper_wait(l->stopper, pcap_get_selectable_fd(l->pcap), timeout_ms);
}

static void take_over(struct live *l, const struct pcap_pkthdr *header, const u_char *bytes,
                      struct capture_frame *frame)
{
    enum { RING_HEADER_BYTES = 96 };
    l->frames++;
    l->bytes += header->caplen + RING_HEADER_BYTES;
    *frame = (struct capture_frame){
        .time_ns =
            (int64_t)header->ts.tv_sec * 1000000000 + (int64_t)header->ts.tv_usec * l->ns_per_tick,
        .linktype = l->linktype,
        .bytes = bytes,
        .captured_bytes = header->caplen,
        .wire_bytes = header->len,
    };
}

static enum source_result live_next(void *reader, bool wait, struct capture_frame *frame,
                                    struct error *e)
{
    struct live *l = reader;
    struct pcap_pkthdr *header;
    const u_char *bytes;
    for (;;) {
        int got = pcap_next_ex(l->pcap, &header, &bytes);
        if (got == 1)
            break;
        if (got < 0)
            return stopped_working(l, e);
        if (!wait)
            return SOURCE_WAIT;
        wait_for_frames(l);
        if (atomic_load(&l->stopper->stopped))
            return SOURCE_END;
    }
    take_over(l, header, bytes, frame);
    return SOURCE_FRAME;
}

/* pcap_next_ex() copies each frame, and asks the kernel for the ring's state each time that it is
 * empty. pcap_dispatch() hands out the frames where they lie in the ring. */
struct handing {
    struct live *live;
    source_taker *take;
    void *to;
    bool enough;
};

/* The ring holds frames one behind the other, and another processor has just written them: the
 * headers of the next one are fetched while this one is looked at. */
static void fetch_next(const u_char *bytes, uint32_t captured_bytes)
{
    enum { LINE_BYTES = 64, LINES = 6 };
    for (int i = 0; i < LINES; i++)
        __builtin_prefetch(bytes + captured_bytes + i * LINE_BYTES);
}

static void hand(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct handing *h = (struct handing *)(void *)user;
    struct capture_frame frame;
    fetch_next(bytes, header->caplen);
    take_over(h->live, header, bytes, &frame);
    h->enough = !h->take(h->to, &frame);
    if (h->enough || atomic_load(&h->live->stopper->stopped))
        pcap_breakloop(h->live->pcap);
}

static enum source_result live_some(void *reader, bool wait, source_taker *take, void *to,
                                    struct error *e)
{
    struct live *l = reader;
    struct handing h = {l, take, to, false};
    for (;;) {
        int got = pcap_dispatch(l->pcap, -1, hand, (u_char *)&h);
        if (h.enough)
            return SOURCE_FRAME;
        if (atomic_load(&l->stopper->stopped))
            return SOURCE_END;
        if (got == PCAP_ERROR_BREAK) /* of the time before */
            continue;
        if (got < 0)
            return stopped_working(l, e);
        if (got > 0 || !wait)
            return SOURCE_WAIT;
        int ms = rest_ms(l);
        if (ms > 0)
            stopper_wait(l->stopper, -1, ms);
        else
            wait_for_frames(l);
    }
}

static int live_linktype(const void *reader)
{
    return ((const struct live *)reader)->linktype;
}

static uint32_t live_snaplen(const void *reader)
{
    return (uint32_t)pcap_snapshot(((const struct live *)reader)->pcap);
}

static int live_fd(const void *reader)
{
    return pcap_get_selectable_fd(((const struct live *)reader)->pcap);
}

static bool live_counts(void *reader, uint64_t *received, uint64_t *dropped)
{
    struct live *l = reader;
    struct pcap_stat now;
    if (pcap_stats(l->pcap, &now) == 0) {
        l->received += now.ps_recv - l->last_received;
        l->dropped += now.ps_drop - l->last_dropped;
        l->last_received = now.ps_recv;
        l->last_dropped = now.ps_drop;
    }
    *received = l->received;
    *dropped = l->dropped;
    return true;
}

/* A socket that takes in nothing (protocol 0) and hands frames to the device at once, past the
 * queue and whoever captures there: half the work of pcap_inject(). */
static int open_out(const struct live *l)
{
    int on = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(l->name)};
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    if (at.sll_ifindex != 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static int live_inject(void *reader, const uint8_t *bytes, uint32_t n, struct error *e)
{
    struct live *l = reader;
    if (l->out_fd < 0)
        l->out_fd = open_out(l);
    ssize_t sent = l->out_fd < 0 ? -1 : send(l->out_fd, bytes, n, 0);
    while (sent < 0 && errno == EINTR)
        sent = send(l->out_fd, bytes, n, 0);
    if (sent == (ssize_t)n)
        return 0;
    return error_set(e, "A frame of %u bytes could not be sent on %s: %s.", n, l->name,
                     strerror(errno));
}

const struct reader_ops live_ops = {
    .next = live_next,
    .some = live_some,
    .linktype = live_linktype,
    .snaplen = live_snaplen,
    .fd = live_fd,
    .counts = live_counts,
    .inject = live_inject,
    .close = live_close,
};
