#include "labs/grade/report_parts.h"

#include "tracer/base/width.h"
#include "tracer/base/words.h"

#include <string.h>

enum { COLUMNS = 78, INDENT = 4 };

/* A paragraph, broken between words; what is longer than a line stays whole. */
static void add_wrapped(const char *head, const char *s, struct text *out)
{
    int column = glyph_columns(head, strlen(head));
    bool first = true;
    text_repeat(out, ' ', INDENT);
    text_add(out, head);
    while (*s) {
        int cols;
        size_t blanks = strspn(s, " ");
        size_t n = glyph_piece(s + blanks, strlen(s + blanks), &cols);
        int gap = !first && blanks > 0;
        if (!first && column + gap + cols > COLUMNS - INDENT) {
            text_char(out, '\n');
            text_repeat(out, ' ', INDENT);
            column = 0;
            gap = 0;
        }
        text_repeat(out, ' ', (size_t)gap);
        text_bytes(out, s + blanks, n);
        column += gap + cols;
        first = false;
        s += blanks + n;
    }
    text_char(out, '\n');
}

/* Lines, as they are. */
static void add_lines(const char *s, size_t indent, struct text *out)
{
    for (; *s; s += *s == '\n') {
        size_t n = strcspn(s, "\n");
        text_repeat(out, ' ', indent);
        text_bytes(out, s, n);
        text_char(out, '\n');
        s += n;
    }
}

void report_said(const struct text *said, struct text *out)
{
    if (said->len > 0)
        text_add(out, _("The compiler said:\n"));
    for (const char *s = text_str(said); *s; s += *s == '\n') {
        size_t n = strcspn(s, "\n");
        text_repeat(out, ' ', INDENT);
        text_safe(out, s, n);
        text_char(out, '\n');
        s += n;
    }
}

static void add_safe_wrapped(const char *head, const char *s, struct text *out)
{
    struct text safe = {0};
    text_safe_escaped(&safe, s);
    add_wrapped(head, text_str(&safe), out);
    text_free(&safe);
}

void report_miss(const struct mark *m, bool hints, struct text *out)
{
    if (m->line)
        add_wrapped(_("Wanted: "), m->line, out);
    if (m->why)
        add_wrapped("", m->why, out);
    if (m->hint && hints)
        add_safe_wrapped(_("Hint: "), m->hint, out);
    if (m->ladder) {
        text_char(out, '\n');
        add_lines(m->ladder, INDENT, out);
        text_char(out, '\n');
    }
}

/* In a column of its own. */
static void add_outcome(enum outcome verdict, struct text *out)
{
    enum { COLUMN = 11 };
    const char *name = words_of(outcome_name(verdict));
    int cols = glyph_columns(name, strlen(name));
    text_add(out, name);
    text_repeat(out, ' ', (size_t)(cols < COLUMN ? COLUMN - cols : 1));
}

void report_text(const struct grade *g, bool hints, struct text *out)
{
    bool full = grade_is_full(g);
    for (size_t i = 0; i < g->count; i++) {
        const struct mark *m = &g->marks[i];
        add_outcome(m->verdict, out);
        text_format(out, _("%3lld of %lld"), (long long)m->points, (long long)m->most);
        text_add(out, "  ");
        text_safe_str(out, m->name);
        text_char(out, '\n');
        if (m->verdict != OUTCOME_PASS)
            report_miss(m, hints, out);
    }
    if (g->reason) {
        text_char(out, '\n');
        add_safe_wrapped("", g->reason, out);
    }
    if (!full && g->ended) {
        text_char(out, '\n');
        add_wrapped(_("Your program: "), g->ended, out);
    }
    if (!full && g->printed) {
        text_format(out, "\n    %s\n", _("The last that it printed:"));
        add_lines(g->printed, (size_t)INDENT + 4, out);
    }
    if (g->is_void)
        text_add(out, _("void: this run cannot be judged, and counts for nothing\n"));
    else
        text_format(out, g->most == 1 ? _("%lld of %lld point\n") : _("%lld of %lld points\n"),
                    (long long)g->points, (long long)g->most);
}

void report_sheet(const struct sheet *s, struct text *out)
{
    text_add(out, "Lab ");
    text_safe_str(out, s->grade->lab);
    if (s->submission) {
        text_add(out, ": ");
        text_safe_str(out, s->submission);
    }
    text_char(out, '\n');
    if (report_state(s))
        add_safe_wrapped("", report_state(s), out);
    if (s->said)
        report_said(s->said, out);
    report_text(s->grade, s->hints, out);
}
