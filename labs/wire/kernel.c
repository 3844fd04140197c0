#include "labs/wire/kernel.h"

#include "labs/wire/diag.h"
#include "tracer/base/alloc.h"
#include "tracer/flow/flow.h"

#include <stdlib.h>
#include <string.h>

enum {
    AGAIN_NS = 1000000,  /* when a host is asked once more */
    SELDOM_NS = 1000000, /* a host is asked no more often than this, while data flows */
    SOON_MOST = 64,      /* ends that are asked when the frames have been dealt with */
    PENDING_MOST = 1024, /* ends that wait to be asked again */
};

/* One end of a connection, as its host's kernel told it last. */
struct end {
    int64_t asked_ns; /* 0: never */
    bool pending;     /* is asked again a moment later */
    bool soon;        /* is asked when the frames have been dealt with */
    struct annotation said;
};

struct kernel {
    int fds[2];                /* (borrowed) */
    struct recorder *recorder; /* (borrowed) */
    struct flow_table *flows;  /* (owned) */
    struct end *ends;          /* (owned) two a flow */
    size_t end_count, end_cap;
    uint32_t soon[SOON_MOST];
    size_t soon_count;
    struct {
        uint32_t end;
        int64_t due_ns;
    } pending[PENDING_MOST]; /* a ring, in order of time */
    size_t first, count;
};

struct kernel *kernel_new(const int diag_fds[2], struct recorder *recorder)
{
    struct kernel *k = xcalloc(1, sizeof *k);
    k->fds[0] = diag_fds[0];
    k->fds[1] = diag_fds[1];
    k->recorder = recorder;
    k->flows = flow_table_new();
    return k;
}

void kernel_free(struct kernel *k)
{
    if (!k)
        return;
    flow_table_free(k->flows);
    free(k->ends);
    free(k);
}

static bool same(const struct annotation *a, const struct annotation *b)
{
    return a->kernel.state == b->kernel.state && a->kernel.cwnd == b->kernel.cwnd &&
           a->kernel.ssthresh == b->kernel.ssthresh && a->kernel.rtt_us == b->kernel.rtt_us &&
           a->kernel.rto_us == b->kernel.rto_us && a->kernel.unacked == b->kernel.unacked &&
           a->kernel.backoff == b->kernel.backoff && a->kernel.retransmits == b->kernel.retransmits;
}

/* Ends are numbered flow * 2 + side; the host of an end was found when it was first met. */
static void ask(struct kernel *k, uint32_t end, int64_t now_ns)
{
    const struct flow *f = flow_at(k->flows, end / 2);
    struct end *e = &k->ends[end];
    int side = (int)(end % 2), host = e->said.host == 'S';
    struct annotation a = {.type = ANNOTATION_KERNEL, .host = e->said.host};
    bool first = e->asked_ns == 0;
    e->asked_ns = now_ns;
    if (!diag_ask(k->fds[host], &f->ends[side], &f->ends[!side], &a) ||
        (!first && same(&a, &e->said)))
        return;
    e->said = a;
    recorder_kernel(k->recorder, &a, &f->ends[side], &f->ends[!side]);
}

static void ask_again(struct kernel *k, uint32_t end, int64_t due_ns)
{
    if (k->ends[end].pending || k->count == PENDING_MOST)
        return;
    k->ends[end].pending = true;
    size_t at = (k->first + k->count++) % PENDING_MOST;
    k->pending[at].end = end;
    k->pending[at].due_ns = due_ns;
}

static struct end *end_of(struct kernel *k, uint32_t end, int host)
{
    while (k->end_count <= (end | 1)) {
        xgrow(&k->ends, &k->end_cap, k->end_count, sizeof *k->ends);
        k->ends[k->end_count++] = (struct end){0};
    }
    k->ends[end].said.host = "CS"[host];
    return &k->ends[end];
}

void kernel_moved(struct kernel *k, int host, bool sent, const uint8_t *bytes,
                  uint32_t length_bytes, int64_t now_ns)
{
    struct frame raw = {now_ns, LINKTYPE_ETHERNET, 0, bytes, length_bytes, length_bytes};
    struct packet p;
    int side;
    if (k->fds[host] < 0)
        return;
    packet_decode(&raw, &p);
    if (!p.is_tcp)
        return;
    uint32_t flow = flow_of(k->flows, &p, &side)->index;
    uint32_t end = flow * 2 + (uint32_t)(sent ? side : !side);
    struct end *e = end_of(k, end, host);
    bool now = (p.tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST)) || e->asked_ns == 0 ||
               now_ns - e->asked_ns >= SELDOM_NS;
    if (now && !e->soon && k->soon_count < SOON_MOST) {
        e->soon = true;
        k->soon[k->soon_count++] = end;
    }
    ask_again(k, end, now_ns + AGAIN_NS);
}

int64_t kernel_turn(struct kernel *k, int64_t now_ns)
{
    for (size_t i = 0; i < k->soon_count; i++) {
        k->ends[k->soon[i]].soon = false;
        ask(k, k->soon[i], now_ns);
    }
    k->soon_count = 0;
    while (k->count > 0 && k->pending[k->first].due_ns <= now_ns) {
        uint32_t end = k->pending[k->first].end;
        k->first = (k->first + 1) % PENDING_MOST;
        k->count--;
        k->ends[end].pending = false;
        ask(k, end, now_ns);
    }
    return k->count > 0 ? k->pending[k->first].due_ns : INT64_MAX;
}
