/* A page that needs nothing but itself. */
#include "labs/grade/report_parts.h"

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.4rem;margin-bottom:0}"
    ".score{font-size:2rem;font-weight:700;margin:.5rem 0}"
    ".note{border-left:4px solid #b58900;padding:.3rem .8rem}"
    "section{border:1px solid #8886;border-radius:6px;padding:.6rem 1rem;margin:.8rem 0}"
    "h2{font-size:1rem;margin:0;display:flow-root}"
    "h2 span{float:right;font-weight:400}"
    ".pass h2::before{content:\"\\2713  \";color:#2a8a2a}"
    ".fail h2::before{content:\"\\2717  \";color:#c33}"
    ".skip h2::before{content:\"\\2013  \";color:#777}"
    "p{margin:.4rem 0}"
    "pre{overflow-x:auto;font:13px/1.4 ui-monospace,monospace;background:#8881;padding:.6rem;"
    "border-radius:4px}"
    "code{font-family:ui-monospace,monospace}"
    "p,h1,h2,code{overflow-wrap:anywhere}"
    "small{opacity:.75}";

static void put_paragraph(const char *head, const char *words, struct text *out)
{
    text_format(out, "<p>%s", head);
    report_xml(words, out);
    text_add(out, "</p>\n");
}

static void put_mark(const struct sheet *s, const struct mark *m, struct text *out)
{
    static const char *const classes[OUTCOME_COUNT] = {"pass", "fail", "skip", "skip"};
    text_format(out, "<section class=\"%s\"><h2>", classes[m->verdict]);
    report_xml_safe(m->name, out);
    text_format(out, " <span>%s, %lld of %lld</span></h2>\n", outcome_name(m->verdict),
                (long long)m->points, (long long)m->most);
    if (m->line) {
        text_add(out, "<p>Wanted: <code>");
        report_xml(m->line, out);
        text_add(out, "</code></p>\n");
    }
    if (m->why)
        put_paragraph("", m->why, out);
    if (m->hint && s->hints && m->verdict != OUTCOME_PASS) {
        text_add(out, "<p><em>Hint: ");
        report_xml_safe(m->hint, out);
        text_add(out, "</em></p>\n");
    }
    if (m->ladder) {
        text_add(out, "<pre>");
        report_xml(m->ladder, out);
        text_add(out, "</pre>\n");
    }
    text_add(out, "</section>\n");
}

static void put_lines(const char *head, const char *lines, struct text *out)
{
    text_format(out, "<p>%s</p>\n<pre>", head);
    report_xml(lines, out);
    text_add(out, "</pre>\n");
}

static void put_rest(const struct sheet *s, struct text *out)
{
    const struct grade *g = s->grade;
    struct text said = {0};
    if (s->said && s->said->len > 0) {
        report_said(s->said, &said);
        put_lines("Building it:", text_str(&said), out);
    }
    if (g->ended)
        put_paragraph("How the program ended: ", g->ended, out);
    if (g->printed)
        put_lines("The last that it printed:", g->printed, out);
    text_free(&said);
}

/* "student: ada; values: port 22905" */
static void put_fields(const struct sheet *s, struct text *out)
{
    for (char *const *field = s->fields; field && *field; field++) {
        struct text words = {0};
        size_t n = strcspn(*field, "=");
        text_bytes(&words, *field, n);
        text_format(&words, ": %s", (*field)[n] ? *field + n + 1 : "");
        text_add(out, field == s->fields ? "<p><small>" : "<br>");
        report_xml_safe(text_str(&words), out);
        text_free(&words);
    }
    if (s->fields && s->fields[0])
        text_add(out, "</small></p>\n");
}

void report_html(const struct sheet *s, struct text *out)
{
    const struct grade *g = s->grade;
    text_add(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" content=\"width=device-width\"><title>");
    report_xml_safe(g->lab, out);
    text_format(out, "</title><style>%s</style></head><body>\n<h1>", style);
    report_xml_safe(g->title, out);
    text_add(out, "</h1>\n");
    if (s->submission) {
        text_add(out, "<p><code>");
        report_xml_safe(s->submission, out);
        text_add(out, "</code></p>\n");
    }
    if (g->is_void)
        text_add(out, "<p class=\"score\">void: it counts for nothing</p>\n");
    else
        text_format(out, "<p class=\"score\">%lld of %lld points</p>\n", (long long)g->points,
                    (long long)g->most);
    if (report_state(s)) {
        text_add(out, "<p class=\"note\">");
        report_xml_safe(report_state(s), out);
        text_add(out, "</p>\n");
    }
    if (g->reason) {
        text_add(out, "<p class=\"note\">");
        report_xml_safe(g->reason, out);
        text_add(out, "</p>\n");
    }
    for (size_t i = 0; i < g->count; i++)
        put_mark(s, &g->marks[i], out);
    put_rest(s, out);
    put_fields(s, out);
    text_add(out, "</body></html>\n");
}
