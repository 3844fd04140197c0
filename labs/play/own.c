/* The prompt's own commands, help, and what could be typed. */
#include "labs/play/parts.h"

#include "tracer/base/words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- help ----------------------------------------------------------------------------------- */

static void add_line(struct text *out, const char *lead, const char *help)
{
    text_format(out, "%s%-24s %s", out->len > 0 ? "\n" : "", lead, help ? _(help) : "");
}

static void list_calls(struct text *out)
{
    for (size_t i = 0; i < PUPPET_WORD_COUNT; i++) {
        struct text usage = {0};
        puppet_usage(&puppet_rows[i], &usage);
        add_line(out, text_str(&usage), puppet_rows[i].help);
        text_free(&usage);
    }
}

static void add_control(struct text *out, const struct control_row *row)
{
    struct text usage = {0};
    text_format(&usage, "%s%s%s", row->word, row->arguments[0] ? " " : "", row->arguments);
    add_line(out, text_str(&usage), row->help);
    text_free(&usage);
}

static bool is_here(const struct control_row *row, bool alone)
{
    return row->command != CONTROL_TYPE && (!alone || row->owner == CONTROL_OF_RUN);
}

static void list_commands(struct text *out, bool alone)
{
    for (size_t i = 0; i < control_row_count; i++)
        if (is_here(&control_rows[i], alone))
            add_control(out, &control_rows[i]);
    for (size_t i = 0; i < own_row_count; i++) {
        struct text usage = {0};
        text_format(&usage, "%s%s%s", own_rows[i].word, own_rows[i].arguments[0] ? " " : "",
                    own_rows[i].arguments);
        add_line(out, text_str(&usage), own_rows[i].help);
        text_free(&usage);
    }
}

static void list_options(struct text *out)
{
    for (size_t i = 0; i < puppet_option_count; i++)
        add_line(out, puppet_options[i].word, puppet_options[i].help);
}

/* What the words of a call's arguments mean. */
static void explain_call(const struct puppet_row *row, struct text *out)
{
    struct text usage = {0};
    puppet_usage(row, &usage);
    text_format(out, "%s\n%s", text_str(&usage), _(row->help));
    for (size_t i = 0; i < PUPPET_ARGUMENTS; i++) {
        const struct puppet_term *t = puppet_terms(row->takes[i].kind);
        for (; t && t->word; t++)
            if (t->help)
                text_format(out, "\n  %-10s %s", t->word, _(t->help));
    }
    text_free(&usage);
}

static void explain(const struct play *p, const char *word, struct text *out)
{
    const struct puppet_row *row = puppet_row_find(word, strlen(word));
    if (row)
        explain_call(row, out);
    for (size_t i = 0; i < control_row_count; i++)
        if (strcmp(control_rows[i].word, word) == 0 && is_here(&control_rows[i], p->o.alone))
            add_control(out, &control_rows[i]);
    for (size_t i = 0; i < own_row_count; i++)
        if (strcmp(own_rows[i].word, word) == 0)
            add_line(out, word, own_rows[i].help);
}

/* The words alone: what each means, `help WORD` tells. */
static void list_words(const struct play *p, struct text *out)
{
    text_add(out, _("Calls:"));
    for (size_t i = 0; i < PUPPET_WORD_COUNT; i++)
        text_format(out, " %s", puppet_rows[i].word);
    text_format(out, "\n%s", _("Commands:"));
    for (size_t i = 0; i < control_row_count; i++)
        if (is_here(&control_rows[i], p->o.alone) &&
            (i == 0 || strcmp(control_rows[i].word, control_rows[i - 1].word) != 0))
            text_format(out, " %s", control_rows[i].word);
    for (size_t i = 0; i < own_row_count; i++)
        text_format(out, " %s", own_rows[i].word);
    text_format(out, "\n%s %s",
                p->o.alone
                    ? _("A socket can be named: a: recv.")
                    : _("The host stands first, C: connect S 9502, and stays until another is "
                        "said. A socket can be named: S a: recv."),
                _("`help WORD` tells more; `help calls`, `help commands` and `help options` list "
                  "all."));
}

static void help(struct play *p, const char *arguments)
{
    struct text out = {0};
    if (*arguments == '\0')
        list_words(p, &out);
    else if (strcmp(arguments, "calls") == 0)
        list_calls(&out);
    else if (strcmp(arguments, "commands") == 0)
        list_commands(&out, p->o.alone);
    else if (strcmp(arguments, "options") == 0)
        list_options(&out);
    else
        explain(p, arguments, &out);
    if (out.len == 0)
        text_add(&out, _("There is no help on that word. `help` lists what there is."));
    play_say(p, PLAY_MORE, 0, text_str(&out));
    text_free(&out);
}

/* ---- saving --------------------------------------------------------------------------------- */

