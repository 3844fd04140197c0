#include "labs/grade/report_parts.h"

#include <string.h>

enum { COLUMNS = 78, INDENT = 4 };

/* A paragraph, broken between words; what is longer than a line stays whole. */
static void add_wrapped(const char *head, const char *s, struct text *out)
{
    size_t column = strlen(head);
    bool first = true;
    text_repeat(out, ' ', INDENT);
    text_add(out, head);
    for (s += strspn(s, " "); *s; s += strspn(s, " ")) {
        size_t n = strcspn(s, " ");
        if (!first && column + 1 + n > COLUMNS - INDENT) {
            text_char(out, '\n');
            text_repeat(out, ' ', INDENT);
            column = 0;
        } else if (!first) {
            text_char(out, ' ');
            column++;
        }
        text_bytes(out, s, n);
        column += n;
        first = false;
        s += n;
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
        text_add(out, "The compiler said:\n");
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
        add_wrapped("Wanted: ", m->line, out);
    if (m->why)
        add_wrapped("", m->why, out);
    if (m->hint && hints)
        add_safe_wrapped("Hint: ", m->hint, out);
    if (m->ladder) {
        text_char(out, '\n');
        add_lines(m->ladder, INDENT, out);
        text_char(out, '\n');
    }
}

void report_text(const struct grade *g, bool hints, struct text *out)
{
    bool full = grade_is_full(g);
    for (size_t i = 0; i < g->count; i++) {
        const struct mark *m = &g->marks[i];
        text_format(out, "%-10s %3lld of %lld  ", outcome_name(m->verdict), (long long)m->points,
                    (long long)m->most);
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
        add_wrapped("Your program: ", g->ended, out);
    }
    if (!full && g->printed) {
        text_add(out, "\n    The last that it printed:\n");
        add_lines(g->printed, (size_t)INDENT + 4, out);
    }
    if (g->is_void)
        text_add(out, "void: this run cannot be judged, and counts for nothing\n");
    else
        text_format(out, "%lld of %lld point%s\n", (long long)g->points, (long long)g->most,
                    g->most == 1 ? "" : "s");
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
