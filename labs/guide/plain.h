/* A lab as plain text: its prose, the story of its steps as a walk-through, its questions answered
 * line by line. What it is without a screen, and under `--text`. */
#ifndef LABS_GUIDE_PLAIN_H
#define LABS_GUIDE_PLAIN_H

#include "labs/guide/guide.h"
#include "labs/lesson/lesson.h"
#include "tracer/base/error.h"
#include "tracer/capture/source.h"

#include <stdbool.h>

struct plain_options {
    const struct lesson *lesson;
    struct source *source;     /* the session, as it comes or recorded */
    const struct place *place; /* to go on from, as in guide_new(); NULL: nothing is remembered */
    const char *preface;       /* one paragraph before all else; NULL for none */
    int in_fd;                 /* answers, a line each. Where it ends, the lab tells them itself */
    int out_fd;
    struct guide_end end; /* what its end says */
    bool ascii;
};

/* Guide through the lab until it and the session are over. 0, or -1 with the sentence where the
 * session broke off or cannot be written. */
int plain_guide(const struct plain_options *o, struct error *e);

#endif
