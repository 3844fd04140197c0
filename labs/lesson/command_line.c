#include "labs/lesson/command_line.h"

#include "tracer/base/alloc.h"

#include <stddef.h>
#include <stdlib.h>
#include <wordexp.h>

enum { PORT = 9502 };

int command_line_cut(const char *line, char ***words, struct error *e)
{
    wordexp_t cut = {0};
    *words = NULL;
    if (!line)
        return 0;
    if (wordexp(line, &cut, WRDE_NOCMD | WRDE_UNDEF) != 0)
        return error_set(e,
                         "The lab's command line '%.80s' cannot be read: mind its quotes, and "
                         "leave out shell signs such as | and ;.",
                         line);
    *words = xcalloc(cut.we_wordc + 1, sizeof **words);
    for (size_t i = 0; i < cut.we_wordc; i++)
        (*words)[i] = xstrdup(cut.we_wordv[i]);
    wordfree(&cut);
    return 0;
}

void command_line_free(char **words)
{
    for (char **word = words; word && *word; word++)
        free(*word);
    free(words);
}

char **command_line_join(char *const *first, char *const *more)
{
    size_t n = 0, room = 1;
    for (char *const *word = first; *word; word++)
        room++;
    for (char *const *word = more; *word; word++)
        room++;
    char **words = xcalloc(room, sizeof *words);
    for (; *first; first++)
        words[n++] = xstrdup(*first);
    for (; *more; more++)
        words[n++] = xstrdup(*more);
    return words;
}

uint16_t command_line_port(char *const *words)
{
    for (size_t i = 1; words && words[0] && words[i]; i++) {
        char *end;
        unsigned long port = strtoul(words[i], &end, 10);
        if (words[i][0] != '\0' && *end == '\0' && port > 0 && port <= UINT16_MAX)
            return (uint16_t)port;
    }
    return PORT;
}
