#include "labs/app/vary.h"

#include "labs/lesson/lesson.h"
#include "labs/lesson/vary.h"
#include "labs/submission/owner.h"
#include "tracer/base/text.h"

#include <stdio.h>
#include <stdlib.h>

/* As long as the process: lessons are read with them at any time. */
static struct text key, owner;

int vary_open(struct options *o, struct error *e)
{
    if (o->student_from && o->student)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "--student and --student-from both say whose values: one of them.");
    if (o->student_from && owner_read(o->student_from, &owner, e) != 0)
        return -1;
    if (o->student_from)
        o->student = text_str(&owner);
    if (o->secret && !o->student)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "--secret alone says nothing: whose values? Name the student with "
                          "--student.");
    if (!o->student)
        return 0;
    if (vary_key(o->student, o->secret, &key, e) != 0)
        return -1;
    vary_for(text_str(&key));
    return 0;
}

static void put_lab(const struct lesson *l, struct text *out)
{
    struct text told = {0};
    vary_tell(l, &told);
    text_format(out, "%-16s %s\n", l->name, told.len > 0 ? told.s : "the same for all");
    text_free(&told);
}

/* Every lab that varies. */
static int put_catalog(struct text *out, struct error *e)
{
    struct lesson *all;
    size_t count;
    if (catalog_read(&all, &count, e) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (all[i].variable_count > 0)
            put_lab(&all[i], out);
        lesson_free(&all[i]);
    }
    free(all);
    return 0;
}

int vary(const struct options *o, char **words, struct error *e)
{
    struct text out = {0};
    struct lesson l;
    int result = 0;
    if (o->student) {
        text_add(&out, "key              ");
        text_safe_str(&out, text_str(&key));
        text_char(&out, '\n');
    }
    if (!words[0]) {
        result = put_catalog(&out, e);
    } else {
        result = catalog_find(words[0], &l, e);
        if (result == 0) {
            put_lab(&l, &out);
            lesson_free(&l);
        }
    }
    if (result == 0)
        fputs(text_str(&out), stdout);
    text_free(&out);
    return result == 0 ? EXIT_DONE : e->status;
}
