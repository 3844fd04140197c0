/* The arguments of a call, as they are written in a selector and as they were recorded. */
#include "tracer/select/term.h"

#include <string.h>

/* The next argument from `s` on, blanks around it left out: where it stands, and past its comma.
 * Commas within strings and brackets belong to it. */
static const char *next_arg(const char *s, const char **at, size_t *n)
{
    int depth = 0;
    bool quoted = false;
    s += strspn(s, " \t");
    *at = s;
    for (; *s && (quoted || depth > 0 || *s != ','); s++) {
        if (quoted && *s == '\\' && s[1])
            s++;
        else if (*s == '"')
            quoted = !quoted;
        else if (!quoted)
            depth += (*s == '{' || *s == '[' || *s == '(') - (*s == '}' || *s == ']' || *s == ')');
    }
    *n = (size_t)(s - *at);
    while (*n > 0 && ((*at)[*n - 1] == ' ' || (*at)[*n - 1] == '\t'))
        --*n;
    return *s ? s + 1 : s;
}

/* "C", "S:9502" with an address of the host put in. */
static bool same_host(const struct address *a, const char *s, size_t n, const char *have,
                      size_t had)
{
    struct text expected = {0};
    bool bracketed = n > 1 && !address_is_v4(a);
    text_add(&expected, bracketed ? "[" : "");
    address_text(a, &expected);
    text_add(&expected, bracketed ? "]" : "");
    text_bytes(&expected, s + 1, n - 1);
    bool same = expected.len == had && memcmp(expected.s, have, had) == 0;
    text_free(&expected);
    return same;
}

static bool same_arg(const char *want, size_t wanted, const char *have, size_t n,
                     const struct trace *t)
{
    const struct trace_session *session = trace_session(t);
    bool host = wanted > 0 && (want[0] == 'C' || want[0] == 'S') && (wanted == 1 || want[1] == ':');
    if (wanted == 1 && want[0] == '*')
        return true;
    if (!host || !session->present)
        return wanted == n && memcmp(want, have, n) == 0;
    bool is_s = want[0] == 'S';
    return same_host(&session->addresses[is_s], want, wanted, have, n) ||
           (session->has_ipv6 && same_host(&session->addresses6[is_s], want, wanted, have, n));
}

static bool match_args(const char *pattern, const char *args, const struct trace *t)
{
    const char *want, *have;
    size_t wanted, n;
    while (*pattern) {
        bool none_left = !*args;
        pattern = next_arg(pattern, &want, &wanted);
        args = next_arg(args, &have, &n);
        if (none_left || !same_arg(want, wanted, have, n, t))
            return false;
    }
    return true;
}

/* What is not written is not compared. At its return a call may tell more (what was received, who
 * was accepted) than at its entry: either will do there. */
bool args_match(const char *pattern, const struct moment *m)
{
    return match_args(pattern, m->call->enter_args, m->trace) ||
           (m->kind == TRACE_CALL_EXIT && match_args(pattern, m->call->args, m->trace));
}
