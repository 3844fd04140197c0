#include "labs/lesson/paper.h"

#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/base/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An ask block is lines of "key: value"; what stands before the first key is the question. A line
 * that begins with white space continues the value above it. An answer may stand at the end of the
 * question's line, behind two spaces. */

static void add_string(char ***list, char *s)
{
    size_t n = 0;
    while (*list && (*list)[n])
        n++;
    *list = xreallocarray(*list, n + 2, sizeof **list);
    (*list)[n] = s;
    (*list)[n + 1] = NULL;
}

static void free_strings(char **list)
{
    for (char **s = list; s && *s; s++)
        free(*s);
    free(list);
}

/* "text" or "texts": what stands in quotation marks, the marks gone. NULL where none is at *s. */
static char *quoted(const char **s)
{
    const char *end = **s == '"' ? strchr(*s + 1, '"') : NULL;
    if (!end)
        return NULL;
    char *found = xstrndup(*s + 1, (size_t)(end - *s) - 1);
    *s = end + 1;
    *s += strspn(*s, " ");
    return found;
}

static int take_answer(struct ask *ask, const char *value, const struct place *at)
{
    struct select_fault fault = {0};
    if (ask->value || ask->accepted)
        return error_set(at->e, "%s:%u: the question has an answer already.", at->path, at->line);
    if (value[0] != '"') {
        ask->value = query_parse(value, &fault);
        if (!ask->value)
            return error_set(at->e,
                             "%s:%u: %s An answer that is not from the run stands in "
                             "quotation marks.",
                             at->path, at->line, fault.text);
        return 0;
    }
    for (bool more = true; more;) {
        char *text = quoted(&value);
        if (!text)
            break;
        add_string(&ask->accepted, text);
        more = strncmp(value, "or ", 3) == 0;
        value += more ? 3 + strspn(value + 3, " ") : 0;
    }
    return value[0] == '\0' && ask->accepted
               ? 0
               : error_set(at->e, "%s:%u: write the answer as \"one\" or \"another\".", at->path,
                           at->line);
}

static int take_choices(struct ask *ask, const char *value, const struct place *at)
{
    for (const char *s = value; *s;) {
        size_t n = strcspn(s, "|");
        char *choice = lesson_trimmed(s, n);
        if (choice[0] == '\0') {
            free(choice);
            return error_set(at->e, "%s:%u: write choices as: one | another | a third.", at->path,
                             at->line);
        }
        add_string(&ask->choices, choice);
        s += n + (s[n] == '|');
    }
    return 0;
}

static int take_hint(struct ask *ask, const char *value, const struct place *at)
{
    (void)at;
    add_string(&ask->hints, xstrdup(value));
    return 0;
}

static int take_right(struct ask *ask, const char *value, const struct place *at)
{
    (void)at;
    free(ask->right);
    ask->right = xstrdup(value);
    return 0;
}

static int take_tolerance(struct ask *ask, const char *value, const struct place *at)
{
    char *end;
    double s = strtod(value, &end);
    double unit = strcmp(end, "ms") == 0 ? 1e6 : strcmp(end, "s") == 0 ? 1e9 : 0;
    if (end == value || unit <= 0 || !(s > 0 && s < 1e6))
        return error_set(at->e, "%s:%u: a tolerance is a time, such as 50ms or 0.2s.", at->path,
                         at->line);
    ask->tolerance_ns = (int64_t)(s * unit);
    return 0;
}

static int take_points(struct ask *ask, const char *value, const struct place *at)
{
    char *end;
    ask->points = strtol(value, &end, 10);
    if (end == value || *end != '\0' || ask->points < 1 || ask->points > 1000)
        return error_set(at->e, "%s:%u: the points are '%.40s'; write a whole number from 1.",
                         at->path, at->line, value);
    return 0;
}

/* "wrong {J}: why", "wrong \"accept()\": why", "wrong 4099: why", "wrong: why" for anything else.
 * `value` begins behind "wrong". */
static int take_wrong(struct ask *ask, const char *value, const struct place *at)
{
    struct select_fault fault = {0};
    struct wrong w = {.line = (int)at->line};
    const char *s = value + strspn(value, " ");
    const char *end = s[0] == '{'   ? strchr(s, '}')
                      : s[0] == '"' ? strchr(s + 1, '"')
                                    : strchr(s, ':');
    const char *colon = end ? strchr(end, ':') : NULL;
    if (!colon)
        return error_set(at->e, "%s:%u: write a wrong answer as `wrong {J}: why it is wrong`.",
                         at->path, at->line);
    char *text = s[0] == '{' || s[0] == '"' ? xstrndup(s + 1, (size_t)(end - s) - 1)
                                            : lesson_trimmed(s, (size_t)(colon - s));
    if (s[0] == '{') {
        w.value = query_parse(text, &fault);
        if (!w.value)
            error_set(at->e, "%s:%u: %s", at->path, at->line, fault.text);
    } else if (text[0] != '\0') {
        w.text = xstrdup(text);
    }
    free(text);
    if (s[0] == '{' && !w.value)
        return -1;
    w.why = lesson_trimmed(colon + 1, strlen(colon + 1));
    ask->wrongs = xreallocarray(ask->wrongs, ask->wrong_count + 1, sizeof *ask->wrongs);
    ask->wrongs[ask->wrong_count++] = w;
    return 0;
}

