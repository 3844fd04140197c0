/* For tests only: a capture or a session as a table of items, each of whose fields a test may
 * change before the trace is made of it. */
#ifndef TRACER_SELECT_STORY_H
#define TRACER_SELECT_STORY_H

#include "tracer/base/text.h"
#include "tracer/session/annotation.h"
#include "tracer/trace/trace.h"

#include <stdlib.h>
#include <string.h>

enum story_kind {
    STORY_SEGMENT,
    STORY_FATE, /* of the segment sent at `of_us` by `host` */
    STORY_ENTER,
    STORY_EXIT,
    STORY_PRINT,
    STORY_TYPE,
    STORY_PROCESS,
    STORY_UDP,
    STORY_ICMP,   /* type in flags, code in win */
    STORY_ICMP6,  /* the same, of IPv6 */
    STORY_ARP,    /* a request */
    STORY_KERNEL, /* name is the state, win is cwnd */
};

struct story_item {
    int64_t us;
    enum story_kind kind;
    char host;
    uint16_t flags;
    uint32_t seq, ack;
    uint16_t win;
    const char *data; /* payload, or a call's arguments, or text */
    uint16_t mss;     /* of a SYN; 0: no options at all */
    uint16_t port;    /* of the client; 0: 34567 */
    const char *name; /* of a call; of its program */
    uint64_t id;
    int64_t ret; /* and an exit status */
    const char *error;
    int64_t of_us;
    enum fate fate;
    int copy;
    bool corrupted;
    bool linked; /* the call's connection is known */
    uint16_t ssthresh, unacked, backoff, retransmits;
    uint32_t rtt_us, rto_us;
    uint16_t urgent;
    uint32_t tsval, tsecr; /* timestamps; 0, 0: no option */
    uint32_t sack[2];      /* one block; 0, 0: none */
    uint8_t ttl;           /* 0: 64 */
    int fd;                /* of a call; 0: 3 */
};

enum { STORY_MAX = 96 };

struct story {
    bool session;
    size_t count;
    struct story_item items[STORY_MAX];
};

#define STORY_START_NS INT64_C(1700000000000000000)
#define STORY_J        2927179378u
#define STORY_K        1181523844u

