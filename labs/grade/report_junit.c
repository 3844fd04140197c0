/* JUnit's XML, as CI servers read it (labs/tests/junit.rng), and as strictly as Ant's readers:
 * their schema wants what says nothing here, too, such as a time for each case. */
#include "labs/grade/report_parts.h"

#include <time.h>

void report_xml(const char *s, struct text *out)
{
    for (; *s; s++)
        switch (*s) {
        case '&': text_add(out, "&amp;"); break;
        case '<': text_add(out, "&lt;"); break;
        case '>': text_add(out, "&gt;"); break;
        case '"': text_add(out, "&quot;"); break;
        default: text_char(out, *s);
        }
}

void report_xml_safe(const char *s, struct text *out)
{
    struct text safe = {0};
    text_safe_escaped(&safe, s);
    report_xml(text_str(&safe), out);
    text_free(&safe);
}

static void put_property(const char *name, const char *value, struct text *out)
{
    text_add(out, "      <property name=\"");
    report_xml_safe(name, out);
    text_add(out, "\" value=\"");
    report_xml_safe(value, out);
    text_add(out, "\"/>\n");
}

static void put_properties(const struct sheet *s, struct text *out)
{
    struct text points = {0}, most = {0};
    text_i64(&points, s->grade->points);
    text_i64(&most, s->grade->most);
    text_add(out, "    <properties>\n");
    put_property("points", text_str(&points), out);
    put_property("points-of", text_str(&most), out);
    if (s->submission)
        put_property("submission", s->submission, out);
    if (s->grade->tier)
        put_property("tier", s->grade->tier, out);
    if (report_state(s))
        put_property("warning", report_state(s), out);
    for (char *const *field = s->fields; field && *field; field++) {
        struct text name = {0};
        size_t n = strcspn(*field, "=");
        text_bytes(&name, *field, n);
        put_property(text_str(&name), (*field)[n] ? *field + n + 1 : "", out);
        text_free(&name);
    }
    text_add(out, "    </properties>\n");
    text_free(&points);
    text_free(&most);
}

static void put_case(const struct sheet *s, const struct mark *m, struct text *out)
{
    static const char *const elements[OUTCOME_COUNT] = {
        [OUTCOME_FAIL] = "failure", [OUTCOME_NOT_JUDGED] = "skipped", [OUTCOME_VOID] = "error"};
    const char *why = m->why             ? m->why
                      : s->grade->reason ? s->grade->reason
                                         : outcome_name(m->verdict);
    text_add(out, "    <testcase name=\"");
    report_xml_safe(m->name, out);
    text_add(out, "\" classname=\"tcplab.");
    report_xml_safe(s->grade->lab, out);
    text_add(out, "\" time=\"0");
    if (m->verdict == OUTCOME_PASS) {
        text_add(out, "\"/>\n");
        return;
    }
    struct text lines = {0};
    report_miss(m, s->hints, &lines);
    text_format(out, "\">\n      <%s message=\"", elements[m->verdict]);
    report_xml_safe(why, out);
    if (m->verdict == OUTCOME_NOT_JUDGED) {
        text_add(out, "\"/>\n    </testcase>\n");
    } else {
        text_add(out, "\" type=\"expectation\">");
        report_xml(text_str(&lines), out);
        text_format(out, "</%s>\n    </testcase>\n", elements[m->verdict]);
    }
    text_free(&lines);
}

static size_t count(const struct grade *g, enum outcome verdict)
{
    size_t n = 0;
    for (size_t i = 0; i < g->count; i++)
        n += g->marks[i].verdict == verdict;
    return n;
}

static void put_output(const struct sheet *s, struct text *out)
{
    struct text words = {0};
    if (s->said)
        report_said(s->said, &words);
    if (s->grade->ended)
        text_format(&words, "The program: %s\n", s->grade->ended);
    if (s->grade->printed)
        text_format(&words, "The last that it printed:\n%s", s->grade->printed);
    text_add(out, "    <system-out>");
    report_xml(text_str(&words), out);
    text_add(out, "</system-out>\n    <system-err/>\n");
    text_free(&words);
}

void report_junit(const struct sheet *s, struct text *out)
{
    const struct grade *g = s->grade;
    time_t seconds = (time_t)(s->began_ns / 1000000000);
    char when[40] = "";
    struct tm t;
    if (gmtime_r(&seconds, &t))
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &t);
    text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                  "  <testsuite id=\"0\" package=\"tcplab\" name=\"tcplab.");
    report_xml_safe(g->lab, out);
    text_format(out,
                "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
                "time=\"%lld.%03lld\" timestamp=\"%s\" hostname=\"localhost\">\n",
                g->count, count(g, OUTCOME_FAIL), count(g, OUTCOME_VOID),
                count(g, OUTCOME_NOT_JUDGED), (long long)(s->took_ns / 1000000000),
                (long long)(s->took_ns / 1000000 % 1000), when);
    put_properties(s, out);
    for (size_t i = 0; i < g->count; i++)
        put_case(s, &g->marks[i], out);
    put_output(s, out);
    text_add(out, "  </testsuite>\n</testsuites>\n");
}
