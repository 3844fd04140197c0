/* Expectations, parsed and held against a session, a plain capture and two connections at once.
 * Checking twice says the same, and the report is fit for a terminal. */
#include "tracer/select/expect.h"
#include "tracer/tests/fuzz/fuzz.h"
#include "tracer/tests/fuzz/stories.h"

static void report(const struct expectations *e, const struct trace *t, struct text *out)
{
    struct expect_outcome *o = expectations_check(e, t);
    expectations_report(e, t, o, out);
    expect_outcomes_free(o, expectations_count(e));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct select_fault f;
    struct expectations *e = expectations_parse((const char *)bytes, n, &f);
    check_fault(!e, &f);
    for (int i = 0; e && i < STORIES; i++) {
        struct text said = {0}, again = {0};
        report(e, story_of(i), &said);
        check_fit(&said);
        if (i == 0) { /* the same, asked twice */
            report(e, story_of(i), &again);
            if (said.len != again.len || memcmp(said.s, again.s, said.len) != 0)
                abort();
        }
        text_free(&said);
        text_free(&again);
    }
    expectations_free(e);
    return 0;
}
