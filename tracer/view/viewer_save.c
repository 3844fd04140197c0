/* Keeping: packets as a capture file, the screen as text. Nothing is written over unasked. Packets
 * are written in slices, so that the picture lives on meanwhile. */
#include "tracer/view/new_file.h"
#include "tracer/base/words.h"
#include "tracer/view/viewer_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/view/slice.h"
#include "tracer/capture/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOK_EVERY = 64, SNAPLEN = 262144 };

/* What is being written; what is wanted was settled when it began. */
struct saving {
    struct new_file file;
    struct sink *sink; /* (owned) */
    int linktype;
    size_t next, end;           /* trace events */
    struct tags tags;           /* with any, they alone are wanted */
    bool *flows;                /* (owned) which connections are wanted */
    uint32_t flow_count;        /* of those known when it began */
    bool others;                /* packets that are no segments are wanted too */
    uint64_t written, left_out; /* of another link type */
};

/* ---- what is wanted ----------------------------------------------------------------------- */

static void settle_wanted(struct saving *s, const struct viewer *v)
{
    s->end = trace_event_count(v->trace);
    for (size_t i = 0; i < v->tags.count; i++)
        tags_add(&s->tags, v->tags.at[i]);
    s->flow_count = trace_flow_count(v->trace);
    s->flows = xcalloc(s->flow_count + 1, sizeof *s->flows);
    for (uint32_t i = 0; i < s->flow_count; i++)
        s->flows[i] = !v->type->shows || v->type->shows(v->view, i);
    s->others = !v->type->shows || v->type->shows(v->view, TRACE_NONE);
}

static bool is_wanted(const struct saving *s, const struct trace *t, struct trace_event e)
{
    int side;
    if (e.kind == TRACE_OTHER)
        return s->others && s->tags.count == 0;
    if (e.kind != TRACE_SEGMENT)
        return false;
    if (s->tags.count > 0)
        return tags_has(&s->tags, e.index);
    uint32_t flow = trace_segment_flow(t, e.index, &side);
    return flow < s->flow_count && s->flows[flow];
}

static struct frame frame_of(const struct trace *t, struct trace_event e)
{
    return e.kind == TRACE_SEGMENT ? trace_segment_frame(t, e.index)
                                   : trace_other_frame(t, e.index);
}

/* The first packet that is wanted says what link type the file has. */
static bool find_first(struct saving *s, const struct trace *t)
{
    for (; s->next < s->end; s->next++) {
        struct trace_event e = trace_event(t, s->next);
        if (!is_wanted(s, t, e))
            continue;
        s->linktype = frame_of(t, e).linktype;
        return true;
    }
    return false;
}

/* ---- writing ------------------------------------------------------------------------------ */

static void free_saving(struct viewer *v)
{
    struct saving *s = v->saving;
    tags_clear(&s->tags);
    free(s->flows);
    free(s);
    v->saving = NULL;
}

bool viewer_save_stop(struct viewer *v)
{
    if (!v->saving)
        return false;
    sink_close(v->saving->sink, NULL);
    new_file_drop(&v->saving->file);
    free_saving(v);
    return true;
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

static int start_saving(struct viewer *v, const char *path, struct error *e)
{
    if (v->saving)
        return error_set(e, "Another file is being written still; Esc gives that up.");
    struct saving *s = v->saving = xcalloc(1, sizeof *s);
    settle_wanted(s, v);
    if (!find_first(s, v->trace)) {
        free_saving(v);
        return error_set(e, "There is no packet to save here.");
    }
    if (new_file_open(&s->file, path, e) < 0) {
        free_saving(v);
        return -1;
    }
    s->sink = sink_open_fd(s->file.fd, path, s->linktype, SNAPLEN, e);
    if (!s->sink) {
        new_file_drop(&s->file);
        free_saving(v);
        return -1;
    }
    viewer_save_slice(v);
    return 0;
}

/* All take a number and two texts. */
static const char *saved_words(const struct saving *s)
{
    if (s->tags.count > 0)
        return s->written == 1 ? _("%llu tagged packet was written to %s.%s")
                               : _("%llu tagged packets were written to %s.%s");
    return s->written == 1 ? _("%llu packet was written to %s.%s")
                           : _("%llu packets were written to %s.%s");
}

static void saved(struct viewer *v)
{
    struct saving *s = v->saving;
    struct error e = {0};
    struct text path = {0}, more = {0};
    text_add(&path, text_str(&s->file.path));
    int result = sink_close(s->sink, &e);
    if (result < 0)
        new_file_drop(&s->file);
    else
        result = new_file_done(&s->file, &e);
    if (s->left_out > 0)
        text_format(&more, _(" %llu of another link type could not be in the same file."),
                    (unsigned long long)s->left_out);
    if (result < 0)
        viewer_refuse(v, &e);
    else
        viewer_tell(v, saved_words(s), (unsigned long long)s->written, text_str(&path),
                    text_str(&more));
    free_saving(v);
    text_free(&path);
    text_free(&more);
}

bool viewer_save_slice(struct viewer *v)
{
    struct saving *s = v->saving;
    struct error e = {0};
    int64_t until = clock_monotonic_ns() + SLICE_NS;
    if (!s)
        return false;
    for (unsigned i = 1; s->next < s->end; i++) {
        struct trace_event event = trace_event(v->trace, s->next++);
        if (is_wanted(s, v->trace, event) && save_frame(s, frame_of(v->trace, event), &e) < 0) {
            viewer_save_stop(v);
            viewer_refuse(v, &e);
            return true;
        }
        if (i % LOOK_EVERY == 0 && clock_monotonic_ns() > until)
            return true;
    }
    saved(v);
    return true;
}

int viewer_saved_percent(const struct viewer *v)
{
    const struct saving *s = v->saving;
    return s && s->end > 0 ? (int)(s->next * 100 / s->end) : 0;
}

/* ---- the screen --------------------------------------------------------------------------- */

static int write_all(int fd, const struct text *t, const char *path, struct error *e)
{
    for (size_t at = 0; at < t->len;) {
        ssize_t n = write(fd, t->s + at, t->len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return new_file_cannot(path, errno, e);
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
    int result = new_file_open(&f, path, e);
    if (result == 0) {
        result = write_all(f.fd, &picture, path, e);
        if (close(f.fd) != 0 && result == 0)
            result = new_file_cannot(path, errno, e);
        if (result < 0)
            new_file_drop(&f);
        else
            result = new_file_done(&f, e);
    }
    text_free(&picture);
    if (result == 0)
        viewer_tell(v, _("This screen was written to %s."), path);
    return result;
}

/* ---- asking ------------------------------------------------------------------------------- */

static enum viewer_answer write_it(struct viewer *v)
{
    const struct overwrite *o = &v->overwrite;
    struct error e = {0};
    int result = o->screen ? save_picture(v, text_str(&o->path), o->ansi, &e)
                           : start_saving(v, text_str(&o->path), &e);
    return result < 0 ? viewer_refuse(v, &e) : VIEWER_REDRAW;
}

void viewer_path(struct text *out, const char *name, size_t n)
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
    return yes ? write_it(v) : viewer_tell(v, _("Nothing was written."));
}

enum viewer_answer viewer_save(struct viewer *v, const char *argument)
{
    if (!argument) {
        viewer_prompt_open(v, PROMPT_SAVE, "");
        return VIEWER_REDRAW;
    }
    v->overwrite.screen = false;
    viewer_path(&v->overwrite.path, argument, strlen(argument));
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
    viewer_path(&v->overwrite.path, argument, n);
    return write_or_ask(v);
}
