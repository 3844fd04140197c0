/* Commands by name: the line after `:`, and the same words in the configuration file. */
#include "tracer/view/viewer_parts.h"

#include "tracer/base/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- one line ----------------------------------------------------------------------------- */

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " \t");
}

static size_t word_length(const char *s)
{
    return strcspn(s, " \t");
}

static int unknown_command(const char *name, size_t n, struct error *e)
{
    struct text safe = {0};
    const char *nearest = command_nearest(name, n);
    text_safe(&safe, name, n < 40 ? n : 40);
    if (nearest)
        error_exit(e, EXIT_WRONG_USAGE, "There is no command \"%s\". Is it %s that you mean?",
                   text_str(&safe), nearest);
    else
        error_exit(e, EXIT_WRONG_USAGE,
                   "There is no command \"%s\". ? lists them all, Tab completes one.",
                   text_str(&safe));
    text_free(&safe);
    return -1;
}

/* The commands that a configuration file is for. */
static bool configures(enum command c)
{
    return c == COMMAND_SET || c == COMMAND_THEME || c == COMMAND_BIND || c == COMMAND_UNBIND;
}

int viewer_line(struct viewer *v, const char *line, bool file, enum viewer_answer *answer,
                struct error *e)
{
    const char *name = skip_blanks(line);
    size_t n = word_length(name);
    *answer = VIEWER_REDRAW;
    if (n == 0)
        return 0;
    const struct command_row *row = command_of_name(name, n);
    if (!row)
        return unknown_command(name, n, e);
    if (file && !configures(row->command))
        return error_exit(e, EXIT_WRONG_USAGE,
                          "%s cannot stand in a file: set, theme, bind and unbind can.", row->name);
    struct text argument = {0};
    text_add(&argument, skip_blanks(name + n));
    while (argument.len > 0 && strchr(" \t\r", argument.s[argument.len - 1])) {
        argument.len--;
        text_commit(&argument, 0);
    }
    if (argument.len > 0 && !row->argument) {
        text_free(&argument);
        return error_exit(e, EXIT_WRONG_USAGE, "%s stands alone: nothing may follow it.",
                          row->name);
    }
    *answer = viewer_run(v, row, argument.len > 0 ? text_str(&argument) : NULL);
    text_free(&argument);
    return 0;
}

/* A command says by a message what it could not do: to a file that is an error too. */
int viewer_configure(struct viewer *v, const char *line, struct error *e)
{
    enum viewer_answer answer;
    text_clear(&v->message);
    if (viewer_line(v, line, true, &answer, e) < 0)
        return -1;
    bool failed = v->message.len > 0 && v->message_is_error;
    if (failed)
        error_exit(e, EXIT_WRONG_USAGE, "%s", text_str(&v->message));
    text_clear(&v->message);
    return failed ? -1 : 0;
}

/* ---- the configuration file --------------------------------------------------------------- */

void viewer_config_path(struct text *out)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && config[0] == '/')
        text_format(out, "%s/tcpladder/config", config);
    else if (home && home[0] == '/')
        text_format(out, "%s/.config/tcpladder/config", home);
}

/* Say the first thing that was wrong, and how many more there are. */
static void say_faults(struct viewer *v, const char *path, int line, const struct error *first,
                       int faults)
{
    struct text t = {0};
    text_format(&t, "%s, line %d: %s", path, line, first->text);
    if (faults > 1)
        text_format(&t, " (and %d more)", faults - 1);
    viewer_say(v, text_str(&t));
    text_free(&t);
}

void viewer_read_config(struct viewer *v, const char *path)
{
    struct error first = {0}, e;
    char line[1024];
    int faults = 0, number = 0, at = 0;
    FILE *f = fopen(path, "re");
    if (!f) {
        if (errno != ENOENT && errno != ENOTDIR) {
            error_set(&first, "%s cannot be read: %s.", path, strerror(errno));
            viewer_refuse(v, &first);
        }
        return;
    }
    while (fgets(line, sizeof line, f)) {
        number++;
        line[strcspn(line, "\n")] = '\0';
        if (*skip_blanks(line) == '#' || viewer_configure(v, line, &e) == 0)
            continue;
        if (faults++ == 0) {
            first = e;
            at = number;
        }
    }
    if (ferror(f) && faults++ == 0)
        error_set(&first, "it cannot be read: %s.", strerror(errno));
    fclose(f);
    if (faults > 0)
        say_faults(v, path, at, &first, faults);
}

/* ---- settings ----------------------------------------------------------------------------- */

static void apply_time(struct viewer *v, int value)
{
    v->time = (enum time_format)value;
    if (v->type->set_time)
        v->type->set_time(v->view, v->time);
    for (int i = 0; i < v->beneath_count; i++)
        if (v->beneath[i].type->set_time)
            v->beneath[i].type->set_time(v->beneath[i].view, v->time);
}

static void apply_mouse(struct viewer *v, int value)
{
    v->settings.mouse = value == 0;
}

static void apply_theme(struct viewer *v, int value)
{
    v->settings.theme = &themes[value];
}

const struct setting viewer_setting_table[] = {
    {"time", "how times are written", {"start", "clock", "last"}, apply_time},
    {"mouse", "whether clicks come here", {"on", "off"}, apply_mouse},
    {"theme", "the colours", {"dark", "light", "mono"}, apply_theme},
};
const size_t viewer_setting_count = sizeof viewer_setting_table / sizeof viewer_setting_table[0];

