#include "labs/lesson/lesson.h"

#include "tracer/base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int catalog_folder(struct text *out, struct error *e)
{
    const char *set = getenv("TCPLAB_CATALOG");
    if (set && set[0]) {
        text_add(out, set);
        return 0;
    }
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0)
        return error_set(e,
                         "Cannot find the labs: /proc/self/exe: %s. Set TCPLAB_CATALOG to the "
                         "folder that holds them.",
                         strerror(errno));
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    size_t before = out->len;
    text_bytes(out, self, slash ? (size_t)(slash - self) : 0);
    text_add(out, "/catalog");
    if (access(text_str(out) + before, F_OK) == 0)
        return 0;
    out->len = before; /* beside the programs is where they were built: these are installed */
    text_bytes(out, self, slash ? (size_t)(slash - self) : 0);
    text_add(out, "/../lib/tcpladder/catalog");
    return 0;
}

static bool has_paper(const char *folder)
{
    struct text path = {0};
    text_format(&path, "%s/lab.md", folder);
    bool found = access(text_str(&path), R_OK) == 0;
    text_free(&path);
    return found;
}

/* "03-handshake" and "handshake" are the lab of the folder 03-handshake. */
static bool is_called(const char *folder, const char *name)
{
    size_t number = strspn(folder, "0123456789");
    return strcmp(folder, name) == 0 ||
           (number > 0 && folder[number] == '-' && strcmp(folder + number + 1, name) == 0);
}

/* Every lab, or those that are called so. */
static int read_labs(const char *name, struct lesson **lessons, size_t *count, struct error *e)
{
    struct text folder = {0};
    *lessons = NULL;
    *count = 0;
    if (catalog_folder(&folder, e) != 0)
        return -1;
    struct dirent **names = NULL;
    int n = scandir(text_str(&folder), &names, NULL, alphasort);
    int result = 0;
    if (n < 0)
        result = error_set(e,
                           "Cannot read the folder of the labs, %s: %s. Set TCPLAB_CATALOG to "
                           "the folder that holds them.",
                           text_str(&folder), strerror(errno));
    size_t cap = 0;
    for (int i = 0; i < n; i++) {
        struct text path = {0};
        text_format(&path, "%s/%s", text_str(&folder), names[i]->d_name);
        if (result == 0 && names[i]->d_name[0] != '.' &&
            (!name || is_called(names[i]->d_name, name)) && has_paper(text_str(&path))) {
            xgrow(lessons, &cap, *count, sizeof **lessons);
            result = lesson_read(text_str(&path), &(*lessons)[*count], e);
            *count += result == 0;
        }
        text_free(&path);
        free(names[i]);
    }
    free(names);
    text_free(&folder);
    if (result != 0) {
        while (*count > 0)
            lesson_free(&(*lessons)[--*count]);
        free(*lessons);
        *lessons = NULL;
    }
    return result;
}

int catalog_read(struct lesson **lessons, size_t *count, struct error *e)
{
    return read_labs(NULL, lessons, count, e);
}

/* Of a lab that was not built its folder is there, with a file `lacks` alone: the packages. */
static bool was_not_built(const char *name, char *packages, size_t room)
{
    struct text folder = {0};
    struct error unused;
    bool found = false;
    DIR *d = catalog_folder(&folder, &unused) == 0 ? opendir(text_str(&folder)) : NULL;
    for (struct dirent *entry; d && !found && (entry = readdir(d));) {
        const char *plain = strchr(entry->d_name, '-');
        if (strcmp(entry->d_name, name) != 0 && (!plain || strcmp(plain + 1, name) != 0))
            continue;
        struct text path = {0};
        text_format(&path, "%s/%s/lacks", text_str(&folder), entry->d_name);
        FILE *file = fopen(text_str(&path), "re");
        found = file && fgets(packages, (int)room, file);
        if (file)
            fclose(file);
        text_free(&path);
    }
    if (d)
        closedir(d);
    text_free(&folder);
    packages[found ? strcspn(packages, "\n") : 0] = '\0';
    return found;
}

static int no_lab(const char *name, struct error *e)
{
    char packages[200];
    if (was_not_built(name, packages, sizeof packages))
        return error_exit(e, EXIT_MACHINE,
                          "The lab '%.60s' was not built: it needs %s, missing or left out "
                          "where the programs were built. Install that, and build again.",
                          name, packages);
    return error_exit(e, EXIT_WRONG_USAGE,
                      "There is no lab named '%.60s'. `tcplab list` shows the labs.", name);
}

int catalog_find(const char *name, struct lesson *l, struct error *e)
{
    if (strchr(name, '/'))
        return lesson_read(name, l, e);
    struct lesson *all;
    size_t count;
    if (read_labs(name, &all, &count, e) != 0)
        return -1;
    if (count > 0)
        *l = all[0];
    for (size_t i = 1; i < count; i++)
        lesson_free(&all[i]);
    free(all);
    return count > 0 ? 0 : no_lab(name, e);
}