static int write_all(int fd, const struct text *t)
{
    for (size_t at = 0; at < t->len;) {
        ssize_t n = write(fd, t->s + at, t->len - at);
        if (n < 0 && errno != EINTR)
            return -1;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* A file that is there is left alone. */
static int save_script(const char *path, const struct text *script, struct error *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST)
        return error_set(e, "%.200s is there already: give another name, or take it away.", path);
    if (fd < 0)
        return error_set(e, "%.200s cannot be written: %s.", path, strerror(errno));
    int result = write_all(fd, script);
    int why = errno;
    if (close(fd) != 0 && result == 0) {
        result = -1;
        why = errno;
    }
    if (result == 0)
        return 0;
    unlink(path);
    return error_set(e, "%.200s cannot be written: %s.", path, strerror(why));
}

static void save(struct play *p, const char *arguments)
{
    struct error e;
    struct text words = {0};
    struct text script = {0};
    for (size_t i = 0; i < p->script.len; i++) /* without a line that has only been begun */
        if (p->script.s[i] == '\n')
            script.len = i + 1;
    size_t whole = script.len;
    script = (struct text){0};
    text_bytes(&script, text_str(&p->script), whole);
    if (*arguments == '\0')
        play_fail(p, _("save takes the name of a file: save my.play"));
    else if (save_script(arguments, &script, &e) != 0)
        play_fail(p, e.text);
    else
        text_format(&words, _("saved; it runs again with: tcplab play --script %s"), arguments);
    if (words.len > 0)
        play_say(p, PLAY_DONE, 0, text_str(&words));
    text_free(&words);
    text_free(&script);
}

const struct own_row own_rows[] = {
    {"save", "FILE",
     N_("Save what was typed so far as a script; a file that is there is left alone."), save},
    {"help", "[WORD]",
     N_("What there is; on one word; `help calls`, `help commands`, `help options` list all."),
     help},
};
const size_t own_row_count = sizeof own_rows / sizeof own_rows[0];

const struct own_row *own_find(const char *line)
{
    size_t n = strcspn(line, " \t");
    for (size_t i = 0; i < own_row_count; i++)
        if (strlen(own_rows[i].word) == n && strncmp(own_rows[i].word, line, n) == 0)
            return &own_rows[i];
    return NULL;
}

/* ---- completion and manual ------------------------------------------------------------------ */

size_t play_complete(const char *line, play_offer *offer, void *to)
{
    const char *at = line + strspn(line, " \t");
    bool first = at[strcspn(at, " \t")] == '\0';
    char host, socket[PUPPET_NAME_BYTES];
    if (first && puppet_prefix(line, &host, socket) == line) {
        offer(to, "C:", _("a call on host C"));
        offer(to, "S:", _("a call on host S"));
        for (size_t i = 0; i < control_row_count; i++)
            if (control_rows[i].command != CONTROL_TYPE &&
                (i == 0 || strcmp(control_rows[i].word, control_rows[i - 1].word) != 0))
                offer(to, control_rows[i].word, _(control_rows[i].help));
        for (size_t i = 0; i < own_row_count; i++)
            offer(to, own_rows[i].word, _(own_rows[i].help));
    }
    return puppet_complete(line, offer, to);
}

/* Words that scdoc is not to read as its own signs. */
static void add_plain(struct text *out, const char *words)
{
    for (; *words; words++)
        text_format(out, strchr("\\*_[]|<>#!`~.-+", *words) ? "\\%c" : "%c", *words);
}

static void add_term(struct text *out, const char *word, const char *arguments, const char *help)
{
    text_add(out, "*");
    add_plain(out, word);
    text_add(out, "*");
    add_plain(out, arguments);
    text_add(out, "\n\t");
    add_plain(out, help);
    text_add(out, "\n\n");
}

void play_manual(struct text *out)
{
    for (size_t i = 0; i < PUPPET_WORD_COUNT; i++) {
        struct text usage = {0};
        puppet_usage(&puppet_rows[i], &usage);
        add_term(out, puppet_rows[i].word, text_str(&usage) + strlen(puppet_rows[i].word),
                 puppet_rows[i].help);
        text_free(&usage);
    }
    for (size_t i = 0; i < own_row_count; i++) {
        struct text arguments = {0};
        text_format(&arguments, " %s", own_rows[i].arguments);
        add_term(out, own_rows[i].word, text_str(&arguments), own_rows[i].help);
        text_free(&arguments);
    }
}

/* A bar would end the cell. */
static void add_cell(struct text *out, const char *words)
{
    for (; *words; words++)
        text_format(out, *words == '|' ? "\\%c" : "%c", *words);
}

static void add_row(struct text *out, const char *usage, const char *help)
{
    text_add(out, "| `");
    add_cell(out, usage);
    text_add(out, "` | ");
    add_cell(out, help);
    text_add(out, " |\n");
}

void play_paper(struct text *out)
{
    struct text usage = {0};
    for (size_t i = 0; i < PUPPET_WORD_COUNT; i++) {
        text_clear(&usage);
        puppet_usage(&puppet_rows[i], &usage);
        add_row(out, text_str(&usage), puppet_rows[i].help);
    }
    for (size_t i = 0; i < own_row_count; i++) {
        text_clear(&usage);
        text_format(&usage, "%s %s", own_rows[i].word, own_rows[i].arguments);
        add_row(out, text_str(&usage), own_rows[i].help);
    }
    text_free(&usage);
}
