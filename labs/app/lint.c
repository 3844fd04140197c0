#include "labs/app/check.h"

#include "labs/guide/lint.h"
#include "labs/lesson/lesson.h"
#include "labs/marking/proof.h"
#include "labs/marking/tryout.h"
#include "labs/submission/interrupt.h"
#include "tracer/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

static int read_lessons(const char *name, struct lesson **lessons, size_t *count, struct error *e)
{
    if (!name)
        return catalog_read(lessons, count, e);
    *lessons = xcalloc(1, sizeof **lessons);
    *count = 1;
    int result = catalog_find(name, *lessons, e);
    if (result != 0)
        free(*lessons);
    return result;
}

/* One lab, or all of the catalog: held against what was recorded, then run. */
int lint(const struct options *o, char **words, struct error *e)
{
    struct lesson *lessons;
    size_t count, faults = 0;
    struct text out = {0};
    struct proof proof = {0};
    if (read_lessons(words[0], &lessons, &count, e) != 0)
        return e->status;
    for (size_t i = 0; i < count; i++)
        faults += lint_lesson(&lessons[i], &out);
    size_t jobs = o->jobs > 0 ? (size_t)o->jobs : tryouts_jobs();
    int proved = 0;
    interrupt_hold();
    if (o->runs > 0)
        proved = proof_run(lessons, count, (size_t)o->runs, jobs, &proof, &out, e);
    faults += proof.faults;
    text_format(&out, "%zu labs, %zu programs run %zu times, %zu faults\n", count, proof.programs,
                proof.runs, faults);
    fputs(text_str(&out), stdout);
    text_free(&out);
    for (size_t i = 0; i < count; i++)
        lesson_free(&lessons[i]);
    free(lessons);
    if (proved != 0)
        return e->status;
    return faults == 0 ? EXIT_DONE : EXIT_FELL_SHORT;
}
