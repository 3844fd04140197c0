/* A script: commands (labs/control), a line each, from a file that was read beforehand or from
 * standard input as they come. */
#ifndef LABS_RUNNER_SCRIPT_H
#define LABS_RUNNER_SCRIPT_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>

struct script {
    const char *name; /* for sentences (borrowed) */
    int fd;           /* of standard input; -1: all of it is here */
    bool ended;       /* nothing more comes */
    struct text text; /* (owned) what has come and was not taken */
    size_t at;        /* so much of it was taken */
    int line;         /* the number of the line taken last */
};

/* Open a file, all of whose lines are parsed, or "-". 0; or -1 with the sentence (EXIT_WRONG_USAGE
 * for a line that is no command). On 0 free with script_free(). */
int script_open(const char *path, struct script *s, struct error *e);
void script_free(struct script *s);

/* Read what has come on standard input: call it where s->fd is readable. */
void script_read(struct script *s);

/* Take the next line, without its end. False where none has come yet, or none will. */
bool script_next(struct script *s, struct text *line);

/* Whether the last line was taken. */
bool script_over(const struct script *s);

/* Put the script's name and line before a sentence. Returns -1. */
int script_fault(const struct script *s, struct error *e);

#endif
