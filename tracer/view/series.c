#include "tracer/view/series_store.h"

#include "tracer/base/search.h"

#include <stdlib.h>

enum { SHIFT_MAX = 14 }; /* RFC 7323 section 2.3 */

static const struct series_state nothing = {.time_ns = SERIES_UNKNOWN,
                                            .sent = SERIES_UNKNOWN,
                                            .acked = SERIES_UNKNOWN,
                                            .window = SERIES_UNKNOWN};

void series_begin(struct series *s, const struct trace *trace, uint32_t flow, int side)
{
    *s = (struct series){.trace = trace,
                         .flow = flow,
                         .side = side,
                         .scale = {SCALE_UNSEEN, SCALE_UNSEEN},
                         .now = nothing};
}

void series_free(struct series *s)
{
    for (size_t i = 0; i < s->chunk_count; i++)
        free(s->chunks[i]);
    free(s->chunks);
    free(s->blocks);
    free(s->sacked);
    *s = (struct series){.flow = TRACE_NONE};
}

/* ---- walking ---------------------------------------------------------------------------- */

/* The peer's window scale as it is in force; negative where that cannot be known: both SYNs must
 * have offered it, and a SYN-ACK offers it only as an answer (RFC 7323 section 2.2). */
static int shift_of(const struct series *s)
{
    int peer = s->scale[!s->side], own = s->scale[s->side];
    if (peer == SCALE_NONE || own == SCALE_NONE)
        return 0;
    if (peer == SCALE_UNSEEN || (own == SCALE_UNSEEN && s->side == SIDE_RESPONDER))
        return -1;
    return peer < SHIFT_MAX ? peer : SHIFT_MAX;
}

static bool begins_by(const void *blocks, size_t i, int64_t item)
{
    return ((const struct series_block *)blocks)[i].first <= item;
}

size_t series_block_of(const struct series *s, uint32_t item)
{
    return search_last(s->block_count, begins_by, s->blocks, item);
}

/* How long the newest of the segments took that an ACK is the first to acknowledge; unknown where
 * one of them was sent twice, since the ACK does not say for which (Karn). */
static int64_t round_trip(struct series_walk *w, const struct series_point *p, int64_t acked)
{
    const struct series *s = w->series;
    int64_t sent_ns = SERIES_UNKNOWN;
    bool twice = false;
    uint32_t i = w->state.oldest;
    for (; i < p->item; i++) {
        const struct series_item *item = series_item_at(s, i);
        uint32_t end = item->at + (item->bits >> FLAG_BITS);
        if (item->bits & (SERIES_ACK | SERIES_RST))
            continue;
        if ((int32_t)(end - (uint32_t)p->to) > 0)
            break;
        if (acked != SERIES_UNKNOWN && (int32_t)(end - (uint32_t)acked) <= 0)
            continue;
        while (w->old_block + 1 < s->block_count && s->blocks[w->old_block + 1].first <= i)
            w->old_block++;
        twice = twice || (item->bits & (SERIES_AGAIN | SERIES_TWICE));
        sent_ns = s->blocks[w->old_block].base_ns + item->delta_ns;
    }
    w->state.oldest = i;
    return twice || sent_ns == SERIES_UNKNOWN ? SERIES_UNKNOWN : p->time_ns - sent_ns;
}

int64_t series_flight(const struct series_state *st)
{
    if (st->sent == SERIES_UNKNOWN || st->acked == SERIES_UNKNOWN)
        return SERIES_UNKNOWN;
    int64_t flight = st->sent - st->acked - st->sacked;
    return flight > 0 ? flight : 0;
}

/* What an ACK reports beyond its number; it is there for those only that do. */
static int64_t reported(struct series_walk *w, const struct series_point *p)
{
    const struct series *s = w->series;
    if (!(p->flags & SERIES_SACK))
        return 0;
    while (w->sacked < s->sacked_count && s->sacked[w->sacked].item < p->item)
        w->sacked++;
    bool its = w->sacked < s->sacked_count && s->sacked[w->sacked].item == p->item;
    return its ? s->sacked[w->sacked].bytes : 0;
}

