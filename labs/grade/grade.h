/* What a session is worth by the expectations of a lab: one table, from which every report is made.
 */
#ifndef LABS_GRADE_GRADE_H
#define LABS_GRADE_GRADE_H

#include "labs/lesson/lesson.h"
#include "tracer/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum outcome {
    OUTCOME_PASS,
    OUTCOME_FAIL,
    OUTCOME_NOT_JUDGED, /* what it needs failed, or this machine cannot show it */
    OUTCOME_VOID,       /* the run cannot be judged: nobody is charged for it */
    OUTCOME_COUNT,
};

/* One expectation of the lab. All strings are fit for a terminal, but for `name` and `hint`, which
 * are the author's. */
struct mark {
    char *name;
    char *hint; /* NULL: none */
    enum outcome verdict;
    int64_t points, most;
    char *line;   /* the line that was missed, as it is written; NULL: none */
    char *why;    /* sentences: why it does not pass; NULL where it does */
    char *ladder; /* what happened around it, lines; NULL: nothing near */
};

/* All zero is none. */
struct grade {
    char *lab, *title;
    struct mark *marks;
    size_t count;
    int64_t points, most;
    bool is_void;
    char *reason;  /* why it is void; else NULL */
    char *ended;   /* a sentence on how the submitted program ended; NULL: as a program should */
    char *printed; /* the last of what it printed, lines fit for a terminal; NULL: nothing */
    char *tier;    /* where it ran: "hosts"; NULL before */
};

/* The marks of a lab, none of which has been judged. Freed by grade_free(), as after any other
 * call.
 */
void grade_begin(const struct lesson *l, struct grade *g);
void grade_free(struct grade *g);

/* Judge a session of that lab. 0, or -1 with the sentence where it cannot be read or is of another
 * lab. A session that is itself void is no error. */
int grade_session(const struct lesson *l, const char *path, struct grade *g, struct error *e);

/* None of it can be judged, for this reason (a sentence). */
void grade_void(struct grade *g, const char *reason);

/* Nothing of it could be run, for this reason (a sentence): all of it fails. */
void grade_fail(struct grade *g, const char *reason);

/* Say one more thing (a sentence) of how the submitted program ended. */
void grade_add_end(struct grade *g, const char *sentence);

/* Take another run of the same program into account: what it did worse, counts. A run that is void
 * says nothing, where there is another. `first`: there was none before. `from` is left with what it
 * is not taken for. */
void grade_worst(struct grade *into, struct grade *from, bool first);

/* What a right program does not reach where this ran cannot be judged there, and counts for
 * nothing; `right` is its grade. How many marks that are. */
size_t grade_only(struct grade *g, const struct grade *right, const char *why);

/* Everything passed. */
bool grade_is_full(const struct grade *g);

/* The mark of that name; NULL where there is none. */
const struct mark *grade_find(const struct grade *g, const char *name);

/* "pass", "fail", "not judged", "void" */
const char *outcome_name(enum outcome v);

#endif
