#include "labs/guide/place.h"

#include "tracer/base/alloc.h"
#include "tracer/base/state_file.h"
#include "tracer/base/words.h"
#include "tracer/capture/source.h"
#include "tracer/session/annotation.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The lab's stations, a letter each: 'S' the line of a step, 'Q' a question. */
static void add_shape(const struct lesson *l, struct text *out)
{
    for (size_t i = 0; i < l->part_count; i++) {
        const struct part *p = &l->parts[i];
        for (size_t k = 0; p->kind == PART_STEP && k < p->step.count; k++)
            text_char(out, 'S');
        if (p->kind == PART_ASK)
            text_char(out, 'Q');
    }
}

static size_t count_of(const char *shape, size_t n, char station)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += shape[i] == station;
    return found;
}

void place_begin(const struct lesson *l, struct place *p)
{
    struct text shape = {0};
    add_shape(l, &shape);
    *p = (struct place){
        .steps_most = count_of(text_str(&shape), shape.len, 'S'),
        .questions = count_of(text_str(&shape), shape.len, 'Q'),
    };
    p->marks = xcalloc(p->questions + 1, sizeof *p->marks);
    text_free(&shape);
}

void place_free(struct place *p)
{
    for (size_t i = 0; i < p->questions; i++)
        text_free(&p->marks[i].typed);
    free(p->marks);
    *p = (struct place){0};
}

bool place_in_the_middle(const struct place *p)
{
    bool any = p->passed > 0;
    for (size_t i = 0; i < p->questions; i++)
        any |= p->marks[i].wrong > 0 || p->marks[i].hints > 0;
    return any;
}

/* A lab of one's own may have any name. */
void place_file_name(const struct lesson *l, const char *before, const char *behind,
                     struct text *out)
{
    text_add(out, before);
    for (const char *s = l->name; *s; s++)
        text_char(out, isalnum((unsigned char)*s) || strchr("-_", *s) ? *s : '_');
    for (size_t i = 0; l->varied && i < l->variable_count; i++) { /* another lab, as it were */
        text_char(out, '.');
        for (const char *s = l->variables[i].value; *s; s++)
            text_char(out, isalnum((unsigned char)*s) ? *s : '_');
    }
    text_add(out, behind);
}

#ifdef HAVE_JANSSON
#include <jansson.h>

static void add_name(const struct lesson *l, struct text *name)
{
    place_file_name(l, "place-", ".json", name);
}

static size_t number_of(const json_t *row, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(row, key));
    return n > 0 && n < INT32_MAX ? (size_t)n : 0;
}

static int64_t time_of(const json_t *all, const char *key)
{
    const char *digits = json_string_value(json_object_get(all, key));
    return digits ? strtoll(digits, NULL, 10) : 0;
}

static void read_mark(const json_t *row, struct ask_mark *m)
{
    const char *typed = json_string_value(json_object_get(row, "typed"));
    m->wrong = (unsigned)number_of(row, "wrong");
    m->hints = number_of(row, "hints");
    m->right = json_is_true(json_object_get(row, "right"));
    m->told = json_is_true(json_object_get(row, "told"));
    text_add(&m->typed, typed ? typed : "");
}

/* What does not fit this lab is not taken. */
static void read_place(const json_t *all, const char *shape, struct place *p)
{
    const char *left = json_string_value(json_object_get(all, "shape"));
    const json_t *marks = json_object_get(all, "marks");
    if (!left || strcmp(left, shape) != 0)
        return;
    p->passed = number_of(all, "passed");
    p->passed = p->passed < strlen(shape) ? p->passed : strlen(shape);
    p->steps = count_of(shape, p->passed, 'S');
    p->began_ns = time_of(all, "began_ns");
    p->left_s = time_of(all, "left_s");
    for (size_t i = 0; i < p->questions; i++)
        read_mark(json_array_get(marks, i), &p->marks[i]);
}

int place_read(const struct lesson *l, struct place *p, struct error *e)
{
    enum { MOST = 1 << 20 };
    struct text name = {0}, file = {0}, shape = {0}, path = {0};
    place_begin(l, p);
    add_name(l, &name);
    int result = state_file_read(text_str(&name), MOST, &file, e);
    if (result == 0 && file.len > 0) {
        json_t *all = json_loadb(file.s, file.len, 0, NULL);
        add_shape(l, &shape);
        state_file_path(text_str(&name), &path);
        if (json_is_object(all))
            read_place(all, text_str(&shape), p);
        else
            result =
                error_set(e, _("%s does not hold what tcplab writes. Remove it to begin anew."),
                          text_str(&path));
        json_decref(all);
    }
    text_free(&name);
    text_free(&file);
    text_free(&shape);
    text_free(&path);
    if (result != 0)
        place_free(p);
    return result;
}

