/* The formats that are JSON. */
#include "labs/grade/report_parts.h"

#include <stdio.h>
#include <time.h>

/* `{"key": "value"` and the like, a comma before all but the first. */
static void key(const char *name, struct text *out)
{
    char last = out->len > 0 ? out->s[out->len - 1] : '{';
    if (last != '{' && last != '[')
        text_char(out, ',');
    if (!name)
        return;
    text_json_str(out, name);
    text_char(out, ':');
}

static void put_string(const char *name, const char *value, struct text *out)
{
    key(name, out);
    if (value)
        text_json_str(out, value);
    else
        text_add(out, "null");
}

static void put_number(const char *name, int64_t value, struct text *out)
{
    key(name, out);
    text_i64(out, value);
}

static void put_bool(const char *name, bool value, struct text *out)
{
    key(name, out);
    text_add(out, value ? "true" : "false");
}

static void put_seconds(const char *name, int64_t ns, struct text *out)
{
    key(name, out);
    text_format(out, "%lld.%03lld", (long long)(ns / 1000000000), (long long)(ns / 1000000 % 1000));
}

static void put_time(const char *name, int64_t ns, struct text *out)
{
    time_t seconds = (time_t)(ns / 1000000000);
    char words[40] = "";
    struct tm t;
    if (gmtime_r(&seconds, &t))
        strftime(words, sizeof words, "%Y-%m-%dT%H:%M:%SZ", &t);
    put_string(name, words, out);
}

static void put_fields(const struct sheet *s, struct text *out)
{
    for (char *const *field = s->fields; field && *field; field++) {
        struct text name = {0};
        size_t n = strcspn(*field, "=");
        text_bytes(&name, *field, n);
        put_string(text_str(&name), (*field)[n] ? *field + n + 1 : "", out);
        text_free(&name);
    }
}

static bool is_finished(const struct sheet *s)
{
    return s->runs_done >= s->runs;
}

/* ---- json ----------------------------------------------------------------------------------- */

static void put_mark(const struct mark *m, bool hints, struct text *out)
{
    key(NULL, out);
    text_char(out, '{');
    put_string("name", m->name, out);
    put_string("verdict", outcome_name(m->verdict), out);
    put_number("points", m->points, out);
    put_number("of", m->most, out);
    put_string("wanted", m->line, out);
    put_string("why", m->why, out);
    put_string("hint", hints ? m->hint : NULL, out);
    put_string("ladder", m->ladder, out);
    text_char(out, '}');
}

void report_json(const struct sheet *s, struct text *out)
{
    const struct grade *g = s->grade;
    const char *verdict = g->is_void         ? "void"
                          : !is_finished(s)  ? "unfinished"
                          : grade_is_full(g) ? "pass"
                                             : "fail";
    text_char(out, '{');
    put_string("schema", "tcplab/grade/1", out);
    put_string("lab", g->lab, out);
    put_string("title", g->title, out);
    put_string("submission", s->submission, out);
    put_string("verdict", verdict, out);
    put_number("points", g->points, out);
    put_number("of", g->most, out);
    put_string("reason", g->reason, out);
    put_string("warning", s->warning, out);
    put_string("tier", g->tier, out);
    put_number("runs", (int64_t)s->runs_done, out);
    put_time("datetime", s->began_ns, out);
    put_seconds("seconds", s->took_ns, out);
    key("expectations", out);
    text_char(out, '[');
    for (size_t i = 0; i < g->count; i++)
        put_mark(&g->marks[i], s->hints, out);
    text_char(out, ']');
    put_string("program", g->ended, out);
    put_string("printed", g->printed, out);
    put_string("compiler", s->said && s->said->len > 0 ? s->said->s : NULL, out);
    key("about", out);
    text_char(out, '{');
    put_fields(s, out);
    text_add(out, "}}\n");
}

/* ---- gradescope ----------------------------------------------------------------------------- */

