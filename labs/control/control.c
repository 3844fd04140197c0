#include "labs/control/control.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

/* The word at the start of a line, and how long it is. */
static const char *word_of(const char *line, size_t *n)
{
    line += strspn(line, blanks);
    *n = strcspn(line, blanks);
    return line;
}

static bool has_word(const struct control_row *row, const char *word, size_t n)
{
    return strlen(row->word) == n && memcmp(row->word, word, n) == 0;
}

bool control_is(const char *line)
{
    size_t n;
    const char *word = word_of(line, &n);
    for (size_t i = 0; i < control_row_count; i++)
        if (has_word(&control_rows[i], word, n))
            return true;
    return false;
}

static int unknown(const char *word, size_t n, struct error *e)
{
    const char *words[CONTROL_COUNT + 1] = {0};
    struct text safe = {0};
    char *copy = xstrndup(word, n);
    for (size_t i = 0; i < control_row_count; i++)
        words[i] = control_rows[i].word;
    const char *nearest = select_nearest(copy, words);
    text_safe(&safe, word, n < 40 ? n : 40);
    if (nearest)
        error_exit(e, EXIT_WRONG_USAGE, "There is no command \"%s\". Did you mean \"%s\"?",
                   text_str(&safe), nearest);
    else
        error_exit(e, EXIT_WRONG_USAGE, "There is no command \"%s\".", text_str(&safe));
    text_free(&safe);
    free(copy);
    return -1;
}

/* What a row that declined has left behind is none. */
static int take(const struct control_row *row, size_t at, struct control *c, struct error *e)
{
    memset(c->hosts, 0, sizeof c->hosts);
    c->row = row;
    return row->take(c->line + at, at, c, e);
}

int control_parse(const char *line, struct control *c, struct error *e)
{
    size_t n;
    const char *word = word_of(line, &n);
    int result = 1;
    *c = (struct control){0};
    if (n == 0 || word[0] == '#')
        return 0;
    size_t length = strlen(word);
    while (length > n && strchr(blanks, word[length - 1]))
        length--;
    c->line = xstrndup(word, length);
    size_t at = n + strspn(c->line + n, blanks);
    for (size_t i = 0; result == 1 && i < control_row_count; i++)
        if (has_word(&control_rows[i], c->line, n))
            result = take(&control_rows[i], at, c, e);
    if (result == 0)
        return 1;
    if (result == 1)
        unknown(c->line, n, e);
    control_free(c);
    return -1;
}

void control_free(struct control *c)
{
    free(c->line);
    selector_free(c->selector);
    rules_free(c->rules);
    expectations_free(c->expect);
    text_free(&c->text);
    *c = (struct control){0};
}

const char *control_owner_name(enum control_owner o)
{
    static const char *const names[CONTROL_OWNER_COUNT] = {"the wire", "the programs", "the run"};
    return names[o];
}

void control_help(struct text *out)
{
    for (size_t i = 0; i < control_row_count; i++) {
        const struct control_row *row = &control_rows[i];
        size_t from = out->len;
        text_format(out, "  %s %s", row->word, row->arguments);
        size_t width = out->len - from;
        text_repeat(out, ' ', width < 24 ? 24 - width : 1);
        text_format(out, "%s\n", _(row->help));
    }
}

/* Words in scdoc, which gives some signs a meaning. */
static void add_scdoc(const char *words, struct text *out)
{
    for (; *words; words++) {
        if (strchr("\\*_[]|<>#!`~.-+", *words))
            text_char(out, '\\');
        text_char(out, *words);
    }
}

void control_manual(struct text *out)
{
    for (size_t i = 0; i < control_row_count; i++) {
        const struct control_row *row = &control_rows[i];
        text_format(out, "*%s*%s", row->word, row->arguments[0] != '\0' ? " " : "");
        add_scdoc(row->arguments, out);
        text_add(out, "\n\t");
        add_scdoc(row->help, out);
        text_add(out, "\n\n");
    }
}

void control_document(const struct control_row *row, struct text *out)
{
    text_format(out, "| `%s%s", row->word, row->arguments[0] != '\0' ? " " : "");
    for (const char *c = row->arguments; *c; c++) /* a bar ends a cell, else */
        text_format(out, *c == '|' ? "\\%c" : "%c", *c);
    text_format(out, "` | %s | %s |\n", control_owner_name(row->owner), row->help);
}
