/* The views that a viewer holds: the one in use, those that it was opened from, and those that were
 * left by stepping on and come back as they were. What is selected goes with the user from each to
 * the next. */
#include "tracer/view/viewer_parts.h"

#include <string.h>

static size_t number_of(const struct view_type *type)
{
    size_t i = 0;
    while (i < view_type_count && view_types[i] != type)
        i++;
    return i;
}

/* ---- opening and closing ---------------------------------------------------------------- */

/* Take in what the trace has: a first slice now, and the rest, paused or not, in those that follow.
 */
static void catch_up(struct viewer *v)
{
    if (v->type->set_time)
        v->type->set_time(v->view, v->time);
    v->type->update(v->view);
    v->catching_up = v->paused && viewer_view_busy(v);
}

static void open_view(struct viewer *v, const struct view_type *type)
{
    viewer_search_stop(v);
    v->type = type;
    v->view = type->open(v->trace);
    v->stepped = false;
    catch_up(v);
}

static void take_from_beneath(struct viewer *v)
{
    v->beneath_count--;
    v->type = v->beneath[v->beneath_count].type;
    v->view = v->beneath[v->beneath_count].view;
    v->stepped = v->beneath[v->beneath_count].stepped;
}

/* Back to the view beneath, if there is one. */
static bool close_view(struct viewer *v)
{
    if (v->beneath_count == 0)
        return false;
    viewer_search_stop(v);
    v->type->close(v->view);
    take_from_beneath(v);
    viewer_update(v);
    return true;
}

void viewer_close_all(struct viewer *v)
{
    v->type->close(v->view);
    while (v->beneath_count > 0) {
        take_from_beneath(v);
        v->type->close(v->view);
    }
    for (size_t i = 0; i < view_type_count; i++)
        if (v->left[i]) {
            view_types[i]->close(v->left[i]);
            v->left[i] = NULL;
        }
}

/* Lay the view in use beneath; past what is deep enough, close it. */
static void lay_beneath(struct viewer *v)
{
    if (v->beneath_count == VIEWS_DEEP) {
        v->type->close(v->view);
        return;
    }
    v->beneath[v->beneath_count].type = v->type;
    v->beneath[v->beneath_count].view = v->view;
    v->beneath[v->beneath_count].stepped = v->stepped;
    v->beneath_count++;
}

static void open_over(struct viewer *v, const struct view_type *type)
{
    lay_beneath(v);
    open_view(v, type);
}

static bool is_beneath(const struct viewer *v, const struct view_type *type)
{
    bool beneath = false;
    for (int i = 0; i < v->beneath_count; i++)
        beneath = beneath || v->beneath[i].type == type;
    return beneath;
}

bool viewer_show(struct viewer *v, const char *name)
{
    for (size_t i = 0; i < view_type_count; i++)
        if (strcmp(view_types[i]->name, name) == 0) {
            viewer_close_all(v);
            open_view(v, view_types[i]);
            return true;
        }
    return false;
}

enum viewer_answer viewer_go_to_view(struct viewer *v, const struct view_type *type)
{
    if (v->type == type)
        return VIEWER_NOTHING;
    if (!is_beneath(v, type))
        open_over(v, type);
    while (v->type != type)
        close_view(v);
    return VIEWER_REDRAW;
}

/* ---- what is selected ------------------------------------------------------------------- */

struct view_target viewer_target(const struct viewer *v)
{
    if (v->type->target)
        return v->type->target(v->view);
    return (struct view_target){.flow = TRACE_NONE, .event = TRACE_NONE};
}

/* What the view in use has selected; what it cannot say is as the views before it said. */
static struct view_target take_selection(struct viewer *v)
{
    struct view_target t = viewer_target(v), *old = &v->selected;
    if (v->arrived_in == v->view && t.flow == v->arrived.flow && t.event == v->arrived.event)
        t = *old; /* not moved since: a moment that it has no line for is not lost in it */
    bool same = t.flow == TRACE_NONE || t.flow == old->flow;
    if (t.flow == TRACE_NONE)
        t.flow = old->flow;
    if (t.event == TRACE_NONE && same)
        t.event = old->event;
    if (v->type->follows)
        v->following = v->type->follows(v->view);
    else if (!same)
        v->following = false;
    *old = t;
    return t;
}

static bool shows(const struct viewer *v, uint32_t flow)
{
    return flow != TRACE_NONE && v->type->shows && v->type->shows(v->view, flow);
}

/* Select in the view in use what was selected in the last one. One that shows it already among
 * other things goes on showing those; where the newest was followed it is followed on. */
static void turn_to(struct viewer *v, struct view_target t)
{
    bool there = shows(v, t.flow) && v->type != &connections_view;
    if (v->following && v->type == &connections_view) {
        v->arrived_in = NULL; /* its first line: what is the newest changes all the time */
        return;
    }
    bool follow = v->following && v->type->follows;
    if (follow)
        t.event = TRACE_NONE;
    if (there && v->type->seek && t.event != TRACE_NONE)
        v->type->seek(v->view, t.event);
    else if (v->type->show && !(there && follow) && (t.flow != TRACE_NONE || t.event != TRACE_NONE))
        v->type->show(v->view, &t);
    if (follow && !v->type->follows(v->view))
        v->type->command(v->view, COMMAND_FOLLOW);
    v->arrived_in = v->view;
    v->arrived = viewer_target(v);
}

enum viewer_answer viewer_open_target(struct viewer *v)
{
    struct view_target target = v->type->target(v->view);
    take_selection(v);
    open_over(v, target.type);
    if (v->type->show)
        v->type->show(v->view, &target);
    return VIEWER_REDRAW;
}

enum viewer_answer viewer_show_selected(struct viewer *v, const struct view_type *type)
{
    if (v->type == type)
        return VIEWER_NOTHING;
    struct view_target target = take_selection(v);
    target.type = type;
    target.flow_count = 0;
    if (type == &connections_view)
        viewer_go_to_view(v, type);
    else
        open_over(v, type);
    turn_to(v, target);
    return VIEWER_REDRAW;
}

enum viewer_answer viewer_close_view(struct viewer *v)
{
    return close_view(v) ? VIEWER_REDRAW : VIEWER_QUIT;
}

/* ---- stepping --------------------------------------------------------------------------- */

/* Leave the view in use, to come back to it as it is. */
static void leave(struct viewer *v)
{
    void **place = &v->left[number_of(v->type)];
    if (*place)
        v->type->close(*place);
    *place = v->view;
}

static void enter(struct viewer *v, const struct view_type *type)
{
    void **place = &v->left[number_of(type)];
    if (*place) {
        v->type = type;
        v->view = *place;
        *place = NULL;
        catch_up(v);
    } else {
        open_view(v, type);
    }
    v->stepped = true;
}

enum viewer_answer viewer_step_to(struct viewer *v, const struct view_type *type)
{
    if (v->type == type)
        return VIEWER_NOTHING;
    struct view_target target = take_selection(v);
    viewer_search_stop(v);
    if (is_beneath(v, type)) {
        while (v->type != type) {
            leave(v);
            take_from_beneath(v);
        }
        viewer_update(v);
    } else {
        if (v->stepped)
            leave(v);
        else
            lay_beneath(v);
        enter(v, type);
    }
    target.type = type;
    target.flow_count = 0;
    turn_to(v, target);
    return VIEWER_REDRAW;
}

enum viewer_answer viewer_step_view(struct viewer *v, size_t by)
{
    if (view_type_count < 2)
        return VIEWER_NOTHING;
    return viewer_step_to(v, view_types[(number_of(v->type) + by) % view_type_count]);
}
