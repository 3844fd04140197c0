/* What a student hands in, made a program: a folder, or one file, in C, C++, Python, shell or
 * anything that its Makefile builds. */
#ifndef LABS_SUBMISSION_SUBMISSION_H
#define LABS_SUBMISSION_SUBMISSION_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct submission_options {
    const char *from;    /* a folder, or one file, which is then the program or its source */
    const char *program; /* the lab's word for it: "client" */
    const char *to;      /* the folder that is made for the copy; absolute */
    const char *scratch; /* build it in a cell that finds this at /tmp; NULL: uncontained */
    bool as_nobody;      /* uncontained, but as an ordinary user: for root */
    int limit_s;         /* how long the build may take; 0: as long as suits */
};

/* All zero is none. */
struct submission {
    char *folder;     /* (owned) where it runs */
    char **argv;      /* (owned) how it is run; what the lab gives it stands behind */
    char *recipe;     /* (owned) how it was built, for people: "make", "cc ... client.c" */
    struct text said; /* what the compiler said: foreign text */
};

/* Copy it and build it. 0, or -1 with the sentence: EXIT_FELL_SHORT where the submission is to
 * blame, and `said` may tell why. Freed by submission_free() after either; the copy stays. */
int submission_build(const struct submission_options *o, struct submission *s, struct error *e);
void submission_free(struct submission *s);

/* Whether something in this folder can be built to that program. */
bool submission_is_there(const char *folder, const char *program);

#endif