static void walk_sent(struct series_state *st, uint32_t bits, struct series_point *p)
{
    p->to = p->from + (bits >> FLAG_BITS);
    p->gained = p->to - p->from - !!(p->flags & SERIES_SYN) - !!(p->flags & SERIES_FIN);
    if (p->flags & SERIES_RST)
        return;
    st->around = p->to;
    if (st->sent == SERIES_UNKNOWN || p->to > st->sent)
        st->sent = p->to;
}

static void walk_ack(struct series_walk *w, uint32_t bits, struct series_point *p)
{
    struct series_state *st = &w->state;
    int64_t before = st->acked;
    if (p->flags & SERIES_RST)
        return;
    st->around = p->to;
    if (before != SERIES_UNKNOWN && p->to < before)
        return; /* an old one: it says nothing that still holds */
    st->acked = p->to;
    st->sacked = reported(w, p);
    int shift = p->flags & SERIES_SYN ? 0 : shift_of(w->series);
    st->window = shift < 0 ? SERIES_UNKNOWN : (int64_t)(bits >> FLAG_BITS) << shift;
    if (p->to == before)
        return;
    p->gained = before == SERIES_UNKNOWN ? 0 : p->to - before;
    p->rtt_ns = round_trip(w, p, before);
}

static bool is_sacked_before(const void *series, size_t i, int64_t item)
{
    return ((const struct series *)series)->sacked[i].item < item;
}

/* The first report at or after an item. */
static size_t sacked_of(const struct series *s, uint32_t item)
{
    return search_first(s->sacked_count, is_sacked_before, s, item);
}

struct series_walk series_walk(const struct series *s, uint32_t item)
{
    struct series_walk w = {.series = s, .next = s->count, .state = s->now};
    struct series_point p;
    if (item >= s->count)
        return w;
    w.block = series_block_of(s, item);
    w.next = s->blocks[w.block].first;
    w.state = s->blocks[w.block].before;
    w.old_block = series_block_of(s, w.state.oldest);
    w.sacked = sacked_of(s, w.next);
    while (w.next < item)
        series_next(&w, &p);
    return w;
}

bool series_next(struct series_walk *w, struct series_point *p)
{
    const struct series *s = w->series;
    struct series_state *st = &w->state;
    if (w->next >= s->count)
        return false;
    if (w->block + 1 < s->block_count && s->blocks[w->block + 1].first == w->next)
        w->block++;
    const struct series_item *item = series_item_at(s, w->next);
    *p = (struct series_point){.item = w->next++,
                               .event = item->event,
                               .flags = (int)(item->bits & ((1u << FLAG_BITS) - 1)),
                               .time_ns = s->blocks[w->block].base_ns + item->delta_ns,
                               .rtt_ns = SERIES_UNKNOWN,
                               .edge = SERIES_UNKNOWN};
    p->from = p->to = series_unwrap(st, item->at);
    st->time_ns = p->time_ns;
    if (p->flags & SERIES_ACK)
        walk_ack(w, item->bits, p);
    else
        walk_sent(st, item->bits, p);
    p->window = st->window;
    if (st->window != SERIES_UNKNOWN && st->acked != SERIES_UNKNOWN)
        p->edge = st->acked + st->window;
    p->flight = series_flight(st);
    return true;
}

/* ---- many at once ----------------------------------------------------------------------- */

#define NO_EXTENT ((struct series_extent){INT64_MAX, INT64_MIN})

/* Without the sign, which the first item brings: emptying it took a third of a walk's time. */
void series_span_begin(struct series_span *span)
{
    span->count = 0;
    span->sent = span->acked = span->edge = NO_EXTENT;
    span->window = span->flight = span->rtt_ns = NO_EXTENT;
    span->sent_bytes = span->acked_bytes = 0;
}

static void extend(struct series_extent *e, int64_t v)
{
    if (v == SERIES_UNKNOWN)
        return;
    e->low = v < e->low ? v : e->low;
    e->high = v > e->high ? v : e->high;
}

/* How much an item calls for a mark. */
static int gravity(const struct series_point *p)
{
    static const struct {
        bool ack;
        int flag;
    } order[] = {{true, SERIES_SACK}, {true, SERIES_REPEAT}, {false, SERIES_FIN},
                 {false, SERIES_SYN}, {true, SERIES_ZERO},   {false, SERIES_AGAIN},
                 {true, SERIES_RST},  {false, SERIES_RST},   {false, SERIES_LOST}};
    int most = 0;
    for (int i = 0; i < (int)(sizeof order / sizeof order[0]); i++)
        if (p->flags & order[i].flag && !(p->flags & SERIES_ACK) == !order[i].ack)
            most = i + 1;
    return most;
}

