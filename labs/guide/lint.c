#include "labs/guide/lint.h"

#include "labs/guide/recording.h"
#include "labs/lesson/answer.h"
#include "tracer/base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WRONGS_LEAST = 3 };

struct lint {
    const struct lesson *lesson;
    struct recording *recording;
    struct text *out;
    size_t faults;
};

static void fault(struct lint *lint, const char *paper, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void fault(struct lint *lint, const char *paper, int line, const char *format, ...)
{
    char sentence[768];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    text_safe_str(lint->out, lint->lesson->folder);
    text_format(lint->out, "/%s:%d: ", paper, line);
    text_safe_escaped(lint->out, sentence);
    text_char(lint->out, '\n');
    lint->faults++;
}

/* ---- values in the text --------------------------------------------------------------------- */

static void check_values(struct lint *lint, const char *markdown, int line)
{
    struct select_fault f = {0};
    if (markdown && !answer_fill_check(markdown, &f))
        fault(lint, lint->lesson->paper, line + f.line - 1,
              "%s A brace that is none of a value is written \\{.", f.text);
}

static void check_text(struct lint *lint, const struct part *p)
{
    const struct ask *ask = &p->ask;
    if (p->kind == PART_PROSE)
        check_values(lint, p->text, p->line);
    if (p->kind != PART_ASK)
        return;
    check_values(lint, ask->question, ask->line);
    check_values(lint, ask->right, ask->line);
    for (char **hint = ask->hints; hint && *hint; hint++)
        check_values(lint, *hint, ask->line);
    for (size_t i = 0; i < ask->wrong_count; i++)
        check_values(lint, ask->wrongs[i].why, ask->wrongs[i].line);
}

/* ---- the recorded session ------------------------------------------------------------------- */

static bool read_recorded(struct lint *lint)
{
    struct text path = {0};
    struct error e = {0};
    struct capture_frame frame;
    enum source_result got = SOURCE_ERROR;
    text_format(&path, "%s/recorded.pcap", lint->lesson->folder);
    struct source_options o = {.file = text_str(&path), .fd = -1};
    struct source *source = source_open(&o, &e);
    while (source && (got = source_next(source, true, &frame, &e)) == SOURCE_FRAME)
        recording_add(lint->recording, &frame);
    recording_end(lint->recording);
    source_close(source);
    if (got != SOURCE_END)
        fault(lint, "recorded.pcap", 0,
              "%s Record one with: tcplab run LAB --ladder --text -w recorded.pcap", e.text);
    text_free(&path);
    return got == SOURCE_END;
}

static void check_steps(struct lint *lint)
{
    size_t stop = 0;
    for (size_t i = 0; i < lint->lesson->part_count; i++) {
        const struct step *step = &lint->lesson->parts[i].step;
        for (size_t k = 0; k < step->count; k++, stop++)
            if (recording_stop(lint->recording, stop) == STOP_MISSED)
                fault(lint, lint->lesson->paper, step->at[k].line,
                      "the recorded session does not come to `%s` behind the step before.",
                      selector_text(step->at[k].event));
    }
}

/* A wrong answer that is right in this run would be explained away. */
static void check_wrong(struct lint *lint, const struct ask *ask, const struct wrong *w)
{
    struct text typed = {0}, says = {0};
    const struct trace *t = recording_trace(lint->recording);
    struct answer a;
    if (w->value && query_answer(w->value, t, &a))
        text_add(&typed, text_str(&a.text));
    else if (w->value)
        fault(lint, lint->lesson->paper, w->line, "this wrong answer has no value: %s.",
              text_str(&a.text));
    if (w->value)
        text_free(&a.text);
    else if (w->text)
        text_add(&typed, w->text);
    enum judgement j = typed.len > 0 ? answer_judge(ask, t, text_str(&typed), &says) : ANSWER_WRONG;
    if (j == ANSWER_RIGHT)
        fault(lint, lint->lesson->paper, w->line, "this wrong answer, %s, is the right one.",
              text_str(&typed));
    else if (j == ANSWER_UNREAD)
        fault(lint, lint->lesson->paper, w->line,
              "this wrong answer, %s, is not what such a question can be answered with.",
              text_str(&typed));
    text_free(&typed);
    text_free(&says);
}

static void check_ask(struct lint *lint, const struct ask *ask)
{
    struct text shown = {0}, says = {0};
    const struct trace *t = recording_trace(lint->recording);
    if (!answer_shown(ask, t, &shown))
        fault(lint, lint->lesson->paper, ask->line, "the recorded session has no answer: %s.",
              text_str(&shown));
    else if (answer_judge(ask, t, text_str(&shown), &says) != ANSWER_RIGHT)
        fault(lint, lint->lesson->paper, ask->line, "the answer, %s, is not taken for right.",
              text_str(&shown));
    for (size_t i = 0; i < ask->wrong_count; i++)
        check_wrong(lint, ask, &ask->wrongs[i]);
    size_t choices = 0;
    while (ask->choices && ask->choices[choices])
        choices++;
    size_t least = choices > 0 && choices - 1 < WRONGS_LEAST ? choices - 1 : WRONGS_LEAST;
    if (ask->wrong_count < least)
        fault(lint, lint->lesson->paper, ask->line, "%zu wrong answers are explained, of %zu.",
              ask->wrong_count, least);
    text_free(&shown);
    text_free(&says);
}

static void check_expect(struct lint *lint, const struct part *p)
{
    const struct trace *t = recording_trace(lint->recording);
    struct expect_outcome *outcomes = expectations_check(p->expect, t);
    size_t n = expectations_count(p->expect);
    for (size_t i = 0; i < n; i++)
        if (outcomes[i].result != EXPECT_MET)
            fault(lint, lint->lesson->paper, p->line + expectations_head(p->expect, i).line,
                  "the recorded session does not meet \"%s\": %s",
                  expectations_head(p->expect, i).name, text_str(&outcomes[i].why));
    expect_outcomes_free(outcomes, n);
}

/* ---- the other language ---------------------------------------------------------------------- */

static size_t next_block(const struct lesson *l, size_t i)
{
    while (i < l->part_count && l->parts[i].kind == PART_PROSE)
        i++;
    return i;
}

/* Steps, rules and expectations are the same to the letter; questions ask for the same. */
static bool same_block(const struct part *a, const struct part *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == PART_ASK)
        return (a->ask.value != NULL) == (b->ask.value != NULL) &&
               (a->ask.choices != NULL) == (b->ask.choices != NULL) &&
               a->ask.wrong_count == b->ask.wrong_count && a->ask.points == b->ask.points;
    return a->kind == PART_EXPECT ? expectations_count(a->expect) == expectations_count(b->expect)
                                  : strcmp(a->text, b->text) == 0;
}

