#include "tracer/view/viewer_parts.h"

#include "tracer/base/words.h"

#include <string.h>

/* What could stand where the cursor is. */
struct words {
    struct viewer *v;
    const char *begun;
    size_t begun_bytes;
};

static void offer(struct words *w, const char *word, const char *help)
{
    struct viewer *v = w->v;
    if (strncmp(word, w->begun, w->begun_bytes) == 0 && v->completion_count < COMPLETIONS)
        v->completions[v->completion_count++] = (struct completion){word, help};
}

static void offer_commands(struct words *w)
{
    for (size_t i = 0; i < command_table_rows; i++)
        offer(w, command_table[i].name, _(command_table[i].help));
}

static void offer_views(struct words *w)
{
    for (size_t i = 0; i < view_type_count; i++)
        offer(w, view_types[i]->name, _(view_types[i]->help));
}

static void offer_values(struct words *w, const struct setting *s)
{
    for (int i = 0; i < 4 && s->values[i]; i++)
        offer(w, s->values[i], NULL);
}

/* The words after `set`: a setting's name, and then its values. */
static void offer_settings(struct words *w, const char *before, size_t n)
{
    for (size_t i = 0; i < viewer_setting_count; i++) {
        const struct setting *s = &viewer_setting_table[i];
        if (n == 0)
            offer(w, s->name, _(s->help));
        else if (strlen(s->name) == n && strncmp(before, s->name, n) == 0)
            offer_values(w, s);
    }
}

static void offer_themes(struct words *w)
{
    for (size_t i = 0; i < THEME_COUNT; i++)
        offer(w, themes[i].name, NULL);
}

/* The words that may follow those in `line`, the last of which is still being typed. */
static void offer_words(struct words *w, const char *line)
{
    const char *first = line + strspn(line, " ");
    size_t n = strcspn(first, " ");
    if (first + n >= w->begun) {
        offer_commands(w);
        return;
    }
    const struct command_row *row = command_of_name(first, n);
    const char *second = first + n + strspn(first + n, " ");
    size_t second_bytes = second < w->begun ? strcspn(second, " ") : 0;
    const char *third = second + second_bytes + strspn(second + second_bytes, " ");
    bool is_second = second >= w->begun, is_third = !is_second && third >= w->begun;
    if (!row)
        return;
    if (row->command == COMMAND_SET && (is_second || is_third))
        offer_settings(w, second, second_bytes);
    else if (row->command == COMMAND_BIND && is_third)
        offer_commands(w);
    else if (row->command == COMMAND_THEME && is_second)
        offer_themes(w);
    else if (row->command == COMMAND_VIEW && is_second)
        offer_views(w);
    else if (row->command == COMMAND_HELP && is_second)
        offer_commands(w);
}

/* How many bytes all that fit begin with. */
static size_t common(const struct viewer *v)
{
    const char *first = v->completions[0].word;
    size_t n = strlen(first);
    for (int i = 1; i < v->completion_count; i++)
        while (strncmp(first, v->completions[i].word, n) != 0)
            n--;
    return n;
}

static void offer_one(void *to, const char *word, const char *help)
{
    offer(to, word, help);
}

static void offer_none(void *to, const char *word, const char *help)
{
    (void)to, (void)word, (void)help;
}

/* What the dialogue knows; where the word begins, it says. */
static size_t offer_dialogue(struct words *w, const char *line, size_t bytes)
{
    const struct dialogue *d = w->v->dialogue;
    size_t from = d->complete(d->self, line, offer_none, NULL);
    w->begun = line + from;
    w->begun_bytes = bytes - from;
    d->complete(d->self, line, offer_one, w);
    return from;
}

/* Put in what all have in common, from byte `from` of the line on; `end` behind one that is alone.
 */
static void put_in(struct viewer *v, size_t from, const char *end)
{
    struct text word = {0};
    if (v->completion_count == 0 || v->completion_count == COMPLETIONS)
        return; /* of so many not all are known */
    text_bytes(&word, v->completions[0].word, common(v));
    if (v->completion_count == 1) {
        text_add(&word, end);
        v->completion_count = 0;
    }
    editor_replace(&v->editor, from, text_str(&word));
    text_free(&word);
}

/* Where in a line the name of a file begins that is a command's argument; 0 where there is none. */
static size_t file_in(const char *line)
{
    const char *first = line + strspn(line, " ");
    size_t n = strcspn(first, " ");
    const struct command_row *row = first[n] == ' ' ? command_of_name(first, n) : NULL;
    if (!row || (row->command != COMMAND_SAVE && row->command != COMMAND_SAVE_SCREEN))
        return 0;
    return (size_t)(first - line) + n + strspn(first + n, " ");
}

static void complete(struct viewer *v, bool is_file)
{
    struct editor *e = &v->editor;
    struct text line = {0};
    text_bytes(&line, text_str(&e->line), e->cursor);
    const char *typed = text_str(&line);
    size_t from = line.len, file = is_file ? 0 : file_in(typed);
    v->completion_count = 0;
    if (v->prompt == PROMPT_DIALOGUE) {
        struct words w = {.v = v};
        from = offer_dialogue(&w, typed, line.len);
        put_in(v, from, " ");
    } else if (is_file || file > 0) {
        from = file + viewer_offer_files(v, typed + file);
        put_in(v, from, "");
    } else {
        while (from > 0 && typed[from - 1] != ' ')
            from--;
        offer_words(&(struct words){v, typed + from, line.len - from}, typed);
        put_in(v, from, " ");
    }
    text_free(&line);
}

void viewer_complete(struct viewer *v)
{
    complete(v, false);
}

void viewer_complete_file(struct viewer *v)
{
    complete(v, true);
}
