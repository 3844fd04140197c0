#include "labs/wire/patience.h"

#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/tcp/seq.h"

#include <stdlib.h>

enum { DUPLICATES = 3, DELAYED_ACK_MS = 40 }; /* RFC 5681; Linux's TCP_DELACK_MIN */

void patience_begin(struct patience *p, int64_t delay_ns, int64_t tick_ns)
{
    *p = (struct patience){.flows = flow_table_new()};
    if (delay_ns <= 0)
        return;
    p->delay_ns = delay_ns;
    p->tick_ns = tick_ns;
    p->waits_ns = delay_ns / 2 + tick_ns; /* of two ticks the first has begun already */
    p->delays_ns = (int64_t)DELAYED_ACK_MS * NS_PER_MS - tick_ns;
}

void patience_free(struct patience *p)
{
    flow_table_free(p->flows);
    free(p->ends);
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

/* Its sender's end, or its receiver's. */
static struct patience_end *end_of(struct patience *p, const struct packet *packet, bool receiver)
{
    int side;
    uint32_t flow = flow_of(p->flows, packet, &side)->index;
    while (p->end_count <= flow * 2 + 1) {
        xgrow(&p->ends, &p->end_cap, p->end_count, sizeof *p->ends);
        p->ends[p->end_count++] = (struct patience_end){0};
    }
    return &p->ends[flow * 2 + (uint32_t)(receiver ? !side : side)];
}

/* Where the wire's schedule itself leaves a timer less than its tick, that may be first as it is.
 */
static void decides(struct patience *p, int64_t late_ns)
{
    if (late_ns > p->tick_ns && late_ns > p->decided_ns)
        p->decided_ns = late_ns;
}

/* The wait of a sender for what tells of its gap, as it was and as it should have been. */
static void told(struct patience *p, struct patience_end *end, int64_t now_ns)
{
    if (end->told >= DUPLICATES)
        return;
    int64_t waited_ns = now_ns - end->told_ns, late_ns = p->late_ns - end->told_late_ns;
    if (end->told > 0 && waited_ns >= p->waits_ns && waited_ns - late_ns < p->waits_ns)
        decides(p, late_ns);
    end->told++;
    end->told_ns = now_ns;
    end->told_late_ns = p->late_ns;
}

/* Whether by its schedule the data would have come before the receiver's timer acknowledged what it
 * had. Data that was sent once that acknowledgement had come may be its doing: a round trip later.
 */
static void got(struct patience *p, struct patience_end *end, int64_t now_ns, int64_t due_ns)
{
    int64_t late_ns = p->late_ns - end->got_late_ns;
    if (end->delayed_ns > 0 && now_ns - late_ns < end->delayed_ns &&
        due_ns < end->delayed_ns + 2 * p->delay_ns)
        decides(p, late_ns);
    if (end->owes && end->delayed_ns == 0)
        return;
    end->owes = true;
    end->got_ns = now_ns;
    end->got_late_ns = p->late_ns;
    end->delayed_ns = 0;
}

/* What waits at the same time is late at the same time, and that is counted once: of a cause and
 * its effect the first is delivered before the second is due. */
static void be_late(struct patience *p, int64_t now_ns, int64_t late_ns)
{
    int64_t due_ns = now_ns - late_ns;
    if (late_ns <= 0)
        return;
    if (due_ns >= p->late_until_ns) {
        p->late_ns += late_ns;
        p->late_from_ns = due_ns;
    } else {
        p->late_ns += now_ns - p->late_until_ns;
        if (due_ns < p->late_from_ns) {
            p->late_ns += p->late_from_ns - due_ns;
            p->late_from_ns = due_ns;
        }
    }
    p->late_until_ns = now_ns;
}

void patience_sent(struct patience *p, const struct packet *packet, int64_t now_ns)
{
    if (!packet->is_tcp || p->delay_ns == 0)
        return;
    struct patience_end *end = end_of(p, packet, false);
    if (!end->owes || end->delayed_ns > 0)
        return;
    if (packet->tcp.payload_bytes == 0 && now_ns - end->got_ns >= p->delays_ns)
        end->delayed_ns = now_ns;
    else
        end->owes = false;
}

void patience_delivered(struct patience *p, const struct packet *packet, int64_t now_ns,
                        int64_t late_ns)
{
    be_late(p, now_ns, late_ns);
    if (!packet->is_tcp || p->delay_ns == 0)
        return;
    struct patience_end *end = end_of(p, packet, true);
    if (tells_of_gap(packet))
        told(p, end, now_ns);
    else
        end->told = 0;
    if (packet->tcp.payload_bytes > 0)
        got(p, end, now_ns, now_ns - late_ns);
}
