#include "labs/lesson/answer.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <stdlib.h>
#include <string.h>

/* A run of backticks, and all up to the run that ends the code; the end where none does. */
static size_t code_length(const char *s)
{
    size_t ticks = strspn(s, "`");
    for (const char *end = s + ticks; *end; end += *end == '`' ? strspn(end, "`") : 1)
        if (*end == '`' && strspn(end, "`") == ticks)
            return (size_t)(end - s) + ticks;
    return ticks;
}

/* Go through the Markdown: `plain` is told of what stays as it is, `value` of what stands between
 * braces. */
struct filling {
    const struct trace *trace;
    struct text *out;           /* or: */
    struct select_fault *fault; /* only look whether the values can be read; or: */
    bool *settled;              /* only look whether the trace has them */
    int line;
};

static bool is_settled(const struct query *q, const struct trace *t)
{
    struct answer a = {0};
    bool found = !query_needs_end(q) && query_answer(q, t, &a);
    text_free(&a.text);
    return found;
}

static bool put_value(struct filling *f, const char *s, size_t n)
{
    struct select_fault fault = {0};
    char *text = xstrndup(s, n);
    struct query *q = query_parse(text, &fault);
    free(text);
    if (f->fault) {
        if (!q)
            *f->fault = (struct select_fault){.line = f->line, .column = 1};
        if (!q)
            memcpy(f->fault->text, fault.text, sizeof fault.text);
    } else if (f->settled) {
        *f->settled &= q && is_settled(q, f->trace);
    } else {
        struct answer a = {0};
        bool found = q && query_answer(q, f->trace, &a);
        text_add(f->out, found ? text_str(&a.text) : _("(not seen)"));
        text_free(&a.text);
    }
    query_free(q);
    return q != NULL;
}

static bool go_through(struct filling *f, const char *s)
{
    while (*s) {
        size_t n = 1;
        if (s[0] == '`') {
            n = code_length(s);
        } else if (s[0] == '\\' && (s[1] == '{' || s[1] == '}')) {
            s++;
        } else if (s[0] == '{' && strchr(s, '}')) {
            size_t length = strcspn(s, "}");
            if (!put_value(f, s + 1, length - 1) && f->fault)
                return false;
            s += length + 1;
            continue;
        }
        for (size_t i = 0; i < n; i++)
            f->line += s[i] == '\n';
        if (f->out)
            text_bytes(f->out, s, n);
        s += n;
    }
    return true;
}

void answer_fill(const char *markdown, const struct trace *t, struct text *out)
{
    struct filling f = {.trace = t, .out = out};
    go_through(&f, markdown);
}

bool answer_fill_settled(const char *markdown, const struct trace *t)
{
    bool settled = true;
    struct filling f = {.trace = t, .settled = &settled};
    go_through(&f, markdown);
    return settled;
}

bool answer_ask_settled(const struct ask *ask, const struct trace *t)
{
    bool settled = (!ask->value || is_settled(ask->value, t)) &&
                   answer_fill_settled(ask->question, t) &&
                   (!ask->right || answer_fill_settled(ask->right, t));
    for (char **hint = ask->hints; hint && *hint; hint++)
        settled = settled && answer_fill_settled(*hint, t);
    for (size_t i = 0; i < ask->wrong_count; i++)
        settled = settled && (!ask->wrongs[i].value || is_settled(ask->wrongs[i].value, t)) &&
                  answer_fill_settled(ask->wrongs[i].why, t);
    return settled;
}

bool answer_fill_check(const char *markdown, struct select_fault *fault)
{
    struct filling f = {.fault = fault, .line = 1};
    return go_through(&f, markdown);
}