static inline void story_be(uint8_t *at, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

static inline void story_feed(struct trace *t, int64_t us, const void *bytes, size_t n)
{
    struct capture_frame f = {.time_ns = STORY_START_NS + us * 1000,
                              .linktype = LINKTYPE_ETHERNET,
                              .bytes = bytes,
                              .captured_bytes = (uint32_t)n,
                              .wire_bytes = (uint32_t)n};
    trace_add(t, &f);
}

static inline size_t story_ip(uint8_t *b, const struct story_item *it, uint8_t protocol, size_t n)
{
    bool up = it->host == 'C';
    uint16_t port = it->port ? it->port : 34567;
    story_be(b + 12, 0x0800, 2);
    b[14] = 0x45;
    story_be(b + 16, (uint32_t)(n + 20), 2);
    b[22] = it->ttl ? it->ttl : 64, b[23] = protocol;
    story_be(b + 26, up ? 0x0a000001 : 0x0a000002, 4);
    story_be(b + 30, up ? 0x0a000002 : 0x0a000001, 4);
    if (protocol != PROTO_ICMP) {
        story_be(b + 34, up ? port : 9502, 2);
        story_be(b + 36, up ? 9502 : port, 2);
    }
    return n + 34;
}

/* Options of a segment, padded; their length. */
static inline size_t story_options(uint8_t *at, const struct story_item *it)
{
    static const uint8_t more[] = {4, 2, 3, 3, 7, 1, 1, 1};
    size_t n = 0;
    if (it->mss) {
        at[0] = 2, at[1] = 4;
        story_be(at + 2, it->mss, 2);
        memcpy(at + 4, more, sizeof more);
        n = 12;
    }
    if (it->tsval || it->tsecr) {
        at[n] = at[n + 1] = 1, at[n + 2] = 8, at[n + 3] = 10;
        story_be(at + n + 4, it->tsval, 4);
        story_be(at + n + 8, it->tsecr, 4);
        n += 12;
    }
    if (it->sack[1]) {
        at[n] = at[n + 1] = 1, at[n + 2] = 5, at[n + 3] = 10;
        story_be(at + n + 4, it->sack[0], 4);
        story_be(at + n + 8, it->sack[1], 4);
        n += 12;
    }
    return n;
}

static inline void story_segment(struct trace *t, const struct story_item *it)
{
    uint8_t b[1600] = {0};
    size_t data = it->data ? strlen(it->data) : 0, header = 20 + story_options(b + 54, it);
    size_t n = story_ip(b, it, PROTO_TCP, header + data);
    story_be(b + 38, it->seq, 4);
    story_be(b + 42, it->ack, 4);
    b[46] = (uint8_t)(header / 4 << 4 | it->flags >> 8);
    b[47] = (uint8_t)it->flags;
    story_be(b + 48, it->win, 2);
    story_be(b + 52, it->urgent, 2);
    if (data > 0)
        memcpy(b + 34 + header, it->data, data);
    story_feed(t, it->us, b, n);
}

static inline void story_datagram(struct trace *t, const struct story_item *it)
{
    uint8_t b[1600] = {0};
    size_t data = it->data ? strlen(it->data) : 0;
    bool udp = it->kind == STORY_UDP;
    size_t n = story_ip(b, it, udp ? PROTO_UDP : PROTO_ICMP, 8 + data);
    if (udp) {
        story_be(b + 38, (uint32_t)(8 + data), 2);
    } else {
        b[34] = (uint8_t)it->flags;
        b[35] = (uint8_t)it->win;
    }
    if (data > 0)
        memcpy(b + 42, it->data, data);
    story_feed(t, it->us, b, n);
}

static inline void story_icmp6(struct trace *t, const struct story_item *it)
{
    uint8_t b[62] = {[12] = 0x86, [13] = 0xdd, [14] = 0x60, [19] = 8, [20] = PROTO_ICMPV6};
    b[21] = it->ttl ? it->ttl : 64;
    b[22] = b[38] = 0xfe, b[23] = b[39] = 0x80;
    b[37] = it->host == 'C' ? 1 : 2;
    b[53] = it->host == 'C' ? 2 : 1;
    b[54] = (uint8_t)it->flags;
    b[55] = (uint8_t)it->win;
    story_feed(t, it->us, b, sizeof b);
}

static inline void story_arp(struct trace *t, const struct story_item *it)
{
    uint8_t b[42] = {[12] = 8, [13] = 6, [15] = 1, [16] = 8, [18] = 6, [19] = 4, [21] = 1};
    story_be(b + 28, 0x0a000001, 4);
    story_be(b + 38, 0x0a000002, 4);
    story_feed(t, it->us, b, sizeof b);
}

static inline char *story_copy(const char *s)
{
    return s ? strdup(s) : NULL;
}

static inline void story_kernel(struct annotation *a, const struct story_item *it)
{
    a->type = ANNOTATION_KERNEL;
    a->kernel.local = story_copy(it->host == 'C' ? "10.0.0.1:34567" : "10.0.0.2:9502");
    a->kernel.remote = story_copy(it->host == 'C' ? "10.0.0.2:9502" : "10.0.0.1:34567");
    a->kernel.state = story_copy(it->name);
    a->kernel.cwnd = it->win;
    a->kernel.ssthresh = it->ssthresh ? it->ssthresh : 0x7fffffff;
    a->kernel.rtt_us = it->rtt_us;
    a->kernel.rto_us = it->rto_us;
    a->kernel.unacked = it->unacked;
    a->kernel.backoff = it->backoff;
    a->kernel.retransmits = it->retransmits;
}

static inline void story_call(struct annotation *a, const struct story_item *it)
{
    char ends[2][32] = {"10.0.0.1:34567", "10.0.0.2:9502"};
    a->type = ANNOTATION_CALL;
    a->call.phase = it->kind == STORY_ENTER ? CALL_ENTER : CALL_EXIT;
    a->call.pid = a->call.tid = it->host == 'C' ? 100 : 200;
    a->call.id = it->id;
    a->call.name = story_copy(it->name);
    a->call.args = story_copy(it->data);
    a->call.fd = it->fd ? it->fd : 3;
    a->call.ret = it->ret;
    a->call.error = story_copy(it->error);
    if (it->kind == STORY_EXIT && strcmp(it->name, "listen") == 0)
        a->call.local = story_copy("0.0.0.0:9502");
    if (it->linked) {
        a->call.local = story_copy(ends[it->host == 'S']);
        a->call.remote = story_copy(ends[it->host != 'S']);
    }
}

static inline void story_annotate(struct trace *t, const struct story_item *it)
{
    struct annotation a = {.host = it->host};
    struct text frame = {0};
    if (it->kind == STORY_FATE) {
        a.type = ANNOTATION_FATE;
        a.fate.from = it->host;
        a.fate.sent_ns = STORY_START_NS + it->of_us * 1000;
        a.fate.fate = it->fate;
        a.fate.copy = it->copy;
        a.fate.corrupted = it->corrupted;
        a.fate.reason = story_copy("a rule");
    } else if (it->kind == STORY_PRINT || it->kind == STORY_TYPE) {
        a.type = ANNOTATION_CONSOLE;
        a.console.text = story_copy(it->data);
        a.console.typed = it->kind == STORY_TYPE;
    } else if (it->kind == STORY_PROCESS) {
        a.type = ANNOTATION_PROCESS;
        a.process.event = (enum process_event)it->flags;
        a.process.status = (int)it->ret;
        a.process.program = story_copy(it->name);
    } else if (it->kind == STORY_KERNEL) {
        story_kernel(&a, it);
    } else {
        story_call(&a, it);
    }
    annotation_write(&a, &frame);
    annotation_free(&a);
    story_feed(t, it->us, frame.s, frame.len);
    text_free(&frame);
}

static inline void story_session(struct trace *t)
{
    struct annotation a = {.type = ANNOTATION_SESSION};
    struct text frame = {0};
    a.session.version = SESSION_VERSION;
    a.session.writer = (char[]){"story"};
    a.session.tier = (char[]){"hosts"};
    a.session.addresses[0] = (char[]){"10.0.0.1"};
    a.session.addresses[1] = (char[]){"10.0.0.2"};
    a.session.server_port = 9502;
    annotation_write(&a, &frame);
    story_feed(t, 0, frame.s, frame.len);
    text_free(&frame);
}

/* One item more; in a plain capture only packets are. */
static inline void story_add(struct trace *t, const struct story *s, const struct story_item *it)
{
    if (it->kind == STORY_SEGMENT)
        story_segment(t, it);
    else if (it->kind == STORY_UDP || it->kind == STORY_ICMP)
        story_datagram(t, it);
    else if (it->kind == STORY_ICMP6)
        story_icmp6(t, it);
    else if (it->kind == STORY_ARP)
        story_arp(t, it);
    else if (s->session)
        story_annotate(t, it);
}

static inline struct trace *story_begin(const struct story *s)
{
    struct trace *t = trace_new();
    if (s->session)
        story_session(t);
    return t;
}

/* The trace of a story. */
static inline struct trace *story_trace(const struct story *s)
{
    struct trace *t = story_begin(s);
    for (size_t i = 0; i < s->count; i++)
        story_add(t, s, &s->items[i]);
    return t;
}

/* C opens, sends four segments of which the second is lost and sent again after three duplicate
 * ACKs, and closes; S closes after it. */
static inline void story_classic(struct story *s, bool session)
{
    const uint32_t c = STORY_J + 1, k = STORY_K + 1;
    const uint16_t a = TCP_ACK, pa = TCP_PSH | TCP_ACK;
#define SEG(us, host, flags, seq, ack, payload)                                                    \
    {                                                                                              \
        us, STORY_SEGMENT, host, flags, seq, ack, 502, .data = payload                             \
    }
#define DELIVERED(us, host, of)                                                                    \
    {                                                                                              \
        us, STORY_FATE, host, .of_us = (of), .fate = FATE_DELIVERED                                \
    }
#define ENTER(us, host, n, call, args)                                                             \
    {                                                                                              \
        us, STORY_ENTER, host, .data = args, .name = call, .id = n                                 \
    }
#define ENTER_ON(us, host, n, call, args)                                                          \
    {                                                                                              \
        us, STORY_ENTER, host, .data = args, .name = call, .id = n, .linked = true                 \
    }
#define EXIT(us, host, n, call, args, value)                                                       \
    {                                                                                              \
        us, STORY_EXIT, host, .data = args, .name = call, .id = n, .ret = value, .linked = true    \
    }
    const struct story_item items[] = {
        {0, STORY_PROCESS, 'S', PROCESS_STARTED, .name = "server"},
        ENTER(10, 'S', 1, "socket", "AF_INET, SOCK_STREAM, 0"),
        {20, STORY_EXIT, 'S', .data = "AF_INET, SOCK_STREAM, 0", .name = "socket", .id = 1,
         .ret = 3},
        ENTER(30, 'S', 2, "listen", "3, 5"),
        {40, STORY_EXIT, 'S', .data = "3, 5", .name = "listen", .id = 2},
        ENTER(50, 'S', 3, "accept", "3"),
        ENTER(100000, 'C', 4, "connect", "3, 10.0.0.2:9502"),
        {100040, STORY_SEGMENT, 'C', TCP_SYN, STORY_J, 0, 64240, .mss = 1460},
        DELIVERED(110040, 'C', 100040),
        {110080, STORY_SEGMENT, 'S', TCP_SYN | TCP_ACK, STORY_K, c, 65160, .mss = 1400},
        {110400, STORY_KERNEL, 'S', .name = "SYN-RECEIVED"},
        DELIVERED(120080, 'S', 110080),
        SEG(120100, 'C', a, c, k, NULL),
        EXIT(120140, 'C', 4, "connect", "3, 10.0.0.2:9502", 0),
        DELIVERED(130100, 'C', 120100),
        EXIT(130140, 'S', 3, "accept", "3, 10.0.0.1:34567", 4),
        ENTER_ON(140000, 'C', 5, "send", "3, \"hello\\n\", 6"),
        SEG(140040, 'C', pa, c, k, "hello\n"),
        EXIT(140060, 'C', 5, "send", "3, \"hello\\n\", 6", 6),
        DELIVERED(150040, 'C', 140040),
        SEG(150080, 'S', a, k, c + 6, NULL),
        DELIVERED(160080, 'S', 150080),
        SEG(170000, 'C', pa, c + 6, k, "two"),
        {170010, STORY_FATE, 'C', .of_us = 170000, .fate = FATE_DROPPED},
        SEG(171000, 'C', pa, c + 9, k, "three"),
        DELIVERED(181000, 'C', 171000),
        SEG(181040, 'S', a, k, c + 6, NULL),
        SEG(182000, 'C', pa, c + 14, k, "four"),
        SEG(183000, 'C', pa, c + 18, k, "five"),
        DELIVERED(191040, 'S', 181040),
        DELIVERED(192000, 'C', 182000),
        SEG(192040, 'S', a, k, c + 6, NULL),
        DELIVERED(193000, 'C', 183000),
        SEG(193040, 'S', a, k, c + 6, NULL),
        DELIVERED(202040, 'S', 192040),
        DELIVERED(203040, 'S', 193040),
        SEG(203080, 'C', pa, c + 6, k, "two"),
        {204100, STORY_KERNEL, 'C', .win = 5, .name = "ESTABLISHED", .ssthresh = 5, .unacked = 4,
         .backoff = 1, .retransmits = 1, .rtt_us = 20100, .rto_us = 220000},
        DELIVERED(213080, 'C', 203080),
        SEG(213120, 'S', a, k, c + 22, NULL),
        DELIVERED(223120, 'S', 213120),
        {223200, STORY_PRINT, 'S', .data = "got 22 bytes\n"},
        ENTER_ON(300000, 'C', 6, "close", "3"),
        SEG(300040, 'C', TCP_FIN | TCP_ACK, c + 22, k, NULL),
        EXIT(300060, 'C', 6, "close", "3", 0),
        DELIVERED(310040, 'C', 300040),
        SEG(310080, 'S', a, k, c + 23, NULL),
        ENTER_ON(310100, 'S', 7, "close", "4"),
        SEG(311000, 'S', TCP_FIN | TCP_ACK, k, c + 23, NULL),
        EXIT(311020, 'S', 7, "close", "4", 0),
        DELIVERED(320080, 'S', 310080),
        DELIVERED(321000, 'S', 311000),
        SEG(321040, 'C', a, c + 23, k + 1, NULL),
        DELIVERED(331040, 'C', 321040),
        {400000, STORY_UDP, 'C', .data = "ping"},
        {401000, STORY_ICMP, 'S', .flags = 3, .win = 3},
        {500000, STORY_PROCESS, 'C', PROCESS_EXITED, .name = "client", .ret = 0},
    };
#undef SEG
#undef DELIVERED
#undef ENTER
#undef ENTER_ON
#undef EXIT
    s->session = session;
    s->count = sizeof items / sizeof items[0];
    memcpy(s->items, items, sizeof items);
}

/* What the classic story has not: options, urgent data, ECN, what a wire makes of packets, a RST,
 * programs that are typed to and killed, packets of other protocols. */
static inline void story_rare(struct story *s)
{
    const uint32_t c = STORY_J + 1, k = STORY_K + 1;
    const uint16_t a = TCP_ACK;
    const struct story_item items[] = {
        {0, STORY_PROCESS, 'C', PROCESS_STARTED, .name = "client"},
        {.us = 1000, .kind = STORY_ARP, .host = 'C'},
        {2000, STORY_ICMP6, 'S', .flags = 1, .win = 4},
        {2500, STORY_TYPE, 'C', .data = "go\n"},
        {2600, STORY_ENTER, 'C', .data = "3, 10.0.0.2:9502", .name = "connect", .id = 1},
        {2700, STORY_EXIT, 'C', .data = "3, 10.0.0.2:9502", .name = "connect", .id = 1, .ret = -1,
         .error = "EINPROGRESS"},
        {3000, STORY_SEGMENT, 'C', TCP_SYN | TCP_ECE | TCP_CWR | TCP_AE, STORY_J, 0, 64240,
         .mss = 1460, .tsval = 100},
        {3500, STORY_FATE, 'C', .of_us = 3000, .fate = FATE_DELIVERED},
        {4000, STORY_SEGMENT, 'S', TCP_SYN | a | TCP_ECE, STORY_K, c, 65160, .mss = 1460,
         .tsval = 200, .tsecr = 100},
        {4500, STORY_FATE, 'S', .of_us = 4000, .fate = FATE_DELIVERED},
        {5000, STORY_SEGMENT, 'C', a, c, k, 502, .tsval = 101, .tsecr = 200, .ttl = 60},
        {5500, STORY_FATE, 'C', .of_us = 5000, .fate = FATE_DELIVERED},
        {6000, STORY_SEGMENT, 'C', TCP_PSH | TCP_URG | a, c, k, 502, .data = "abc", .urgent = 3},
        {6500, STORY_FATE, 'C', .of_us = 6000, .fate = FATE_DROPPED, .corrupted = true},
        {7000, STORY_SEGMENT, 'C', TCP_PSH | a, c + 3, k, 502, .data = "defg"},
        {7500, STORY_FATE, 'C', .of_us = 7000, .fate = FATE_DELIVERED},
        {7600, STORY_FATE, 'C', .of_us = 7000, .fate = FATE_DELIVERED, .copy = 1},
        {8000, STORY_SEGMENT, 'S', a, k, c, 502, .data = NULL, .sack = {c + 3, c + 7}},
        {8500, STORY_FATE, 'S', .of_us = 8000, .fate = FATE_DELIVERED},
        {9000, STORY_SEGMENT, 'S', TCP_RST | a, k, c, 502, .data = NULL},
        {9500, STORY_FATE, 'S', .of_us = 9000, .fate = FATE_DELIVERED},
        {9600, STORY_PROCESS, 'S', PROCESS_KILLED, .name = "server", .ret = 9},
    };
    s->session = true;
    s->count = sizeof items / sizeof items[0];
    memcpy(s->items, items, sizeof items);
}

#endif
