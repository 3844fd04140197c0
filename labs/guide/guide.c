#include "labs/guide/guide.h"

#include "labs/guide/progress.h"
#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct guide {
    const struct lesson *lesson;
    struct recording *recording;
    size_t part;
    size_t stop;         /* of the recording: the step's next one */
    size_t within;       /* of the step's lines */
    size_t asked;        /* the questions before this part */
    struct place place;  /* how far the student is, and how the questions went */
    size_t left_at;      /* the stations passed when the lab was left */
    int64_t left_ns;     /* the first stamp of the session that it was left in */
    bool back;           /* the student has been told of being there again, or never left */
    bool keeps;          /* what is done is remembered ... */
    struct error failed; /* ... and this is why it could not be */
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

static void come_back_to(struct guide *g, const struct place *left)
{
    for (size_t i = 0; i < g->place.questions && i < left->questions; i++) {
        struct ask_mark *m = &g->place.marks[i];
        *m = left->marks[i];
        m->typed = (struct text){0};
        text_add(&m->typed, text_str(&left->marks[i].typed));
    }
    g->left_at = left->passed;
    g->left_ns = left->began_ns;
    g->back = false;
}

struct guide *guide_new(const struct lesson *lesson, struct recording *recording,
                        const struct place *place)
{
    struct guide *g = xcalloc(1, sizeof *g);
    g->lesson = lesson;
    g->recording = recording;
    g->back = true;
    g->keeps = place != NULL;
    place_begin(lesson, &g->place);
    if (place && place_in_the_middle(place))
        come_back_to(g, place);
    skip(g);
    return g;
}

void guide_free(struct guide *g)
{
    if (g)
        place_free(&g->place);
    free(g);
}

