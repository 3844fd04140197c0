#include "labs/submission/room.h"

#include "tracer/base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "tcplab-room-"
#define LOCK   ".lock"
enum { DEPTH_MOST = 200 };

/* ---- removing ------------------------------------------------------------------------------- */

static void remove_in(int folder, const char *name, int depth);

/* Everything in an open folder, which is closed. */
static void empty(int folder, int depth)
{
    DIR *d = fdopendir(folder);
    if (!d) {
        close(folder);
        return;
    }
    for (struct dirent *entry; (entry = readdir(d));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_in(dirfd(d), entry->d_name, depth);
    closedir(d);
}

static void remove_in(int folder, const char *name, int depth)
{
    struct stat s;
    if (unlinkat(folder, name, 0) == 0 || fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISDIR(s.st_mode) || depth >= DEPTH_MOST)
        return;
    fchmodat(folder, name, S_IRWXU, 0);
    int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner >= 0)
        empty(inner, depth + 1);
    unlinkat(folder, name, AT_REMOVEDIR);
}

void room_remove(const char *path)
{
    remove_in(AT_FDCWD, path, 0);
}

/* ---- a room --------------------------------------------------------------------------------- */

/* A room whose lock nobody holds has been left behind. */
static void sweep_one(const char *path)
{
    struct text lock = {0};
    struct stat s;
    if (lstat(path, &s) != 0 || !S_ISDIR(s.st_mode) || s.st_uid != geteuid())
        return;
    text_format(&lock, "%s/" LOCK, path);
    int fd = open(text_str(&lock), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        room_remove(path);
    if (fd >= 0)
        close(fd);
    text_free(&lock);
}

static void sweep(const char *folder)
{
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        struct text path = {0};
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0)
            continue;
        text_format(&path, "%s/%s", folder, entry->d_name);
        sweep_one(text_str(&path));
        text_free(&path);
    }
    if (d)
        closedir(d);
}

/* The lock is there only once it is held: a room is at no moment one that was left behind. */
static int take_lock(struct room *r)
{
    struct text made = {0}, lock = {0};
    text_format(&made, "%s/" LOCK ".new", r->path);
    text_format(&lock, "%s/" LOCK, r->path);
    r->lock = open(text_str(&made), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool held = r->lock >= 0 && flock(r->lock, LOCK_EX | LOCK_NB) == 0 &&
                rename(text_str(&made), text_str(&lock)) == 0;
    int number = held ? 0 : errno;
    text_free(&made);
    text_free(&lock);
    return number;
}

int room_open(struct room *r, struct error *e)
{
    const char *set = getenv("TMPDIR");
    char *folder = realpath(set && set[0] ? set : "/tmp", NULL);
    struct text path = {0};
    *r = (struct room){.lock = -1};
    if (folder)
        sweep(folder);
    text_format(&path, "%s/" PREFIX "XXXXXX", folder ? folder : set);
    int number = folder && mkdtemp(path.s) ? 0 : errno;
    if (number == 0) {
        r->path = xstrdup(text_str(&path));
        number = take_lock(r);
    }
    if (number != 0) {
        error_set(e,
                  "Cannot make a private folder in %.300s: %s. Set TMPDIR to a folder that can "
                  "be written to.",
                  folder ? folder : set, strerror(number));
        room_close(r);
    }
    free(folder);
    text_free(&path);
    return number == 0 ? 0 : -1;
}

void room_close(struct room *r)
{
    if (r->path)
        room_remove(r->path);
    if (r->lock >= 0)
        close(r->lock);
    free(r->path);
    *r = (struct room){.lock = -1};
}
