#include "labs/lesson/vary.h"

#include "tracer/base/alloc.h"
#include "tracer/base/digest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789", letters[] = "abcdefghijklmnopqrstuvwxyz";
enum { DIGITS_MOST = 9 }; /* of a number: any of them fits everywhere */

static const char *reader; /* whose values these are */

void vary_for(const char *key)
{
    reader = key;
}

/* ---- keys and what they pick ---------------------------------------------------------------- */

static int add_file(const char *path, struct text *out, struct error *e)
{
    size_t n, before = out->len;
    FILE *f = fopen(path, "re");
    if (!f)
        return error_exit(e, EXIT_WRONG_USAGE, "Cannot open the secret %.300s: %s.", path,
                          strerror(errno));
    while ((n = fread(text_reserve(out, 4096), 1, 4096, f)) > 0)
        text_commit(out, n);
    bool failed = ferror(f);
    fclose(f);
    if (failed || out->len == before)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "The secret %.300s %s: make one with `head -c 32 /dev/urandom`.", path,
                          failed ? "cannot be read" : "is empty");
    return 0;
}

int vary_key(const char *student, const char *secret_file, struct text *key, struct error *e)
{
    struct text secret = {0};
    uint8_t digest[SHA256_BYTES];
    if (!student[0])
        return error_exit(e, EXIT_WRONG_USAGE, "--student takes a name or a key, not nothing.");
    if (!secret_file) {
        text_add(key, student);
        return 0;
    }
    int result = add_file(secret_file, &secret, e);
    text_format(&secret, "\n%s", student);
    digest_sha256(secret.s, secret.len, digest);
    text_free(&secret);
    for (size_t i = 0; i < 8 && result == 0; i++)
        text_format(key, "%02x", digest[i]);
    return result;
}

/* A number that key and name have alone. */
static uint64_t picked(const char *key, const char *name)
{
    struct text words = {0};
    uint8_t digest[SHA256_BYTES];
    uint64_t number = 0;
    text_format(&words, "%s\n%s", key, name);
    digest_sha256(words.s, words.len, digest);
    text_free(&words);
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | digest[i];
    return number;
}

/* ---- choices -------------------------------------------------------------------------------- */

/* One of "hello | 3 | 10000..29999". */
struct choice {
    const char *s;
    size_t n;
    uint64_t first, count; /* a range's numbers; else the text alone: count is 1 */
    bool range;
};

static bool is_number(const char *s, size_t n)
{
    return n > 0 && n <= DIGITS_MOST && strspn(s, digits) >= n;
}

static bool next_choice(const char **at, struct choice *c)
{
    const char *s = *at + strspn(*at, " |");
    size_t n = strcspn(s, "|");
    if (*s == '\0')
        return false;
    *at = s + n;
    while (n > 0 && s[n - 1] == ' ')
        n--;
    *c = (struct choice){.s = s, .n = n, .count = 1};
    size_t low = strspn(s, digits);
    if (low + 2 >= n || strncmp(s + low, "..", 2) != 0 || !is_number(s, low) ||
        !is_number(s + low + 2, n - low - 2))
        return true;
    uint64_t last = strtoull(s + low + 2, NULL, 10);
    c->first = strtoull(s, NULL, 10);
    c->range = true;
    c->count = last >= c->first ? last - c->first + 1 : 0;
    return true;
}

static uint64_t count_choices(const char *choices)
{
    struct choice c;
    uint64_t all = 0;
    for (const char *s = choices; next_choice(&s, &c);)
        all += c.count;
    return all;
}

/* The value for a key; the first of all for none. */
static char *value_of(const char *choices, const char *name, const char *key)
{
    struct choice c = {0};
    struct text value = {0};
    uint64_t at = key ? picked(key, name) % count_choices(choices) : 0;
    for (const char *s = choices; next_choice(&s, &c) && at >= c.count;)
        at -= c.count;
    if (c.range)
        text_u64(&value, c.first + at);
    else
        text_bytes(&value, c.s, c.n);
    return value.s;
}

/* ---- the front matter's line ---------------------------------------------------------------- */

static const struct variable *find(const struct lesson *l, const char *name, size_t n)
{
    for (size_t i = 0; i < l->variable_count; i++)
        if (strlen(l->variables[i].name) == n && strncmp(l->variables[i].name, name, n) == 0)
            return &l->variables[i];
    return NULL;
}

