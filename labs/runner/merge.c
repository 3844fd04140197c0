#include "labs/runner/merge.h"

#include "tracer/base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct waiting {
    int64_t time_ns;
    uint64_t order; /* in which it came */
    uint8_t *bytes; /* (owned) */
    uint32_t captured_bytes, wire_bytes;
};

struct merge {
    int64_t *promised_ns; /* (owned) by source */
    size_t sources;
    struct waiting *heap; /* (owned) the earliest on top */
    size_t count, cap;
    uint64_t order;
    uint8_t *lent; /* (owned) bytes of the record last taken */
};

struct merge *merge_new(size_t sources)
{
    struct merge *m = xcalloc(1, sizeof *m);
    m->sources = sources;
    m->promised_ns = xcalloc(sources, sizeof *m->promised_ns);
    for (size_t i = 0; i < sources; i++)
        m->promised_ns[i] = INT64_MIN;
    return m;
}

void merge_free(struct merge *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->count; i++)
        free(m->heap[i].bytes);
    free(m->heap);
    free(m->lent);
    free(m->promised_ns);
    free(m);
}

static bool before(const struct waiting *a, const struct waiting *b)
{
    return a->time_ns < b->time_ns || (a->time_ns == b->time_ns && a->order < b->order);
}

static void swap(struct waiting *a, struct waiting *b)
{
    struct waiting t = *a;
    *a = *b;
    *b = t;
}

static void rise(struct merge *m, size_t i)
{
    for (; i > 0 && before(&m->heap[i], &m->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&m->heap[i], &m->heap[(i - 1) / 2]);
}

static void sink_down(struct merge *m)
{
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < m->count; child++)
            if (before(&m->heap[child], &m->heap[least]))
                least = child;
        if (least == i)
            return;
        swap(&m->heap[i], &m->heap[least]);
        i = least;
    }
}

void merge_add(struct merge *m, const struct stream_record *record)
{
    xgrow(&m->heap, &m->cap, m->count, sizeof *m->heap);
    struct waiting *w = &m->heap[m->count++];
    *w = (struct waiting){
        .time_ns = record->time_ns,
        .order = m->order++,
        .bytes = xmalloc(record->captured_bytes),
        .captured_bytes = record->captured_bytes,
        .wire_bytes = record->wire_bytes,
    };
    memcpy(w->bytes, record->bytes, record->captured_bytes);
    rise(m, m->count - 1);
}

void merge_mark(struct merge *m, size_t source, int64_t time_ns)
{
    if (time_ns > m->promised_ns[source])
        m->promised_ns[source] = time_ns;
}

void merge_end(struct merge *m, size_t source)
{
    m->promised_ns[source] = INT64_MAX;
}

bool merge_take(struct merge *m, struct stream_record *record)
{
    int64_t safe_ns = INT64_MAX;
    for (size_t i = 0; i < m->sources; i++)
        if (m->promised_ns[i] < safe_ns)
            safe_ns = m->promised_ns[i];
    if (m->count == 0 || (safe_ns != INT64_MAX && m->heap[0].time_ns >= safe_ns))
        return false;
    struct waiting top = m->heap[0];
    m->heap[0] = m->heap[--m->count];
    sink_down(m);
    free(m->lent);
    m->lent = top.bytes;
    *record = (struct stream_record){
        .time_ns = top.time_ns,
        .bytes = top.bytes,
        .captured_bytes = top.captured_bytes,
        .wire_bytes = top.wire_bytes,
    };
    return true;
}
