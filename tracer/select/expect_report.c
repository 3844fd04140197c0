#include "tracer/select/expect_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/select/describe.h"

#include <stdlib.h>

/* ---- checking ---- */

/* Whether more events come into question for one of its lines than are kept. */
static bool is_cut(const struct gathered *g, const struct expectation *e)
{
    for (size_t k = 0; k < e->line_count; k++) {
        const struct line *line = &e->lines[k];
        if (g->of_slot[line->slot].cut || (line->after && g->of_slot[line->after_slot].cut) ||
            (line->before && g->of_slot[line->before_slot].cut))
            return true;
    }
    return false;
}

static void check_one(const struct gathered *g, const struct expectation *e,
                      struct expect_outcome *o)
{
    struct search s = {.gathered = g, .expectation = e};
    s.steps_most = EXPECT_STEPS + (int64_t)EXPECT_STEPS_A_LINE * (int64_t)e->line_count *
                                      (int64_t)trace_event_count(g->trace);
    *o = (struct expect_outcome){.event = SIZE_MAX};
    if (is_cut(g, e)) {
        o->result = EXPECT_UNDECIDED;
        text_format(&o->why,
                    "Its lines, and those of the others, select more than %d events: not all were "
                    "looked at. This says nothing about the capture; make the lines say more, or "
                    "check fewer at once.",
                    EXPECT_CANDIDATES);
        return;
    }
    o->result = search_expectation(&s);
    if (o->result == EXPECT_UNDECIDED)
        text_format(&o->why,
                    "It could be matched in too many ways: the search was ended after %lld steps. "
                    "This says nothing about the capture; make the lines say more.",
                    (long long)s.steps_most);
    else if (o->result == EXPECT_MISSED)
        explain_miss(&s, o);
}

/* Those that are needed are judged first; there is no circle among them. */
static void settle(const struct expectations *all, struct expect_outcome *o, size_t i,
                   unsigned char *settled)
{
    const struct expectation *e = &all->at[i];
    if (settled[i])
        return;
    settled[i] = 1;
    for (size_t n = 0; n < e->need_count; n++) {
        size_t need = e->need_of[n];
        settle(all, o, need, settled);
        if (o[need].result == EXPECT_MET || o[i].result == EXPECT_NOT_JUDGED)
            continue;
        text_clear(&o[i].why);
        const char *rest = text_gap(&o[i].why, _("It needs \"{}\", which was not met."));
        text_safe_str(&o[i].why, all->at[need].name);
        text_add(&o[i].why, rest);
        o[i].result = EXPECT_NOT_JUDGED;
        o[i].event = SIZE_MAX;
        o[i].line = 0;
    }
}

struct expect_outcome *expectations_check(const struct expectations *e, const struct trace *t)
{
    struct gathered g;
    struct expect_outcome *o = xcalloc(e->count + 1, sizeof *o);
    unsigned char *settled = xcalloc(e->count + 1, 1);
    gather(&g, e, t);
    for (size_t i = 0; i < e->count; i++)
        check_one(&g, &e->at[i], &o[i]);
    for (size_t i = 0; i < e->count; i++)
        settle(e, o, i, settled);
    gathered_free(&g);
    free(settled);
    return o;
}

void expect_outcomes_free(struct expect_outcome *o, size_t n)
{
    for (size_t i = 0; o && i < n; i++)
        text_free(&o[i].why);
    free(o);
}

/* ---- the report ---- */

enum { COLUMNS = 78, INDENT = 4 };

/* A paragraph, broken between words; what is longer than a line stays whole. */
static void add_wrapped(const char *s, struct text *out)
{
    size_t column = 0;
    text_repeat(out, ' ', INDENT);
    while (*s) {
        size_t n = 0;
        while (s[n] && s[n] != ' ')
            n++;
        if (column > 0 && column + 1 + n > COLUMNS - INDENT) {
            text_char(out, '\n');
            text_repeat(out, ' ', INDENT);
            column = 0;
        } else if (column > 0) {
            text_char(out, ' ');
            column++;
        }
        text_bytes(out, s, n);
        column += n;
        s += n;
        while (*s == ' ')
            s++;
    }
    text_char(out, '\n');
}

static const struct line *line_of(const struct expectation *e, int number)
{
    for (size_t k = 0; k < e->line_count; k++)
        if (e->lines[k].number == number)
            return &e->lines[k];
    return NULL;
}

static void report_miss(const struct expectation *e, const struct trace *t,
                        const struct expect_outcome *o, struct text *out)
{
    const struct line *line = line_of(e, o->line);
    struct text hint = {0};
    if (line) {
        text_repeat(out, ' ', INDENT);
        text_format(out, "line %d: ", line->number);
        text_safe_str(out, line->text);
        text_char(out, '\n');
    }
    add_wrapped(text_str(&o->why), out);
    if (e->hint) {
        text_add(&hint, "Hint: ");
        text_safe_str(&hint, e->hint);
        add_wrapped(hint.s, out);
        text_free(&hint);
    }
    if (o->event != SIZE_MAX) {
        text_char(out, '\n');
        describe_around(t, o->event, INDENT, out);
        text_char(out, '\n');
    }
}

void expectations_report(const struct expectations *e, const struct trace *t,
                         const struct expect_outcome *outcomes, struct text *out)
{
    static const char *const words[EXPECT_RESULT_COUNT] = {"met", "missed", "not judged",
                                                           "undecided"};
    int64_t points = 0, most = 0;
    for (size_t i = 0; i < e->count; i++) {
        const struct expectation *x = &e->at[i];
        bool met = outcomes[i].result == EXPECT_MET;
        points += met ? x->points : 0;
        most += x->points;
        text_format(out, "%-10s %3lld of %lld  ", words[outcomes[i].result],
                    (long long)(met ? x->points : 0), (long long)x->points);
        text_safe_str(out, x->name);
        text_char(out, '\n');
        if (!met)
            report_miss(x, t, &outcomes[i], out);
    }
    text_format(out, "%lld of %lld point%s\n", (long long)points, (long long)most,
                most == 1 ? "" : "s");
}