static void add_values(const struct setting *s, struct text *out)
{
    for (int i = 0; i < 4 && s->values[i]; i++)
        text_format(out, "%s%s",
                    i == 0                      ? ""
                    : i < 3 && s->values[i + 1] ? ", "
                                                : " or ",
                    s->values[i]);
}

static int set(struct viewer *v, const char *name, size_t n, const char *value, struct error *e)
{
    struct text known = {0};
    for (size_t i = 0; i < viewer_setting_count; i++) {
        const struct setting *s = &viewer_setting_table[i];
        text_format(&known, "%s%s",
                    i == 0                         ? ""
                    : i + 1 < viewer_setting_count ? ", "
                                                   : " and ",
                    s->name);
        if (strlen(s->name) != n || strncmp(s->name, name, n) != 0)
            continue;
        for (int k = 0; k < 4 && s->values[k]; k++)
            if (strcmp(s->values[k], value) == 0) {
                s->apply(v, k);
                text_free(&known);
                return 0;
            }
        text_clear(&known);
        add_values(s, &known);
        error_exit(e, EXIT_WRONG_USAGE, "%s can be %s.", s->name, text_str(&known));
        text_free(&known);
        return -1;
    }
    error_exit(e, EXIT_WRONG_USAGE, "There is no such setting: %s can be set.", text_str(&known));
    text_free(&known);
    return -1;
}

enum viewer_answer viewer_set(struct viewer *v, const char *argument)
{
    struct error e = {0};
    const char *name = argument ? argument : "";
    size_t n = word_length(name);
    return set(v, name, n, skip_blanks(name + n), &e) < 0 ? viewer_refuse(v, &e) : VIEWER_REDRAW;
}

enum viewer_answer viewer_theme(struct viewer *v, const char *argument)
{
    struct error e = {0};
    return set(v, "theme", 5, argument ? argument : "", &e) < 0 ? viewer_refuse(v, &e)
                                                                : VIEWER_REDRAW;
}

/* ---- keys --------------------------------------------------------------------------------- */

static int read_key(const char *name, uint32_t *key, struct error *e)
{
    if (key_of_name(name, word_length(name), key))
        return 0;
    return error_exit(e, EXIT_WRONG_USAGE,
                      "There is no such key. Keys are written x, F6, ^T, Space, PgDn, S-Tab.");
}

static int bind(struct viewer *v, const char *words, struct error *e)
{
    uint32_t key;
    if (read_key(words, &key, e) < 0)
        return -1;
    const char *name = skip_blanks(words + word_length(words));
    size_t n = word_length(name);
    const struct command_row *row = command_of_name(name, n);
    const char *argument = skip_blanks(name + n);
    if (n == 0)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "bind takes a key and a command: bind F6 sort-reverse.");
    if (!row)
        return unknown_command(name, n, e);
    if (*argument && !row->argument)
        return error_exit(e, EXIT_WRONG_USAGE, "%s stands alone: nothing may follow it.",
                          row->name);
    keymap_bind(&v->keys, key, row, *argument ? argument : NULL);
    return 0;
}

enum viewer_answer viewer_bind(struct viewer *v, const char *argument)
{
    struct error e = {0};
    return bind(v, argument ? argument : "", &e) < 0 ? viewer_refuse(v, &e) : VIEWER_REDRAW;
}

enum viewer_answer viewer_unbind(struct viewer *v, const char *argument)
{
    struct error e = {0};
    uint32_t key;
    if (read_key(argument ? argument : "", &key, &e) < 0)
        return viewer_refuse(v, &e);
    keymap_unbind(&v->keys, key);
    return VIEWER_REDRAW;
}

/* ---- help, views, places ------------------------------------------------------------------ */

enum viewer_answer viewer_help(struct viewer *v, const char *argument)
{
    struct text keys = {0};
    struct error e = {0};
    if (!argument) {
        v->help = true;
        v->help_skip = 0;
        return VIEWER_REDRAW;
    }
    const struct command_row *row = command_of_name(argument, strlen(argument));
    if (!row) {
        unknown_command(argument, strlen(argument), &e);
        return viewer_refuse(v, &e);
    }
    keymap_keys(&v->keys, row->command, COMMAND_KEYS, &keys);
    viewer_tell(v, "%s%s%s%s%s%s: %s", row->name, row->argument ? " " : "",
                row->argument ? row->argument : "", keys.len > 0 ? " (" : "", text_str(&keys),
                keys.len > 0 ? ")" : "", row->help);
    text_free(&keys);
    return VIEWER_REDRAW;
}

enum viewer_answer viewer_view_by_name(struct viewer *v, const char *argument)
{
    struct text names = {0};
    for (size_t i = 0; i < view_type_count; i++) {
        if (argument && strcmp(view_types[i]->name, argument) == 0) {
            text_free(&names);
            return viewer_step_to(v, view_types[i]);
        }
        text_format(&names, "%s%s", i > 0 ? ", " : "", view_types[i]->name);
    }
    struct error e = {0};
    error_exit(&e, EXIT_WRONG_USAGE, "view takes one of these names: %s.", text_str(&names));
    text_free(&names);
    return viewer_refuse(v, &e);
}