static void put_gradescope_test(const struct sheet *s, size_t i, struct text *out)
{
    const struct mark *m = &s->grade->marks[i];
    struct text number = {0}, output = {0};
    text_format(&number, "%zu", i + 1);
    if (m->verdict != OUTCOME_PASS) {
        text_format(&output, "%s\n", outcome_name(m->verdict));
        report_miss(m, s->hints, &output);
    }
    key(NULL, out);
    text_char(out, '{');
    put_number("score", m->points, out);
    put_number("max_score", m->most, out);
    if (m->most > 0) /* what this machine cannot show has not failed */
        put_string("status", m->verdict == OUTCOME_PASS ? "passed" : "failed", out);
    put_string("name", m->name, out);
    put_string("name_format", "text", out);
    put_string("number", text_str(&number), out);
    put_string("output", text_str(&output), out);
    put_string("output_format", "text", out);
    put_string("visibility", "visible", out);
    text_char(out, '}');
    text_free(&number);
    text_free(&output);
}

/* A run that is void, or of which nothing could be judged here, gives no score at all: the course
 * system then asks for another run, rather than taking nought for a mark. */
static bool has_score(const struct grade *g)
{
    return !g->is_void && g->most > 0;
}

void report_gradescope(const struct sheet *s, struct text *out)
{
    const struct grade *g = s->grade;
    struct text words = {0};
    if (report_state(s))
        text_format(&words, "%s\n", report_state(s));
    if (s->said)
        report_said(s->said, &words);
    if (g->reason)
        text_format(&words, "%s\n", g->reason);
    if (g->ended && !grade_is_full(g))
        text_format(&words, "Your program: %s\n", g->ended);
    if (g->printed && !grade_is_full(g))
        text_format(&words, "The last that it printed:\n%s", g->printed);
    text_char(out, '{');
    put_seconds("execution_time", s->took_ns, out);
    put_string("output", text_str(&words), out);
    put_string("output_format", "text", out);
    put_string("visibility", "visible", out);
    put_string("stdout_visibility", "hidden", out);
    if (has_score(g)) {
        put_number("score", g->points, out);
        key("tests", out);
        text_char(out, '[');
        for (size_t i = 0; i < g->count; i++)
            put_gradescope_test(s, i, out);
        text_char(out, ']');
    }
    key("extra_data", out);
    text_char(out, '{');
    put_string("lab", g->lab, out);
    put_bool("void", g->is_void, out);
    put_bool("finished", is_finished(s), out);
    put_fields(s, out);
    text_add(out, "}}\n");
    text_free(&words);
}

/* ---- classroom50 ---------------------------------------------------------------------------- */

void report_classroom50(const struct sheet *s, struct text *out)
{
    static const char *const asked[] = {"classroom", "assignment", "submission",
                                        "commit",    "release",    "review"};
    const struct grade *g = s->grade;
    text_char(out, '{');
    put_string("schema", "classroom50/result/v1", out);
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        const char *value = report_field(s, asked[i]);
        if (!value && i == 1)
            value = g->lab;
        if (!value && i == 2)
            value = s->submission;
        put_string(asked[i], value, out);
    }
    put_time("datetime", s->began_ns, out);
    put_number("score", g->points, out);
    put_number("max-score", g->most, out);
    key("tests", out);
    text_char(out, '[');
    for (size_t i = 0; i < g->count; i++) {
        const struct mark *m = &g->marks[i];
        key(NULL, out);
        text_char(out, '{');
        put_string("test-name", m->name, out);
        put_bool("passed", m->verdict == OUTCOME_PASS, out);
        put_number("score", m->points, out);
        put_number("max-score", m->most, out);
        text_char(out, '}');
    }
    text_add(out, "]}\n");
}

/* ---- autolab -------------------------------------------------------------------------------- */

void report_autolab(const struct sheet *s, struct text *out)
{
    const char *problem = report_field(s, "problem");
    text_add(out, "{\"scores\":{");
    if (has_score(s->grade))
        put_number(problem ? problem : s->grade->lab, s->grade->points, out);
    text_add(out, "}}\n");
}
