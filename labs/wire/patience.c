#include "labs/wire/patience.h"

#include "tracer/base/alloc.h"
#include "tracer/tcp/seq.h"

#include <stdlib.h>

enum { DUPLICATES = 3 }; /* RFC 5681 */

void patience_begin(struct patience *p, int64_t delay_ns, int64_t tick_ns)
{
    *p = (struct patience){.flows = flow_table_new()};
    if (delay_ns > 0) /* of two ticks the first has begun already */
        p->waits_ns = delay_ns / 2 + tick_ns;
}

void patience_free(struct patience *p)
{
    flow_table_free(p->flows);
    free(p->gaps);
    *p = (struct patience){0};
}

/* It tells of bytes beyond what it acknowledges; a D-SACK tells of older ones. */
static bool tells_of_gap(const struct packet *packet)
{
    struct sack_block blocks[SACK_BLOCKS_MAX];
    unsigned n = packet->tcp.flags & TCP_ACK ? packet_sack_blocks(packet, blocks) : 0;
    for (unsigned i = 0; i < n; i++)
        if (seq_gt(blocks[i].from, packet->tcp.ack))
            return true;
    return false;
}

static struct gap *gap_of(struct patience *p, const struct packet *packet)
{
    int side;
    uint32_t flow = flow_of(p->flows, packet, &side)->index;
    while (p->gap_count <= flow * 2 + 1) {
        xgrow(&p->gaps, &p->gap_cap, p->gap_count, sizeof *p->gaps);
        p->gaps[p->gap_count++] = (struct gap){0};
    }
    return &p->gaps[flow * 2 + (uint32_t)!side];
}

/* The wait of the sender up to now, as it was and as it should have been. */
static void judge(struct patience *p, const struct gap *g, int64_t now_ns)
{
    int64_t waited_ns = now_ns - g->told_ns;
    if (waited_ns >= p->waits_ns && waited_ns - g->late_ns < p->waits_ns &&
        g->late_ns > p->decided_ns)
        p->decided_ns = g->late_ns;
}

static void close_gap(struct patience *p, struct gap *g)
{
    p->open -= g->told > 0 && g->told < DUPLICATES;
    g->told = 0;
}

static void told(struct patience *p, struct gap *g, int64_t now_ns)
{
    if (g->told >= DUPLICATES)
        return;
    if (g->told > 0)
        judge(p, g, now_ns);
    p->open += g->told == 0;
    p->open -= ++g->told == DUPLICATES;
    g->told_ns = now_ns;
    g->late_ns = 0;
}

static void all_are_late(struct patience *p, int64_t late_ns)
{
    for (size_t i = 0; i < p->gap_count; i++)
        p->gaps[i].late_ns += late_ns;
}

void patience_delivered(struct patience *p, const struct packet *packet, int64_t now_ns,
                        int64_t late_ns)
{
    if (p->open > 0)
        all_are_late(p, late_ns > 0 ? late_ns : 0);
    if (!packet->is_tcp || p->waits_ns == 0)
        return;
    if (tells_of_gap(packet))
        told(p, gap_of(p, packet), now_ns);
    else if (p->gap_count > 0)
        close_gap(p, gap_of(p, packet));
}
