/* Keeping: packets as a capture file, the screen as text. Nothing is written over unasked, and what
 * is written over goes only when all of the new is there: it may be the very file that is read. */
#include "tracer/view/viewer_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/capture/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a file that appears whole ------------------------------------------------------------ */

struct new_file {
    int fd;
    struct text path; /* where it is written first */
};

static int cannot(const char *path, int why, struct error *e)
{
    return error_set(e, "%s cannot be written: %s.", path, strerror(why));
}

static int new_file(struct new_file *f, const char *path, struct error *e)
{
    mode_t mask = umask(0);
    umask(mask);
    *f = (struct new_file){.fd = -1};
    text_format(&f->path, "%s.XXXXXX", path);
    f->fd = mkostemp(f->path.s, O_CLOEXEC);
    if (f->fd < 0) {
        int why = errno;
        text_free(&f->path);
        return cannot(path, why, e);
    }
    if (fchmod(f->fd, 0666 & ~mask) != 0) {
        /* a file system without modes keeps the file's own */
    }
    return 0;
}

/* Put it in its place, or away where `result` says that it failed. */
static int new_file_end(struct new_file *f, const char *path, int result, struct error *e)
{
    if (result == 0 && rename(text_str(&f->path), path) != 0)
        result = cannot(path, errno, e);
    if (result != 0)
        unlink(text_str(&f->path));
    text_free(&f->path);
    return result;
}

/* ---- packets ------------------------------------------------------------------------------ */

struct saving {
    const struct viewer *v;
    struct sink *sink;
    int linktype;
    uint64_t written, left_out; /* of another link type */
};

static bool is_wanted(const struct viewer *v, struct trace_event e)
{
    int side;
    if (v->tags.count > 0)
        return e.kind == TRACE_SEGMENT && tags_has(&v->tags, e.index);
    if (e.kind == TRACE_SEGMENT)
        return !v->type->shows ||
               v->type->shows(v->view, trace_segment_flow(v->trace, e.index, &side));
    return e.kind == TRACE_OTHER && (!v->type->shows || v->type->shows(v->view, TRACE_NONE));
}

static struct frame frame_of(const struct viewer *v, struct trace_event e)
{
    return e.kind == TRACE_SEGMENT ? trace_segment_frame(v->trace, e.index)
                                   : trace_other_frame(v->trace, e.index);
}

static int save_frame(struct saving *s, struct frame f, struct error *e)
{
    struct capture_frame out = {.time_ns = f.time_ns,
                                .linktype = f.linktype,
                                .bytes = f.bytes,
                                .captured_bytes = f.captured_bytes,
                                .wire_bytes = f.wire_bytes};
    if (f.linktype != s->linktype) {
        s->left_out++;
        return 0;
    }
    s->written++;
    return sink_write(s->sink, &out, e);
}

/* The first packet that is wanted says what link type the file has. */
static bool find_linktype(struct saving *s)
{
    size_t n = trace_event_count(s->v->trace);
    for (size_t i = 0; i < n; i++) {
        struct trace_event event = trace_event(s->v->trace, i);
        if (!is_wanted(s->v, event))
            continue;
        s->linktype = frame_of(s->v, event).linktype;
        return true;
    }
    return false;
}

static int save_frames(struct saving *s, int fd, const char *path, struct error *e)
{
    enum { SNAPLEN = 262144 };
    int result = 0;
    size_t n = trace_event_count(s->v->trace);
    s->sink = sink_open_fd(fd, path, s->linktype, SNAPLEN, e);
    if (!s->sink)
        return -1;
    for (size_t i = 0; i < n && result == 0; i++) {
        struct trace_event event = trace_event(s->v->trace, i);
        if (is_wanted(s->v, event))
            result = save_frame(s, frame_of(s->v, event), e);
    }
    struct error also;
    return sink_close(s->sink, result == 0 ? e : &also) < 0 ? -1 : result;
}

static int save_packets(struct viewer *v, const char *path, struct error *e)
{
    struct saving s = {.v = v};
    struct new_file f;
    if (!find_linktype(&s))
        return error_set(e, "There is no packet to save here.");
    if (new_file(&f, path, e) < 0)
        return -1;
    if (new_file_end(&f, path, save_frames(&s, f.fd, path, e), e) < 0)
        return -1;
    struct text more = {0};
    if (s.left_out > 0)
        text_format(&more, " %llu of another link type could not be in the same file.",
                    (unsigned long long)s.left_out);
    viewer_tell(v, "%llu %spacket%s written to %s.%s", (unsigned long long)s.written,
                v->tags.count > 0 ? "tagged " : "", s.written == 1 ? " was" : "s were", path,
                text_str(&more));
    text_free(&more);
    return 0;
}

