#include "labs/guide/recording.h"

#include "tracer/base/alloc.h"
#include "tracer/select/run.h"

#include <stdlib.h>
#include <string.h>

struct waypoint {
    const struct selector *event; /* (borrowed) NULL: the end */
    size_t slot;
    bool met;
    int64_t time_ns;
};

struct recording {
    struct trace *trace;
    struct select_run *run;
    struct capture_frame *frames; /* with their bytes (owned); `at` is where each stands here */
    uint64_t *places;             /* and in the source */
    size_t count, cap, places_cap;
    size_t shown; /* of the frames */
    struct waypoint *stops;
    size_t stop_count, stops_met;
    int64_t reveal_ns; /* what is stamped later is not shown yet */
    int64_t look_ns;   /* or now, since one looks back */
    bool anew;         /* what was shown is to be forgotten */
    bool ended;
};

static void add_stops(struct recording *r, const struct step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        struct waypoint w = {.event = step->at[i].event};
        if (w.event)
            w.slot = select_run_add(r->run, w.event);
        r->stops = xreallocarray(r->stops, r->stop_count + 1, sizeof *r->stops);
        r->stops[r->stop_count++] = w;
    }
}

static bool again(void *place, uint64_t at, struct capture_frame *frame)
{
    const struct recording *r = place;
    if (at < r->count)
        *frame = r->frames[at];
    return at < r->count;
}

struct recording *recording_new(const struct lesson *l)
{
    struct recording *r = xcalloc(1, sizeof *r);
    r->trace = trace_new();
    trace_rereads(r->trace, again, r);
    r->run = select_run_new(r->trace);
    r->reveal_ns = INT64_MIN;
    r->look_ns = INT64_MAX;
    for (size_t i = 0; i < l->part_count; i++)
        add_stops(r, &l->parts[i].step);
    return r;
}

void recording_free(struct recording *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->count; i++)
        free((void *)(uintptr_t)r->frames[i].bytes);
    free(r->frames);
    free(r->places);
    free(r->stops);
    select_run_free(r->run);
    trace_free(r->trace);
    free(r);
}

/* Every event is looked at once: it is the next stop, or it is not. */
static void look_for_stops(struct recording *r)
{
    for (size_t event; select_run_next(r->run, &event);) {
        struct waypoint *next = r->stops_met < r->stop_count ? &r->stops[r->stops_met] : NULL;
        if (!next || !next->event || !select_run_matches(r->run, next->slot))
            continue;
        next->met = true;
        next->time_ns = trace_time(r->trace, event);
        r->stops_met++;
    }
}

void recording_add(struct recording *r, const struct capture_frame *frame)
{
    uint8_t *bytes = xcalloc(1, frame->captured_bytes + 1u);
    memcpy(bytes, frame->bytes, frame->captured_bytes);
    xgrow(&r->frames, &r->cap, r->count, sizeof *r->frames);
    xgrow(&r->places, &r->places_cap, r->count, sizeof *r->places);
    r->places[r->count] = frame->at;
    struct capture_frame *kept = &r->frames[r->count];
    *kept = *frame;
    kept->bytes = bytes;
    kept->at = r->count++;
    trace_add(r->trace, kept);
    look_for_stops(r);
}

void recording_end(struct recording *r)
{
    r->ended = true;
}

bool recording_ended(const struct recording *r)
{
    return r->ended;
}

int64_t recording_began_ns(const struct recording *r)
{
    return r->count > 0 ? r->frames[0].time_ns : 0;
}

const struct trace *recording_trace(const struct recording *r)
{
    return r->trace;
}

enum stop recording_stop(const struct recording *r, size_t i)
{
    const struct waypoint *w = &r->stops[i];
    if (w->met || (!w->event && r->ended))
        return STOP_MET;
    return r->ended ? STOP_MISSED : STOP_AHEAD;
}

static void reveal(struct recording *r, int64_t until_ns)
{
    if (until_ns > r->reveal_ns)
        r->reveal_ns = until_ns;
}

static int64_t time_of(const struct recording *r, size_t i)
{
    return r->stops[i].met ? r->stops[i].time_ns : INT64_MAX;
}

void recording_reveal(struct recording *r, size_t i)
{
    reveal(r, time_of(r, i));
}

void recording_reveal_all(struct recording *r)
{
    reveal(r, INT64_MAX);
}

static void look(struct recording *r, int64_t until_ns)
{
    if (until_ns < r->look_ns) {
        r->anew = true;
        r->shown = 0;
    }
    r->look_ns = until_ns;
}

void recording_look_back(struct recording *r, size_t stops)
{
    look(r, stops > 0 ? time_of(r, stops - 1) : INT64_MIN);
}

void recording_look_on(struct recording *r)
{
    look(r, INT64_MAX);
}

bool recording_begins_anew(struct recording *r)
{
    bool anew = r->anew;
    r->anew = false;
    return anew;
}

bool recording_next(struct recording *r, struct capture_frame *frame)
{
    int64_t until_ns = r->look_ns < r->reveal_ns ? r->look_ns : r->reveal_ns;
    if (r->shown == r->count || r->frames[r->shown].time_ns > until_ns)
        return false;
    *frame = r->frames[r->shown];
    frame->at = r->places[r->shown++];
    return true;
}
