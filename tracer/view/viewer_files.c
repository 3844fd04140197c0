/* Completing the name of a file that is being typed. Names that a terminal should not be given are
 * not offered. */
#include "tracer/view/viewer_parts.h"

#include "tracer/base/alloc.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_safe(const char *name)
{
    struct text safe = {0};
    text_safe_str(&safe, name);
    bool same = strcmp(text_str(&safe), name) == 0;
    text_free(&safe);
    return same;
}

/* The folder in which `typed`, up to and with its last slash, says to look. */
static void folder_of(const char *typed, size_t n, struct text *out)
{
    if (n == 0)
        text_char(out, '.');
    else
        viewer_path(out, typed, n);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void viewer_files_forget(struct viewer *v)
{
    for (int i = 0; i < v->file_count; i++)
        free(v->files[i]);
    v->file_count = 0;
}

/* One that is a folder gets a slash behind it. */
static char *copy_of(const char *folder, const char *name)
{
    struct text path = {0}, shown = {0};
    struct stat st;
    text_format(&path, "%s/%s", folder, name);
    text_add(&shown, name);
    if (stat(text_str(&path), &st) == 0 && S_ISDIR(st.st_mode))
        text_char(&shown, '/');
    char *copy = xstrdup(text_str(&shown));
    text_free(&path);
    text_free(&shown);
    return copy;
}

static void read_folder(struct viewer *v, const char *folder, const char *begun)
{
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && v->file_count < COMPLETIONS && (entry = readdir(d));) {
        const char *name = entry->d_name;
        bool hidden = name[0] == '.' && begun[0] != '.';
        if (!hidden && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
            strncmp(name, begun, strlen(begun)) == 0 && is_safe(name))
            v->files[v->file_count++] = copy_of(folder, name);
    }
    if (d)
        closedir(d);
    qsort(v->files, (size_t)v->file_count, sizeof v->files[0], by_name);
}

size_t viewer_offer_files(struct viewer *v, const char *typed)
{
    const char *slash = strrchr(typed, '/');
    size_t begins = slash ? (size_t)(slash - typed) + 1 : 0;
    struct text folder = {0};
    viewer_files_forget(v);
    folder_of(typed, begins, &folder);
    read_folder(v, text_str(&folder), typed + begins);
    text_free(&folder);
    for (int i = 0; i < v->file_count; i++)
        v->completions[v->completion_count++] = (struct completion){v->files[i], NULL};
    return begins;
}
