#include "labs/grade/grade.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/capture/source.h"
#include "tracer/select/describe.h"
#include "tracer/trace/trace.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { PRINTED_LINES = 8, PRINTED_BYTES = 2048 };

const char *outcome_name(enum outcome v)
{
    static const char *const names[OUTCOME_COUNT] = {N_("pass"), N_("fail"), N_("not judged"),
                                                     N_("void")};
    return names[v];
}

/* ---- the table ------------------------------------------------------------------------------ */

static char *taken(struct text *t)
{
    char *s = t->len > 0 ? t->s : NULL;
    if (!s)
        text_free(t);
    *t = (struct text){0};
    return s;
}

static void add_marks(struct grade *g, const struct expectations *e)
{
    size_t count = expectations_count(e);
    g->marks = xreallocarray(g->marks, g->count + count + 1, sizeof *g->marks);
    for (size_t i = 0; i < count; i++) {
        struct expectation_head head = expectations_head(e, i);
        g->marks[g->count++] = (struct mark){
            .name = xstrdup(head.name),
            .hint = head.hint ? xstrdup(head.hint) : NULL,
            .verdict = OUTCOME_NOT_JUDGED,
            .most = head.points,
        };
        g->most += head.points;
    }
}

void grade_begin(const struct lesson *l, struct grade *g)
{
    *g = (struct grade){.lab = xstrdup(l->name), .title = xstrdup(l->title)};
    for (size_t i = 0; i < l->part_count; i++)
        if (l->parts[i].kind == PART_EXPECT)
            add_marks(g, l->parts[i].expect);
}

static void clear_mark(struct mark *m)
{
    free(m->line);
    free(m->why);
    free(m->ladder);
    m->line = m->why = m->ladder = NULL;
    m->points = 0;
}

void grade_free(struct grade *g)
{
    for (size_t i = 0; i < g->count; i++) {
        clear_mark(&g->marks[i]);
        free(g->marks[i].name);
        free(g->marks[i].hint);
    }
    free(g->marks);
    free(g->lab);
    free(g->title);
    free(g->reason);
    free(g->ended);
    free(g->printed);
    free(g->tier);
    *g = (struct grade){0};
}

static void all_are(struct grade *g, enum outcome verdict, const char *reason)
{
    for (size_t i = 0; i < g->count; i++) {
        clear_mark(&g->marks[i]);
        g->marks[i].verdict = verdict;
    }
    g->points = 0;
    free(g->reason);
    g->reason = xstrdup(reason);
}

void grade_void(struct grade *g, const char *reason)
{
    all_are(g, OUTCOME_VOID, reason);
    g->is_void = true;
}

void grade_fail(struct grade *g, const char *reason)
{
    all_are(g, OUTCOME_FAIL, reason);
}

void grade_add_end(struct grade *g, const char *sentence)
{
    struct text out = {0};
    text_format(&out, "%s%s%s", g->ended ? g->ended : "", g->ended ? " " : "", sentence);
    free(g->ended);
    g->ended = out.s;
}

static void swap(struct grade *a, struct grade *b)
{
    struct grade other = *a;
    *a = *b;
    *b = other;
}

void grade_worst(struct grade *into, struct grade *from, bool first)
{
    static const int weight[OUTCOME_COUNT] = {
        [OUTCOME_PASS] = 0, [OUTCOME_NOT_JUDGED] = 1, [OUTCOME_FAIL] = 2};
    if (first || (into->is_void && !from->is_void)) {
        swap(into, from);
        return;
    }
    if (from->is_void)
        return;
    if (from->points < into->points) /* and how it ended */
        swap(into, from);
    into->points = 0;
    for (size_t i = 0; i < into->count && i < from->count; i++) {
        if (weight[from->marks[i].verdict] > weight[into->marks[i].verdict]) {
            struct mark other = into->marks[i];
            into->marks[i] = from->marks[i];
            from->marks[i] = other;
        }
        into->points += into->marks[i].points;
    }
}

