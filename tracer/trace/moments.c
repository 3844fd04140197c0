#include "tracer/trace/moments.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 64, /* moments between two counts */
    NEAR = 8,   /* items of a class that are walked to rather than searched for */
};

/* Classes of kinds whose items are counted together: notes of three kinds are one array. */
enum {
    CLASS_SEGMENT,
    CLASS_STATE,
    CLASS_OTHER,
    CLASS_CALL,
    CLASS_RETURN,
    CLASS_FATE,
    CLASS_COPY,
    CLASS_KERNEL,
    CLASS_NOTE,
    CLASS_COUNT,
};

static const uint8_t class_of[TRACE_KIND_COUNT] = {
    [TRACE_SEGMENT] = CLASS_SEGMENT, [TRACE_DELIVERED] = CLASS_FATE,   [TRACE_DROPPED] = CLASS_FATE,
    [TRACE_CALL_ENTER] = CLASS_CALL, [TRACE_CALL_EXIT] = CLASS_RETURN, [TRACE_STATE] = CLASS_STATE,
    [TRACE_KERNEL] = CLASS_KERNEL,   [TRACE_CONSOLE] = CLASS_NOTE,     [TRACE_PROCESS] = CLASS_NOTE,
    [TRACE_NOTE] = CLASS_NOTE,       [TRACE_OTHER] = CLASS_OTHER,      [TRACE_COPIED] = CLASS_COPY,
};

struct counts {
    uint32_t of[CLASS_COUNT];
};

/* Indexes of a class that comes in any order. */
struct indexes {
    uint32_t *at; /* (owned) */
    size_t count, cap;
};

struct moments {
    uint8_t *kinds; /* (owned) */
    size_t count, cap;
    struct counts *blocks; /* (owned) what stands before each block */
    size_t block_count, block_cap;
    struct counts total;
    struct indexes written[CLASS_COUNT]; /* empty where the class comes in order */
    struct walker *walker;               /* (owned) where the last question was */
};

/* The counts before moment `next`. */
struct walker {
    size_t next;
    struct counts before;
};

struct moments *moments_new(void)
{
    struct moments *m = xcalloc(1, sizeof *m);
    m->walker = xcalloc(1, sizeof *m->walker);
    return m;
}

void moments_free(struct moments *m)
{
    if (!m)
        return;
    for (int c = 0; c < CLASS_COUNT; c++)
        free(m->written[c].at);
    free(m->kinds);
    free(m->blocks);
    free(m->walker);
    free(m);
}

static bool in_order(int class)
{
    return class != CLASS_FATE && class != CLASS_RETURN;
}

void moments_add(struct moments *m, enum trace_kind kind, uint32_t index)
{
    int class = class_of[kind];
    struct indexes *w = &m->written[class];
    if (m->count % BLOCK == 0) {
        xgrow(&m->blocks, &m->block_cap, m->block_count, sizeof *m->blocks);
        m->blocks[m->block_count++] = m->total;
    }
    xgrow(&m->kinds, &m->cap, m->count, sizeof *m->kinds);
    m->kinds[m->count++] = (uint8_t)kind;
    m->total.of[class]++;
    if (in_order(class))
        return;
    xgrow(&w->at, &w->cap, w->count, sizeof *w->at);
    w->at[w->count++] = index;
}

size_t moments_count(const struct moments *m)
{
    return m->count;
}

/* Move the walker to `i`: on or back from where it stands, or from the block's beginning. */
static void walk_to(const struct moments *m, size_t i)
{
    struct walker *w = m->walker;
    bool back = i < w->next && w->next - i < i % BLOCK;
    if (!back && (i < w->next || i - w->next > BLOCK)) {
        w->next = i / BLOCK * BLOCK;
        w->before = m->blocks[i / BLOCK];
    }
    while (w->next > i)
        w->before.of[class_of[m->kinds[--w->next]]]--;
    for (; w->next < i; w->next++)
        w->before.of[class_of[m->kinds[w->next]]]++;
}

struct trace_event moments_at(const struct moments *m, size_t i)
{
    walk_to(m, i);
    enum trace_kind kind = (enum trace_kind)m->kinds[i];
    int class = class_of[kind];
    uint32_t rank = m->walker->before.of[class];
    return (struct trace_event){kind, in_order(class) ? rank : m->written[class].at[rank]};
}

uint32_t moments_before(const struct moments *m, enum trace_kind kind, size_t i)
{
    if (i >= m->count)
        return m->total.of[class_of[kind]];
    walk_to(m, i);
    return m->walker->before.of[class_of[kind]];
}

/* The last block before which no more than `rank` of a class stand. */
static size_t block_of(const struct moments *m, int class, uint32_t rank)
{
    size_t low = 0, high = m->block_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (m->blocks[middle].of[class] <= rank)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Where the class's moment of this rank stands; the walker is left there. */
static size_t select_rank(const struct moments *m, int class, uint32_t rank)
{
    struct walker *w = m->walker;
    bool near =
        w->next < m->count && w->before.of[class] <= rank && rank - w->before.of[class] < NEAR;
    size_t i = near ? w->next : block_of(m, class, rank) * BLOCK;
    for (walk_to(m, i);; walk_to(m, ++i))
        if (class_of[m->kinds[i]] == class && w->before.of[class] == rank)
            return i;
}

uint32_t moments_find(const struct moments *m, enum trace_kind kind, uint32_t index)
{
    int class = class_of[kind];
    uint32_t rank = index;
    if (!in_order(class))
        for (rank = 0; rank < m->written[class].count && m->written[class].at[rank] != index;)
            rank++;
    if (rank >= m->total.of[class])
        return TRACE_NONE;
    size_t i = select_rank(m, class, rank);
    return m->kinds[i] == kind ? (uint32_t)i : TRACE_NONE;
}
