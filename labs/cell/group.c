/* Delegation is found out by trying. A group has limits where the one above hands its controllers
 * on (cgroup.subtree_control), and may be entered where the group above both our old and our new
 * one lets us: so we look for the nearest above us that allows all of it. */
#include "labs/cell/group.h"

#include "tracer/base/alloc.h"
#include "tracer/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a submission and the crew of its run may have in all. Files in /tmp are memory, too. */
static const struct {
    const char *controller, *file, *limit;
    bool essential;
} limits[] = {
    {"pids", "pids.max", "768", true},
    {"memory", "memory.max", "3221225472", true},
    {"memory", "memory.swap.max", "0", false}, /* where there is swap */
    {"memory", "memory.oom.group", "0", false},
};
enum { LIMITS = sizeof limits / sizeof limits[0] };

enum { REMOVE_TRIES = 200, REMOVE_WAIT_NS = 5000000 };

/* ---- small files ---------------------------------------------------------------------------- */

static bool write_in(const char *folder, const char *name, const char *line)
{
    struct text path = {0};
    text_format(&path, "%s/%s", folder, name);
    int fd = open(text_str(&path), O_WRONLY | O_CLOEXEC);
    text_free(&path);
    if (fd < 0)
        return false;
    bool written = write(fd, line, strlen(line)) == (ssize_t)strlen(line);
    close(fd);
    return written;
}

static bool hands_on(const char *folder, const char *controller)
{
    struct text path = {0};
    char words[256] = "";
    text_format(&path, "%s/cgroup.subtree_control", folder);
    FILE *f = fopen(text_str(&path), "re");
    text_free(&path);
    bool found = f && fgets(words, sizeof words, f);
    if (f)
        fclose(f);
    char *rest = NULL;
    for (char *word = strtok_r(words, " \n", &rest); found && word;
         word = strtok_r(NULL, " \n", &rest))
        if (strcmp(word, controller) == 0)
            return true;
    return false;
}

/* ---- where we are --------------------------------------------------------------------------- */

/* Call `take` for each line of a file, until it says true. */
static bool each_line(const char *root, const char *path, bool (*take)(char *line, struct text *),
                      struct text *out)
{
    struct text name = {0};
    char *line = NULL;
    size_t room = 0;
    bool found = false;
    text_format(&name, "%s%s", root, path);
    FILE *f = fopen(text_str(&name), "re");
    while (f && !found && getline(&line, &room, f) > 0)
        found = take(line, out);
    if (f)
        fclose(f);
    free(line);
    text_free(&name);
    return found;
}

/* "35 24 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw" */
static bool take_mount(char *line, struct text *out)
{
    char place[4096];
    const char *kind = strstr(line, " - ");
    if (!kind || strncmp(kind, " - cgroup2 ", 11) != 0 ||
        sscanf(line, "%*s %*s %*s / %4095s", place) != 1)
        return false;
    text_add(out, place);
    return true;
}

/* "0::/user.slice/session-1.scope" */
static bool take_own(char *line, struct text *out)
{
    if (strncmp(line, "0::/", 4) != 0 ||
        strstr(line, "/..")) /* that one lies outside of what we see */
        return false;
    text_bytes(out, line + 3, strcspn(line + 3, "\n"));
    return true;
}

/* ---- making one ----------------------------------------------------------------------------- */

static bool limit(const char *folder)
{
    for (size_t i = 0; i < LIMITS; i++)
        if (!write_in(folder, limits[i].file, limits[i].limit) && limits[i].essential)
            return false;
    return true;
}

/* A process of ours goes in, and ends there. */
static bool may_be_entered(const struct group *g)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(group_enter(g) == 0 ? 0 : 1);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* "tcplab-PID-N" of a grader that was killed. */
static bool is_left(const char *name)
{
    int pid = 0;
    return sscanf(name, "tcplab-%d-", &pid) == 1 && pid > 0 && kill(pid, 0) != 0 && errno == ESRCH;
}