static int check_choices(const char *choices, const struct place *at)
{
    struct choice c;
    size_t count = 0;
    for (const char *s = choices; next_choice(&s, &c); count++)
        if (c.count == 0)
            return error_set(at->e, "%s:%u: in %.*s the second number is the smaller one.",
                             at->path, at->line, (int)c.n, c.s);
    return count > 0 ? 0
                     : error_set(at->e, "%s:%u: a variable has choices: port: 9502 | 10000..29999.",
                                 at->path, at->line);
}

/* A variable may be made of those before it. */
static char *filled(const struct lesson *l, const char *s, size_t n)
{
    struct text out = {0};
    char *written = lesson_trimmed(s, n);
    vary_fill(l, written, &out);
    free(written);
    return out.s ? out.s : xstrdup("");
}

static int take_variable(struct lesson *l, const char *s, size_t n, const struct place *at)
{
    size_t length = strspn(s, letters);
    if (length == 0 || length >= n || s[length] != ':' || find(l, s, length))
        return error_set(at->e,
                         "%s:%u: a variable is a name of small letters that no other has, a colon, "
                         "and its choices: port: 9502 | 10000..29999.",
                         at->path, at->line);
    char *choices = filled(l, s + length + 1, n - length - 1);
    int result = check_choices(choices, at);
    if (result != 0) {
        free(choices);
        return result;
    }
    l->variables = xreallocarray(l->variables, l->variable_count + 1, sizeof *l->variables);
    struct variable *v = &l->variables[l->variable_count++];
    *v = (struct variable){.name = xstrndup(s, length), .choices = choices};
    v->value = value_of(choices, v->name, reader);
    return 0;
}

int vary_take(struct lesson *l, const char *value, const struct place *at)
{
    size_t n = strlen(value);
    int result = 0;
    if (n < 2 || value[0] != '{' || value[n - 1] != '}' || l->variable_count > 0)
        return error_set(at->e, "%s:%u: write once what varies, as { port: 9502 | 10000..29999 }.",
                         at->path, at->line);
    char *inside = lesson_trimmed(value + 1, n - 2);
    for (const char *s = inside; *s && result == 0; s += strspn(s, ", ")) {
        size_t length = strcspn(s, ",");
        result = take_variable(l, s, length, at);
        s += length;
    }
    l->varied = reader != NULL;
    free(inside);
    return result;
}

void vary_free(struct lesson *l)
{
    for (size_t i = 0; i < l->variable_count; i++) {
        free(l->variables[i].name);
        free(l->variables[i].choices);
        free(l->variables[i].value);
    }
    free(l->variables);
}

/* ---- in the paper --------------------------------------------------------------------------- */

/* ${name}, ${name+1}, ${name-1}: append it and return its length; 0 where it is none. */
static size_t put_reckoned(const struct lesson *l, const char *s, struct text *out)
{
    size_t length = strspn(s + 2, letters), n = 2 + length;
    const struct variable *v = find(l, s + 2, length);
    char sign = s[n];
    if (!v)
        return 0;
    if (sign == '}') {
        text_add(out, v->value);
        return n + 1;
    }
    size_t figures = strspn(s + n + 1, digits);
    if ((sign != '+' && sign != '-') || s[n + 1 + figures] != '}' ||
        !is_number(s + n + 1, figures) || !is_number(v->value, strlen(v->value)))
        return 0;
    int64_t by = strtoll(s + n + 1, NULL, 10);
    text_i64(out, strtoll(v->value, NULL, 10) + (sign == '+' ? by : -by));
    return n + 1 + figures + 1;
}

static size_t put_plain(const struct lesson *l, const char *s, struct text *out)
{
    size_t length = strspn(s + 1, letters);
    const struct variable *v = find(l, s + 1, length);
    if (!v)
        return 0;
    text_add(out, v->value);
    return 1 + length;
}

void vary_fill(const struct lesson *l, const char *paper, struct text *out)
{
    for (const char *s = paper; *s;) {
        size_t before = strcspn(s, "$");
        text_bytes(out, s, before);
        s += before;
        size_t n = *s == '\0' ? 0 : s[1] == '{' ? put_reckoned(l, s, out) : put_plain(l, s, out);
        if (n == 0 && *s) /* a dollar like any other */
            text_char(out, *s++);
        s += n;
    }
}

void vary_tell(const struct lesson *l, struct text *out)
{
    const char *comma = "";
    for (size_t i = 0; i < l->variable_count; i++) {
        const struct variable *v = &l->variables[i];
        if (count_choices(v->choices) == 1) /* it follows from the others */
            continue;
        text_format(out, "%s%s %s", comma, v->name, v->value);
        comma = ", ";
    }
}