/* How the question that this part is went. */
static struct ask_mark *mark_of(const struct guide *g)
{
    return &g->place.marks[g->asked];
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

static bool settled(const struct ask_mark *m)
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

static bool on_the_way_back(const struct guide *g)
{
    return g->place.passed < g->left_at;
}

bool guide_passed(const struct guide *g)
{
    const struct part *p = part_of(g);
    return p && on_the_way_back(g) &&
           (p->kind == PART_STEP || (p->kind == PART_ASK && settled(mark_of(g))));
}

bool guide_is_back(struct guide *g, struct text *says)
{
    if (g->back || on_the_way_back(g))
        return false;
    g->back = true;
    bool same = recording_began_ns(g->recording) == g->left_ns;
    text_add(says, same ? _("*You go on here; what you did before stands above.*")
                        : _("*You go on here. What stands above is told from another run than "
                            "before: its numbers are new.*"));
    return true;
}

/* What was done on the way back is known. */
static void keep(struct guide *g)
{
    struct error e;
    if (!g->keeps || !g->back)
        return;
    g->place.began_ns = recording_began_ns(g->recording);
    if (place_write(g->lesson, &g->place, &e) != 0)
        g->failed = e;
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
    text_format(out,
                _("*In this run it did not come to that:* `%s`. What happened instead is shown to "
                  "its end."),
                selector_text(event));
}

/* A question that the run has no answer to is not asked, and the student told so. */
static void ask_text(const struct guide *g, const struct ask *ask, struct text *out)
{
    struct text why = {0};
    answer_fill(ask->question, recording_trace(g->recording), out);
    if (!answerable(g, ask, &why)) {
        text_char(out, ' ');
        text_format(out, _("*This run has no answer: %s.*"), text_str(&why));
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
    if (now == GUIDE_WAIT || now == GUIDE_OVER || (now == GUIDE_ASK && !settled(mark_of(g))))
        return;
    bool station = p->kind == PART_STEP || p->kind == PART_ASK;
    g->stop += p->kind == PART_STEP;
    g->asked += p->kind == PART_ASK;
    if (p->kind != PART_STEP || ++g->within == p->step.count) {
        g->within = 0;
        g->part++;
        skip(g);
    }
    g->place.passed += station;
    g->place.steps += p->kind == PART_STEP;
    if (station)
        keep(g);
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
    struct ask_mark *m = mark_of(g);
    enum judgement j = answer_judge(&part_of(g)->ask, recording_trace(g->recording), typed, says);
    if (j == ANSWER_RIGHT)
        m->right = true;
    if (j != ANSWER_WRONG || settled(m))
        return j;
    text_add(&m->typed, m->wrong++ > 0 ? ", " : "");
    guide_code(typed, &m->typed);
    keep(g);
    return j;
}

bool guide_hint(struct guide *g, struct text *out)
{
    const struct ask *ask = &part_of(g)->ask;
    struct ask_mark *m = mark_of(g);
    if (!ask->hints || !ask->hints[m->hints])
        return false;
    answer_fill(ask->hints[m->hints++], recording_trace(g->recording), out);
    keep(g);
    return true;
}

/* "8: each of them counts" says already what "8" does. */
static bool begins_with(const char *s, const char *word)
{
    size_t n = strlen(word);
    return n > 0 && strncmp(s, word, n) == 0 && strchr(":.,;", s[n]);
}

static void add_right(const struct guide *g, struct text *out)
{
    const struct ask *ask = &part_of(g)->ask;
    const struct trace *t = recording_trace(g->recording);
    struct text shown = {0}, right = {0};
    bool found = answer_shown(ask, t, &shown);
    if (found && ask->right)
        answer_fill(ask->right, t, &right);
    if (!begins_with(text_str(&right), text_str(&shown))) {
        text_add(out, text_str(&shown));
        text_add(out, found && right.len > 0 ? _(". ") : found ? _(".") : "");
    }
    text_add(out, text_str(&right));
    text_free(&shown);
    text_free(&right);
}

void guide_tell(struct guide *g, struct text *out)
{
    struct ask_mark *m = mark_of(g);
    add_right(g, out);
    m->told |= !m->right;
}

/* The next question at or behind part *i; NULL where there is none. */
static const struct ask *next_question(const struct guide *g, size_t *i)
{
    while (*i < g->lesson->part_count && g->lesson->parts[*i].kind != PART_ASK)
        ++*i;
    return *i < g->lesson->part_count ? &g->lesson->parts[(*i)++].ask : NULL;
}

void guide_recall(const struct guide *g, struct text *out)
{
    const struct ask_mark *m = mark_of(g);
    struct text right = {0};
    if (m->typed.len > 0)
        text_format(out, _("You answered %s."), text_str(&m->typed));
    if (settled(m)) {
        add_right(g, &right);
        text_add(out, out->len > 0 ? " " : "");
        text_format(out, m->right && m->wrong == 0 ? _("**Right:** %s") : _("The answer: %s"),
                    text_str(&right));
    }
    text_free(&right);
}

struct guide_score guide_score(const struct guide *g)
{
    struct guide_score s = {0};
    const struct ask_mark *m = g->place.marks;
    const struct ask *ask;
    for (size_t i = 0; (ask = next_question(g, &i)); m++) {
        if (!settled(m) && !answerable(g, ask, NULL))
            continue;
        bool at_once = m->right && m->wrong == 0 && !m->told;
        s.questions++;
        s.asked += settled(m);
        s.points_most += ask->points;
        s.points += at_once ? ask->points : 0;
        s.right_at_once += at_once;
        s.right_later += m->right && !at_once && !m->told;
        s.told += m->told;
    }
    return s;
}

/* Each question is counted once: as right, right later, or told. */
static void add_score(const struct guide *g, struct text *out)
{
    struct guide_score s = guide_score(g);
    if (s.questions == 0)
        return;
    text_format(out, _("**%zu of %zu** questions right the first time: %ld of %ld points."),
                s.right_at_once, s.questions, s.points, s.points_most);
    if (s.right_later > 0)
        text_format(out, _(" Right after another try: %zu."), s.right_later);
    if (s.told > 0)
        text_format(out, _(" Told: %zu."), s.told);
    text_char(out, '\n');
}

static void add_missed(const struct guide *g, const struct ask *ask, const struct ask_mark *m,
                       struct text *out)
{
    const struct trace *t = recording_trace(g->recording);
    struct text shown = {0};
    answer_shown(ask, t, &shown);
    text_add(out, "- ");
    answer_fill(ask->question, t, out);
    text_char(out, ' ');
    if (m->typed.len > 0)
        text_format(out, _("You answered %s. The answer: *%s*."), text_str(&m->typed),
                    text_str(&shown));
    else
        text_format(out, _("The answer: *%s*."), text_str(&shown));
    text_char(out, '\n');
    text_free(&shown);
}

static void add_all_missed(const struct guide *g, struct text *out)
{
    bool any = false;
    const struct ask_mark *m = g->place.marks;
    const struct ask *ask;
    for (size_t i = 0; (ask = next_question(g, &i)); m++) {
        if (!settled(m) || (m->right && m->wrong == 0))
            continue;
        if (!any)
            text_format(out, "\n%s\n\n", _("To look at again:"));
        any = true;
        add_missed(g, ask, m, out);
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
        text_format(out, "\n%s\n\n", _("To read next:"));
    for (char **what = g->lesson->read; what && *what; what++)
        add_reading(*what, out);
    if (end->session) {
        text_char(out, '\n');
        text_format(out, _("The session is kept; to see it again: `tcpladder -r %s`"),
                    end->session);
        text_char(out, '\n');
    }
    if (end->next) {
        text_char(out, '\n');
        text_format(out, _("The next lab: `tcplab run %s`"), end->next);
        text_char(out, '\n');
    }
}

static void add_failure(const struct error *e, struct text *out)
{
    text_format(out, "\n%s\n", e->text);
}

/* A lab that was told with its input at an end has been read by nobody. */
void guide_note(struct guide *g, struct text *out)
{
    struct guide_score s = guide_score(g);
    struct error e;
    const struct progress p = {.done = true, .points = s.points, .most = s.points_most};
    if (g->keeps && place_forget(g->lesson, &e) != 0)
        add_failure(&e, out);
    if (g->failed.text[0])
        add_failure(&g->failed, out);
    if (g->lesson->name && s.told != s.questions && progress_note(g->lesson->name, &p, &e) != 0)
        add_failure(&e, out);
    g->keeps = false;
}
