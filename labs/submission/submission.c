#include "labs/submission/submission.h"

#include "labs/cell/cell.h"
#include "labs/submission/command.h"
#include "labs/submission/copy.h"
#include "tracer/base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIMIT_S = 60, WORDS_MOST = 12 };

/* How what is found is built, and then run: the first whose file is there. PROGRAM stands for the
 * program's name. */
static const struct recipe {
    const char *file;
    const char *build[WORDS_MOST]; /* nothing: it is run as it is */
    const char *run[3];
    const char *interpreter; /* where the file itself may not be executed */
} recipes[] = {
    {"Makefile", {"make"}, {"./PROGRAM"}, NULL},
    {"makefile", {"make"}, {"./PROGRAM"}, NULL},
    {"PROGRAM.c",
     {"cc", "-std=c17", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-o", "PROGRAM", "PROGRAM.c",
      "-lpthread"},
     {"./PROGRAM"},
     NULL},
    {"PROGRAM.cpp",
     {"c++", "-O1", "-g", "-Wall", "-o", "PROGRAM", "PROGRAM.cpp", "-lpthread"},
     {"./PROGRAM"},
     NULL},
    {"PROGRAM.py", {NULL}, {"./PROGRAM.py"}, "python3"},
    {"PROGRAM.sh", {NULL}, {"./PROGRAM.sh"}, "sh"},
    {"PROGRAM", {NULL}, {"./PROGRAM"}, NULL},
};
enum { RECIPES = sizeof recipes / sizeof recipes[0] };

/* ---- words ---------------------------------------------------------------------------------- */

static char *named(const char *word, const char *program)
{
    static const char name[] = "PROGRAM";
    struct text out = {0};
    const char *at = strstr(word, name);
    if (!at)
        return xstrdup(word);
    text_bytes(&out, word, (size_t)(at - word));
    text_add(&out, program);
    text_add(&out, at + strlen(name));
    return out.s;
}

static char **named_all(const char *const *words, size_t most, const char *first,
                        const char *program)
{
    char **out = xcalloc(most + 2, sizeof *out);
    size_t n = 0;
    if (first)
        out[n++] = xstrdup(first);
    for (size_t i = 0; i < most && words[i]; i++)
        out[n++] = named(words[i], program);
    return out;
}

static void free_words(char **words)
{
    for (char **word = words; word && *word; word++)
        free(*word);
    free(words);
}

static char *joined(char *const *words)
{
    struct text out = {0};
    for (; *words; words++)
        text_format(&out, "%s%s", out.len > 0 ? " " : "", *words);
    return out.s;
}

/* ---- what is there -------------------------------------------------------------------------- */

static bool is_file(const char *folder, const char *name, mode_t *mode)
{
    struct text path = {0};
    struct stat s;
    text_format(&path, "%s/%s", folder, name);
    bool found = lstat(text_str(&path), &s) == 0 && S_ISREG(s.st_mode);
    *mode = found ? s.st_mode : 0;
    text_free(&path);
    return found;
}

static const struct recipe *recipe_of(const char *folder, const char *program, mode_t *mode)
{
    for (size_t i = 0; i < RECIPES; i++) {
        char *file = named(recipes[i].file, program);
        bool found = is_file(folder, file, mode);
        free(file);
        if (found)
            return &recipes[i];
    }
    return NULL;
}

bool submission_is_there(const char *folder, const char *program)
{
    mode_t mode;
    for (size_t i = 0; i < RECIPES; i++) {
        char *file = named(recipes[i].file, program);
        bool found = strstr(recipes[i].file, "PROGRAM") && is_file(folder, file, &mode);
        free(file);
        if (found)
            return true;
    }
    return false;
}

/* ---- building ------------------------------------------------------------------------------- */

static int blame(const struct submission *s, int status, int limit_s, struct error *e)
{
    if (status == 124)
        return error_set(e, "The program was not built: %.200s took longer than %d s.", s->recipe,
                         limit_s);
    if (status == 125)
        return error_set(e,
                         "The program was not built: %.200s took more memory, with all that it "
                         "started, than a build may have.",
                         s->recipe);
    if (status == 127 && s->said.len < 200)
        return error_exit(e, EXIT_MACHINE, "The program could not be built: %.200s cannot be run.",
                          s->recipe);
    return error_set(e, "The program was not built: %.200s ended with status %d.", s->recipe,
                     status);
}

