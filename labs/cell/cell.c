/* Cells are bubblewrap's: user, pid, ipc, uts and cgroup namespaces, a root that holds only what is
 * named here, no capabilities and no new ones. */
#include "labs/cell/cell.h"

#include "labs/cell/filter.h"
#include "tracer/base/alloc.h"
#include "tracer/base/text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct words {
    char **at; /* (owned) ends with NULL */
    size_t count, cap;
};

static void add(struct words *w, const char *word)
{
    xgrow(&w->at, &w->cap, w->count + 1, sizeof *w->at);
    w->at[w->count++] = xstrdup(word);
    w->at[w->count] = NULL;
}

static void add_all(struct words *w, const char *const *words)
{
    for (; *words; words++)
        add(w, *words);
}

/* What stands before everything: its own of all that may be its own. */
static const char *const namespaces[] = {
    "bwrap",
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--uid",
    "1000",
    "--gid",
    "1000",
    "--hostname",
    "cell",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--clearenv",
    NULL,
};

static const char *const environment[][2] = {
    {"PATH", "/usr/local/bin:/usr/bin:/bin"},
    {"HOME", "/tmp"},
    {"TMPDIR", "/tmp"},
    {"LANG", "C.UTF-8"},
    {"TERM", "dumb"},
    {"PYTHONDONTWRITEBYTECODE", "1"},
    {"ASAN_OPTIONS", "detect_leaks=0"},
};

/* The system's programs and libraries, and what they read. */
static const char *const system_folders[] = {"/bin",   "/sbin",  "/lib",
                                             "/lib32", "/lib64", "/libx32"};
static const char *const system_files[] = {
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/alternatives", "/etc/nsswitch.conf",
    "/etc/protocols",   "/etc/services",   "/etc/gai.conf",     "/etc/localtime"};

/* What was once beside /usr is a link into it now, or not yet. */
static void show_system(struct words *w)
{
    add_all(w, (const char *const[]){"--ro-bind", "/usr", "/usr", NULL});
    for (size_t i = 0; i < sizeof system_folders / sizeof system_folders[0]; i++) {
        char target[PATH_MAX];
        struct stat s;
        ssize_t n = readlink(system_folders[i], target, sizeof target - 1);
        if (n > 0) {
            target[n] = '\0';
            add_all(w, (const char *const[]){"--symlink", target, system_folders[i], NULL});
        } else if (stat(system_folders[i], &s) == 0 && S_ISDIR(s.st_mode)) {
            add_all(w,
                    (const char *const[]){"--ro-bind", system_folders[i], system_folders[i], NULL});
        }
    }
    for (size_t i = 0; i < sizeof system_files / sizeof system_files[0]; i++)
        add_all(w, (const char *const[]){"--ro-bind-try", system_files[i], system_files[i], NULL});
}

char **cell_words(const struct cell *c, char *const *argv)
{
    struct words w = {0};
    struct text filter = {0};
    text_format(&filter, "%d", FILTER_FD);
    add_all(&w, namespaces);
    if (c->writable) /* what a build leaves running ends with it; a program may be a daemon */
        add(&w, "--die-with-parent");
    if (c->offline)
        add(&w, "--unshare-net");
    for (size_t i = 0; i < sizeof environment / sizeof environment[0]; i++)
        add_all(&w, (const char *const[]){"--setenv", environment[i][0], environment[i][1], NULL});
    show_system(&w);
    if (c->hidden && strncmp(c->hidden, "/usr/", 5) == 0)
        add_all(&w, (const char *const[]){"--tmpfs", c->hidden, NULL});
    add_all(&w, (const char *const[]){"--proc", "/proc", "--dev", "/dev", NULL});
    if (c->shared)
        add_all(&w, (const char *const[]){"--bind", c->shared, "/dev/shm", NULL});
    add_all(&w, (const char *const[]){"--remount-ro", "/dev", NULL});
    add_all(&w, (const char *const[]){"--bind", c->scratch, "/tmp", NULL});
    add_all(&w, (const char *const[]){c->writable ? "--bind" : "--ro-bind", c->folder, CELL_FOLDER,
                                      "--chdir", CELL_FOLDER, "--remount-ro", "/", NULL});
    add_all(&w, (const char *const[]){"--seccomp", text_str(&filter), "--", NULL});
    for (; *argv; argv++)
        add(&w, *argv);
    text_free(&filter);
    return w.at;
}

void cell_words_free(char **words)
{
    for (char **word = words; word && *word; word++)
        free(*word);
    free(words);
}
