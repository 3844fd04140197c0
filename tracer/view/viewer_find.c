/* Finding things again: marks, tags, places by number or time. */
#include "tracer/view/viewer_parts.h"

#include "tracer/base/clock.h"
#include "tracer/base/search.h"
#include "tracer/base/words.h"
#include "tracer/view/connections.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- marks -------------------------------------------------------------------------------- */

static struct mark *mark_of(struct viewer *v, const char *letter)
{
    char c = letter ? letter[0] : '\0';
    if (!c || letter[1] != '\0')
        return NULL;
    c = (char)(c | 0x20);
    if (c >= 'a' && c <= 'z')
        return &v->marks[c - 'a'];
    return letter[0] == '\'' ? &v->marks[MARK_COUNT - 1] : NULL;
}

static void set_mark(struct viewer *v, struct mark *m)
{
    *m = (struct mark){.type = v->type, .target = viewer_target(v)};
    if (v->type->position)
        m->position = v->type->position(v->view);
}

void viewer_remember(struct viewer *v)
{
    set_mark(v, &v->marks[MARK_COUNT - 1]);
}

static enum viewer_answer wait_for_letter(struct viewer *v, enum command c)
{
    v->pending = c;
    return VIEWER_REDRAW;
}

static enum viewer_answer no_letter(struct viewer *v)
{
    struct error e;
    error_set(&e, "A place is remembered under a letter, a to z.");
    return viewer_refuse(v, &e);
}

enum viewer_answer viewer_mark(struct viewer *v, const char *argument)
{
    struct mark *m = mark_of(v, argument);
    if (!argument)
        return wait_for_letter(v, COMMAND_MARK);
    if (!m)
        return no_letter(v);
    set_mark(v, m);
    return viewer_tell(v, _("This place is remembered: '%s comes back to it."), argument);
}

enum viewer_answer viewer_jump(struct viewer *v, const char *argument)
{
    struct mark *m = mark_of(v, argument), to;
    struct error e;
    if (!argument)
        return wait_for_letter(v, COMMAND_JUMP);
    if (!m)
        return no_letter(v);
    if (!m->type) {
        error_set(&e, "No place is remembered under %s; m%s remembers one.", argument, argument);
        return viewer_refuse(v, &e);
    }
    to = *m;
    viewer_remember(v);
    viewer_go_to_view(v, to.type);
    if (to.target.flow_count > 1 && to.type == &ladder_view)
        to.type->show(v->view, &to.target);
    if (to.type->go)
        to.type->go(v->view, to.position);
    return VIEWER_REDRAW;
}

/* ---- tags --------------------------------------------------------------------------------- */

uint32_t viewer_segment_of(const struct viewer *v, uint32_t event)
{
    return event < trace_event_count(v->trace) ? trace_event_segment(v->trace, event) : TRACE_NONE;
}

/* Tag all segments of a connection, or none of them. */
static void tag_connection(struct viewer *v, uint32_t flow, bool add)
{
    struct trace_range r = trace_flow_segments(v->trace, flow);
    struct tags old = v->tags;
    size_t at = 0;
    v->tags = (struct tags){0};
    for (; at < old.count && old.at[at] < r.from; at++)
        tags_add(&v->tags, old.at[at]);
    for (uint32_t i = (uint32_t)r.from; i < r.to; i++) {
        int side;
        bool tagged = at < old.count && old.at[at] == i;
        at += tagged;
        if (trace_segment_flow(v->trace, i, &side) == flow ? add : tagged)
            tags_add(&v->tags, i);
    }
    for (; at < old.count; at++)
        tags_add(&v->tags, old.at[at]);
    tags_clear(&old);
}

enum viewer_answer viewer_tag(struct viewer *v, const char *argument)
{
    (void)argument;
    struct view_target t = viewer_target(v);
    uint32_t segment = viewer_segment_of(v, t.event);
    if (v->type == &connections_view && t.flow != TRACE_NONE) {
        viewer_view_command(v, COMMAND_TAG);
        tag_connection(v, t.flow, connections_has_tag(v->view, t.flow));
        return VIEWER_REDRAW;
    }
    if (segment == TRACE_NONE)
        return viewer_tell(v, _("Segments can be tagged, and no segment is selected."));
    if (tags_has(&v->tags, segment))
        tags_remove(&v->tags, segment);
    else
        tags_add(&v->tags, segment);
    if (v->type->command(v->view, COMMAND_NEXT_SEGMENT) == VIEW_NOT_MINE)
        v->type->command(v->view, COMMAND_DOWN);
    return VIEWER_REDRAW;
}

enum viewer_answer viewer_untag(struct viewer *v, const char *argument)
{
    (void)argument;
    size_t n = v->tags.count;
    tags_clear(&v->tags);
    v->type->command(v->view, COMMAND_UNTAG_ALL);
    for (int i = 0; i < v->beneath_count; i++)
        v->beneath[i].type->command(v->beneath[i].view, COMMAND_UNTAG_ALL);
    for (size_t i = 0; i < view_type_count; i++)
        if (v->left[i])
            view_types[i]->command(v->left[i], COMMAND_UNTAG_ALL);
    return viewer_tell(v, n == 1 ? _("%zu tag was taken off.") : _("%zu tags were taken off."), n);
}

/* ---- places by number or time ------------------------------------------------------------- */

/* The number in the file of a moment's packet, 0 where it is none. */
static uint64_t frame_of(const struct viewer *v, size_t event)
{
    struct trace_event e = trace_event(v->trace, event);
    if (e.kind == TRACE_SEGMENT)
        return trace_segment(v->trace, e.index).frame;
    return e.kind == TRACE_OTHER ? trace_other(v->trace, e.index).frame : 0;
}