static void sweep(const char *above)
{
    DIR *d = opendir(above);
    for (struct dirent *entry; d && (entry = readdir(d));)
        if (is_left(entry->d_name))
            (void)unlinkat(dirfd(d), entry->d_name, AT_REMOVEDIR); /* one in use stays */
    if (d)
        closedir(d);
}

static bool make(const char *above, const char *name, struct group *g)
{
    struct text path = {0};
    for (size_t i = 0; i < LIMITS; i++)
        if (limits[i].essential && !hands_on(above, limits[i].controller))
            return false;
    sweep(above);
    text_format(&path, "%s/%s", above, name);
    if (mkdir(text_str(&path), 0700) != 0) {
        text_free(&path);
        return false;
    }
    g->path = path.s;
    if (limit(g->path) && may_be_entered(g))
        return true;
    group_close(g);
    return false;
}

int group_open(const char *root, unsigned number, struct group *g, struct error *e)
{
    struct text folder = {0}, own = {0}, name = {0};
    bool found = each_line(root, "/proc/self/mountinfo", take_mount, &folder) &&
                 each_line(root, "/proc/self/cgroup", take_own, &own);
    *g = (struct group){0};
    text_format(&name, "tcplab-%d-%u", (int)getpid(), number);
    if (!found) {
        text_free(&folder);
        text_free(&own);
        text_free(&name);
        return error_exit(e, EXIT_MACHINE, "This machine has no control groups (cgroup v2).");
    }
    struct text above = {0};
    for (bool more = true; more && !g->path;) {
        char *slash = strrchr(own.s, '/');
        text_clear(&above);
        text_format(&above, "%s%s%s", root, text_str(&folder), own.s[1] ? own.s : "");
        make(text_str(&above), text_str(&name), g);
        more = own.s[1] != '\0';
        slash[slash == own.s] = '\0'; /* one level up; the topmost is "/" */
    }
    text_free(&above);
    text_free(&name);
    text_free(&folder);
    text_free(&own);
    return g->path ? 0
                   : error_exit(e, EXIT_MACHINE,
                                "No control group that limits processes and memory may be made "
                                "here: none has been handed to this user.");
}

int group_enter(const struct group *g)
{
    return !g->path || write_in(g->path, "cgroup.procs", "0") ? 0 : -1;
}

/* "oom_kill 3" */
static bool take_kills(char *line, struct text *out)
{
    unsigned long kills = 0;
    (void)out;
    return sscanf(line, "oom_kill %lu", &kills) == 1 && kills > 0;
}

bool group_ran_out(const struct group *g)
{
    return g->path && each_line(g->path, "/memory.events", take_kills, NULL);
}

/* ---- its end -------------------------------------------------------------------------------- */

/* Before Linux 5.14 there is no word that ends them all. */
static void end_all(const char *folder)
{
    struct text path = {0};
    int pid;
    if (write_in(folder, "cgroup.kill", "1"))
        return;
    text_format(&path, "%s/cgroup.procs", folder);
    FILE *f = fopen(text_str(&path), "re");
    while (f && fscanf(f, "%d", &pid) == 1)
        if (pid > 1 && pid != getpid())
            kill(pid, SIGKILL);
    if (f)
        fclose(f);
    text_free(&path);
}

void group_close(struct group *g)
{
    const struct timespec wait = {.tv_nsec = REMOVE_WAIT_NS};
    for (int i = 0; g->path && i < REMOVE_TRIES && rmdir(g->path) != 0 && errno == EBUSY; i++) {
        end_all(g->path);
        nanosleep(&wait, NULL);
    }
    free(g->path);
    *g = (struct group){0};
}

int group_allowed(struct error *e)
{
    struct group g;
    int result = group_open("", UINT_MAX, &g, e);
    group_close(&g);
    return result;
}
