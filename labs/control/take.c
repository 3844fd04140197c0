#include "labs/control/take.h"

#include "tracer/base/alloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t";

/* What there is to say of how it is used. */
enum misuse { MISUSED, MISUSED_NUMBER, MISUSED_TIME, MISUSED_TYPING };

static int misused(const struct control *c, enum misuse how, struct error *e)
{
    struct text text = {0};
    for (size_t i = 0; i < control_row_count; i++) {
        const struct control_row *row = &control_rows[i];
        if (strcmp(row->word, c->row->word) == 0)
            text_format(&text, "%s%s%s%s", text.len > 0 ? ", or " : "", row->word,
                        row->arguments[0] != '\0' ? " " : "", row->arguments);
    }
    const char *word = c->row->word, *ways = text_str(&text);
    switch (how) {
    case MISUSED: error_exit(e, EXIT_WRONG_USAGE, "`%s` is used so: %s", word, ways); break;
    case MISUSED_NUMBER:
        error_exit(e, EXIT_WRONG_USAGE, "`%s` is used so: %s. N is a number that `flight` lists.",
                   word, ways);
        break;
    case MISUSED_TIME:
        error_exit(e, EXIT_WRONG_USAGE,
                   "`%s` is used so: %s. A time touches its unit and is a day at the most: 1.5s, "
                   "200ms, 2min.",
                   word, ways);
        break;
    case MISUSED_TYPING:
        error_exit(e, EXIT_WRONG_USAGE,
                   "`%s` is used so: %s, such as type C \"hello\\n\". Within the quotation marks "
                   "\\n \\r \\t \\0 \\\\ \\\" and \\x41 are bytes.",
                   word, ways);
        break;
    }
    text_free(&text);
    return -1;
}

/* The language's own sentence, its column counted in the whole line. */
static int faulty(const struct select_fault *f, size_t at, struct error *e)
{
    return error_exit(e, EXIT_WRONG_USAGE, "Column %zu: %.600s", at + (size_t)f->column, f->text);
}

/* The first word of `s`: how long it is. What follows it and its blanks is `*rest`. */
static size_t first_word(const char *s, const char **rest)
{
    size_t n = strcspn(s, blanks);
    *rest = s + n + strspn(s + n, blanks);
    return n;
}

static bool is_word(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(s, word, n) == 0;
}

/* ---- numbers and times ----------------------------------------------------------------------- */

/* All `n` bytes as a number from 1. */
static bool read_number(const char *s, size_t n, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9' || *number > UINT64_MAX / 10 - 1)
            return false;
        *number = *number * 10 + (uint64_t)(s[i] - '0');
    }
    return n > 0 && *number > 0;
}

/* All `n` bytes as a time, "1.5s", of up to a day. */
static bool read_time(const char *s, size_t n, int64_t *time_ns)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {
        {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {"min", 60000000000},
    };
    const int64_t most_ns = INT64_C(86400) * 1000000000;
    size_t digits = strspn(s, "0123456789."), whole = strspn(s, "0123456789");
    if (whole == 0 || whole > 15 || digits > n || s[digits - 1] == '.')
        return false;
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        if (!is_word(s + digits, n - digits, units[u].name))
            continue;
        int64_t ns = 0, place_ns = units[u].ns;
        for (size_t i = 0; i < whole; i++)
            ns = ns * 10 + (s[i] - '0');
        if (ns > most_ns / units[u].ns)
            return false;
        ns *= units[u].ns;
        for (size_t i = whole + 1; i < digits; i++) {
            if (s[i] == '.')
                return false;
            ns += (s[i] - '0') * (place_ns /= 10);
        }
        *time_ns = ns;
        return ns <= most_ns;
    }
    return false;
}

int take_nothing(const char *arguments, size_t at, struct control *c, struct error *e)
{
    (void)at;
    return arguments[0] == '\0' ? 0 : misused(c, MISUSED, e);
}

int take_number(const char *arguments, size_t at, struct control *c, struct error *e)
{
    (void)at;
    if (arguments[0] == '\0' || read_number(arguments, strlen(arguments), &c->number))
        return 0;
    return misused(c, MISUSED_NUMBER, e);
}

int take_time(const char *arguments, size_t at, struct control *c, struct error *e)
{
    (void)at;
    if (read_time(arguments, strlen(arguments), &c->duration_ns))
        return 0;
    return misused(c, MISUSED_TIME, e);
}

int take_time_and_number(const char *arguments, size_t at, struct control *c, struct error *e)
{
    const char *rest;
    size_t n = first_word(arguments, &rest);
    char *time = xstrndup(arguments, n);
    int result = take_time(time, at, c, e);
    free(time);
    return result == 0 ? take_number(rest, at, c, e) : -1;
}

/* ---- hosts ----------------------------------------------------------------------------------- */

