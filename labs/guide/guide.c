#include "labs/guide/guide.h"

#include "labs/guide/progress.h"
#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a question went. */
struct mark {
    unsigned wrong; /* answers before the right one */
    bool right, told;
    size_t hints;
    struct text typed; /* (owned) the wrong ones, as Markdown */
};

struct guide {
    const struct lesson *lesson;
    struct recording *recording;
    size_t part;
    size_t stop;        /* of the recording: the step's next one */
    size_t within;      /* of the step's lines */
    struct mark *marks; /* one a part */
};

static const struct part *part_of(const struct guide *g)
{
    return g->part < g->lesson->part_count ? &g->lesson->parts[g->part] : NULL;
}

/* What programs are started, rules and expectations are nothing to look at. */
static void skip(struct guide *g)
{
    const struct part *p;
    while ((p = part_of(g)) && p->kind != PART_PROSE && p->kind != PART_STEP && p->kind != PART_ASK)
        g->part++;
}

struct guide *guide_new(const struct lesson *lesson, struct recording *recording)
{
    struct guide *g = xcalloc(1, sizeof *g);
    g->lesson = lesson;
    g->recording = recording;
    g->marks = xcalloc(lesson->part_count + 1, sizeof *g->marks);
    skip(g);
    return g;
}

void guide_free(struct guide *g)
{
    for (size_t i = 0; g && i < g->lesson->part_count; i++)
        text_free(&g->marks[i].typed);
    if (g)
        free(g->marks);
    free(g);
}

/* A question can be judged once the run has said what the answer is. `why` gets what the run has
 * not said. */
static bool answerable(const struct guide *g, const struct ask *ask, struct text *why)
{
    struct text shown = {0};
    bool known = answer_shown(ask, recording_trace(g->recording), &shown);
    if (!known && why)
        text_add(why, text_str(&shown));
    text_free(&shown);
    return known;
}

static bool settled(const struct mark *m)
{
    return m->right || m->told;
}

enum guide_now guide_now(const struct guide *g)
{
    const struct part *p = part_of(g);
    if (!p)
        return recording_ended(g->recording) ? GUIDE_OVER : GUIDE_WAIT;
    switch (p->kind) {
    case PART_STEP:
        return recording_stop(g->recording, g->stop) == STOP_AHEAD ? GUIDE_WAIT : GUIDE_STEP;
    case PART_ASK:
        if (!recording_ended(g->recording))
            return answer_ask_settled(&p->ask, recording_trace(g->recording)) ? GUIDE_ASK
                                                                              : GUIDE_WAIT;
        return answerable(g, &p->ask, NULL) ? GUIDE_ASK : GUIDE_PROSE;
    case PART_PROSE:
        return recording_ended(g->recording) ||
                       answer_fill_settled(p->text, recording_trace(g->recording))
                   ? GUIDE_PROSE
                   : GUIDE_WAIT;
    case PART_RUN:
    case PART_WIRE:
    case PART_EXPECT:
    case PART_KIND_COUNT: break;
    }
    return GUIDE_PROSE;
}

void guide_reveal(struct guide *g)
{
    const struct part *p = part_of(g);
    if (p && p->kind == PART_STEP)
        recording_reveal(g->recording, g->stop);
}

static void step_text(const struct guide *g, const struct step *step, struct text *out)
{
    const struct selector *event = step->at[g->within].event;
    if (recording_stop(g->recording, g->stop) != STOP_MISSED || !event)
        return;
    text_add(out, _("*In this run it did not come to that:* `"));
    text_add(out, selector_text(event));
    text_add(out, _("`. What happened instead is shown to its end."));
}

/* A question that the run has no answer to is not asked, and the student told so. */
static void ask_text(const struct guide *g, const struct ask *ask, struct text *out)
{
    struct text why = {0};
    answer_fill(ask->question, recording_trace(g->recording), out);
    if (!answerable(g, ask, &why)) {
        text_add(out, _(" *This run has no answer: "));
        text_add(out, text_str(&why));
        text_add(out, ".*");
    }
    text_free(&why);
}

void guide_text(const struct guide *g, struct text *out)
{
    const struct part *p = part_of(g);
    const struct trace *t = recording_trace(g->recording);
    if (p && p->kind == PART_PROSE)
        answer_fill(p->text, t, out);
    else if (p && p->kind == PART_ASK)
        ask_text(g, &p->ask, out);
    else if (p && p->kind == PART_STEP)
        step_text(g, &p->step, out);
}

size_t guide_part(const struct guide *g)
{
    return g->part;
}

char *const *guide_choices(const struct guide *g)
{
    const struct part *p = part_of(g);
    return p && p->kind == PART_ASK ? p->ask.choices : NULL;
}

void guide_on(struct guide *g)
{
    enum guide_now now = guide_now(g);
    const struct part *p = part_of(g);
    if (now == GUIDE_WAIT || now == GUIDE_OVER ||
        (now == GUIDE_ASK && !settled(&g->marks[g->part])))
        return;
    if (p->kind == PART_STEP) {
        g->stop++;
        if (++g->within < p->step.count)
            return;
        g->within = 0;
    }
    g->part++;
    skip(g);
}

void guide_code(const char *words, struct text *out)
{
    text_char(out, '`');
    for (const char *s = words; *s; s++)
        text_char(out, *s == '`' ? '\'' : *s);
    text_char(out, '`');
}