static int build(const struct recipe *r, const struct submission_options *o, struct submission *s,
                 struct error *e)
{
    int limit_s = o->limit_s > 0 ? o->limit_s : LIMIT_S;
    char **argv = named_all(r->build, WORDS_MOST, NULL, o->program);
    s->recipe = joined(argv);
    const struct cell cell = {
        .folder = o->to, .scratch = o->scratch, .writable = true, .offline = true};
    char **contained = o->scratch ? cell_words(&cell, argv) : NULL;
    struct command c = {
        .argv = contained ? contained : argv,
        .folder = contained ? "/" : o->to,
        .prepare = contained      ? cell_enter
                   : o->as_nobody ? cell_leave
                                  : NULL,
        .limit_s = limit_s,
        .memory_bytes = contained || o->as_nobody ? CELL_MEMORY_BYTES : 0,
    };
    int status = command_run(&c, &s->said, e);
    cell_words_free(contained);
    free_words(argv);
    if (status < 0)
        return -1;
    return status == 0 ? 0 : blame(s, status, limit_s, e);
}

/* What is run has to be there, and to be executable unless something else reads it. */
static int settle(const struct recipe *r, const struct submission_options *o, struct submission *s,
                  struct error *e)
{
    char *file = named(r->run[0], o->program);
    mode_t mode;
    bool found = is_file(o->to, file, &mode);
    bool executable = found && (mode & S_IXUSR);
    free(file);
    if (!found)
        return error_set(e,
                         "%.200s ended well, and made no program named '%.60s': that is the "
                         "name that the lab runs.",
                         s->recipe, o->program);
    if (!executable && !r->interpreter)
        return error_set(e, "'%.60s' may not be executed. Mark it as a program: chmod +x %.60s",
                         o->program, o->program);
    s->argv = named_all(r->run, 3, executable ? NULL : r->interpreter, o->program);
    if (!s->recipe)
        s->recipe = joined(s->argv);
    return 0;
}

/* One file takes the name that the lab has for the program, and keeps its kind: "mine.py" becomes
 * "client.py". */
static int copy_one(const struct submission_options *o, struct error *e)
{
    static const char *const kinds[] = {".c", ".cpp", ".py", ".sh"};
    const char *name = strrchr(o->from, '/') ? strrchr(o->from, '/') + 1 : o->from;
    const char *dot = strrchr(name, '.');
    const char *kind = "";
    struct text to = {0};
    for (size_t i = 0; dot && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(dot, kinds[i]) == 0)
            kind = kinds[i];
    text_format(&to, "%s/%s%s", o->to, o->program, kind);
    int result = mkdir(o->to, 0700);
    if (result != 0)
        error_set(e, "Cannot make the folder %.300s: %s.", o->to, strerror(errno));
    else
        result = copy_file(o->from, text_str(&to), e);
    text_free(&to);
    return result;
}

static int copy(const struct submission_options *o, struct error *e)
{
    struct stat s;
    if (stat(o->from, &s) != 0)
        return error_exit(e, EXIT_WRONG_USAGE, "There is no submission %.300s: %s.", o->from,
                          strerror(errno));
    return S_ISDIR(s.st_mode) ? copy_folder(o->from, o->to, e) : copy_one(o, e);
}

int submission_build(const struct submission_options *o, struct submission *s, struct error *e)
{
    mode_t mode;
    *s = (struct submission){.folder = xstrdup(o->to)};
    if (copy(o, e) != 0 || ((o->scratch || o->as_nobody) && cell_give(o->to, e) != 0))
        return -1;
    const struct recipe *r = recipe_of(o->to, o->program, &mode);
    if (!r)
        return error_set(e,
                         "There is no program in %.300s: the lab asks for %.60s.c, %.60s.cpp, "
                         "%.60s.py, %.60s.sh, an executable '%.60s', or a Makefile that makes "
                         "one.",
                         o->from, o->program, o->program, o->program, o->program, o->program);
    if (r->build[0] && build(r, o, s, e) != 0)
        return -1;
    return settle(r, o, s, e);
}

void submission_free(struct submission *s)
{
    free(s->folder);
    free_words(s->argv);
    free(s->recipe);
    text_free(&s->said);
    *s = (struct submission){0};
}
