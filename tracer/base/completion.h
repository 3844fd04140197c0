/* What a shell completes of a program's command line: a script for bash, made from the tables that
 * parsing and help are made from. */
#ifndef TRACER_BASE_COMPLETION_H
#define TRACER_BASE_COMPLETION_H

#include "tracer/base/text.h"

struct completion_option {
    char letter;          /* 0: none */
    const char *name;     /* NULL: none */
    const char *argument; /* what the help calls it; NULL: the option takes none */
};

/* What stands for an argument of that name. */
struct completion_value {
    const char *argument; /* NULL ends a list */
    const char *words;    /* a shell's words, which may hold a $(command); NULL: names of files */
};

struct completion_command {
    const char *name;                        /* NULL: the program has no commands */
    const char *words;                       /* its further words, as the help names them */
    const struct completion_option *options; /* ended by one with neither letter nor name */
};

struct completion {
    const char *program;
    const struct completion_value *values;
    const struct completion_command *commands; /* ended by one without words */
};

void completion_bash(const struct completion *c, struct text *out);

#endif
