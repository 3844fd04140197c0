#include "labs/lesson/lesson.h"

#include "tracer/base/alloc.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Front matter is the few lines between two lines of three hyphens, each "key: value". The one
 * value that is not plain text is hosts, "{ C: command, S: command }". */

struct place {
    const char *path;
    unsigned line;
    struct error *e;
};

static char *trimmed(const char *s, size_t n)
{
    while (n > 0 && isspace((unsigned char)s[0]))
        s++, n--;
    while (n > 0 && isspace((unsigned char)s[n - 1]))
        n--;
    return xstrndup(s, n);
}

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
    char *inside = trimmed(value + 1, n - 2);
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
        *slot = trimmed(s + 2, (size_t)(end - s) - 2);
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
        l->set[count++] = trimmed(s, n);
        l->set[count] = NULL;
        s += n;
    }
    return 0;
}

static const struct {
    const char *key;
    int (*take)(struct lesson *l, const char *value, const struct place *at);
} keys[] = {
    {"title", take_title}, {"level", take_level}, {"profile", take_profile},
    {"set", take_set},     {"hosts", take_hosts},
};

static int take_line(struct lesson *l, const char *line, size_t n, const struct place *at)
{
    const char *colon = memchr(line, ':', n);
    if (!colon)
        return error_set(at->e, "%s:%u: a line of the front matter is `key: value`.", at->path,
                         at->line);
    char *key = trimmed(line, (size_t)(colon - line));
    char *value = trimmed(colon + 1, n - (size_t)(colon - line) - 1);
    int result = 1;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && result == 1; i++)
        if (strcmp(keys[i].key, key) == 0)
            result = keys[i].take(l, value, at);
    if (result == 1)
        result = error_set(at->e,
                           "%s:%u: '%.40s' is no key of a lab: they are title, level, profile, "
                           "set and hosts.",
                           at->path, at->line, key);
    free(key);
    free(value);
    return result;
}

static bool is_fence(const char *line, size_t n)
{
    return n >= 3 && strncmp(line, "---", 3) == 0 && strspn(line, "- \t\r") >= n;
}

/* Read the front matter and leave `*text` behind it. */
static int parse_front(const char **text, struct lesson *l, struct place *at)
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

/* ---- blocks --------------------------------------------------------------------------------- */

/* A line of three or more backticks; what stands behind them, trimmed, is *word. */
static bool is_block_fence(const char *line, size_t n, const char **word, size_t *word_length)
{
    size_t indent = strspn(line, " "), ticks = strspn(line + (indent < n ? indent : 0), "`");
    if (indent > 3 || ticks < 3 || indent + ticks > n)
        return false;
    *word = line + indent + ticks;
    *word_length = n - indent - ticks;
    while (*word_length > 0 && isspace((unsigned char)**word))
        ++*word, --*word_length;
    while (*word_length > 0 && isspace((unsigned char)(*word)[*word_length - 1]))
        --*word_length;
    return true;
}

/* The text of all ```wire blocks, each line on the line that it has in the paper: what is wrong is
 * then told by it. *found is the first block's line, 0 where there is none. */
static int gather_wire(const char *prose, const struct place *at, struct text *out, unsigned *found)
{
    bool in_block = false, in_wire = false;
    unsigned line = at->line;
    *found = 0;
    for (unsigned i = 0; i < line; i++)
        text_char(out, '\n');
    for (const char *s = prose; *s;) {
        size_t n = strcspn(s, "\n"), length;
        const char *word;
        line++;
        bool fence = is_block_fence(s, n, &word, &length);
        if (fence && !in_block) {
            in_wire = length == 4 && strncmp(word, "wire", 4) == 0;
            *found = in_wire && *found == 0 ? line : *found;
        } else if (!fence && in_wire) {
            text_bytes(out, s, n);
        }
        in_block ^= fence;
        in_wire &= in_block;
        text_char(out, '\n');
        s += n + (s[n] == '\n');
    }
    return in_wire ? error_set(at->e, "%s:%u: this wire block has no end: close it with ```.",
                               at->path, *found)
                   : 0;
}

static int parse_wire(struct lesson *l, const char *prose, const struct place *at)
{
    struct text rules = {0};
    struct select_fault fault = {0};
    unsigned found;
    int result = gather_wire(prose, at, &rules, &found);
    if (result == 0 && found > 0) {
        l->wire = rules_parse(text_str(&rules), rules.len, &fault);
        if (!l->wire && strspn(text_str(&rules), " \n\r\t") == rules.len)
            result = error_set(at->e, "%s:%u: this wire block has no rule: drop C > S data 3.",
                               at->path, found);
        else if (!l->wire)
            result = error_set(at->e, "%s:%d: %s", at->path, fault.line, fault.text);
    }
    text_free(&rules);
    return result;
}

int lesson_parse(const char *text, const char *path, struct lesson *l, struct error *e)
{
    *l = (struct lesson){.level = 1, .profile = xstrdup("classic")};
    struct place at = {.path = path, .line = 0, .e = e};
    if (parse_front(&text, l, &at) != 0)
        goto fail;
    if (!l->title || !l->title[0]) {
        error_set(e, "%s: the lab has no title: add a line `title: ...` to its front matter.",
                  path);
        goto fail;
    }
    if (!l->programs[0] && !l->programs[1]) {
        error_set(e, "%s: no host runs anything: add `hosts: { C: command, S: command }`.", path);
        goto fail;
    }
    if (parse_wire(l, text, &at) != 0)
        goto fail;
    l->prose = xstrdup(text);
    return 0;
fail:
    lesson_free(l);
    return -1;
}

static int read_file(const char *path, struct text *out, struct error *e)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return error_set(e, "Cannot open the lab's paper %s: %s.", path, strerror(errno));
    size_t n;
    while ((n = fread(text_reserve(out, 8192), 1, 8192, f)) > 0)
        text_commit(out, n);
    bool failed = ferror(f);
    fclose(f);
    return failed ? error_set(e, "Cannot read the lab's paper %s.", path) : 0;
}

int lesson_read(const char *folder, struct lesson *l, struct error *e)
{
    struct text path = {0}, paper = {0};
    text_format(&path, "%s/lab.md", folder);
    int result = read_file(text_str(&path), &paper, e);
    if (result == 0)
        result = lesson_parse(text_str(&paper), text_str(&path), l, e);
    if (result == 0) {
        const char *name = strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder;
        size_t number = strspn(name, "0123456789");
        l->name = xstrdup(number > 0 && name[number] == '-' ? name + number + 1 : name);
        l->folder = xstrdup(folder);
    }
    text_free(&path);
    text_free(&paper);
    return result;
}

void lesson_free(struct lesson *l)
{
    free(l->name);
    free(l->folder);
    free(l->title);
    free(l->profile);
    free(l->programs[0]);
    free(l->programs[1]);
    free(l->prose);
    for (char **set = l->set; set && *set; set++)
        free(*set);
    free(l->set);
    rules_free(l->wire);
    *l = (struct lesson){0};
}
