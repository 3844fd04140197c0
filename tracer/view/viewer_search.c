/* Search over the lines of a view, in slices so that nothing waits for it. */
#include "tracer/view/viewer_parts.h"

#include "tracer/base/clock.h"
#include "tracer/base/words.h"
#include "tracer/view/slice.h"

#include <string.h>

enum { LOOK_EVERY = 64 };

static void lower(struct text *t)
{
    for (size_t i = 0; i < t->len; i++)
        if (t->s[i] >= 'A' && t->s[i] <= 'Z')
            t->s[i] = (char)(t->s[i] - 'A' + 'a');
}

static bool holds(struct viewer *v, struct view_position p, struct text *row)
{
    text_clear(row);
    v->type->row_text(v->view, p, row);
    lower(row);
    return strstr(text_str(row), text_str(&v->search.needle)) != NULL;
}

static bool not_before(struct view_position a, struct view_position b)
{
    return a.row > b.row || (a.row == b.row && a.part >= b.part);
}

/* One line further, from an end to the other; false when it is back where it began. */
static bool advance(struct viewer *v)
{
    struct search *s = &v->search;
    struct view_position far = {s->by > 0 ? 0 : UINT64_MAX, s->by > 0 ? 0 : UINT64_MAX, s->at.flow};
    if (!v->type->step(v->view, &s->at, s->by)) {
        if (s->wrapped)
            return false;
        s->wrapped = true;
        s->at = far;
        if (!v->type->step(v->view, &s->at, 0))
            return false;
    }
    bool back = s->by > 0 ? not_before(s->at, s->from) : not_before(s->from, s->at);
    return !(s->wrapped && back);
}

static void found(struct viewer *v)
{
    struct search *s = &v->search;
    s->running = false;
    v->type->go(v->view, s->at);
    if (s->wrapped)
        viewer_tell(v, "%s",
                    s->by > 0 ? _("The search went on from the first line.")
                              : _("The search went on from the last line."));
    else
        text_clear(&v->message);
}

static void not_found(struct viewer *v)
{
    struct error e;
    v->search.running = false;
    if (holds(v, v->search.from, &v->copied))
        viewer_tell(v, _("No other line holds this."));
    else {
        error_set(&e, "No line of the %s holds \"%.200s\".", _(v->type->name),
                  text_str(&v->search.needle));
        viewer_refuse(v, &e);
    }
    text_clear(&v->copied);
}

bool viewer_search_slice(struct viewer *v)
{
    struct search *s = &v->search;
    struct text row = {0};
    int64_t until = s->running ? clock_monotonic_ns() + SLICE_NS : 0;
    bool was_running = s->running;
    if (s->running && s->picked)
        viewer_select_slice(v, SLICE_NS);
    for (int i = 0; s->running && !s->picked; i++) {
        if (i % LOOK_EVERY == LOOK_EVERY - 1 && clock_monotonic_ns() > until)
            break;
        if (!advance(v))
            not_found(v);
        else if (holds(v, s->at, &row))
            found(v);
    }
    text_free(&row);
    return was_running && !s->running;
}

bool viewer_search_stop(struct viewer *v)
{
    bool was = v->search.running;
    v->search.running = false;
    return was;
}

static enum viewer_answer begin(struct viewer *v)
{
    v->search.wrapped = false;
    v->search.running = true;
    viewer_remember(v);
    viewer_tell(v, _("Searching; Esc gives it up."));
    viewer_search_slice(v);
    return VIEWER_REDRAW;
}

static enum viewer_answer start(struct viewer *v, int by)
{
    struct search *s = &v->search;
    struct error e = {0};
    s->by = by;
    if (s->needle.len > 0 && viewer_select_start(v))
        return begin(v);
    if (!v->type->row_text)
        error_set(&e, "The %s has no lines to search.", _(v->type->name));
    else if (s->needle.len == 0)
        error_set(&e, "Nothing has been searched for yet: / begins a search.");
    if (e.text[0])
        return viewer_refuse(v, &e);
    s->from = v->type->position(v->view);
    if (!v->type->step(v->view, &s->from, 0))
        return viewer_tell(v, _("There is no line to search yet."));
    s->at = s->from;
    return begin(v);
}

enum viewer_answer viewer_search(struct viewer *v, const char *argument)
{
    if (!argument) {
        viewer_prompt_open(v, PROMPT_SEARCH, "");
        return VIEWER_REDRAW;
    }
    if (*argument) {
        text_clear(&v->search.needle);
        text_add(&v->search.needle, argument);
        viewer_select_needle(v);
        lower(&v->search.needle);
    }
    return start(v, 1);
}

enum viewer_answer viewer_search_next(struct viewer *v, const char *argument)
{
    (void)argument;
    return start(v, 1);
}

enum viewer_answer viewer_search_previous(struct viewer *v, const char *argument)
{
    (void)argument;
    return start(v, -1);
}

/* ---- drawing ------------------------------------------------------------------------------ */

static uint32_t lowered(uint32_t glyph)
{
    return glyph >= 'A' && glyph <= 'Z' ? glyph - 'A' + 'a' : glyph;
}

/* Cells that the needle, ASCII as it mostly is, takes from here; 0 where it is not here. */
static int match_at(const struct grid *g, int row, int col, const char *needle)
{
    int n = 0;
    for (; needle[n]; n++) {
        const struct cell *c = grid_cell(g, row, col + n);
        if (!c || lowered(c->glyph) != (unsigned char)needle[n])
            return 0;
    }
    return n;
}

static void draw_matches(const struct viewer *v, struct grid *g, int row, struct area a)
{
    const char *needle = text_str(&v->search.needle);
    for (int col = a.col; *needle && v->type->row_text && col < a.col + a.cols; col++) {
        int n = match_at(g, row, col, needle);
        if (n > 0)
            grid_role(g, (struct area){row, col, 1, n}, ROLE_MATCH);
    }
}

void viewer_search_draw(const struct viewer *v, struct grid *g, struct area a)
{
    for (int row = a.row; row < a.row + a.rows; row++)
        draw_matches(v, g, row, a);
}
