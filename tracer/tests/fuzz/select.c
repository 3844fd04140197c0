/* The language of selectors: selectors, values and the wire's rules. What is parsed is run over a
 * session and over a plain capture, and what is said must be fit for a terminal. */
#include "tracer/base/alloc.h"
#include "tracer/select/query.h"
#include "tracer/select/rule.h"
#include "tracer/select/run.h"
#include "tracer/tests/fuzz/fuzz.h"
#include "tracer/tests/fuzz/stories.h"

static size_t selected(const struct trace *t, const struct selector *s)
{
    struct select_run *r = select_run_new(t);
    size_t count = 0;
    select_run_add(r, s);
    for (size_t event; select_run_next(r, &event);)
        count += select_run_matches(r, 0);
    select_run_free(r);
    return count;
}

static void try_selector(const char *text)
{
    struct select_fault f;
    struct text why = {0};
    struct selector *s = selector_parse(text, &f);
    check_fault(!s, &f);
    for (int i = 0; s && i < STORIES; i++) {
        size_t count = selected(story_of(i), s);
        if (i == 1 && count != selected(story_of(i), s))
            abort();
    }
    if (s)
        selector_is_of_packets(s, &why);
    text_free(&why);
    selector_free(s);
}

static void try_query(const char *text)
{
    struct select_fault f;
    struct query *q = query_parse(text, &f);
    check_fault(!q, &f);
    for (int i = 0; q && i < STORIES; i++) {
        struct answer a;
        query_answer(q, story_of(i), &a);
        check_fit(&a.text);
        text_free(&a.text);
    }
    query_free(q);
}

static void try_rules(const char *text, size_t n)
{
    struct select_fault f;
    struct rules *r = rules_parse(text, n, &f);
    check_fault(!r, &f);
    rules_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *text = xstrndup((const char *)bytes, n);
    try_selector(text);
    try_query(text);
    try_rules(text, strlen(text));
    free(text);
    return 0;
}