/* The first moment at or after the packet of this number. */
static size_t event_of_frame(const struct viewer *v, uint64_t frame)
{
    size_t low = 0, high = trace_event_count(v->trace);
    while (low < high) {
        size_t middle = low + (high - low) / 2, at = middle;
        while (at < high && frame_of(v, at) == 0)
            at++;
        if (at < high && frame_of(v, at) < frame)
            low = at + 1;
        else
            high = middle;
    }
    while (low < trace_event_count(v->trace) && frame_of(v, low) == 0)
        low++;
    return low;
}

static bool happens_before(const void *trace, size_t event, int64_t time_ns)
{
    return trace_time(trace, event) < time_ns;
}

static size_t event_of_time(const struct viewer *v, int64_t time_ns)
{
    return search_first(trace_event_count(v->trace), happens_before, v->trace, time_ns);
}

/* Read "1.25" as nanoseconds; false where it is nothing of the kind. */
static bool read_seconds(const char *s, int64_t *ns)
{
    int64_t whole = 0, part = 0, scale = NS_PER_S;
    if (*s < '0' || *s > '9')
        return false;
    for (; *s >= '0' && *s <= '9' && whole < 1000000000; s++)
        whole = whole * 10 + (*s - '0');
    if (*s == '.')
        for (s++; *s >= '0' && *s <= '9'; s++)
            if (scale > 1) {
                scale /= 10;
                part += (*s - '0') * scale;
            }
    *ns = whole * NS_PER_S + part;
    return *s == '\0' || strcmp(s, "s") == 0;
}

/* Read "13:04:05.5" or "13:04", of the day on which the trace begins, or of the next. */
static bool read_clock(const struct viewer *v, const char *s, int64_t *time_ns)
{
    int64_t begin = trace_time(v->trace, 0), seconds = 0;
    char *end;
    struct tm day;
    time_t at = (time_t)(begin / NS_PER_S);
    unsigned long hour = strtoul(s, &end, 10);
    if (end == s || *end != ':' || hour > 23 || !localtime_r(&at, &day))
        return false;
    const char *minutes = end + 1;
    unsigned long minute = strtoul(minutes, &end, 10);
    if (end == minutes || minute > 59 || (*end == ':' && !read_seconds(end + 1, &seconds)) ||
        (*end != ':' && *end != '\0') || seconds / NS_PER_S > 60)
        return false;
    day.tm_hour = (int)hour, day.tm_min = (int)minute, day.tm_sec = 0, day.tm_isdst = -1;
    *time_ns = (int64_t)mktime(&day) * NS_PER_S + seconds;
    if (*time_ns + NS_PER_S < begin) {
        day.tm_mday++;
        day.tm_isdst = -1;
        *time_ns = (int64_t)mktime(&day) * NS_PER_S + seconds;
    }
    return true;
}

/* The event that the words name; the count of events where it comes after all. */
static int event_of_words(const struct viewer *v, const char *words, size_t *event, struct error *e)
{
    int64_t ns = 0;
    if (words[strspn(words, "0123456789")] == '\0' && words[0] && strlen(words) < 19) {
        *event = event_of_frame(v, strtoull(words, NULL, 10));
        return 0;
    }
    if (strchr(words, ':') && read_clock(v, words, &ns)) {
        *event = event_of_time(v, ns);
        return 0;
    }
    if (read_seconds(words, &ns)) {
        *event = event_of_time(v, trace_time(v->trace, 0) + ns);
        return 0;
    }
    return error_exit(e, EXIT_WRONG_USAGE,
                      "goto takes a packet's number (12), seconds since the start (1.25) or a time "
                      "of the clock (13:04:05).");
}

enum viewer_answer viewer_goto(struct viewer *v, const char *argument)
{
    struct error e = {0};
    size_t event = 0, n = trace_event_count(v->trace);
    if (!argument) {
        viewer_prompt_open(v, PROMPT_COMMAND, "goto ");
        return VIEWER_REDRAW;
    }
    if (!v->type->seek)
        error_set(&e, "The %s has no places by number or time.", _(v->type->name));
    else if (n == 0)
        error_set(&e, "There is nothing to go to yet.");
    if (e.text[0] || event_of_words(v, argument, &event, &e) < 0)
        return viewer_refuse(v, &e);
    viewer_remember(v);
    v->type->seek(v->view, (uint32_t)(event < n ? event : n - 1));
    if (event >= n)
        return viewer_tell(v, _("This is the end: there is nothing as late as %s."), argument);
    return VIEWER_REDRAW;
}

/* ---- drawing ------------------------------------------------------------------------------ */

/* A star at the right end: where all views have the least to say. */
static void draw_tag(const struct viewer *v, struct grid *g, int row, struct area a)
{
    const struct cell *c = grid_cell(g, row, a.col);
    uint32_t segment = c ? viewer_segment_of(v, c->target) : TRACE_NONE;
    if (segment == TRACE_NONE || !tags_has(&v->tags, segment))
        return;
    bool selected = grid_cell(g, row, a.col + a.cols - 1)->selected;
    grid_put(g, row, a.col + a.cols - 1, '*', ROLE_TAG);
    grid_cell(g, row, a.col + a.cols - 1)->selected = selected;
}

void viewer_tags_draw(const struct viewer *v, struct grid *g, struct area a)
{
    for (int row = a.row; row < a.row + a.rows; row++)
        if (v->type != &connections_view) /* which marks its own */
            draw_tag(v, g, row, a);
}
