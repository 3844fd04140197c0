#include "labs/lesson/paper.h"
#include "labs/lesson/vary.h"

#include "tracer/base/alloc.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Front matter is the few lines between two lines of three hyphens, each "key: value". The one
 * value that is not plain text is hosts, "{ C: command, S: command }". */

static int take_title(struct lesson *l, const char *value, const struct place *at)
{
    (void)at;
    free(l->title);
    l->title = xstrdup(value);
    return 0;
}

static int take_profile(struct lesson *l, const char *value, const struct place *at)
{
    (void)at;
    free(l->profile);
    l->profile = xstrdup(value);
    return 0;
}

static int take_level(struct lesson *l, const char *value, const struct place *at)
{
    char *end;
    l->level = strtol(value, &end, 10);
    if (end == value || *end != '\0' || l->level < 1)
        return error_set(at->e, "%s:%u: the level is '%s'; write a whole number from 1.", at->path,
                         at->line, value);
    return 0;
}

/* Where the next host of "C: a b, S: c d" begins, or the end. */
static const char *next_host(const char *s)
{
    for (const char *comma = s; (comma = strchr(comma, ',')); comma++) {
        const char *word = comma + 1 + strspn(comma + 1, " ");
        if ((word[0] == 'C' || word[0] == 'S') && word[1] == ':')
            return comma;
    }
    return s + strlen(s);
}

static int take_hosts(struct lesson *l, const char *value, const struct place *at)
{
    size_t n = strlen(value);
    if (n < 2 || value[0] != '{' || value[n - 1] != '}')
        return error_set(at->e, "%s:%u: write hosts as { C: command, S: command }.", at->path,
                         at->line);
    char *inside = lesson_trimmed(value + 1, n - 2);
    int result = 0;
    for (const char *s = inside; *s && result == 0;) {
        const char *end = next_host(s);
        if ((s[0] != 'C' && s[0] != 'S') || s[1] != ':') {
            result = error_set(at->e, "%s:%u: a host is C or S, and a colon: not '%.*s'.", at->path,
                               at->line, (int)(end - s), s);
            break;
        }
        char **slot = &l->programs[s[0] == 'S'];
        free(*slot);
        *slot = lesson_trimmed(s + 2, (size_t)(end - s) - 2);
        s = *end ? end + 1 + strspn(end + 1, " ") : end;
    }
    free(inside);
    return result;
}

/* "delay=50ms, mtu=1400". What the words mean is the profile's to say. */
static int take_set(struct lesson *l, const char *value, const struct place *at)
{
    size_t count = 0, cap = 0;
    while (l->set && l->set[count])
        free(l->set[count++]);
    free(l->set);
    l->set = NULL;
    count = 0;
    for (const char *s = value; *s; s += strspn(s, ", ")) {
        size_t n = strcspn(s, ",");
        if (!memchr(s, '=', n))
            return error_set(at->e, "%s:%u: write what is set as delay=50ms, mtu=1400.", at->path,
                             at->line);
        xgrow(&l->set, &cap, count + 1, sizeof *l->set);
        l->set[count++] = lesson_trimmed(s, n);
        l->set[count] = NULL;
        s += n;
    }
    return 0;
}

static int take_submit(struct lesson *l, const char *value, const struct place *at)
{
    if ((value[0] != 'C' && value[0] != 'S') || value[1] != '\0')
        return error_set(at->e,
                         "%s:%u: the program that a student writes runs on host C or on host S: "
                         "write `submit: C` or `submit: S`, not '%.40s'.",
                         at->path, at->line, value);
    l->submit = value[0];
    return 0;
}

/* "RFC 9293 3.5 | man 2 connect". */
static int take_read(struct lesson *l, const char *value, const struct place *at)
{
    size_t count = 0;
    for (size_t i = 0; l->read && l->read[i]; i++)
        free(l->read[i]);
    free(l->read);
    l->read = NULL;
    for (const char *s = value; *s; s += *s == '|') {
        size_t n = strcspn(s, "|");
        l->read = xreallocarray(l->read, count + 2, sizeof *l->read);
        l->read[count++] = lesson_trimmed(s, n);
        l->read[count] = NULL;
        s += n;
        if (l->read[count - 1][0] == '\0')
            return error_set(at->e, "%s:%u: write what to read as RFC 9293 3.5 | man 2 connect.",
                             at->path, at->line);
    }
    return 0;
}

static const struct {
    const char *key;
    int (*take)(struct lesson *l, const char *value, const struct place *at);
} keys[] = {
    {"title", take_title}, {"level", take_level},   {"profile", take_profile}, {"set", take_set},
    {"hosts", take_hosts}, {"submit", take_submit}, {"read", take_read},       {"vary", vary_take},
};

static int take_line(struct lesson *l, const char *line, size_t n, const struct place *at)
{
    const char *colon = memchr(line, ':', n);
    if (!colon)
        return error_set(at->e, "%s:%u: a line of the front matter is `key: value`.", at->path,
                         at->line);
    char *key = lesson_trimmed(line, (size_t)(colon - line));
    char *written = lesson_trimmed(colon + 1, n - (size_t)(colon - line) - 1);
    struct text value = {0};
    int result = 1;
    vary_fill(l, written, &value);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && result == 1; i++)
        if (strcmp(keys[i].key, key) == 0)
            result = keys[i].take(l, text_str(&value), at);
    if (result == 1)
        result = error_set(at->e,
                           "%s:%u: '%.40s' is no key of a lab: they are title, level, profile, "
                           "set, hosts, submit, read and vary.",
                           at->path, at->line, key);
    free(key);
    free(written);
    text_free(&value);
    return result;
}

static bool is_fence(const char *line, size_t n)
{
    return n >= 3 && strncmp(line, "---", 3) == 0 && strspn(line, "- \t\r") >= n;
}

int lesson_front(const char **text, struct lesson *l, struct place *at)
{
    for (const char *s = *text; *s;) {
        size_t n = strcspn(s, "\n");
        at->line++;
        const char *next = s + n + (s[n] == '\n');
        if (at->line == 1 && !is_fence(s, n))
            break;
        if (at->line > 1 && is_fence(s, n)) {
            *text = next;
            return 0;
        }
        if (at->line > 1 && strspn(s, " \t\r") < n && s[0] != '#' && take_line(l, s, n, at) != 0)
            return -1;
        s = next;
    }
    return error_set(at->e,
                     "%s:%u: a lab begins with front matter between two lines of three hyphens.",
                     at->path, at->line);
}
