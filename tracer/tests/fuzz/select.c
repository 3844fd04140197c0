/* The parsers of the language. The first byte chooses what the rest is read as: '0' a selector, '1'
 * a value, '2' rules for the wire, '3' expectations. What is refused has a place and a sentence,
 * fit for a terminal. (expect.c holds what is parsed against traces.) */
#include "tracer/base/alloc.h"
#include "tracer/select/expect.h"
#include "tracer/select/query.h"
#include "tracer/select/rule.h"
#include "tracer/tests/fuzz/fuzz.h"
#include "tracer/tests/fuzz/stories.h"

#include <string.h>

/* What is kept as it was written is the same when it is read again. */
static void parse_selector(const char *bytes, size_t n)
{
    struct select_fault f;
    struct text why = {0};
    char *text = xstrndup(bytes, n);
    struct selector *s = selector_parse(text, &f), *again;
    check_fault(!s, &f);
    if (s) {
        selector_is_of_packets(s, &why);
        selector_is_known_at_once(s, &why);
        again = selector_parse(selector_text(s), &f);
        if (!again || strcmp(selector_text(again), selector_text(s)) != 0)
            abort();
        selector_free(again);
    }
    text_free(&why);
    selector_free(s);
    free(text);
}

static void parse_query(const char *bytes, size_t n)
{
    struct select_fault f;
    char *text = xstrndup(bytes, n);
    struct query *q = query_parse(text, &f);
    check_fault(!q, &f);
    query_free(q);
    free(text);
}

static void parse_rules(const char *text, size_t n)
{
    struct select_fault f;
    struct rules *r = rules_parse(text, n, &f);
    check_fault(!r, &f);
    rules_free(r);
}

static void parse_expectations(const char *text, size_t n)
{
    struct select_fault f;
    struct expectations *e = expectations_parse(text, n, &f);
    check_fault(!e, &f);
    for (size_t i = 0; e && i < expectations_count(e); i++)
        if (!expectations_head(e, i).name || expectations_head(e, i).line < 1)
            abort();
    expectations_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static void (*const parsers[])(const char *text, size_t n) = {parse_selector, parse_query,
                                                                  parse_rules, parse_expectations};
    if (n == 0)
        return 0;
    int64_t since_ns = worked_ns();
    parsers[bytes[0] % 4]((const char *)bytes + 1, n - 1);
    check_quick(since_ns);
    return 0;
}
