#include "labs/lesson/answer.h"

#include "labs/lesson/value.h"
#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- comparing ------------------------------------------------------------------------------ */

/* The value of a query in this run. */
static bool value_of(const struct query *q, const struct trace *t, struct value *v)
{
    struct answer a;
    bool found = query_answer(q, t, &a);
    *v = (struct value){.is_number = a.is_number, .is_time = a.is_time, .number = a.number};
    if (found)
        value_fold(text_str(&a.text), &v->words);
    v->is_flags = found && a.is_flags && value_flags(text_str(&a.text), &v->flags);
    text_free(&a.text);
    return found;
}

/* A time that was typed without a unit is in seconds. */
static bool same_time(const struct ask *ask, const struct value *right, const struct value *typed)
{
    double ns = typed->is_time ? (double)typed->number : typed->seconds * 1e9;
    double expected = (double)right->number;
    double off = ns > expected ? ns - expected : expected - ns;
    double size = expected < 0 ? -expected : expected;
    return off <= (ask->tolerance_ns > 0 ? (double)ask->tolerance_ns : size / 10);
}

static bool same_words(const struct value *a, const struct value *b)
{
    return a->words.len > 0 && strcmp(text_str(&a->words), text_str(&b->words)) == 0;
}

/* Sequence numbers that were typed as a sum may have gone round. */
static bool same(const struct ask *ask, const struct value *right, const struct value *typed)
{
    if (right->is_time)
        return (typed->is_time || typed->has_seconds) && same_time(ask, right, typed);
    if (right->is_number)
        return typed->is_number && !typed->is_time &&
               (right->number == typed->number ||
                (typed->number > UINT32_MAX && right->number == (int64_t)(uint32_t)typed->number));
    if (right->is_flags)
        return typed->is_flags && right->flags == typed->flags;
    return same_words(right, typed);
}

/* The only choice that begins with what was typed, a word of it at least; NULL: none, or several.
 */
static const char *choice_begun(const struct ask *ask, const struct text *words)
{
    const char *found = NULL;
    size_t n = 0;
    for (size_t i = 0; ask->choices && ask->choices[i]; i++) {
        struct text own = {0};
        value_fold(ask->choices[i], &own);
        if (words->len > 1 && strncmp(text_str(&own), text_str(words), words->len) == 0) {
            found = ask->choices[i];
            n++;
        }
        text_free(&own);
    }
    return n == 1 ? found : NULL;
}

/* What was typed chooses one of the choices: by number, by letter, or in words, the first of which
 * will do. NULL: none. */
static const char *choice_of(const struct ask *ask, const char *typed)
{
    struct text words = {0};
    const char *found = NULL;
    value_fold(typed, &words);
    for (size_t i = 0; ask->choices && ask->choices[i] && !found; i++) {
        struct text own = {0};
        char number[2] = {(char)('1' + i), 0}, letter[2] = {(char)('a' + i), 0};
        value_fold(ask->choices[i], &own);
        if (words.len > 0 &&
            (strcmp(text_str(&words), number) == 0 || strcmp(text_str(&words), letter) == 0 ||
             strcmp(text_str(&words), text_str(&own)) == 0))
            found = ask->choices[i];
        text_free(&own);
    }
    if (!found)
        found = choice_begun(ask, &words);
    text_free(&words);
    return found;
}

/* Whether what was typed is this text of the paper: the same words, or what they stand for. */
static bool is_text(const struct ask *ask, const char *text, const struct trace *t,
                    const struct value *typed, bool flags)
{
    struct value v;
    value_read(text, t, &v);
    bool same_number = !ask->choices && v.is_number && typed->is_number &&
                       v.is_time == typed->is_time && v.number == typed->number;
    bool same_flags = flags && v.is_flags && typed->is_flags && v.flags == typed->flags;
    bool met = same_words(&v, typed) || same_number || same_flags;
    text_free(&v.words);
    return met;
}

static bool is_value(const struct ask *ask, const struct query *q, const struct trace *t,
                     const struct value *typed)
{
    struct value v;
    bool met = value_of(q, t, &v) && same(ask, &v, typed);
    text_free(&v.words);
    return met;
}

