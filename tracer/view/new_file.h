/* A file that appears whole or not at all: it is written under another name beside its own, and
 * takes its own when all of it is there. So it may replace the very file that is being read. */
#ifndef TRACER_VIEW_NEW_FILE_H
#define TRACER_VIEW_NEW_FILE_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

struct new_file {
    int fd;             /* to be written to, and closed, by who asked for it */
    struct text path;   /* its own */
    struct text hidden; /* while it is written */
};

/* Begin a file. 0, or -1 with the sentence. */
int new_file_open(struct new_file *f, const char *path, struct error *e);

/* All of it is there: it takes its name. 0, or -1 with the sentence, and nothing stays. */
int new_file_done(struct new_file *f, struct error *e);

/* Nothing stays of it. */
void new_file_drop(struct new_file *f);

/* The sentence for a file that cannot be written; returns -1. */
int new_file_cannot(const char *path, int why, struct error *e);

#endif
