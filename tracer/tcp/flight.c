#include "tracer/tcp/flight.h"

#include "tracer/base/alloc.h"
#include "tracer/tcp/seq.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 8 };

void flight_free(struct flight *f)
{
    free(f->more);
    *f = (struct flight){0};
}

static struct flight_entry *entries(struct flight *f)
{
    return f->more ? f->more + f->first : &f->one;
}

/* The first entry that ends after `seq`; the count where there is none, as for new data. */
static unsigned find(const struct flight *f, uint32_t seq)
{
    unsigned low = 0, high = f->count;
    if (high == 0 || seq_le(flight_at(f, high - 1)->end, seq))
        return high;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (seq_gt(flight_at(f, middle)->end, seq))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

struct flight_before flight_before(const struct flight *f, uint32_t seq, uint32_t end)
{
    struct flight_before before = {.sacked = true};
    unsigned i = find(f, seq);
    uint32_t reached = seq;
    for (; i < f->count && seq_lt(flight_at(f, i)->seq, end); i++) {
        const struct flight_entry *e = flight_at(f, i);
        if (!before.sent)
            before = (struct flight_before){true, true, false, e->times, e->time_ns, e->segment};
        before.sacked = before.sacked && e->sacked && seq_le(e->seq, reached);
        reached = e->end;
    }
    before.sacked = before.sacked && before.sent && seq_ge(reached, end);
    for (; i < f->count && f->sacked_bytes > 0 && !before.beyond; i++)
        before.beyond = flight_at(f, i)->sacked;
    return before;
}

/* Forget the oldest `n` entries, of which none counts as SACKed any more. */
static void drop(struct flight *f, unsigned n)
{
    f->count = (uint16_t)(f->count - n);
    f->first = f->count == 0 || !f->more ? 0 : (uint16_t)(f->first + n);
    for (unsigned i = 0; f->sacked_bytes > 0 && i < SACK_BLOCKS_MAX; i++)
        f->sacked_at[i] = f->sacked_at[i] > n ? (uint16_t)(f->sacked_at[i] - n) : 0;
}

static uint32_t sacked_bytes_of(const struct flight_entry *e)
{
    return e->sacked ? e->end - e->seq : 0;
}

/* Make room for one entry more behind the last. */
static void make_room(struct flight *f)
{
    if (!f->more && f->count == 0)
        return;
    if (!f->more) {
        f->more = xmalloc(FIRST_CAP * sizeof *f->more);
        f->more[0] = f->one;
        f->cap = FIRST_CAP;
    }
    if (f->count == FLIGHT_MAX) {
        f->sacked_bytes -= sacked_bytes_of(entries(f));
        drop(f, 1);
        f->overflowed = true;
    }
    if (f->first + f->count < f->cap)
        return;
    if (f->first < f->cap / 4 && f->cap < FLIGHT_MAX * 2) {
        f->cap = (uint16_t)(f->cap * 2);
        f->more = xreallocarray(f->more, f->cap, sizeof *f->more);
    } else {
        memmove(f->more, f->more + f->first, f->count * sizeof *f->more);
        f->first = 0;
    }
}

/* An entry that is not SACKed is to stand at `at`: no entry before it answers for those behind. */
static void part_sacked(struct flight *f, unsigned at)
{
    struct flight_entry *all = entries(f);
    for (unsigned i = 0; i < at && f->sacked_bytes > 0; i++)
        if (all[i].sacked > at - i)
            all[i].sacked = (uint16_t)(at - i);
}

void flight_sent_new(struct flight *f, uint32_t seq, uint32_t end, int64_t time_ns,
                     uint32_t segment)
{
    if (!f->more || f->first + f->count == f->cap || f->count == FLIGHT_MAX)
        make_room(f);
    entries(f)[f->count++] = (struct flight_entry){
        .seq = seq, .end = end, .time_ns = time_ns, .segment = segment, .times = 1};
}

static void insert(struct flight *f, unsigned at, const struct flight_entry *e)
{
    unsigned behind = f->count - at;
    part_sacked(f, at);
    make_room(f);
    at = f->count - behind > f->count ? 0 : f->count - behind;
    struct flight_entry *all = entries(f);
    memmove(all + at + 1, all + at, (f->count - at) * sizeof *all);
    all[at] = *e;
    f->count++;
}

void flight_sent_old(struct flight *f, uint32_t seq, uint32_t end, int64_t time_ns,
                     uint32_t segment)
{
    unsigned i = find(f, seq);
    struct flight_entry part = {.time_ns = time_ns, .segment = segment, .times = 1};
    while (seq_lt(seq, end)) {
        if (i < f->count && seq_le(flight_at(f, i)->seq, seq)) { /* these bytes are there */
            struct flight_entry *e = &entries(f)[i++];
            e->time_ns = time_ns;
            e->segment = segment;
            e->times = (uint16_t)(e->times + (e->times < UINT16_MAX));
            seq = e->end;
            continue;
        }
        part.seq = seq;
        part.end = end;
        if (i < f->count && seq_lt(flight_at(f, i)->seq, end))
            part.end = flight_at(f, i)->seq;
        unsigned count = f->count;
        insert(f, i, &part);
        i += f->count > count; /* where the oldest made room, all have moved down by one */
        seq = part.end;
    }
}

/* The front of the first entry was acknowledged, if any was. */
static void cut_first(struct flight *f, uint32_t ack)
{
    struct flight_entry *e = entries(f);
    if (!seq_lt(e->seq, ack))
        return;
    if (e->sacked)
        f->sacked_bytes -= ack - e->seq;
    e->seq = ack;
}

void flight_acked_some(struct flight *f, uint32_t ack, int64_t time_ns, struct flight_ack *out)
{
    const struct flight_entry *e = entries(f), *end = e + f->count;
    bool doubtful = false;
    for (; e < end && seq_le(e->end, ack); e++) {
        doubtful = doubtful || e->times > 1 || e->sacked;
        f->sacked_bytes -= sacked_bytes_of(e);
        out->wait_ns = (int64_t)((uint64_t)time_ns - (uint64_t)e->time_ns);
        out->last_bytes = e->end - e->seq;
        out->bytes += out->last_bytes;
        out->segments++;
    }
    if (out->segments > 0)
        drop(f, out->segments);
    if (f->count > 0)
        cut_first(f, ack);
    if (!doubtful && out->wait_ns >= 0)
        out->rtt_ns = out->wait_ns;
}

/* Only entries that lie within the block whole are marked: it names segments as they arrived. An
 * ACK repeats most of the one before: the first entry of a block answers for those that it had
 * then, and only the rest is looked at. */
void flight_sacked(struct flight *f, unsigned place, uint32_t from, uint32_t to)
{
    if (seq_ge(from, to))
        return;
    struct flight_entry *all = entries(f);
    unsigned i = f->sacked_at[place];
    if (i >= f->count || all[i].seq != from)
        i = find(f, from);
    if (i < f->count && seq_lt(all[i].seq, from))
        i++;
    unsigned first = i;
    f->sacked_at[place] = (uint16_t)first;
    while (i < f->count && seq_le(all[i].end, to)) {
        if (!all[i].sacked) {
            all[i].sacked = 1;
            f->sacked_bytes += all[i].end - all[i].seq;
        }
        i += all[i].sacked;
    }
    if (i > first)
        all[first].sacked = (uint16_t)(i - first);
}