/* ---- the screen --------------------------------------------------------------------------- */

static int write_all(int fd, const struct text *t, const char *path, struct error *e)
{
    for (size_t at = 0; at < t->len;) {
        ssize_t n = write(fd, t->s + at, t->len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return cannot(path, errno, e);
        at += (size_t)n;
    }
    return 0;
}

/* What was typed to get here is no part of the picture. */
static void draw_screen(struct viewer *v, bool ansi, struct text *out)
{
    struct grid g = {.ascii = v->ascii};
    grid_resize(&g, v->rows, v->cols);
    viewer_draw(v, &g);
    if (ansi)
        theme_write(v->settings.theme, &g, out);
    else
        grid_text(&g, out);
    grid_free(&g);
}

static int save_picture(struct viewer *v, const char *path, bool ansi, struct error *e)
{
    struct text picture = {0};
    struct new_file f;
    text_clear(&v->message);
    draw_screen(v, ansi, &picture);
    int result = new_file(&f, path, e);
    if (result == 0) {
        result = write_all(f.fd, &picture, path, e);
        if (close(f.fd) != 0 && result == 0)
            result = cannot(path, errno, e);
        result = new_file_end(&f, path, result, e);
    }
    text_free(&picture);
    if (result == 0)
        viewer_tell(v, "This screen was written to %s.", path);
    return result;
}

/* ---- asking ------------------------------------------------------------------------------- */

static enum viewer_answer write_it(struct viewer *v)
{
    const struct overwrite *o = &v->overwrite;
    struct error e = {0};
    int result = o->screen ? save_picture(v, text_str(&o->path), o->ansi, &e)
                           : save_packets(v, text_str(&o->path), &e);
    return result < 0 ? viewer_refuse(v, &e) : VIEWER_REDRAW;
}

/* A name as a shell would take it: ~ is the home. */
static void set_path(struct text *out, const char *name, size_t n)
{
    const char *home = getenv("HOME");
    text_clear(out);
    if (home && n >= 2 && name[0] == '~' && name[1] == '/') {
        text_add(out, home);
        name++, n--;
    }
    text_bytes(out, name, n);
}

static enum viewer_answer write_or_ask(struct viewer *v)
{
    struct overwrite *o = &v->overwrite;
    struct stat st;
    struct error e = {0};
    if (stat(text_str(&o->path), &st) != 0)
        return write_it(v);
    if (!S_ISREG(st.st_mode)) {
        error_set(&e, "%s is no ordinary file: nothing was written.", text_str(&o->path));
        return viewer_refuse(v, &e);
    }
    o->asked = true;
    return viewer_tell(v, "%s is there already. Write over it? y or n", text_str(&o->path));
}

enum viewer_answer viewer_overwrite(struct viewer *v, bool yes)
{
    v->overwrite.asked = false;
    text_clear(&v->message);
    return yes ? write_it(v) : viewer_tell(v, "Nothing was written.");
}

enum viewer_answer viewer_save(struct viewer *v, const char *argument)
{
    if (!argument) {
        viewer_prompt_open(v, PROMPT_SAVE, "");
        return VIEWER_REDRAW;
    }
    v->overwrite.screen = false;
    set_path(&v->overwrite.path, argument, strlen(argument));
    return write_or_ask(v);
}

static bool ends_in(const char *s, size_t n, const char *end)
{
    size_t m = strlen(end);
    return n > m && memcmp(s + n - m, end, m) == 0;
}

enum viewer_answer viewer_save_screen(struct viewer *v, const char *argument)
{
    size_t n = argument ? strlen(argument) : 0;
    if (n == 0) {
        viewer_prompt_open(v, PROMPT_COMMAND, "save-screen ");
        return VIEWER_REDRAW;
    }
    bool word = ends_in(argument, n, " ansi");
    n -= word ? strlen(" ansi") : 0;
    while (n > 0 && argument[n - 1] == ' ')
        n--;
    v->overwrite.screen = true;
    v->overwrite.ansi = word || ends_in(argument, n, ".ansi");
    set_path(&v->overwrite.path, argument, n);
    return write_or_ask(v);
}
