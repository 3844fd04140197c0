#include "tracer/app/manual.h"

#include "tracer/app/options.h"
#include "tracer/view/keys.h"

#include <string.h>

void manual_words(const char *words, struct text *out)
{
    for (; *words; words++) {
        if (strchr("\\*_[]|<>#!`~.-+", *words))
            text_char(out, '\\');
        text_char(out, *words);
    }
}

static void bold(const char *words, struct text *out)
{
    text_char(out, '*');
    manual_words(words, out);
    text_char(out, '*');
}

/* "*Q*, *^C*, *:quit*", and what it does. */
static void command_entry(const struct command_row *row, struct text *out)
{
    struct text name = {0};
    for (int i = 0; i < COMMAND_KEYS && row->keys[i] != 0; i++) {
        text_clear(&name);
        key_name(row->keys[i], &name);
        bold(text_str(&name), out);
        text_add(out, ", ");
    }
    text_clear(&name);
    text_format(&name, ":%s", row->name);
    bold(text_str(&name), out);
    if (row->argument) {
        text_char(out, ' ');
        manual_words(row->argument, out);
    }
    text_add(out, "\n\t");
    manual_words(row->help, out);
    text_add(out, "\n\n");
    text_free(&name);
}

static void commands(struct text *out)
{
    for (int group = 0; group < GROUP_COUNT; group++) {
        text_format(out, "## %s\n\n", command_group_names[group]);
        for (size_t i = 0; i < command_table_rows; i++)
            if ((int)command_table[i].group == group)
                command_entry(&command_table[i], out);
    }
}

bool manual_part(const char *name, struct text *out)
{
    if (strcmp(name, "options") == 0)
        options_manual(out);
    else if (strcmp(name, "commands") == 0)
        commands(out);
    else
        return false;
    return true;
}
