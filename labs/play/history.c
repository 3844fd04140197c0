#include "labs/play/history.h"

#include "tracer/base/folders.h"
#include "tracer/base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 65536, LINE_MOST = 3000 };

/* ---- where it is ---------------------------------------------------------------------------- */

static void find_place(struct text *path)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && state[0] == '/')
        text_format(path, "%s/tcpladder/play-history", state);
    else if (home && home[0] == '/')
        text_format(path, "%s/.local/state/tcpladder/play-history", home);
}

/* No link is followed, and nothing but a plain file is opened. */
static int open_file(const char *path, int flags)
{
    struct stat st;
    int fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno != EINTR)
            return false;
        bytes += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* ---- reading -------------------------------------------------------------------------------- */

static void keep(struct play_history *h, const char *line, size_t n)
{
    if (n == 0 || n > LINE_MOST)
        return;
    for (size_t i = 0; i < n; i++) /* a line that was not typed here */
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            return;
    if (h->count == PLAY_HISTORY_MOST) {
        free(h->lines[0]);
        memmove(h->lines, h->lines + 1, (PLAY_HISTORY_MOST - 1) * sizeof h->lines[0]);
        h->count--;
    }
    h->lines[h->count++] = xstrndup(line, n);
}

/* The last of the file's bytes; true where there are more than a history needs. */
static bool read_tail(const char *path, struct text *out)
{
    char bytes[4096];
    struct stat st;
    ssize_t n;
    int fd = open_file(path, O_RDONLY);
    if (fd < 0)
        return false;
    bool is_long = fstat(fd, &st) == 0 && st.st_size > FILE_MOST;
    if (is_long)
        lseek(fd, -FILE_MOST, SEEK_END);
    while (out->len <= FILE_MOST &&
           ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR)))
        text_bytes(out, bytes, n > 0 ? (size_t)n : 0);
    close(fd);
    return is_long;
}

/* Write what is kept in another file, which then takes its place. */
static void shorten(const struct play_history *h)
{
    struct text path = {0}, all = {0};
    text_format(&path, "%s.%ld", text_str(&h->path), (long)getpid());
    for (size_t i = 0; i < h->count; i++)
        text_format(&all, "%s\n", h->lines[i]);
    int fd = open_file(text_str(&path), O_WRONLY | O_CREAT | O_EXCL);
    bool written = fd >= 0 && write_all(fd, text_str(&all), all.len);
    if (fd >= 0)
        written = close(fd) == 0 && written;
    if (fd >= 0 && (!written || rename(text_str(&path), text_str(&h->path)) != 0))
        unlink(text_str(&path));
    text_free(&path);
    text_free(&all);
}

void play_history_open(struct play_history *h)
{
    struct text all = {0};
    *h = (struct play_history){0};
    find_place(&h->path);
    if (h->path.len == 0)
        return;
    bool is_long = read_tail(text_str(&h->path), &all);
    const char *at = text_str(&all), *end = at + all.len;
    if (is_long) /* the first line is but the rest of one */
        at += strcspn(at, "\n");
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = newline ? (size_t)(newline - at) : (size_t)(end - at);
        keep(h, at, n);
        at += n + 1;
    }
    text_free(&all);
    if (is_long)
        shorten(h);
}

void play_history_free(struct play_history *h)
{
    for (size_t i = 0; i < h->count; i++)
        free(h->lines[i]);
    text_free(&h->path);
    *h = (struct play_history){0};
}

void play_history_add(struct play_history *h, const char *line)
{
    struct text whole = {0};
    if (h->path.len == 0 || *line == '\0')
        return;
    (void)folders_above(text_str(&h->path), 0700); /* for this user alone where they are new */
    int fd = open_file(text_str(&h->path), O_WRONLY | O_APPEND | O_CREAT);
    if (fd < 0)
        return;
    text_format(&whole, "%s\n", line); /* one write: lines of two prompts do not mix */
    write_all(fd, whole.s, whole.len);
    close(fd);
    text_free(&whole);
}
