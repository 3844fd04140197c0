#include "tracer/view/source_file.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MOST = 1 << 20, PART_BYTES_MOST = 256, TAB_COLS = 4 };

static int refuse(struct source_file *f, const char *why)
{
    f->fault = why;
    return -1;
}

static const char *why_not_opened(int number)
{
    return number == EACCES ? _("The source may not be read by this user.")
           : number == ELOOP
               ? _("The source is reached through a symbolic link, which is not followed.")
               : _("The source is not here: it is looked for in the folder of the lab, of the "
                   "program or of the session.");
}

/* Open `name` under the folder `at` (closed here), part by part. */
static int open_parts(struct source_file *f, int at, const char *name)
{
    char part[PART_BYTES_MOST];
    while (at >= 0) {
        size_t n = strcspn(name, "/");
        bool last = name[n] == '\0';
        if (n == 0 || n >= sizeof part || (n == 2 && strncmp(name, "..", 2) == 0)) {
            close(at);
            return refuse(f,
                          _("The source's name leads out of the folder that it is looked for in."));
        }
        memcpy(part, name, n);
        part[n] = '\0';
        int flags = last ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH | O_DIRECTORY;
        int next = openat(at, part, flags | O_NOFOLLOW | O_CLOEXEC);
        int number = errno;
        close(at);
        if (next < 0)
            return refuse(f, why_not_opened(number));
        if (last)
            return next;
        at = next;
        name += n + 1;
        name += strspn(name, "/");
    }
    return refuse(f, why_not_opened(errno));
}

static const char *base_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static int open_folder(const char *folder)
{
    return open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Under its whole name first, then, for one that was compiled elsewhere, under its last part. */
static int open_source(struct source_file *f, const struct trace *t, const char *name)
{
    bool anywhere;
    const char *folder = trace_sources(t, &anywhere);
    int fd = -1;
    if (!folder)
        return refuse(f, why_not_opened(ENOENT));
    if (name[0] != '/')
        fd = open_parts(f, open_folder(folder), name);
    else if (anywhere)
        fd = open_parts(f, open_folder("/"), name + strspn(name, "/"));
    if (fd < 0 && strchr(name, '/'))
        fd = open_parts(f, open_folder(folder), base_of(name));
    return fd;
}

static bool read_all(struct source_file *f, int fd, size_t size)
{
    size_t got = 0;
    f->bytes = xmalloc(size + 1);
    while (got < size) {
        ssize_t n = read(fd, f->bytes + got, size - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    f->bytes[got] = '\0';
    if (strlen(f->bytes) == got)
        return true;
    refuse(f, _("The source holds no text."));
    return false;
}

static void find_lines(struct source_file *f)
{
    size_t cap = 0, n = 0;
    const char *at = f->bytes;
    for (;; at++) {
        xgrow(&f->line_at, &cap, n, sizeof *f->line_at);
        f->line_at[n++] = (size_t)(at - f->bytes);
        at += strcspn(at, "\n");
        if (*at == '\0' || at[1] == '\0')
            break;
    }
    f->lines = n;
    xgrow(&f->line_at, &cap, n, sizeof *f->line_at);
    f->line_at[n] = (size_t)(at - f->bytes) + strlen(at);
}

bool source_file_read(struct source_file *f, const struct trace *t, const char *name)
{
    struct stat s;
    *f = (struct source_file){0};
    int fd = open_source(f, t, name);
    if (fd < 0)
        return false;
    bool good = false;
    if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode))
        refuse(f, _("The source is no regular file."));
    else if (s.st_size > FILE_BYTES_MOST)
        refuse(f, _("The source is larger than 1 MiB, and not shown."));
    else
        good = read_all(f, fd, (size_t)s.st_size);
    close(fd);
    if (good) {
        f->fault = NULL;
        find_lines(f);
    }
    return good;
}

void source_file_free(struct source_file *f)
{
    free(f->bytes);
    free(f->line_at);
    *f = (struct source_file){0};
}

void source_file_line(const struct source_file *f, size_t number, struct text *out)
{
    if (number < 1 || number > f->lines)
        return;
    const char *at = f->bytes + f->line_at[number - 1];
    size_t n = strcspn(at, "\r\n"), col = 0;
    struct text plain = {0};
    for (size_t i = 0; i < n; i++) {
        size_t blanks = at[i] == '\t' ? TAB_COLS - col % TAB_COLS : 1;
        text_repeat(&plain, at[i] == '\t' ? ' ' : at[i], blanks);
        col += blanks;
    }
    text_safe_escaped(out, text_str(&plain)); /* a backslash is one here */
    text_free(&plain);
}
