#include "labs/runner/starter.h"

#include "labs/guide/recording.h"
#include "tracer/base/alloc.h"

#include <stdlib.h>

/* A line of a run block, and how many stops stand before it. */
struct start {
    int host;
    size_t stops;
};

struct starter {
    struct recording *recording; /* it knows how far the run has come in the paper */
    struct start *starts;
    size_t count, next;
};

static void add_runs(struct starter *s, const struct part *p, size_t stops)
{
    for (size_t i = 0; i < p->run_count; i++) {
        s->starts = xreallocarray(s->starts, s->count + 1, sizeof *s->starts);
        s->starts[s->count++] = (struct start){p->runs[i].host == 'S', stops};
    }
}

struct starter *starter_new(const struct lesson *l)
{
    struct starter *s = xcalloc(1, sizeof *s);
    size_t stops = 0;
    for (size_t i = 0; l && i < l->part_count; i++) {
        add_runs(s, &l->parts[i], stops);
        stops += l->parts[i].step.count;
    }
    if (s->count == 0) {
        free(s);
        return NULL;
    }
    s->recording = recording_new(l);
    return s;
}

void starter_free(struct starter *s)
{
    if (!s)
        return;
    recording_free(s->recording);
    free(s->starts);
    free(s);
}

void starter_record(struct starter *s, const struct capture_frame *frame)
{
    if (starter_waits(s))
        recording_add(s->recording, frame);
}

int starter_due(struct starter *s)
{
    if (!starter_waits(s))
        return -1;
    const struct start *next = &s->starts[s->next];
    if (next->stops > 0 && recording_stop(s->recording, next->stops - 1) != STOP_MET)
        return -1;
    s->next++;
    return next->host;
}

bool starter_waits(const struct starter *s)
{
    return s && s->next < s->count;
}

void starter_give_up(struct starter *s)
{
    s->next = s->count;
}
