#include "tracer/view/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int new_file_cannot(const char *path, int why, struct error *e)
{
    return error_set(e, "%s cannot be written: %s.", path, strerror(why));
}

static void forget(struct new_file *f)
{
    text_free(&f->path);
    text_free(&f->hidden);
}

int new_file_open(struct new_file *f, const char *path, struct error *e)
{
    mode_t mask = umask(0);
    umask(mask);
    *f = (struct new_file){.fd = -1};
    text_add(&f->path, path);
    text_format(&f->hidden, "%s.XXXXXX", path);
    f->fd = mkostemp(f->hidden.s, O_CLOEXEC);
    if (f->fd < 0) {
        int why = errno;
        new_file_cannot(path, why, e);
        forget(f);
        return -1;
    }
    /* mkostemp() makes it the owner's alone; a file system without modes keeps its own */
    int kept = fchmod(f->fd, 0666 & ~mask);
    (void)kept;
    return 0;
}

int new_file_done(struct new_file *f, struct error *e)
{
    if (rename(text_str(&f->hidden), text_str(&f->path)) != 0) {
        new_file_cannot(text_str(&f->path), errno, e);
        new_file_drop(f);
        return -1;
    }
    forget(f);
    return 0;
}

void new_file_drop(struct new_file *f)
{
    if (f->hidden.len > 0)
        unlink(text_str(&f->hidden));
    forget(f);
}