size_t grade_only(struct grade *g, const struct grade *right, const char *why)
{
    size_t count = 0;
    for (size_t i = 0; i < g->count && i < right->count; i++) {
        struct mark *m = &g->marks[i];
        if (right->marks[i].verdict == OUTCOME_PASS)
            continue;
        g->points -= m->points;
        g->most -= m->most;
        clear_mark(m);
        m->verdict = OUTCOME_NOT_JUDGED;
        m->most = 0;
        m->why = xstrdup(why);
        count++;
    }
    return count;
}

bool grade_is_full(const struct grade *g)
{
    size_t passed = 0;
    for (size_t i = 0; i < g->count; i++) {
        if (g->marks[i].verdict != OUTCOME_PASS && g->marks[i].most > 0)
            return false;
        passed += g->marks[i].verdict == OUTCOME_PASS;
    }
    return passed > 0;
}

const struct mark *grade_find(const struct grade *g, const char *name)
{
    for (size_t i = 0; i < g->count; i++)
        if (strcmp(g->marks[i].name, name) == 0)
            return &g->marks[i];
    return NULL;
}

/* ---- judging -------------------------------------------------------------------------------- */

/* The line of a block, from 1, without its blanks. */
static char *line_of(const char *block, int number)
{
    struct text out = {0};
    for (int i = 1; i < number && *block; i++) {
        block += strcspn(block, "\n");
        block += *block == '\n';
    }
    block += strspn(block, " \t");
    text_safe(&out, block, strcspn(block, "\r\n"));
    return taken(&out);
}

static void judge_one(struct mark *m, const struct part *p, const struct trace *t,
                      struct expect_outcome *o)
{
    static const enum outcome of_result[EXPECT_RESULT_COUNT] = {
        [EXPECT_MET] = OUTCOME_PASS,
        [EXPECT_MISSED] = OUTCOME_FAIL,
        [EXPECT_NOT_JUDGED] = OUTCOME_NOT_JUDGED,
        [EXPECT_UNDECIDED] = OUTCOME_NOT_JUDGED,
    };
    clear_mark(m);
    m->verdict = of_result[o->result];
    if (m->verdict == OUTCOME_PASS) {
        m->points = m->most;
        return;
    }
    m->line = o->line > 0 ? line_of(p->text, o->line) : NULL;
    m->why = taken(&o->why);
    if (o->event != SIZE_MAX) {
        struct text ladder = {0};
        describe_around(t, o->event, 0, &ladder);
        m->ladder = taken(&ladder);
    }
}

static void judge(const struct lesson *l, const struct trace *t, struct grade *g)
{
    size_t at = 0;
    g->points = 0;
    for (size_t i = 0; i < l->part_count; i++) {
        const struct part *p = &l->parts[i];
        if (p->kind != PART_EXPECT)
            continue;
        size_t count = expectations_count(p->expect);
        struct expect_outcome *outcomes = expectations_check(p->expect, t);
        for (size_t k = 0; k < count; k++, at++) {
            judge_one(&g->marks[at], p, t, &outcomes[k]);
            g->points += g->marks[at].points;
        }
        expect_outcomes_free(outcomes, count);
    }
}

/* ---- the submitted program ------------------------------------------------------------------ */

static bool is_of(const struct note *n, enum trace_kind kind, char host)
{
    return n->kind == kind && n->host == host;
}

/* How the program itself ended, whatever it had started. */
static void tell_end(const struct note *n, struct text *out)
{
    if (n->event == PROCESS_KILLED) {
        const char *name = sigabbrev_np(n->status);
        const char *meaning = sigdescr_np(n->status);
        text_format(out, _("It was killed by SIG%s%s%s%s."), name ? name : "?", meaning ? " (" : "",
                    meaning ? meaning : "", meaning ? ")" : "");
        text_char(out, ' ');
    } else if (n->event == PROCESS_EXITED && n->status != 0) {
        text_format(out, _("It ended with status %d."), n->status);
        text_char(out, ' ');
    }
}

/* The last lines alone, of what may be much. */
static const char *tail(const char *s)
{
    size_t n = strlen(s);
    const char *from = n > PRINTED_BYTES ? s + n - PRINTED_BYTES : s;
    const char *at = s + n;
    while (at > from && at[-1] == '\n')
        at--;
    for (int lines = 0; at > from; at--)
        if (at[-1] == '\n' && ++lines == PRINTED_LINES)
            break;
    return at;
}

