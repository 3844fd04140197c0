#include "labs/submission/copy.h"

#include "tracer/base/text.h"
#include "tracer/base/words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct copying {
    long long bytes;
    int files;
    struct error *e;
};

static int refuse(struct copying *c, const char *what, const char *path, int number)
{
    struct text safe = {0};
    text_safe(&safe, path, strnlen(path, 300));
    error_exit(c->e, EXIT_WRONG_USAGE, _(what), text_str(&safe), strerror(number));
    text_free(&safe);
    return -1;
}

static int too_much(struct copying *c)
{
    return error_exit(c->e, EXIT_FELL_SHORT,
                      "The submission is larger than %d files, %d folders deep, or %lld MiB: hand "
                      "in the program's sources alone.",
                      COPY_FILES_MOST, COPY_DEPTH_MOST, COPY_BYTES_MOST >> 20);
}

static int write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, bytes, n);
        if (put < 0 && errno != EINTR)
            return -1;
        if (put > 0) {
            bytes += put;
            n -= (size_t)put;
        }
    }
    return 0;
}

static int copy_bytes(struct copying *c, int in, int out, const char *path)
{
    char bytes[65536];
    ssize_t n;
    while ((n = read(in, bytes, sizeof bytes)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse(c, N_("Cannot read the file %s of the submission: %s."), path, errno);
        c->bytes += n;
        if (c->bytes > COPY_BYTES_MOST)
            return too_much(c);
        if (write_all(out, bytes, (size_t)n) != 0)
            return refuse(c, N_("Cannot copy the file %s of the submission: %s."), path, errno);
    }
    return 0;
}

/* Only the owner may read and change the copy, and run it where that was so before. */
static int copy_one(struct copying *c, int from, const char *name, int to, const char *as)
{
    struct stat s;
    int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (in < 0)
        return refuse(c, N_("Cannot read the file %s of the submission: %s."), name, errno);
    int result = fstat(in, &s);
    if (result != 0 || !S_ISREG(s.st_mode)) {
        close(in);
        return result == 0
                   ? 0
                   : refuse(c, N_("Cannot read the file %s of the submission: %s."), name, errno);
    }
    int out = openat(to, as, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                     s.st_mode & S_IXUSR ? 0700 : 0600);
    if (out < 0)
        result = refuse(c, N_("Cannot copy the file %s of the submission: %s."), name, errno);
    else
        result = ++c->files > COPY_FILES_MOST ? too_much(c) : copy_bytes(c, in, out, name);
    if (out >= 0 && close(out) != 0 && result == 0)
        result = refuse(c, N_("Cannot copy the file %s of the submission: %s."), name, errno);
    close(in);
    return result;
}

static int copy_into(struct copying *c, int from, int to, int depth);

static int copy_inner(struct copying *c, int from, const char *name, int to, int depth)
{
    int inner = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner < 0)
        return refuse(c, N_("Cannot read the folder %s of the submission: %s."), name, errno);
    int made = mkdirat(to, name, 0700);
    int outer = made == 0 ? openat(to, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (outer < 0) {
        int number = errno;
        close(inner);
        return refuse(c, N_("Cannot copy the folder %s of the submission: %s."), name, number);
    }
    int result = copy_into(c, inner, outer, depth + 1);
    close(outer);
    return result;
}

/* `from` is closed. */
static int copy_into(struct copying *c, int from, int to, int depth)
{
    DIR *d = depth <= COPY_DEPTH_MOST ? fdopendir(from) : NULL;
    int result = 0;
    if (!d) {
        close(from);
        return too_much(c);
    }
    for (struct dirent *entry; result == 0 && (entry = readdir(d));) {
        struct stat s;
        if (entry->d_name[0] == '.' ||
            fstatat(dirfd(d), entry->d_name, &s, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISDIR(s.st_mode))
            result = copy_inner(c, dirfd(d), entry->d_name, to, depth);
        else if (S_ISREG(s.st_mode))
            result = copy_one(c, dirfd(d), entry->d_name, to, entry->d_name);
    }
    closedir(d);
    return result;
}

int copy_folder(const char *from, const char *to, struct error *e)
{
    struct copying c = {.e = e};
    int in = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (in < 0)
        return refuse(&c, N_("Cannot read the folder %s of the submission: %s."), from, errno);
    int made = mkdir(to, 0700);
    int out = made == 0 ? open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (out < 0) {
        int number = errno;
        close(in);
        return refuse(&c, N_("Cannot copy the folder %s of the submission: %s."), from, number);
    }
    int result = copy_into(&c, in, out, 0);
    close(out);
    return result;
}

int copy_file(const char *from, const char *to, struct error *e)
{
    struct copying c = {.e = e};
    return copy_one(&c, AT_FDCWD, from, AT_FDCWD, to);
}
