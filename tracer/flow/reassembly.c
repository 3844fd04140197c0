#include "tracer/flow/reassembly.h"

#include <string.h>

/* The largest window there is, RFC 7323 section 2.3. */
enum { WINDOW_MOST = 1 << 30 };

/* The offset of a sequence number, the one of all those 2^32 apart that is nearest to the end. */
static int64_t offset_of(const struct reassembly *r, uint32_t relative_seq)
{
    int64_t end = (int64_t)r->end;
    return end + (int32_t)(relative_seq - 1 - (uint32_t)r->end);
}

struct offered reassembly_offer(struct reassembly *r, uint32_t relative_seq, bool syn, bool fin,
                                uint32_t len)
{
    struct offered o = {.base = offset_of(r, relative_seq + (syn ? 1 : 0))};
    int64_t from = o.base, to = o.base + len;
    if (from - (int64_t)r->end > WINDOW_MOST || to < 0)
        return o;
    if (fin && !r->finished && to >= (int64_t)r->end) {
        r->finished = true;
        r->fin_at = (uint64_t)to;
    }
    if (r->finished && to > (int64_t)r->fin_at)
        to = (int64_t)r->fin_at;
    if (from < 0)
        from = 0;
    if (to > from)
        o.left = (struct byte_range){(uint64_t)from, (uint64_t)to};
    return o;
}

/* The first held run that ends at or after an offset. */
static size_t run_at(const struct reassembly *r, uint64_t offset)
{
    size_t low = 0, high = r->held_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->held[middle].to < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void take_out(struct reassembly *r, size_t at, size_t n)
{
    memmove(r->held + at, r->held + at + n, (r->held_count - at - n) * sizeof r->held[0]);
    r->held_count -= n;
}

/* Everything up to the first held run's end counts as seen. */
static void give_up_first_gap(struct reassembly *r)
{
    r->next = r->held[0].to;
    take_out(r, 0, 1);
}

/* Keep a run of which nothing was seen, joined with those that it touches. */
static void hold(struct reassembly *r, struct byte_range run)
{
    size_t at = run_at(r, run.from), n = 0;
    while (at + n < r->held_count && r->held[at + n].from <= run.to) {
        run.from = r->held[at + n].from < run.from ? r->held[at + n].from : run.from;
        run.to = r->held[at + n].to > run.to ? r->held[at + n].to : run.to;
        n++;
    }
    if (run.from <= r->next) {
        r->next = run.to > r->next ? run.to : r->next;
        take_out(r, 0, at + n);
        return;
    }
    if (n == 0 && r->held_count == REASSEMBLY_HELD) {
        give_up_first_gap(r);
        hold(r, run);
        return;
    }
    if (n > 1)
        take_out(r, at + 1, n - 1);
    if (n == 0) {
        memmove(r->held + at + 1, r->held + at, (r->held_count - at) * sizeof r->held[0]);
        r->held_count++;
    }
    r->held[at] = run;
}

bool reassembly_next(struct reassembly *r, struct offered *o, struct byte_range *run)
{
    uint64_t from = o->left.from, to = o->left.to;
    if (from < r->next)
        from = r->next;
    size_t at = run_at(r, from + 1); /* the first run that ends above `from` */
    if (at < r->held_count && r->held[at].from <= from) {
        from = r->held[at].to;
        at++;
    }
    o->left.from = from < to ? from : to;
    if (from >= to)
        return false;
    if (at < r->held_count && r->held[at].from < to)
        to = r->held[at].from;
    *run = (struct byte_range){from, to};
    o->left.from = to;
    r->end = to > r->end ? to : r->end;
    hold(r, *run);
    return true;
}
