#include "labs/wire/kernel.h"

#include "labs/wire/alarms.h"
#include "labs/wire/diag.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/flow/flow.h"

#include <stdlib.h>
#include <string.h>

enum {
    SOON_MOST = 64,        /* ends that are asked when the frames have been dealt with */
    SELDOM_NS = 1000000,   /* a host is asked no more often than this, and then once more */
    RARELY_NS = 10000000,  /* and than this while much does: */
    MUCH = 16,             /* so many segments a millisecond */
    JIFFY_NS = 12000000,   /* a timer may run out so much before it was said to */
    BEFORE_NS = 15000000,  /* it does, and it is asked whether all is still there */
    AROUND_NS = 5000000,   /* between two questions from then on: the kernel's timers are coarse */
    SLOWLY_NS = 100000000, /* and where no timer tells when */
    MANY = 100,            /* with as many more to ask it is as long again */
    LAST_MOST = 1000,      /* that are asked at the end */
};

/* One end of a connection, as its host's kernel told it last. */
struct end {
    int64_t asked_ns;  /* 0: never */
    int64_t due_ns;    /* when to ask again; 0: not before it moves */
    int64_t timer_ns;  /* when its timer runs out; 0: none runs */
    int64_t seldom_ns; /* how often it is asked at the most */
    uint32_t moves;    /* since it was asked */
    bool pending;      /* due_ns is a moment after it moved */
    bool soon;         /* it is asked when the frames have been dealt with */
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
    struct alarms alarms; /* an end's counts where it is its due_ns */
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
    alarms_free(&k->alarms);
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

static bool said(const struct annotation *a, const char *state)
{
    return a->kernel.state && strcmp(a->kernel.state, state) == 0;
}

static void ask_at(struct kernel *k, uint32_t end, int64_t due_ns)
{
    k->ends[end].due_ns = due_ns;
    alarms_set(&k->alarms, due_ns, end);
}

/* Right before its timer runs out and, until something has come of that, after; what its program
 * may end without a segment (RFC 9293 section 3.10.4: a SYN is not followed by a FIN; and a socket
 * that is closed while it waits for a FIN gets its timer only then), every so often. */
static void ask_in_time(struct kernel *k, uint32_t end, int64_t now_ns)
{
    struct end *e = &k->ends[end];
    int64_t crowd = 1 + (int64_t)k->alarms.count / MANY;
    int64_t due_ns = INT64_MAX, slowly_ns = now_ns + SLOWLY_NS * crowd;
    bool near = e->timer_ns - BEFORE_NS <= now_ns;
    e->due_ns = 0;
    if (e->timer_ns > 0)
        due_ns = near ? now_ns + AROUND_NS * crowd : e->timer_ns - BEFORE_NS;
    if ((said(&e->said, "SYN-SENT") || said(&e->said, "FIN-WAIT-2")) && slowly_ns < due_ns)
        due_ns = slowly_ns;
    if (due_ns < INT64_MAX)
        ask_at(k, end, due_ns);
}

/* Ends are numbered flow * 2 + side; the host of an end was found when it was first met. */
static void ask(struct kernel *k, uint32_t end, int64_t now_ns)
{
    const struct flow *f = flow_at(k->flows, end / 2);
    struct end *e = &k->ends[end];
    struct diag_timer timer;
    int side = (int)(end % 2), host = e->said.host == 'S';
    struct annotation a = {.type = ANNOTATION_KERNEL, .host = e->said.host};
    bool much = e->moves * NS_PER_MS > MUCH * (now_ns - e->asked_ns);
    e->seldom_ns = e->asked_ns > 0 && much ? RARELY_NS : SELDOM_NS;
    e->moves = 0;
    e->asked_ns = now_ns;
    if (!diag_ask(k->fds[host], &f->ends[side], &f->ends[!side], &a, &timer))
        return;
    bool over = said(&a, "CLOSED");
    a.kernel.timer = over && e->timer_ns > 0 && now_ns >= e->timer_ns - JIFFY_NS;
    e->timer_ns = timer.runs ? now_ns + (timer.left_ms > 0 ? timer.left_ms * NS_PER_MS : 0) : 0;
    if (!e->said.kernel.state || !same(&a, &e->said)) {
        e->said = a;
        recorder_kernel(k->recorder, &a, &f->ends[side], &f->ends[!side]);
    }
    ask_in_time(k, end, now_ns);
}

static struct end *end_of(struct kernel *k, uint32_t end, int host)
{
    while (k->end_count <= (end | 1)) {
        xgrow(&k->ends, &k->end_cap, k->end_count, sizeof *k->ends);
        k->ends[k->end_count++] = (struct end){.seldom_ns = SELDOM_NS};
    }
    k->ends[end].said.host = "CS"[host];
    return &k->ends[end];
}

void kernel_moved(struct kernel *k, int host, bool sent, const struct packet *p, int64_t now_ns)
{
    int side;
    if (k->fds[host] < 0 || !p->is_tcp)
        return;
    uint32_t flow = flow_of(k->flows, p, &side)->index;
    uint32_t end = flow * 2 + (uint32_t)(sent ? side : !side);
    struct end *e = end_of(k, end, host);
    bool now = (p->tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST)) || e->asked_ns == 0 ||
               now_ns - e->asked_ns >= e->seldom_ns;
    e->moves++;
    if (now && !e->soon && k->soon_count < SOON_MOST) {
        e->soon = true;
        k->soon[k->soon_count++] = end;
    } else if (!e->pending) {
        e->pending = true;
        ask_at(k, end, now_ns + e->seldom_ns);
    }
}

static void ask_soon(struct kernel *k, uint32_t end, int64_t now_ns)
{
    struct end *e = &k->ends[end];
    bool pending = e->pending;
    int64_t again_ns = e->due_ns;
    e->soon = false;
    ask(k, end, now_ns);
    if (!pending || again_ns < now_ns)
        again_ns = now_ns + e->seldom_ns;
    e->pending = true;
    ask_at(k, end, again_ns);
}

int64_t kernel_turn(struct kernel *k, int64_t now_ns)
{
    struct alarm alarm;
    for (size_t i = 0; i < k->soon_count; i++)
        ask_soon(k, k->soon[i], now_ns);
    k->soon_count = 0;
    while (alarms_take(&k->alarms, now_ns, &alarm)) {
        struct end *e = &k->ends[alarm.who];
        if (e->due_ns != alarm.due_ns)
            continue;
        e->pending = false;
        ask(k, alarm.who, now_ns);
    }
    return alarms_next(&k->alarms);
}

void kernel_last(struct kernel *k)
{
    uint32_t asked = 0;
    for (uint32_t end = 0; end < k->end_count && asked < LAST_MOST; end++) {
        if (k->ends[end].asked_ns == 0 || said(&k->ends[end].said, "CLOSED"))
            continue;
        ask(k, end, clock_monotonic_ns());
        asked++;
    }
}
