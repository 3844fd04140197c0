#include "labs/lesson/value.h"

#include "tracer/decode/packet.h"
#include "tracer/select/query.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void value_fold(const char *s, struct text *out)
{
    for (; *s; s++)
        if (isalnum((unsigned char)*s) || (unsigned char)*s >= 0x80)
            text_char(out, (char)tolower((unsigned char)*s));
}

/* ---- flags ---------------------------------------------------------------------------------- */

static const struct {
    const char *name; /* as people write it */
    char letter;      /* as tcpdump does */
    uint16_t bit;
} flag_names[] = {
    {"syn", 's', TCP_SYN},   {"ack", '.', TCP_ACK}, {"fin", 'f', TCP_FIN},  {"rst", 'r', TCP_RST},
    {"reset", 'r', TCP_RST}, {"psh", 'p', TCP_PSH}, {"push", 'p', TCP_PSH}, {"urg", 'u', TCP_URG},
    {"ece", 'e', TCP_ECE},   {"cwr", 'w', TCP_CWR},
};
enum { FLAG_NAMES = sizeof flag_names / sizeof flag_names[0] };

/* "syn", "synack", or letters such as "s." and "sa"; false where a part of the word is neither. */
static bool flags_word(const char *s, size_t n, uint16_t *flags)
{
    uint16_t found = 0;
    for (size_t at = 0, took; at < n; at += took) {
        took = 0;
        for (size_t i = 0; i < FLAG_NAMES && took == 0; i++)
            if (strlen(flag_names[i].name) <= n - at &&
                strncmp(s + at, flag_names[i].name, strlen(flag_names[i].name)) == 0) {
                took = strlen(flag_names[i].name);
                found |= flag_names[i].bit;
            }
        if (took == 0)
            break;
        if (at + took == n) {
            *flags |= found;
            return true;
        }
    }
    found = 0;
    for (size_t at = 0; at < n; at++) {
        uint16_t bit = s[at] == 'a' ? TCP_ACK : 0;
        for (size_t i = 0; i < FLAG_NAMES; i++)
            if (flag_names[i].letter == s[at])
                bit = flag_names[i].bit;
        if (bit == 0)
            return false;
        found |= bit;
    }
    *flags |= found;
    return true;
}

bool value_flags(const char *typed, uint16_t *flags)
{
    static const char between[] = " \t,+/|&[]-_'\"";
    struct text low = {0};
    bool good = true, any = false;
    *flags = 0;
    for (const char *s = typed; *s; s++)
        text_char(&low, (char)tolower((unsigned char)*s));
    for (const char *s = text_str(&low) + strspn(text_str(&low), between); *s && good;) {
        size_t n = strcspn(s, between);
        bool filler = (n == 3 && strncmp(s, "and", 3) == 0) ||
                      (n == 4 && strncmp(s, "flag", 4) == 0) ||
                      (n == 5 && strncmp(s, "flags", 5) == 0);
        good = filler || flags_word(s, n, flags);
        any |= !filler;
        s += n + strspn(s + n, between);
    }
    text_free(&low);
    return good && any;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static const struct {
    const char *unit;
    double ns;
} units[] = {
    {"s", 1e9},
    {"sec", 1e9},
    {"second", 1e9},
    {"seconds", 1e9},
    {"ms", 1e6},
    {"msec", 1e6},
    {"us", 1e3},
    {"µs", 1e3},
    {"ns", 1},
    {"min", 60e9},
    {"minute", 60e9},
    {"minutes", 60e9},
    {"millisecond", 1e6},
    {"milliseconds", 1e6},
    {"microsecond", 1e3},
    {"microseconds", 1e3},
    {"秒", 1e9},
    {"秒钟", 1e9},
    {"毫秒", 1e6},
    {"微秒", 1e3},
    {"分钟", 60e9},
};

/* Letters, of any language. */
static bool is_letter(char c)
{
    return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* "0.8 s", "200ms", "7 bytes": a number and a word. */
static bool read_quantity(const char *s, struct value *v)
{
    char *end;
    double number = strtod(s, &end);
    if (end == s || !(number > -9e18 && number < 9e18))
        return false;
    end += strspn(end, " ");
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcasecmp(end, units[i].unit) == 0) {
            v->is_time = v->is_number = true;
            v->number = (int64_t)(number * units[i].ns + (number < 0 ? -0.5 : 0.5));
            return true;
        }
    for (const char *c = end; *c; c++)
        if (!is_letter(*c) && *c != ' ')
            return false;
    v->has_seconds = true;
    v->seconds = number;
    v->number = (int64_t)number;
    v->is_number = (double)v->number == number;
    return true;
}

/* "J + 1", "0x1f", "20-1" */
static bool read_sum(char *sum, const struct trace *t, struct value *v)
{
    struct select_fault fault = {0};
    struct answer a = {0};
    bool is_sum = sum[0] != '\0' && sum[strspn(sum, "0123456789abcdefABCDEFxJjKk+- ")] == '\0';
    for (char *c = sum; is_sum && *c; c++) /* of letters, only these two are values */
        *c = *c == 'j' ? 'J' : *c == 'k' ? 'K' : *c;
    struct query *q = is_sum ? query_parse(sum, &fault) : NULL;
    bool found = q && query_answer(q, t, &a) && a.is_number;
    if (found) {
        v->is_number = v->has_seconds = true;
        v->number = a.number;
        v->seconds = (double)a.number;
    }
    text_free(&a.text);
    query_free(q);
    return found;
}

/* "2,927,179,379", "0x1f", "J + 1", "200 ms"; of what it is a number may stand before it, "ack 8",
 * "port 40002", "about 1 s". */
static bool read_number(const char *typed, const struct trace *t, struct value *v)
{
    struct text plain = {0};
    bool found = false;
    for (const char *s = typed; *s; s++)
        if (*s != ',' && *s != '_' && *s != '\'')
            text_char(&plain, *s);
    while (plain.len > 0 && strchr(" .", plain.s[plain.len - 1]))
        plain.s[--plain.len] = '\0';
    for (char *s = plain.s; s && *s && !found;) {
        s += strspn(s, " =:~");
        found = read_sum(s, t, v) || read_quantity(s, v);
        char *word = s;
        while (is_letter(*s))
            s++;
        if (s == word) /* no word to be left out */
            break;
    }
    text_free(&plain);
    return found;
}

/* ---- all of it --------------------------------------------------------------------------------
 */

void value_read(const char *typed, const struct trace *t, struct value *v)
{
    *v = (struct value){0};
    value_fold(typed, &v->words);
    v->is_flags = value_flags(typed, &v->flags);
    read_number(typed, t, v);
}
