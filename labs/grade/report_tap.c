/* TAP 14. */
#include "labs/grade/report_parts.h"

#include <string.h>

/* In a description # begins a directive, and \ escapes. */
static void put_description(const char *s, struct text *out)
{
    struct text safe = {0};
    text_safe_escaped(&safe, s);
    for (const char *c = text_str(&safe); *c; c++) {
        if (*c == '#' || *c == '\\')
            text_char(out, '\\');
        text_char(out, *c);
    }
    text_free(&safe);
}

static void put_key(const char *key, const char *value, struct text *out)
{
    if (!value)
        return;
    text_format(out, "  %s: ", key);
    text_json_str(out, value); /* which is YAML too */
    text_char(out, '\n');
}

/* A list of lines: what a block of text is indented by, YAML would have to guess. */
static void put_lines(const char *key, const char *lines, struct text *out)
{
    if (!lines)
        return;
    text_format(out, "  %s:\n", key);
    for (const char *s = lines; *s; s += *s == '\n') {
        size_t n = strcspn(s, "\n");
        text_add(out, "    - ");
        text_json(out, s, n);
        text_char(out, '\n');
        s += n;
    }
}

static void put_test(const struct sheet *s, size_t i, struct text *out)
{
    const struct mark *m = &s->grade->marks[i];
    bool judged = m->verdict != OUTCOME_NOT_JUDGED;
    text_format(out, "%s %zu - ", m->verdict == OUTCOME_PASS || !judged ? "ok" : "not ok", i + 1);
    put_description(m->name, out);
    if (!judged) {
        text_add(out, " # SKIP ");
        put_description(m->why ? m->why : "not judged", out);
    }
    text_format(out, "\n  ---\n  points: %lld\n  of: %lld\n", (long long)m->points,
                (long long)m->most);
    put_key("wanted", m->line, out);
    put_key("message", m->why ? m->why : m->verdict == OUTCOME_PASS ? NULL : s->grade->reason, out);
    put_key("hint", s->hints && judged && m->verdict != OUTCOME_PASS ? m->hint : NULL, out);
    put_lines("ladder", m->ladder, out);
    text_add(out, "  ...\n");
}

void report_tap(const struct sheet *s, struct text *out)
{
    const struct grade *g = s->grade;
    text_format(out, "TAP version 14\n1..%zu\n", g->count);
    if (report_state(s)) {
        text_add(out, "# ");
        text_safe_escaped(out, report_state(s));
        text_char(out, '\n');
    }
    if (g->is_void) {
        text_add(out, "Bail out! ");
        put_description(g->reason ? g->reason : "void", out);
        text_char(out, '\n');
        return;
    }
    for (size_t i = 0; i < g->count; i++)
        put_test(s, i, out);
    text_format(out, "# %lld of %lld points\n", (long long)g->points, (long long)g->most);
}
