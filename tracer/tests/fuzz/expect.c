/* The language held against traces. The first byte chooses the trace and whether the rest is
 * expectations, a selector or a value: '0' to '5' expectations, '8' to '=' a selector, '@' to 'E' a
 * value. Asking twice says the same, and what is said is fit for a terminal. */
#include "tracer/base/alloc.h"
#include "tracer/select/expect.h"
#include "tracer/select/query.h"
#include "tracer/select/run.h"
#include "tracer/tests/fuzz/fuzz.h"
#include "tracer/tests/fuzz/stories.h"

#include <string.h>

static void same(const struct text *a, const struct text *b)
{
    check_fit(a);
    if (a->len != b->len || (a->len > 0 && memcmp(a->s, b->s, a->len) != 0))
        abort();
}

/* ---- expectations ---- */

static void report(const struct expectations *e, const struct trace *t, struct text *out)
{
    struct expect_outcome *o = expectations_check(e, t);
    expectations_report(e, t, o, out);
    expect_outcomes_free(o, expectations_count(e));
}

static void try_expectations(const struct trace *t, const char *text, size_t n, bool twice)
{
    struct select_fault f;
    struct expectations *e = expectations_parse(text, n, &f);
    struct text said = {0}, again = {0};
    if (e) {
        report(e, t, &said);
        check_fit(&said);
        if (twice) {
            report(e, t, &again);
            same(&said, &again);
        }
    }
    text_free(&said);
    text_free(&again);
    expectations_free(e);
}

/* ---- selectors ---- */

static size_t selected(const struct trace *t, const struct selector *s)
{
    struct select_run *r = select_run_new(t);
    size_t count = 0;
    select_run_add(r, s);
    for (size_t event; select_run_until(r, 0, &event);)
        count++;
    select_run_free(r);
    return count;
}

static void try_selector(const struct trace *t, const char *text, bool twice)
{
    struct select_fault f;
    struct selector *s = selector_parse(text, &f);
    if (s) {
        size_t count = selected(t, s);
        if (count > trace_event_count(t) || (twice && count != selected(t, s)))
            abort();
    }
    selector_free(s);
}

/* ---- values ---- */

static void try_query(const struct trace *t, const char *text, bool twice)
{
    struct select_fault f;
    struct query *q = query_parse(text, &f);
    struct answer a = {0}, again = {0};
    if (q) {
        query_answer(q, t, &a);
        check_fit(&a.text);
    }
    if (q && twice) {
        query_answer(q, t, &again);
        same(&a.text, &again.text);
    }
    text_free(&a.text);
    text_free(&again.text);
    query_free(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    const struct trace *t = story_of((bytes[0] & 7) % STORIES);
    bool twice = n % 8 == 0; /* of some: it takes the time of another input */
    int64_t since_ns = worked_ns();
    char *text = xstrndup((const char *)bytes + 1, n - 1);
    switch ((bytes[0] >> 3) % 3) {
    case 0: try_expectations(t, (const char *)bytes + 1, n - 1, twice); break;
    case 1: try_selector(t, text, twice); break;
    default: try_query(t, text, twice); break;
    }
    free(text);
    check_quick(since_ns);
    return 0;
}
