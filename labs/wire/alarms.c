#include "labs/wire/alarms.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

void alarms_free(struct alarms *a)
{
    free(a->heap);
    *a = (struct alarms){0};
}

static void swap(struct alarm *a, struct alarm *b)
{
    struct alarm t = *a;
    *a = *b;
    *b = t;
}

void alarms_set(struct alarms *a, int64_t due_ns, uint32_t who)
{
    xgrow(&a->heap, &a->cap, a->count, sizeof *a->heap);
    size_t i = a->count++;
    a->heap[i] = (struct alarm){due_ns, who};
    for (; i > 0 && a->heap[i].due_ns < a->heap[(i - 1) / 2].due_ns; i = (i - 1) / 2)
        swap(&a->heap[i], &a->heap[(i - 1) / 2]);
}

int64_t alarms_next(const struct alarms *a)
{
    return a->count > 0 ? a->heap[0].due_ns : INT64_MAX;
}

static void sink(struct alarms *a)
{
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < a->count; child++)
            if (a->heap[child].due_ns < a->heap[least].due_ns)
                least = child;
        if (least == i)
            return;
        swap(&a->heap[i], &a->heap[least]);
        i = least;
    }
}

bool alarms_take(struct alarms *a, int64_t now_ns, struct alarm *alarm)
{
    if (a->count == 0 || a->heap[0].due_ns > now_ns)
        return false;
    *alarm = a->heap[0];
    a->heap[0] = a->heap[--a->count];
    sink(a);
    return true;
}