static bool read_host(const char *s, size_t n, struct control *c)
{
    c->hosts[0] = is_word(s, n, "C");
    c->hosts[1] = is_word(s, n, "S");
    return c->hosts[0] || c->hosts[1];
}

int take_host(const char *arguments, size_t at, struct control *c, struct error *e)
{
    (void)at;
    return read_host(arguments, strlen(arguments), c) ? 0 : misused(c, MISUSED, e);
}

int take_hosts_or_not(const char *arguments, size_t at, struct control *c, struct error *e)
{
    (void)at, (void)e;
    if (strcmp(arguments, "programs") == 0) {
        c->hosts[0] = c->hosts[1] = true;
        return 0;
    }
    return read_host(arguments, strlen(arguments), c) ? 0 : 1;
}

/* ---- the language of selectors ----------------------------------------------------------------
 */

int take_hold(const char *arguments, size_t at, struct control *c, struct error *e)
{
    struct select_fault fault;
    struct text why = {0};
    int result = 0;
    if (arguments[0] == '\0')
        return 0;
    c->selector = selector_parse(arguments, &fault);
    if (!c->selector)
        return faulty(&fault, at, e);
    if (!selector_is_of_packets(c->selector, &why))
        result = error_exit(e, EXIT_WRONG_USAGE,
                            "Column %zu: The wire sees packets as they are sent, and this asks for "
                            "%s.",
                            at + 1, text_str(&why));
    text_free(&why);
    return result;
}

int take_event(const char *arguments, size_t at, struct control *c, struct error *e)
{
    struct select_fault fault;
    if (arguments[0] == '\0')
        return misused(c, MISUSED, e);
    c->selector = selector_parse(arguments, &fault);
    if (!c->selector)
        return faulty(&fault, at, e);
    struct text why = {0};
    int result = 0;
    if (!selector_is_known_at_once(c->selector, &why))
        result = error_exit(e, EXIT_WRONG_USAGE, "Column %zu: This cannot be waited for: %s",
                            at + 1, text_str(&why));
    text_free(&why);
    return result;
}

/* A rule may stand between single quotes, as on a command line. */
int take_rule(const char *arguments, size_t at, struct control *c, struct error *e)
{
    struct select_fault fault;
    size_t n = strlen(arguments);
    bool quoted = n >= 2 && arguments[0] == '\'' && arguments[n - 1] == '\'';
    if (n == 0)
        return misused(c, MISUSED, e);
    c->rules = rules_parse(arguments + quoted, n - 2 * quoted, &fault);
    return c->rules ? 0 : faulty(&fault, at + quoted, e);
}

/* One line makes an expectation below a head of ours. */
int take_expectation(const char *arguments, size_t at, struct control *c, struct error *e)
{
    static const char head[] = "\"expect\"\n ";
    struct select_fault fault;
    struct text whole = {0};
    if (arguments[0] == '\0')
        return misused(c, MISUSED, e);
    text_format(&whole, "%s%s\n", head, arguments);
    c->expect = expectations_parse(text_str(&whole), whole.len, &fault);
    text_free(&whole);
    if (c->expect)
        return 0;
    if (fault.line == 2 && fault.column > 1)
        fault.column--; /* the blank */
    return faulty(&fault, at, e);
}

/* ---- text ------------------------------------------------------------------------------------ */

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = isxdigit((unsigned char)c) ? strchr(digits, tolower(c)) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* The escape behind a backslash; returns how long it is, 0 where there is none such. */
static size_t read_escape(const char *s, char *byte)
{
    static const char names[] = "nrt0\\\"", bytes[] = {'\n', '\r', '\t', '\0', '\\', '"'};
    const char *at = s[0] ? strchr(names, s[0]) : NULL;
    if (at) {
        *byte = bytes[at - names];
        return 1;
    }
    int high = s[0] == 'x' ? hex_digit(s[1]) : -1, low = high >= 0 ? hex_digit(s[2]) : -1;
    *byte = (char)(high * 16 + low);
    return low >= 0 ? 3 : 0;
}

/* `"hello\n"`, all of `s`. */
static bool read_string(const char *s, struct text *out)
{
    if (*s++ != '"')
        return false;
    while (*s && *s != '"') {
        char byte = *s++;
        if (byte == '\\') {
            size_t n = read_escape(s, &byte);
            if (n == 0)
                return false;
            s += n;
        }
        text_char(out, byte);
    }
    return *s == '"' && s[1] == '\0';
}

int take_typing(const char *arguments, size_t at, struct control *c, struct error *e)
{
    (void)at;
    const char *rest;
    size_t n = first_word(arguments, &rest);
    if (read_host(arguments, n, c) && read_string(rest, &c->text))
        return 0;
    return misused(c, MISUSED_TYPING, e);
}

int take_note(const char *arguments, size_t at, struct control *c, struct error *e)
{
    (void)at;
    if (arguments[0] == '\0')
        return misused(c, MISUSED, e);
    text_add(&c->text, arguments);
    return 0;
}
