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

/* "C", "S:9502": the address of the host put in. */
static void add_expected(const char *s, size_t n, const struct trace *t, struct text *out)
{
    const struct trace_session *session = trace_session(t);
    bool host = n > 0 && (s[0] == 'C' || s[0] == 'S') && (n == 1 || s[1] == ':');
    if (!host || !session->present) {
        text_bytes(out, s, n);
        return;
    }
    struct endpoint end = {.address = session->addresses[s[0] == 'S']};
    bool bracketed = n > 1 && !address_is_v4(&end.address);
    text_add(out, bracketed ? "[" : "");
    address_text(&end.address, out);
    text_add(out, bracketed ? "]" : "");
    text_bytes(out, s + 1, n - 1);
}

static bool same_arg(const char *want, size_t wanted, const char *have, size_t n,
                     const struct trace *t)
{
    struct text expected = {0};
    if (wanted == 1 && want[0] == '*')
        return true;
    add_expected(want, wanted, t, &expected);
    bool same = expected.len == n && (n == 0 || memcmp(expected.s, have, n) == 0);
    text_free(&expected);
    return same;
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

/* What is not written is not compared. A call's arguments are those of its entry, and where the
 * exit tells more (what was received), those too. */
bool args_match(const char *pattern, const struct call *c, const struct trace *t)
{
    return match_args(pattern, c->args, t) || match_args(pattern, c->enter_args, t);
}