enum judgement guide_answer(struct guide *g, const char *typed, struct text *says)
{
    struct mark *m = &g->marks[g->part];
    enum judgement j = answer_judge(&part_of(g)->ask, recording_trace(g->recording), typed, says);
    if (j == ANSWER_RIGHT)
        m->right = true;
    if (j != ANSWER_WRONG || settled(m))
        return j;
    text_add(&m->typed, m->wrong++ > 0 ? ", " : "");
    guide_code(typed, &m->typed);
    return j;
}

bool guide_hint(struct guide *g, struct text *out)
{
    const struct ask *ask = &part_of(g)->ask;
    struct mark *m = &g->marks[g->part];
    if (!ask->hints || !ask->hints[m->hints])
        return false;
    answer_fill(ask->hints[m->hints++], recording_trace(g->recording), out);
    return true;
}

/* "8: each of them counts" says already what "8" does. */
static bool begins_with(const char *s, const char *word)
{
    size_t n = strlen(word);
    return n > 0 && strncmp(s, word, n) == 0 && strchr(":.,;", s[n]);
}

void guide_tell(struct guide *g, struct text *out)
{
    const struct ask *ask = &part_of(g)->ask;
    const struct trace *t = recording_trace(g->recording);
    struct mark *m = &g->marks[g->part];
    struct text shown = {0}, right = {0};
    bool found = answer_shown(ask, t, &shown);
    if (found && ask->right)
        answer_fill(ask->right, t, &right);
    if (!begins_with(text_str(&right), text_str(&shown))) {
        text_add(out, text_str(&shown));
        text_add(out, found ? "." : "");
        text_add(out, right.len > 0 ? " " : "");
    }
    text_add(out, text_str(&right));
    text_free(&shown);
    text_free(&right);
    m->told |= !m->right;
}

struct guide_score guide_score(const struct guide *g)
{
    struct guide_score s = {0};
    for (size_t i = 0; i < g->lesson->part_count; i++) {
        const struct part *p = &g->lesson->parts[i];
        const struct mark *m = &g->marks[i];
        if (p->kind != PART_ASK || (!settled(m) && !answerable(g, &p->ask, NULL)))
            continue;
        bool at_once = m->right && m->wrong == 0 && !m->told;
        s.questions++;
        s.asked += settled(m);
        s.points_most += p->ask.points;
        s.points += at_once ? p->ask.points : 0;
        s.right_at_once += at_once;
        s.right_later += m->right && !at_once && !m->told;
        s.told += m->told;
    }
    return s;
}

static void add_score(const struct guide *g, struct text *out)
{
    struct guide_score s = guide_score(g);
    if (s.questions == 0)
        return;
    text_format(out, _("**%zu of %zu** questions right the first time"), s.right_at_once,
                s.questions);
    if (s.right_later > 0)
        text_format(out, _(", %zu after another try"), s.right_later);
    if (s.told > 0)
        text_format(out, _(", %zu told"), s.told);
    text_format(out, _(": %ld of %ld points.\n"), s.points, s.points_most);
}

static void add_missed(const struct guide *g, size_t part, struct text *out)
{
    const struct ask *ask = &g->lesson->parts[part].ask;
    const struct trace *t = recording_trace(g->recording);
    const struct mark *m = &g->marks[part];
    text_add(out, "- ");
    answer_fill(ask->question, t, out);
    if (m->typed.len > 0)
        text_format(out, _(" You answered %s."), text_str(&m->typed));
    text_add(out, _(" The answer: *"));
    answer_shown(ask, t, out);
    text_add(out, _("*.\n"));
}

static void add_all_missed(const struct guide *g, struct text *out)
{
    const char *lead = _("\nTo look at again:\n\n");
    for (size_t i = 0; i < g->lesson->part_count; i++) {
        const struct mark *m = &g->marks[i];
        if (g->lesson->parts[i].kind != PART_ASK || !settled(m) || (m->right && m->wrong == 0))
            continue;
        text_add(out, lead);
        add_missed(g, i, out);
        lead = "";
    }
}

/* "RFC 9293 3.5" is on the web, too: its section where one is named. */
static void add_reading(const char *what, struct text *out)
{
    int number;
    char section[16] = "";
    text_format(out, "- %s", what);
    if (sscanf(what, "RFC %5d %15[0-9.]", &number, section) >= 1)
        text_format(out, ": https://www.rfc-editor.org/rfc/rfc%d%s%s", number,
                    section[0] ? "#section-" : "", section);
    text_char(out, '\n');
}

void guide_report(const struct guide *g, const struct guide_end *end, struct text *out)
{
    add_score(g, out);
    add_all_missed(g, out);
    if (g->lesson->read)
        text_add(out, _("\nTo read next:\n\n"));
    for (char **what = g->lesson->read; what && *what; what++)
        add_reading(*what, out);
    if (end->session) {
        text_add(out, _("\nThe session is kept; to see it again: "));
        text_format(out, "`tcpladder -r %s`\n", end->session);
    }
    if (end->next)
        text_format(out, _("\nThe next lab: `tcplab run %s`\n"), end->next);
}

/* A lab that was told with its input at an end has been read by nobody. */
void guide_note(const struct guide *g, struct text *out)
{
    struct guide_score s = guide_score(g);
    struct error e;
    if (!g->lesson->name || s.told == s.questions)
        return;
    const struct progress p = {.done = true, .points = s.points, .most = s.points_most};
    if (progress_note(g->lesson->name, &p, &e) != 0) {
        text_add(out, "\n");
        text_add(out, e.text);
        text_add(out, "\n");
    }
}
