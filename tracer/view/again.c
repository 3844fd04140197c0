#include "tracer/view/again.h"

#include "tracer/base/words.h"
#include "tracer/tcp/seq.h"
#include "tracer/view/label.h"

/* How far back the original is searched for: in segments of the capture, which is cheap, and in
 * segments of the sender, each of which has to be decoded. */
enum { LOOKED_AT = 8192, DECODED = 1024 };

/* Sequence numbers that it takes: those of its bytes, of SYN and of FIN. */
static uint32_t numbers(const struct segment *s)
{
    return s->len + ((s->flags & TCP_SYN) != 0) + ((s->flags & TCP_FIN) != 0);
}

static bool overlap(const struct segment *a, const struct segment *b)
{
    uint32_t m = numbers(a), n = numbers(b);
    return m > 0 && n > 0 && seq_lt(a->seq, b->seq + n) && seq_lt(b->seq, a->seq + m);
}

uint32_t again_of(const struct trace *t, uint32_t segment)
{
    struct segment s = trace_segment(t, segment);
    uint32_t end = segment > LOOKED_AT ? segment - LOOKED_AT : 0;
    int decoded = 0;
    for (uint32_t i = segment; i-- > end && decoded < DECODED;) {
        int side;
        if (trace_segment_flow(t, i, &side) != s.flow || side != s.side)
            continue;
        struct segment earlier = trace_segment(t, i);
        if (overlap(&s, &earlier))
            return i;
        decoded++;
    }
    return TRACE_NONE;
}

const struct again *again_find(struct again_memory *m, const struct layout *l, uint32_t segment,
                               size_t row)
{
    struct again *a = &m->slot[segment % AGAIN_SLOTS];
    if (a->segment == segment + 1)
        return a;
    *a = (struct again){segment + 1, again_of(l->trace, segment), SIZE_MAX};
    if (a->original == TRACE_NONE)
        return a;
    size_t above = layout_row_above(l, row, a->original);
    if (above != row)
        a->row = above;
    return a;
}

/* In few columns: beside a label there are not many. */
static void add_span(int64_t ns, struct text *out)
{
    int64_t us = ns > 0 ? ns / 1000 : 0;
    if (us < 1000)
        text_format(out, "%d us", (int)us);
    else if (us < 10000)
        text_format(out, "%d.%d ms", (int)(us / 1000), (int)(us / 100 % 10));
    else if (us < 1000000)
        text_format(out, "%d ms", (int)(us / 1000));
    else
        label_span(ns, out);
}

void again_words(const struct trace *t, const struct segment *s, const struct again *again,
                 struct text *out)
{
    if (again->original == TRACE_NONE)
        return;
    struct segment original = trace_segment(t, again->original);
    add_span(s->time_ns - original.time_ns, out);
    if (again->row == SIZE_MAX)
        text_format(out, _(" after frame %llu"), (unsigned long long)original.frame);
    else
        text_format(out, _(" after line %zu"), again->row + 1);
}
