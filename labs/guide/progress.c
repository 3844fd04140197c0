#include "labs/guide/progress.h"

#include "tracer/base/state_file.h"
#include "tracer/base/words.h"

#ifdef HAVE_JANSSON
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char name[] = "progress.json";

/* Everything that is remembered: an object of labs. NULL with the sentence. */
static json_t *read_all(struct error *e)
{
    enum { MOST = 1 << 20 };
    struct text file = {0};
    json_t *all = NULL;
    if (state_file_read(name, MOST, &file, e) == 0) {
        all = file.len > 0 ? json_loadb(file.s, file.len, 0, NULL) : json_object();
        if (!json_is_object(all)) {
            struct text path = {0};
            state_file_path(name, &path);
            json_decref(all);
            all = NULL;
            error_set(e, "%s does not hold what tcplab writes. Remove it to begin anew.",
                      text_str(&path));
            text_free(&path);
        }
    }
    text_free(&file);
    return all;
}

static void read_one(const json_t *all, const char *lab, struct progress *p)
{
    const json_t *row = json_object_get(all, lab);
    *p = (struct progress){
        .done = json_is_true(json_object_get(row, "done")),
        .points = (long)json_integer_value(json_object_get(row, "points")),
        .most = (long)json_integer_value(json_object_get(row, "most")),
    };
}

int progress_of(const char *lab, struct progress *p, struct error *e)
{
    *p = (struct progress){0};
    json_t *all = read_all(e);
    if (!all)
        return -1;
    read_one(all, lab, p);
    json_decref(all);
    return 0;
}

int progress_note(const char *lab, const struct progress *p, struct error *e)
{
    struct progress before;
    struct text file = {0};
    json_t *all = read_all(e);
    if (!all)
        return -1;
    read_one(all, lab, &before);
    /* questions may have been added since: then what was is no measure */
    long best = before.most == p->most && before.points > p->points ? before.points : p->points;
    json_object_set_new(all, lab,
                        json_pack("{s:b, s:I, s:I}", "done", p->done || before.done, "points",
                                  (json_int_t)best, "most", (json_int_t)p->most));
    char *text = json_dumps(all, JSON_INDENT(1) | JSON_SORT_KEYS);
    if (text)
        text_format(&file, "%s\n", text);
    int result = text ? state_file_write(name, &file, e)
                      : error_set(e, "The progress cannot be written: there is no memory.");
    free(text);
    text_free(&file);
    json_decref(all);
    return result;
}

#else

int progress_of(const char *lab, struct progress *p, struct error *e)
{
    (void)lab, (void)e;
    *p = (struct progress){0};
    return 0;
}

int progress_note(const char *lab, const struct progress *p, struct error *e)
{
    (void)lab, (void)p, (void)e;
    return 0;
}

#endif

void progress_text(const struct progress *p, struct text *out)
{
    if (!p->done)
        return;
    text_add(out, _("done"));
    if (p->most > 0)
        text_format(out, _(", %ld of %ld points"), p->points, p->most);
}