static json_t *packed(const struct lesson *l, const struct place *p)
{
    struct text shape = {0}, began = {0}, left = {0};
    json_t *marks = json_array();
    for (size_t i = 0; i < p->questions; i++) {
        const struct ask_mark *m = &p->marks[i];
        json_array_append_new(marks, json_pack("{s:i, s:i, s:b, s:b, s:s}", "wrong", (int)m->wrong,
                                               "hints", (int)m->hints, "right", m->right, "told",
                                               m->told, "typed", text_str(&m->typed)));
    }
    add_shape(l, &shape);
    text_format(&began, "%lld", (long long)p->began_ns);
    text_format(&left, "%lld", (long long)time(NULL));
    json_t *all =
        json_pack("{s:s, s:i, s:s, s:s, s:o}", "shape", text_str(&shape), "passed", (int)p->passed,
                  "began_ns", text_str(&began), "left_s", text_str(&left), "marks", marks);
    text_free(&shape);
    text_free(&began);
    text_free(&left);
    return all;
}

int place_write(const struct lesson *l, const struct place *p, struct error *e)
{
    struct text name = {0}, file = {0};
    json_t *all = packed(l, p);
    char *text = all ? json_dumps(all, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;
    if (text)
        text_format(&file, "%s\n", text);
    add_name(l, &name);
    int result = text ? state_file_write(text_str(&name), &file, e)
                      : error_set(e, _("What was answered so far cannot be written down."));
    free(text);
    json_decref(all);
    text_free(&name);
    text_free(&file);
    return result;
}

int place_forget(const struct lesson *l, struct error *e)
{
    struct text name = {0}, path = {0};
    int result = 0;
    add_name(l, &name);
    state_file_path(text_str(&name), &path);
    if (path.len > 0 && unlink(text_str(&path)) != 0 && errno != ENOENT && errno != ENOTDIR)
        result = error_set(e, _("Cannot remove %s: %s."), text_str(&path), strerror(errno));
    text_free(&name);
    text_free(&path);
    return result;
}

#else

int place_read(const struct lesson *l, struct place *p, struct error *e)
{
    (void)e;
    place_begin(l, p);
    return 0;
}

int place_write(const struct lesson *l, const struct place *p, struct error *e)
{
    (void)l, (void)p, (void)e;
    return 0;
}

int place_forget(const struct lesson *l, struct error *e)
{
    (void)l, (void)e;
    return 0;
}

#endif

/* ---- its session ---------------------------------------------------------------------------- */

static bool is_good_end(const struct capture_frame *frame)
{
    struct annotation a;
    struct error unused;
    if (!annotation_is(frame->bytes, frame->captured_bytes) ||
        annotation_read(frame->bytes, frame->captured_bytes, &a, &unused) != 0)
        return false;
    bool good = a.type == ANNOTATION_END && a.end.verdict && strcmp(a.end.verdict, "done") == 0;
    annotation_free(&a);
    return good;
}

bool place_session_is_whole(const struct place *p, const char *path)
{
    struct source_options o = {.file = path, .fd = -1};
    struct capture_frame frame;
    struct error unused;
    bool good = false, first = true;
    struct source *source = source_open(&o, &unused);
    if (!source)
        return false;
    while (source_next(source, true, &frame, &unused) == SOURCE_FRAME) {
        if (first && frame.time_ns != p->began_ns)
            break;
        first = false;
        good = is_good_end(&frame);
    }
    source_close(source);
    return good;
}

/* ---- in words ------------------------------------------------------------------------------- */

static size_t answered(const struct place *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->questions; i++)
        n += p->marks[i].right || p->marks[i].told;
    return n;
}

void place_text(const struct place *p, struct text *out)
{
    if (!place_in_the_middle(p))
        return;
    if (p->steps_most > 0)
        text_format(out, _("%zu of %zu steps"), p->steps, p->steps_most);
    else
        text_format(out, _("%zu of %zu questions"), answered(p), p->questions);
}

void place_sentence(const struct place *p, struct text *out)
{
    text_format(out,
                _("You left this lab in the middle: %zu of %zu steps seen, %zu of %zu questions "
                  "answered."),
                p->steps, p->steps_most, answered(p), p->questions);
}