static bool is_right(const struct ask *ask, const struct trace *t, const struct value *typed)
{
    bool right = ask->value && is_value(ask, ask->value, t, typed);
    for (char **s = ask->accepted; s && *s && !right; s++)
        right = is_text(ask, *s, t, typed, false);
    return right;
}

/* Whether what was typed is the wrong answer of this row. Its text is flags where flags are asked
 * for. */
static bool meets(const struct ask *ask, const struct wrong *w, const struct trace *t,
                  const struct value *typed, bool flags)
{
    if (w->value)
        return is_value(ask, w->value, t, typed);
    return !w->text || is_text(ask, w->text, t, typed, flags);
}

/* The right answers that stand in the paper are numbers, every one. */
static bool asks_number(const struct ask *ask, const struct trace *t)
{
    bool all = !ask->choices && !ask->value;
    for (char **s = ask->accepted; s && *s && all; s++) {
        struct value v;
        value_read(*s, t, &v);
        all = v.is_number && isdigit((unsigned char)(*s)[0]);
        text_free(&v.words);
    }
    return all;
}

/* Whether what was typed is at all what such a question is answered with; if not, how it is. */
static bool readable(const struct ask *ask, const struct trace *t, const struct value *typed,
                     struct text *says)
{
    struct value v = {0};
    bool fits = typed->words.len > 0 || typed->is_flags;
    if (fits && ask->value && value_of(ask->value, t, &v)) {
        if (v.is_number)
            fits = typed->is_number || (v.is_time && typed->has_seconds);
        else if (v.is_flags)
            fits = typed->is_flags;
        if (!fits)
            text_add(says, v.is_time     ? _("Write a time, such as 0.2 s or 10 ms.")
                           : v.is_number ? _("Write a number, such as 18, 0x12 or J+1.")
                                         : _("Write flags, such as SYN, [S.] or FIN+ACK."));
    }
    if (fits && asks_number(ask, t) && !typed->is_number) {
        fits = false;
        text_add(says, _("Write a number, such as 18, 0x12 or J+1."));
    }
    text_free(&v.words);
    return fits;
}

/* ---- the whole ------------------------------------------------------------------------------ */

bool answer_shown(const struct ask *ask, const struct trace *t, struct text *out)
{
    if (!ask->value) {
        text_add(out, ask->accepted[0]);
        return true;
    }
    struct answer a;
    bool found = query_answer(ask->value, t, &a);
    text_add(out, found && a.is_flags ? "[" : "");
    text_add(out, text_str(&a.text));
    text_add(out, found && a.is_flags ? "]" : "");
    text_free(&a.text);
    return found;
}

static enum judgement judge_value(const struct ask *ask, const struct trace *t,
                                  const struct value *typed, struct text *says)
{
    if (is_right(ask, t, typed)) {
        if (ask->right)
            answer_fill(ask->right, t, says);
        return ANSWER_RIGHT;
    }
    struct value v = {0};
    struct text how = {0};
    bool flags = ask->value && value_of(ask->value, t, &v) && v.is_flags;
    enum judgement j = readable(ask, t, typed, &how) ? ANSWER_WRONG : ANSWER_UNREAD;
    const struct wrong *met = NULL;
    text_free(&v.words);
    for (size_t i = 0; i < ask->wrong_count && !met; i++) {
        const struct wrong *w = &ask->wrongs[i];
        bool anything = !w->value && !w->text;
        if (!(anything && j == ANSWER_UNREAD) && meets(ask, w, t, typed, flags))
            met = w;
    }
    if (met)
        answer_fill(met->why, t, says);
    else
        text_add(says, text_str(&how));
    text_free(&how);
    return met ? ANSWER_WRONG : j;
}

enum judgement answer_judge(const struct ask *ask, const struct trace *t, const char *typed,
                            struct text *says)
{
    struct value v;
    const char *chosen = choice_of(ask, typed);
    if (ask->choices && !chosen) {
        text_add(says, _("Choose one by its number."));
        return ANSWER_UNREAD;
    }
    value_read(chosen ? chosen : typed, t, &v);
    enum judgement j = judge_value(ask, t, &v, says);
    text_free(&v.words);
    return j;
}