static void tell_printed(struct text *raw, struct grade *g)
{
    struct text out = {0};
    for (const char *s = tail(text_str(raw)); *s;) {
        size_t n = strcspn(s, "\n");
        size_t shown = n > 0 && s[n - 1] == '\r' ? n - 1 : n;
        text_safe(&out, s, shown);
        text_char(&out, '\n');
        s += n + (s[n] == '\n');
    }
    g->printed = taken(&out);
    text_free(raw);
}

static void tell_program(const struct trace *t, char host, struct grade *g)
{
    struct text ended = {0}, printed = {0};
    const char *told = NULL; /* the runner has said why it was ended: of both hosts alike */
    int pid = 0;
    for (size_t i = 0; i < trace_event_count(t); i++) {
        struct trace_event e = trace_event(t, i);
        if (e.kind != TRACE_PROCESS && e.kind != TRACE_CONSOLE && e.kind != TRACE_NOTE)
            continue;
        const struct note *n = trace_note(t, e.index);
        if (is_of(n, TRACE_PROCESS, host) && n->event == PROCESS_STARTED && pid == 0)
            pid = n->pid;
        else if (is_of(n, TRACE_PROCESS, host) && n->pid == pid && !told)
            tell_end(n, &ended);
        else if (is_of(n, TRACE_CONSOLE, host) && !n->typed)
            text_add(&printed, n->text);
        else if (n->kind == TRACE_NOTE && pid != 0 && n->text &&
                 (!told || strcmp(told, n->text) != 0)) {
            struct text words = {0};
            words_again(n->text, &words);
            text_safe_escaped(&ended, text_str(&words));
            text_free(&words);
            text_char(&ended, ' ');
            told = n->text;
        }
    }
    if (pid == 0)
        text_format(&ended, "%s ", _("It was not started."));
    if (ended.len > 0)
        ended.s[--ended.len] = '\0';
    g->ended = taken(&ended);
    tell_printed(&printed, g);
}

/* ---- a session ------------------------------------------------------------------------------ */

static int read_session(const char *path, struct trace *t, struct error *e)
{
    struct source_options options = {.file = path, .fd = -1};
    struct capture_frame frame;
    struct source *source = source_open(&options, e);
    enum source_result got = SOURCE_ERROR;
    while (source && (got = source_next(source, true, &frame, e)) == SOURCE_FRAME)
        trace_add(t, &frame);
    source_close(source);
    return got == SOURCE_END ? 0 : -1;
}

static int check_session(const struct lesson *l, const char *path, const struct trace *t,
                         struct error *e)
{
    const struct trace_session *s = trace_session(t);
    struct text name = {0};
    int result = 0;
    text_safe_str(&name, path);
    if (!s->present)
        result = error_exit(e, EXIT_WRONG_USAGE,
                            "%.300s is a capture, not a session of a lab: there are no hosts, "
                            "calls and fates in it. Keep one with: tcplab check %.60s -w FILE",
                            text_str(&name), l->name);
    else if (!s->lab || strcmp(s->lab, l->name) != 0)
        result = error_exit(e, EXIT_WRONG_USAGE,
                            "%.300s is a session of something else, not of "
                            "the lab '%.60s'.",
                            text_str(&name), l->name);
    text_free(&name);
    return result;
}

int grade_session(const struct lesson *l, const char *path, struct grade *g, struct error *e)
{
    struct trace *t = trace_new();
    grade_begin(l, g);
    int result = read_session(path, t, e);
    if (result == 0)
        result = check_session(l, path, t, e);
    if (result == 0) {
        const struct trace_session *s = trace_session(t);
        g->tier = s->tier ? xstrdup(s->tier) : NULL;
        tell_program(t, l->submit, g);
        if (!s->ended)
            grade_void(g, "The session breaks off before its end.");
        else if (s->verdict && strcmp(s->verdict, "done") != 0)
            grade_void(g, s->reason ? s->reason : "The run was ended before it was over.");
        else
            judge(l, t, g);
    }
    trace_free(t);
    return result;
}
