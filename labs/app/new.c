/* The lab's folder is written from the template, its programs are built, and a first session of it
 * is recorded, by this same program. Where the machine allows less, the folder is there all the
 * same, and what is left to do is said. */
#include "labs/app/new.h"

#include "tracer/base/folders.h"
#include "tracer/base/text.h"
#include "tracer/base/words.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- the folder ----------------------------------------------------------------------------- */

/* A lab's name is typed, and stands in paths: small letters, digits and hyphens. */
static int check_name(const char *path, const char **name, struct error *e)
{
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    if ((*name)[0] >= 'a' && (*name)[0] <= 'z' &&
        strspn(*name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(*name))
        return 0;
    return error_exit(e, EXIT_WRONG_USAGE,
                      "'%.60s' is no name for a lab: use small letters, digits and hyphens, and "
                      "begin with a letter.",
                      *name);
}

/* The template's text with the lab's name in it. */
static void fill(const char *text, const char *name, struct text *out)
{
    static const char mark[] = "@NAME@";
    for (const char *at; (at = strstr(text, mark)); text = at + sizeof mark - 1) {
        text_bytes(out, text, (size_t)(at - text));
        text_add(out, name);
    }
    text_add(out, text);
}

static int write_file(const char *folder, const char *name, const struct template_file *file,
                      struct error *e)
{
    struct text path = {0}, words = {0};
    text_format(&path, "%s/%s", folder, file->path);
    fill((const char *)file->text, name, &words);
    int result = 0;
    if (folders_above(text_str(&path), 0777) != 0)
        result =
            error_set(e, "Cannot make the folders of %s: %s.", text_str(&path), strerror(errno));
    FILE *f = result == 0 ? fopen(text_str(&path), "wxe") : NULL;
    bool written = f && fwrite(words.s, 1, words.len, f) == words.len;
    if (f)
        written = fclose(f) == 0 && written;
    if (result == 0 && !written)
        result = error_set(e, "Cannot write %s: %s.", text_str(&path), strerror(errno));
    text_free(&path);
    text_free(&words);
    return result;
}

static int write_all(const char *folder, const char *name, struct error *e)
{
    if (mkdir(folder, 0777) != 0)
        return error_exit(e, errno == EEXIST ? EXIT_WRONG_USAGE : EXIT_FELL_SHORT,
                          "Cannot make the folder %.200s: %s.", folder, strerror(errno));
    for (const struct template_file *f = template_files; f->path; f++)
        if (write_file(folder, name, f, e) != 0)
            return -1;
    return 0;
}

/* ---- its programs and its session ----------------------------------------------------------- */

/* Run a program with nothing to read and its output gone; what it says of errors stays. True where
 * it ends with 0. */
static bool run_quietly(const char *program, char *const words[])
{
    posix_spawn_file_actions_t files;
    pid_t pid;
    int status = -1;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&pid, program, &files, NULL, words, environ) == 0)
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    posix_spawn_file_actions_destroy(&files);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool build(const char *folder)
{
    return run_quietly("make", (char *[]){"make", "-s", "-C", (char *)(uintptr_t)folder,
                                          "--no-print-directory", NULL});
}

static bool record(const char *lab, const char *session)
{
    return run_quietly("/proc/self/exe",
                       (char *[]){"tcplab", "run", (char *)(uintptr_t)lab, "--ladder", "--text",
                                  "-w", (char *)(uintptr_t)session, NULL});
}

int new_lab(const struct options *o, char **words, struct error *e)
{
    const char *name;
    struct text folder = {0}, session = {0};
    (void)o;
    text_format(&folder, "%s%s", strchr(words[0], '/') ? "" : "./", words[0]);
    if (check_name(words[0], &name, e) != 0 || write_all(text_str(&folder), name, e) != 0) {
        text_free(&folder);
        return e->status;
    }
    text_format(&session, "%s/recorded.pcap", text_str(&folder));
    bool built = build(text_str(&folder));
    bool recorded = built && record(text_str(&folder), text_str(&session));
    printf(_("%s is a lab: docs/lab-authoring.md tells how to make it yours.\n"),
           text_str(&folder));
    if (!built)
        printf(_("Its programs are not built yet; install make and a C compiler, then:\n"
                 "  make -C %s\n"),
               text_str(&folder));
    if (!recorded)
        printf(_("Its session is not recorded yet; `tcplab doctor` tells what a lab needs, then:\n"
                 "  tcplab run %s --ladder --text -w %s\n"),
               text_str(&folder), text_str(&session));
    printf(_("Take it, and hold it against what was recorded:\n  tcplab run %s\n  tcplab lint "
             "%s\n"),
           text_str(&folder), text_str(&folder));
    text_free(&folder);
    text_free(&session);
    return recorded ? EXIT_DONE : EXIT_FELL_SHORT;
}