void series_span_sign(struct series_span *span, const struct series_point *p)
{
    if (span->count <= 1 || gravity(p) > gravity(&span->sign))
        span->sign = *p;
}

static void add_numbers(struct series_span *span, const struct series_point *p)
{
    if (p->flags & SERIES_ACK) {
        extend(&span->acked, p->to);
        extend(&span->edge, p->edge);
        extend(&span->window, p->window);
        extend(&span->rtt_ns, p->rtt_ns);
        span->acked_bytes += p->gained;
        return;
    }
    if (!(p->flags & SERIES_AGAIN)) {
        extend(&span->sent, p->from);
        extend(&span->sent, p->to);
    }
    span->sent_bytes += p->gained;
}

void series_span_add(struct series_span *span, const struct series_point *p)
{
    if (span->count++ == 0)
        span->from_ns = p->time_ns;
    span->to_ns = p->time_ns;
    extend(&span->flight, p->flight);
    if (!(p->flags & SERIES_RST))
        add_numbers(span, p);
    if (span->count == 1 || p->flags & ~SERIES_ACK)
        series_span_sign(span, p);
}

/* Whether the block that begins at the walk's next item may be taken whole. */
static bool takes_block(const struct series_walk *w, const struct series_columns *c)
{
    const struct series_block *b = &w->series->blocks[w->block];
    if (b->first != w->next || b->all.to_ns > c->to_ns)
        return false;
    if (c->each_ns <= 0)
        return true;
    if (!c->strict)
        return (double)(b->all.to_ns - b->base_ns) <= c->each_ns;
    double from = (double)(b->base_ns - c->first_ns), to = (double)(b->all.to_ns - c->first_ns);
    return from >= 0 && (int64_t)(from / c->each_ns) == (int64_t)(to / c->each_ns);
}

bool series_next_span(struct series_walk *w, const struct series_columns *c,
                      struct series_span *span)
{
    const struct series *s = w->series;
    struct series_point p;
    if (w->next >= s->count)
        return false;
    if (w->block + 1 < s->block_count && s->blocks[w->block + 1].first == w->next)
        w->block++;
    if (takes_block(w, c)) {
        bool last = w->block + 1 == s->block_count;
        *span = s->blocks[w->block].all;
        w->next = last ? s->count : s->blocks[w->block + 1].first;
        w->state = last ? s->now : s->blocks[w->block + 1].before;
        return true;
    }
    if (!series_next(w, &p) || p.time_ns > c->to_ns)
        return false;
    series_span_begin(span);
    series_span_add(span, &p);
    return true;
}

/* ---- looking up ------------------------------------------------------------------------- */

struct series_point series_at(const struct series *s, uint32_t item)
{
    struct series_point p = {.event = TRACE_NONE};
    struct series_walk w = series_walk(s, item);
    series_next(&w, &p);
    return p;
}

uint32_t series_event(const struct series *s, uint32_t item)
{
    return series_item_at(s, item)->event;
}

static bool begins_before(const void *blocks, size_t i, int64_t time_ns)
{
    return ((const struct series_block *)blocks)[i].base_ns < time_ns;
}

uint32_t series_find_time(const struct series *s, int64_t time_ns)
{
    size_t behind = search_first(s->block_count, begins_before, s->blocks, time_ns);
    if (behind == 0)
        return 0;
    const struct series_block *b = &s->blocks[behind - 1];
    uint32_t i = b->first, end = behind < s->block_count ? s->blocks[behind].first : s->count;
    while (i < end && b->base_ns + series_item_at(s, i)->delta_ns < time_ns)
        i++;
    return i;
}

static bool is_of_before(const void *series, size_t i, int64_t event)
{
    return series_item_at(series, (uint32_t)i)->event < event;
}

uint32_t series_find_event(const struct series *s, uint32_t event)
{
    return (uint32_t)search_first(s->count, is_of_before, s, event);
}