static void check_other(struct lint *lint, const struct lesson *other)
{
    size_t a = next_block(lint->lesson, 0), b = next_block(other, 0);
    for (; a < lint->lesson->part_count && b < other->part_count;
         a = next_block(lint->lesson, a + 1), b = next_block(other, b + 1))
        if (!same_block(&lint->lesson->parts[a], &other->parts[b])) {
            fault(lint, other->paper, other->parts[b].line,
                  "this %s block is not that of line %d of %s.", part_name(other->parts[b].kind),
                  lint->lesson->parts[a].line, lint->lesson->paper);
            return;
        }
    if (a < lint->lesson->part_count)
        fault(lint, other->paper, 1, "the %s block of line %d of %s is missing here.",
              part_name(lint->lesson->parts[a].kind), lint->lesson->parts[a].line,
              lint->lesson->paper);
    else if (b < other->part_count)
        fault(lint, other->paper, other->parts[b].line, "this %s block is in no other language.",
              part_name(other->parts[b].kind));
}

static bool same_words(char *const *a, char *const *b)
{
    for (; a && b && *a && *b && strcmp(*a, *b) == 0; a++, b++)
        continue;
    return (!a || !*a) && (!b || !*b);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_variables(const struct lesson *a, const struct lesson *b)
{
    bool same = a->variable_count == b->variable_count;
    for (size_t i = 0; same && i < a->variable_count; i++)
        same = same_text(a->variables[i].name, b->variables[i].name) &&
               same_text(a->variables[i].choices, b->variables[i].choices);
    return same;
}

/* What runs, and where, is one lab's. */
static void check_front(struct lint *lint, const struct lesson *other)
{
    const struct lesson *l = lint->lesson;
    const struct {
        const char *key;
        bool same;
    } keys[] = {
        {"level", l->level == other->level},
        {"profile", same_text(l->profile, other->profile)},
        {"set", same_words(l->set, other->set)},
        {"hosts", same_text(l->programs[0], other->programs[0]) &&
                      same_text(l->programs[1], other->programs[1])},
        {"submit", l->submit == other->submit},
        {"vary", same_variables(l, other)},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!keys[i].same)
            fault(lint, other->paper, 1, "its `%s` is not that of %s.", keys[i].key, l->paper);
}

static void check_language(struct lint *lint, const char *language)
{
    struct lesson other;
    struct error e;
    if (lesson_read_in(lint->lesson->folder, language, &other, &e) != 0) {
        fault(lint, "lab.zh.md", 1, "%s", e.text);
        return;
    }
    if (strcmp(other.paper, lint->lesson->paper) == 0)
        fault(lint, "lab.zh.md", 1, "the lab is not there in Chinese.");
    else {
        check_front(lint, &other);
        check_other(lint, &other);
    }
    lesson_free(&other);
}

/* ---- the whole ------------------------------------------------------------------------------ */

size_t lint_lesson(const struct lesson *l, struct text *out)
{
    struct lint lint = {.lesson = l, .recording = recording_new(l), .out = out};
    for (size_t i = 0; i < l->part_count; i++)
        check_text(&lint, &l->parts[i]);
    if (read_recorded(&lint)) {
        check_steps(&lint);
        for (size_t i = 0; i < l->part_count; i++) {
            if (l->parts[i].kind == PART_ASK)
                check_ask(&lint, &l->parts[i].ask);
            else if (l->parts[i].kind == PART_EXPECT)
                check_expect(&lint, &l->parts[i]);
        }
    }
    if (strcmp(l->paper, "lab.md") == 0)
        check_language(&lint, "zh");
    recording_free(lint.recording);
    return lint.faults;
}
