#include "tracer/base/state_file.h"

#include "tracer/base/folders.h"
#include "tracer/base/words.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void state_file_path(const char *name, struct text *path)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && state[0] == '/')
        text_format(path, "%s/tcpladder/%s", state, name);
    else if (home && home[0] == '/')
        text_format(path, "%s/.local/state/tcpladder/%s", home, name);
}

static int cannot(bool writes, const char *path, struct error *e)
{
    return error_set(e, writes ? _("Cannot write %s: %s.") : _("Cannot read %s: %s."), path,
                     strerror(errno));
}

static int read_all(int fd, size_t most, struct text *out)
{
    while (out->len < most) {
        size_t room = most - out->len < 4096 ? most - out->len : 4096;
        ssize_t n = read(fd, text_reserve(out, room), room);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? 0 : -1;
        text_commit(out, (size_t)n);
    }
    return 0;
}

/* No link is followed, and nothing but a plain file is read. */
int state_file_read(const char *name, size_t most, struct text *out, struct error *e)
{
    struct text path = {0};
    struct stat st;
    int result = 0;
    state_file_path(name, &path);
    int fd =
        path.len > 0 ? open(text_str(&path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    if (fd < 0 && path.len > 0 && errno != ENOENT && errno != ENOTDIR) {
        result = cannot(false, text_str(&path), e);
    } else if (fd >= 0) {
        bool plain = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
        if (!plain)
            errno = EINVAL;
        if (!plain || read_all(fd, most, out) != 0)
            result = cannot(false, text_str(&path), e);
        close(fd);
    }
    text_free(&path);
    return result;
}

/* Where a user's home is not there, it is not made. */
static void make_folders(const char *path)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (!(state && state[0] == '/') && access(home, X_OK) != 0)
        return;
    (void)folders_above(path, 0700); /* where not, the file cannot be made, and that is told */
}

static bool write_all(int fd, const struct text *bytes)
{
    for (size_t at = 0; at < bytes->len;) {
        ssize_t n = write(fd, bytes->s + at, bytes->len - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0;
}

int state_file_write(const char *name, const struct text *bytes, struct error *e)
{
    struct text path = {0}, beside = {0};
    int result = 0;
    state_file_path(name, &path);
    if (path.len > 0) {
        make_folders(text_str(&path));
        text_format(&beside, "%s.XXXXXX", text_str(&path));
        int fd = mkostemp(beside.s, O_CLOEXEC);
        bool written = fd >= 0 && write_all(fd, bytes);
        if (fd >= 0)
            written = close(fd) == 0 && written;
        if (!written || rename(beside.s, text_str(&path)) != 0) {
            result = cannot(true, text_str(&path), e);
            if (fd >= 0)
                unlink(beside.s);
        }
    }
    text_free(&path);
    text_free(&beside);
    return result;
}
