#include "tracer/base/completion.h"

#include <stdbool.h>
#include <string.h>

static bool is_end(const struct completion_option *o)
{
    return !o->letter && !o->name;
}

static const struct completion_value *value_of(const struct completion *c, const char *argument)
{
    const struct completion_value *v = c->values;
    while (v->argument && strcmp(v->argument, argument) != 0)
        v++;
    return v->argument ? v : NULL;
}

/* The action for an argument: nothing can be offered for one that nobody has listed. */
static void add_action(const struct completion *c, const char *argument, struct text *out)
{
    const struct completion_value *v = value_of(c, argument);
    if (v && v->words)
        text_format(out, "_%s_words \"%s\"", c->program, v->words);
    else
        text_format(out, v ? "_%s_files" : ":", c->program);
}

/* "run/-w | run/--write": how an option stands before its argument. */
static void add_pattern(const struct completion_command *command, const struct completion_option *o,
                        struct text *out)
{
    const char *name = command->name ? command->name : "";
    if (o->letter)
        text_format(out, "%s/-%c", name, o->letter);
    text_add(out, o->letter && o->name ? " | " : "");
    if (o->name)
        text_format(out, "%s/--%s", name, o->name);
}

static void add_arguments(const struct completion *c, const struct completion_command *command,
                          struct text *out)
{
    for (const struct completion_option *o = command->options; !is_end(o); o++) {
        if (!o->argument)
            continue;
        text_add(out, "    ");
        add_pattern(command, o, out);
        text_add(out, ") ");
        add_action(c, o->argument, out);
        text_add(out, "; return ;;\n");
    }
}

static void add_options(const struct completion_command *command, struct text *out)
{
    size_t from = out->len;
    for (const struct completion_option *o = command->options; !is_end(o); o++) {
        if (o->letter)
            text_format(out, "%s-%c", out->len > from ? " " : "", o->letter);
        if (o->name)
            text_format(out, "%s--%s", out->len > from ? " " : "", o->name);
    }
}

/* What stands behind a command that is no option: any of its words, LAB and PROGRAM of "LAB
 * [PROGRAM ARGS]". */
static void add_further(const struct completion *c, const struct completion_command *command,
                        struct text *out)
{
    static const char between[] = "[] -";
    struct text argument = {0};
    for (const char *at = command->words + strspn(command->words, between); *at;) {
        size_t n = strcspn(at, between);
        text_clear(&argument);
        text_bytes(&argument, at, n);
        add_action(c, text_str(&argument), out);
        at += n + strspn(at + n, between);
        text_add(out, *at ? "; " : "");
    }
    text_free(&argument);
}

static void add_commands(const struct completion *c, struct text *out)
{
    text_format(out, "    /*) _%s_words '", c->program);
    for (const struct completion_command *k = c->commands; k->words; k++)
        text_format(out, "%s ", k->name);
    text_add(out, "--help --version --completion' ;;\n");
}

void completion_bash(const struct completion *c, struct text *out)
{
    const char *p = c->program;
    bool commands = c->commands[0].name != NULL;
    text_format(
        out,
        "# What bash completes of %s, made by `%s --completion bash`.\n"
        "_%s_words() { COMPREPLY+=($(compgen -W \"$1\" -- \"$cur\")); }\n"
        "_%s_files()\n{\n"
        "    local file\n"
        "    compopt -o filenames 2>/dev/null\n"
        "    while IFS= read -r file; do COMPREPLY+=(\"$file\"); done < <(compgen -f -- \"$cur\")\n"
        "}\n"
        "_%s()\n{\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
        "    local command=\n"
        "    COMPREPLY=()\n"
        "    [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD - 2]} # --read=FILE\n"
        "    [[ $cur == = ]] && cur=\n",
        p, p, p, p, p);
    if (commands)
        text_add(out, "    (( COMP_CWORD > 1 )) && command=${COMP_WORDS[1]}\n");
    text_add(out, "    case $command/$before in\n");
    for (const struct completion_command *k = c->commands; k->words; k++)
        add_arguments(c, k, out);
    text_add(out, "    esac\n    case $command/$cur in\n");
    for (const struct completion_command *k = c->commands; k->words; k++) {
        text_format(out, "    %s/-*) _%s_words '", k->name ? k->name : "", p);
        add_options(k, out);
        text_format(out, "' ;;\n    %s/*) ", k->name ? k->name : "");
        add_further(c, k, out);
        text_add(out, " ;;\n");
    }
    if (commands)
        add_commands(c, out);
    text_format(out, "    esac\n} && complete -F _%s %s\n", p, p);
}
