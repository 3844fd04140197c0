/* The start screen: the labs, how far the student has come in each, and the one to take. A view as
 * the others are, shown alone (tracer/view/viewer.h). */
#ifndef LABS_GUIDE_START_H
#define LABS_GUIDE_START_H

#include "labs/guide/place.h"
#include "labs/guide/progress.h"
#include "labs/lesson/lesson.h"
#include "tracer/base/error.h"
#include "tracer/view/view.h"

#include <stddef.h>

/* The catalog, and what is known of each of its labs. */
struct start {
    struct lesson *lessons;    /* (owned) */
    struct progress *progress; /* (owned) */
    struct place *places;      /* (owned) */
    size_t count;
    size_t cursor; /* the selected one */
    size_t top;    /* the first one in sight */
    int rows;      /* for labs, when drawn last */
    bool chosen;   /* the selected one is to be taken */
};

/* Read both. Of the labs that are not done the one that was left in the middle last is selected,
 * else the first; of those that all are done the first. 0, or -1 with the sentence. After 0 freed
 * by start_free(). */
int start_read(struct start *s, struct error *e);
void start_free(struct start *s);

/* Select the lab that follows this one: the next that is not done; itself, where it is not done or
 * is the last. */
void start_follow(struct start *s, const char *name);

/* The name of that next lab (borrowed), NULL where all are done or there is none of that name. */
const char *start_next(const struct start *s, const char *name);

/* Append the labs as text, a line each. */
void start_text(const struct start *s, struct text *out);

/* Of a struct start, which whoever made it frees. */
extern const struct view_type start_view;

#endif
