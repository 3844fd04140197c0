/* For tests only: a trace told as a story. Frames and annotations are built as a session would
 * carry them and given to the trace, so that what is drawn has gone the whole way. */
#ifndef TRACER_VIEW_SCENE_H
#define TRACER_VIEW_SCENE_H

#include "tracer/session/annotation.h"
#include "tracer/trace/trace.h"

#include <string.h>

struct scene {
    struct trace *trace;
    int64_t start_ns;
    uint64_t calls;
    int line; /* of the source, that makes the next call; 0 for none */
};

struct scene_segment {
    char from; /* 'C' or 'S' */
    uint16_t flags;
    uint32_t seq, ack;
    const char *data;     /* or NULL */
    uint16_t client_port; /* 0: 34567 */
    uint32_t client;      /* last byte of the client's address; 0: 1 */
};

static inline void scene_be(uint8_t *at, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

static inline void scene_add(struct scene *s, int64_t at_us, const void *bytes, size_t n)
{
    struct capture_frame f = {.time_ns = s->start_ns + at_us * 1000,
                              .linktype = LINKTYPE_ETHERNET,
                              .bytes = bytes,
                              .captured_bytes = (uint32_t)n,
                              .wire_bytes = (uint32_t)n};
    trace_add(s->trace, &f);
}

/* A TCP segment, `at_us` after the start; SYNs carry MSS, SACK permitted and a window scale. */
static inline void scene_sends(struct scene *s, int64_t at_us, struct scene_segment g)
{
    static const uint8_t options[12] = {2, 4, 5, 0xb4, 4, 2, 1, 3, 3, 7, 1, 1};
    uint8_t b[2048] = {0};
    size_t data = g.data ? strlen(g.data) : 0, header = g.flags & TCP_SYN ? 32 : 20;
    size_t n = 14 + 20 + header + data;
    uint32_t client = 0x0a000000 + (g.client ? g.client : 1), server = 0x0a000002;
    uint16_t port = g.client_port ? g.client_port : 34567;
    bool up = g.from == 'C';
    scene_be(b + 12, 0x0800, 2);
    b[14] = 0x45;
    scene_be(b + 16, (uint32_t)(n - 14), 2);
    b[22] = 64, b[23] = PROTO_TCP;
    scene_be(b + 26, up ? client : server, 4);
    scene_be(b + 30, up ? server : client, 4);
    scene_be(b + 34, up ? port : 9502, 2);
    scene_be(b + 36, up ? 9502 : port, 2);
    scene_be(b + 38, g.seq, 4);
    scene_be(b + 42, g.ack, 4);
    b[46] = (uint8_t)(header / 4 << 4);
    b[47] = (uint8_t)g.flags;
    scene_be(b + 48, 64240, 2);
    if (header > 20)
        memcpy(b + 54, options, sizeof options);
    if (data > 0)
        memcpy(b + 34 + header, g.data, data);
    scene_add(s, at_us, b, n);
}

static inline void scene_annotate(struct scene *s, int64_t at_us, const struct annotation *a)
{
    struct text frame = {0};
    annotation_write(a, &frame);
    scene_add(s, at_us, frame.s, frame.len);
    text_free(&frame);
}

/* What became of the segment that was sent at `sent_us`. */
static inline void scene_fate(struct scene *s, int64_t at_us, char from, int64_t sent_us,
                              enum fate fate)
{
    struct annotation a = {.type = ANNOTATION_FATE};
    a.fate.from = from;
    a.fate.sent_ns = s->start_ns + sent_us * 1000;
    a.fate.fate = fate;
    scene_annotate(s, at_us, &a);
}

/* Sent at `at_us`, delivered 10 ms later: only for stories in which nothing happens between. */
static inline void scene_crosses(struct scene *s, int64_t at_us, struct scene_segment g)
{
    scene_sends(s, at_us, g);
    scene_fate(s, at_us + 10000, g.from, at_us, FATE_DELIVERED);
}

static inline uint64_t scene_enters(struct scene *s, int64_t at_us, char host, char *name,
                                    char *args)
{
    struct annotation a = {.type = ANNOTATION_CALL, .host = host};
    char client[] = "client.c", server[] = "server.c", function[] = "main";
    a.call.phase = CALL_ENTER;
    a.call.pid = a.call.tid = host == 'C' ? 100 : 200;
    a.call.id = ++s->calls;
    a.call.name = name;
    a.call.args = args;
    a.call.fd = 3;
    if (s->line > 0) {
        a.call.file = host == 'C' ? client : server;
        a.call.line = s->line;
        a.call.function = function;
        s->line = 0;
    }
    scene_annotate(s, at_us, &a);
    return s->calls;
}

static inline void scene_returns(struct scene *s, int64_t at_us, char host, uint64_t id, char *name,
                                 char *args, int64_t ret, char *error)
{
    struct annotation a = {.type = ANNOTATION_CALL, .host = host};
    a.call.phase = CALL_EXIT;
    a.call.pid = a.call.tid = host == 'C' ? 100 : 200;
    a.call.id = id;
    a.call.name = name;
    a.call.args = args;
    a.call.fd = 3;
    a.call.ret = ret;
    a.call.error = error;
    scene_annotate(s, at_us, &a);
}

/* A call that returned at once. */
static inline void scene_calls(struct scene *s, int64_t at_us, char host, char *name, char *args,
                               int64_t ret)
{
    uint64_t id = scene_enters(s, at_us, host, name, args);
    scene_returns(s, at_us + 4, host, id, name, args, ret, NULL);
}

static inline void scene_prints(struct scene *s, int64_t at_us, char host, char *words)
{
    struct annotation a = {.type = ANNOTATION_CONSOLE, .host = host};
    a.console.text = words;
    scene_annotate(s, at_us, &a);
}

static inline void scene_process(struct scene *s, int64_t at_us, char host,
                                 enum process_event event, int status, char *program)
{
    struct annotation a = {.type = ANNOTATION_PROCESS, .host = host};
    a.process.event = event;
    a.process.pid = host == 'C' ? 100 : 200;
    a.process.status = status;
    a.process.program = program;
    scene_annotate(s, at_us, &a);
}

static inline void scene_notes(struct scene *s, int64_t at_us, char *words)
{
    struct annotation a = {.type = ANNOTATION_NOTE};
    a.note.text = words;
    scene_annotate(s, at_us, &a);
}

/* Begin: a session between the hosts C and S, or (without `session`) a plain capture. */
static inline void scene_begin(struct scene *s, bool session)
{
    struct annotation a = {.type = ANNOTATION_SESSION};
    *s = (struct scene){.trace = trace_new(), .start_ns = INT64_C(1700000000000000000)};
    a.session.version = SESSION_VERSION;
    a.session.writer = (char[]){"scene"};
    a.session.lab = (char[]){"handshake"};
    a.session.profile = (char[]){"classic"};
    a.session.kernel = (char[]){"6.1"};
    a.session.tier = (char[]){"hosts"};
    a.session.addresses[0] = (char[]){"10.0.0.1"};
    a.session.addresses[1] = (char[]){"10.0.0.2"};
    a.session.server_port = 9502;
    if (session)
        scene_annotate(s, 0, &a);
}

/* How host `host`'s kernel has the connection. */
static inline void scene_kernel(struct scene *s, int64_t at_us, char host, char *state, int cwnd,
                                int unacked)
{
    struct annotation a = {.type = ANNOTATION_KERNEL, .host = host};
    char client[] = "10.0.0.1:34567", server[] = "10.0.0.2:9502";
    a.kernel.local = host == 'C' ? client : server;
    a.kernel.remote = host == 'C' ? server : client;
    a.kernel.state = state;
    a.kernel.cwnd = cwnd;
    a.kernel.ssthresh = 0x7fffffff;
    a.kernel.rtt_us = cwnd > 0 ? 20059 : 0;
    a.kernel.rto_us = cwnd > 0 ? 220000 : 0;
    a.kernel.unacked = unacked;
    scene_annotate(s, at_us, &a);
}

static inline void scene_end(struct scene *s)
{
    trace_free(s->trace);
}

#define SCENE_SYN ((struct scene_segment){'C', TCP_SYN, 2927179378u, 0, 0, 0, 0})
#define SCENE_SYN_ACK                                                                              \
    ((struct scene_segment){'S', TCP_SYN | TCP_ACK, 1181523844u, 2927179379u, 0, 0, 0})
#define SCENE_ACK ((struct scene_segment){'C', TCP_ACK, 2927179379u, 1181523845u, 0, 0, 0})

/* The server's calls up to a blocked accept(); returns its id. */
static inline uint64_t scene_server(struct scene *s)
{
    scene_process(s, 0, 'S', PROCESS_STARTED, 0, (char[]){"server"});
    scene_calls(s, 310, 'S', (char[]){"socket"}, (char[]){"AF_INET, SOCK_STREAM"}, 3);
    scene_calls(s, 420, 'S', (char[]){"bind"}, (char[]){"3, 0.0.0.0:9502"}, 0);
    scene_calls(s, 510, 'S', (char[]){"listen"}, (char[]){"3, 5"}, 0);
    return scene_enters(s, 600, 'S', (char[]){"accept"}, (char[]){"3"});
}

/* The whole of the first lesson: connect() blocks until the SYN-ACK, accept() returns after. */
static inline void scene_handshake(struct scene *s)
{
    uint64_t accept = scene_server(s);
    scene_process(s, 100000, 'C', PROCESS_STARTED, 0, (char[]){"client"});
    scene_calls(s, 100200, 'C', (char[]){"socket"}, (char[]){"AF_INET, SOCK_STREAM"}, 3);
    uint64_t connect =
        scene_enters(s, 100310, 'C', (char[]){"connect"}, (char[]){"3, 10.0.0.2:9502"});
    scene_crosses(s, 100351, SCENE_SYN);
    scene_sends(s, 110380, SCENE_SYN_ACK);
    scene_fate(s, 120391, 'S', 110380, FATE_DELIVERED);
    scene_sends(s, 120410, SCENE_ACK);
    scene_returns(s, 120433, 'C', connect, (char[]){"connect"}, (char[]){"3, 10.0.0.2:9502"}, 0,
                  NULL);
    scene_fate(s, 130425, 'C', 120410, FATE_DELIVERED);
    scene_returns(s, 130480, 'S', accept, (char[]){"accept"}, (char[]){"3, 10.0.0.1:34567"}, 4,
                  NULL);
}

/* Data both ways at once, a lost segment sent again after a silence, then the teardown. */
static inline void scene_rest(struct scene *s)
{
    uint32_t c = 2927179379u, k = 1181523845u;
    uint64_t write =
        scene_enters(s, 200000, 'C', (char[]){"write"}, (char[]){"3, \"hello\\n\", 6"});
    scene_sends(s, 200030, (struct scene_segment){'C', TCP_PSH | TCP_ACK, c, k, "hello\n", 0, 0});
    scene_returns(s, 200060, 'C', write, (char[]){"write"}, (char[]){"3, \"hello\\n\", 6"}, 6,
                  NULL);
    uint64_t read = scene_enters(s, 200090, 'C', (char[]){"read"}, (char[]){"3, 1024"});
    scene_sends(s, 203000, (struct scene_segment){'S', TCP_PSH | TCP_ACK, k, c, "welcome\n", 0, 0});
    scene_fate(s, 210040, 'C', 200030, FATE_DELIVERED);
    scene_fate(s, 213010, 'S', 203000, FATE_DELIVERED);
    scene_returns(s, 213040, 'C', read, (char[]){"read"}, (char[]){"3, \"welcome\\n\", 1024"}, 8,
                  NULL);
    scene_prints(s, 213080, 'C', (char[]){"welcome\n"});
    scene_sends(s, 213100, (struct scene_segment){'C', TCP_ACK, c + 6, k + 8, NULL, 0, 0});
    scene_sends(s, 214000, (struct scene_segment){'S', TCP_ACK, k + 8, c + 6, NULL, 0, 0});
    scene_fate(s, 223110, 'C', 213100, FATE_DELIVERED);
    scene_fate(s, 224010, 'S', 214000, FATE_DELIVERED);
    scene_sends(s, 230000,
                (struct scene_segment){'C', TCP_PSH | TCP_ACK, c + 6, k + 8, "again", 0, 0});
    scene_fate(s, 230020, 'C', 230000, FATE_DROPPED);
    scene_sends(s, 1232000,
                (struct scene_segment){'C', TCP_PSH | TCP_ACK, c + 6, k + 8, "again", 0, 0});
    scene_fate(s, 1242010, 'C', 1232000, FATE_DELIVERED);
    scene_crosses(s, 1242040, (struct scene_segment){'S', TCP_ACK, k + 8, c + 11, NULL, 0, 0});
    scene_calls(s, 1300000, 'C', (char[]){"close"}, (char[]){"3"}, 0);
    scene_crosses(s, 1300050,
                  (struct scene_segment){'C', TCP_FIN | TCP_ACK, c + 11, k + 8, NULL, 0, 0});
    scene_sends(s, 1310080, (struct scene_segment){'S', TCP_ACK, k + 8, c + 12, NULL, 0, 0});
    scene_calls(s, 1310100, 'S', (char[]){"close"}, (char[]){"4"}, 0);
    scene_sends(s, 1311050,
                (struct scene_segment){'S', TCP_FIN | TCP_ACK, k + 8, c + 12, NULL, 0, 0});
    scene_fate(s, 1320090, 'S', 1310080, FATE_DELIVERED);
    scene_fate(s, 1321060, 'S', 1311050, FATE_DELIVERED);
    scene_crosses(s, 1321080, (struct scene_segment){'C', TCP_ACK, c + 12, k + 9, NULL, 0, 0});
    scene_process(s, 1332000, 'C', PROCESS_EXITED, 0, (char[]){"client"});
}

#endif
