/* Search for what a selector picks: event by event, where text is searched for line by line. */
#include "tracer/view/viewer_parts.h"

#include "tracer/base/words.h"
#include "tracer/select/selector.h"

void viewer_select_needle(struct viewer *v)
{
    struct search *s = &v->search;
    struct select_fault fault = {0};
    picked_free(s->picked);
    s->picked = NULL;
    struct selector *selector = selector_parse(text_str(&s->needle), &fault);
    if (selector)
        s->picked = picked_new(v->trace, selector);
}

bool viewer_select_start(struct viewer *v)
{
    struct search *s = &v->search;
    if (!s->picked || !v->type->seek || !v->type->target)
        return false;
    s->event = v->type->target(v->view).event;
    return true;
}

/* Whether the view has a line for an event, as far as it shows some connections only. */
static bool in_view(const struct viewer *v, uint32_t event)
{
    struct trace_event e = trace_event(v->trace, event);
    uint32_t flow = TRACE_NONE;
    int side;
    uint32_t segment = trace_event_segment(v->trace, event);
    if (segment != TRACE_NONE)
        flow = trace_segment_flow(v->trace, segment, &side);
    else if (e.kind == TRACE_STATE)
        flow = trace_state_flow(v->trace, e.index);
    else if (e.kind == TRACE_CALL_ENTER || e.kind == TRACE_CALL_EXIT)
        flow = trace_call(v->trace, e.index)->flow;
    return flow == TRACE_NONE || !v->type->shows || v->type->shows(v->view, flow);
}

/* The next event that is picked and in view, from `from` on (not itself) to an end; TRACE_NONE
 * where there is none. */
static uint32_t next(const struct viewer *v, int64_t from)
{
    const struct search *s = &v->search;
    int64_t n = (int64_t)picked_count(s->picked);
    for (int64_t i = from + s->by; i >= 0 && i < n; i += s->by)
        if (picked_has(s->picked, (uint32_t)i) && in_view(v, (uint32_t)i))
            return (uint32_t)i;
    return TRACE_NONE;
}

/* Select the next line that holds a picked event, past those that are on the selected line too. */
static bool select_next(struct viewer *v, int64_t from)
{
    uint32_t here = v->type->target(v->view).event, event;
    for (int64_t at = from; (event = next(v, at)) != TRACE_NONE; at = event) {
        v->type->seek(v->view, event);
        if (v->type->target(v->view).event != here)
            return true;
    }
    return false;
}

static void nothing_picked(struct viewer *v)
{
    struct error e;
    error_set(&e, "Nothing that the %s shows is picked by \"%.200s\".", _(v->type->name),
              picked_words(v->search.picked));
    viewer_refuse(v, &e);
}

void viewer_select_slice(struct viewer *v, int64_t budget_ns)
{
    struct search *s = &v->search;
    picked_update(s->picked, budget_ns);
    if (picked_busy(s->picked))
        return;
    s->running = false;
    int64_t end = s->by > 0 ? -1 : (int64_t)picked_count(s->picked);
    if (select_next(v, s->event == TRACE_NONE ? end : (int64_t)s->event))
        text_clear(&v->message);
    else if (select_next(v, end))
        viewer_tell(v, "%s",
                    s->by > 0 ? _("The search went on from the first line.")
                              : _("The search went on from the last line."));
    else if (next(v, end) != TRACE_NONE)
        viewer_tell(v, _("There is no other."));
    else
        nothing_picked(v);
}