static const struct key {
    const char *name; /* and a colon, but for wrong, whose value stands before it */
    int (*take)(struct ask *ask, const char *value, const struct place *at);
} keys[] = {
    {"answer:", take_answer}, {"choices:", take_choices}, {"hint:", take_hint},
    {"wrong", take_wrong},    {"right:", take_right},     {"tolerance:", take_tolerance},
    {"points:", take_points},
};

static const struct key *key_of(const char *line)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        size_t n = strlen(keys[i].name);
        if (strncmp(line, keys[i].name, n) == 0 &&
            (keys[i].name[n - 1] == ':' || line[n] == ' ' || line[n] == ':'))
            return &keys[i];
    }
    return NULL;
}

/* The lines read so far: of the question, or of a key. */
struct entry {
    const struct key *key; /* NULL: the question */
    struct text value;
    unsigned line;
};

static int end_entry(struct ask *ask, struct entry *entry, const struct place *at)
{
    struct place here = *at;
    int result = 0;
    here.line = entry->line;
    char *value = lesson_trimmed(text_str(&entry->value), entry->value.len);
    if (entry->key)
        result = entry->key->take(ask, value, &here);
    else if (value[0] != '\0')
        ask->question = xstrdup(value);
    free(value);
    text_clear(&entry->value);
    return result;
}

static int begin_entry(struct ask *ask, struct entry *entry, const struct key *key,
                       const char *value, const struct place *at)
{
    if (end_entry(ask, entry, at) != 0)
        return -1;
    entry->key = key;
    entry->line = at->line;
    text_add(&entry->value, value);
    return 0;
}

static int take_line(struct ask *ask, struct entry *entry, char *line, const struct place *at)
{
    const struct key *key = key_of(line);
    char *answer = entry->key || key ? NULL : strstr(line, "  answer:");
    if (key)
        return begin_entry(ask, entry, key, line + strlen(key->name), at);
    if (entry->key && line[0] != '\0' && !isspace((unsigned char)line[0]))
        return error_set(at->e,
                         "%s:%u: '%.40s' is no key of a question: they are answer, choices, hint, "
                         "wrong, right, tolerance and points. A line that goes on begins with a "
                         "space.",
                         at->path, at->line, line);
    if (answer)
        *answer = '\0';
    if (entry->value.len > 0)
        text_char(&entry->value, ' ');
    text_add(&entry->value, line + strspn(line, " \t"));
    if (answer)
        return begin_entry(ask, entry, &keys[0], answer + strlen("  answer:"), at);
    return 0;
}

static int check(const struct ask *ask, const struct place *at)
{
    bool among = !ask->choices || ask->value;
    if (!ask->question)
        return error_set(at->e,
                         "%s:%u: this ask block asks nothing: its first line is the "
                         "question.",
                         at->path, at->line);
    if (!ask->value && !ask->accepted)
        return error_set(at->e,
                         "%s:%u: the question has no answer: add a line `answer: ack of "
                         "first S > C [S.]`.",
                         at->path, at->line);
    for (char **c = ask->choices; !among && *c; c++)
        among = strcmp(*c, ask->accepted[0]) == 0;
    return among
               ? 0
               : error_set(at->e, "%s:%u: the answer is none of the choices.", at->path, at->line);
}

int lesson_ask(const char *body, struct ask *ask, const struct place *at)
{
    struct place here = *at;
    struct entry entry = {.line = at->line};
    int result = 0;
    *ask = (struct ask){.points = 1, .line = (int)at->line};
    for (const char *s = body; *s && result == 0; here.line++) {
        size_t n = strcspn(s, "\n");
        char *line = xstrndup(s, n);
        result = take_line(ask, &entry, line, &here);
        free(line);
        s += n + (s[n] == '\n');
    }
    if (result == 0)
        result = end_entry(ask, &entry, at);
    text_free(&entry.value);
    return result == 0 ? check(ask, at) : -1;
}

void lesson_ask_free(struct ask *ask)
{
    free(ask->question);
    query_free(ask->value);
    free_strings(ask->accepted);
    free_strings(ask->choices);
    free_strings(ask->hints);
    for (size_t i = 0; i < ask->wrong_count; i++) {
        query_free(ask->wrongs[i].value);
        free(ask->wrongs[i].text);
        free(ask->wrongs[i].why);
    }
    free(ask->wrongs);
    free(ask->right);
    *ask = (struct ask){0};
}
