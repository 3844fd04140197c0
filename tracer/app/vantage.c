#include "tracer/app/vantage.h"

#include "tracer/base/alloc.h"
#include "tracer/decode/packet.h"
#include "tracer/session/annotation.h"
#include "tracer/trace/keyed.h"
#include "tracer/trace/trace.h"

#include <stdlib.h>
#include <string.h>

/* Packets that are remembered for their fates, the last ones: several windows' worth. */
enum { REMEMBERED = 1 << 16 };

struct remembered {
    struct capture_frame frame;
    uint8_t *bytes; /* (owned) */
};

struct vantage {
    char host;
    bool session; /* its first annotation has come */
    struct address addresses[2], addresses6[2];
    bool has_ipv6;
    uint16_t server_port;
    struct remembered *packets; /* (owned) a ring */
    size_t count;               /* all that were ever put there */
    struct keyed by_stamp;
};

struct vantage *vantage_new(char host)
{
    struct vantage *v = xcalloc(1, sizeof *v);
    v->host = host;
    v->packets = xcalloc(REMEMBERED, sizeof *v->packets);
    return v;
}

void vantage_free(struct vantage *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < REMEMBERED; i++)
        free(v->packets[i].bytes);
    free(v->packets);
    keyed_free(&v->by_stamp);
    free(v);
}

static struct key stamp_key(int64_t sent_ns)
{
    return (struct key){.a = (uint64_t)sent_ns};
}

/* The host that sent a packet, by its address; by its port where both hosts have one address. */
static char sender(const struct vantage *v, const struct capture_frame *frame)
{
    struct frame raw = trace_frame(frame);
    struct packet p;
    packet_decode(&raw, &p);
    if (address_equal(&v->addresses[0], &v->addresses[1])) {
        uint16_t port = p.is_tcp ? p.tcp.source_port : p.udp_source_port;
        return port == v->server_port ? 'S' : 'C';
    }
    for (int i = 0; i < 2; i++)
        if (address_equal(&p.source, &v->addresses[i]) ||
            (v->has_ipv6 && address_equal(&p.source, &v->addresses6[i])))
            return "CS"[i];
    return 0;
}

static void remember(struct vantage *v, const struct capture_frame *frame)
{
    struct remembered *r = &v->packets[v->count % REMEMBERED];
    if (r->bytes)
        keyed_take(&v->by_stamp, stamp_key(r->frame.time_ns));
    free(r->bytes);
    r->frame = *frame;
    r->bytes = xmalloc(frame->captured_bytes + 1);
    if (frame->captured_bytes > 0)
        memcpy(r->bytes, frame->bytes, frame->captured_bytes);
    r->frame.bytes = r->bytes;
    keyed_add(&v->by_stamp, stamp_key(frame->time_ns), (uint32_t)(v->count % REMEMBERED));
    v->count++;
}

static void take_session(struct vantage *v, const struct annotation *a)
{
    v->session = true;
    v->server_port = a->session.server_port;
    for (int i = 0; i < 2; i++)
        if (a->session.addresses[i])
            address_parse(a->session.addresses[i], &v->addresses[i]);
    v->has_ipv6 = a->session.addresses6[0] && a->session.addresses6[1] &&
                  address_parse(a->session.addresses6[0], &v->addresses6[0]) &&
                  address_parse(a->session.addresses6[1], &v->addresses6[1]);
}

/* What was sent to the host has come. */
static bool take_fate(struct vantage *v, const struct annotation *a, struct capture_frame *frame)
{
    if (a->fate.from == v->host || a->fate.fate != FATE_DELIVERED)
        return false;
    uint32_t at = keyed_find(&v->by_stamp, stamp_key(a->fate.sent_ns));
    if (at == KEYED_NONE)
        return false;
    int64_t came_ns = frame->time_ns;
    *frame = v->packets[at].frame;
    frame->time_ns = came_ns;
    return true;
}

static bool take_annotation(struct vantage *v, struct capture_frame *frame)
{
    struct annotation a;
    struct error ignored;
    bool seen = false;
    if (annotation_read(frame->bytes, frame->captured_bytes, &a, &ignored) != 0)
        return false;
    if (a.type == ANNOTATION_SESSION)
        take_session(v, &a);
    else if (a.type == ANNOTATION_FATE)
        seen = take_fate(v, &a, frame);
    annotation_free(&a);
    return seen;
}

bool vantage_take(struct vantage *v, struct capture_frame *frame)
{
    if (frame->linktype == LINKTYPE_ETHERNET && annotation_is(frame->bytes, frame->captured_bytes))
        return take_annotation(v, frame);
    if (!v->session)
        return false;
    char from = sender(v, frame);
    if (from != v->host)
        remember(v, frame);
    return from == v->host;
}

int vantage_end(const struct vantage *v, struct error *e)
{
    if (v->session)
        return 0;
    return error_exit(e, EXIT_WRONG_USAGE,
                      "--at is for a session of tcplab's, which has two hosts; this is a plain "
                      "capture, made where it was made.");
}
