/* The options of tcplab's commands: one table, from which parsing and help are made. */
#ifndef LABS_APP_OPTIONS_H
#define LABS_APP_OPTIONS_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>

/* Which options a command takes; a command's set is an OR of these. */
enum option_bit {
    OPTION_TEXT = 1,
    OPTION_WRITE = 2,
    OPTION_SERVER = 4,
    OPTION_PORT = 8,
    OPTION_COMMAND = 16,
    OPTION_ASCII = 32,
    OPTION_JSON = 64,
    OPTION_PROFILE = 128, /* and what is set otherwise than it says */
    OPTION_WIRE = 256,
    OPTION_PROFILES = 512,
    OPTION_REPLAY = 2048, /* and the ladder alone */
    OPTION_SCRIPT = 4096,
    OPTION_REAL = 8192,   /* hosts other than those of a lab */
    OPTION_LINES = 16384, /* a script of a prompt's lines */
    OPTION_LANGUAGE = 32768,
    OPTION_LIMIT = 65536,
    OPTION_WATCH = 524288,
    OPTION_GRADE = 1048576,   /* what is graded, and how it is reported */
    OPTION_STUDENT = 2097152, /* whose values a lab has */
    OPTION_ANEW = 4194304,
    OPTION_RUNS = 131072,    /* how often, and how many at a time */
    OPTIONS_AROUND = 262144, /* before and behind the first word; the rest may have its own */
    OPTIONS_FIRST = 1024,    /* options stand before the words, which may have some of their own */
};

enum { OPTIONS_MOST = 32 }; /* of those that may be given again and again */

struct options {
    bool help;
    bool text;
    bool ascii;
    bool json;
    const char *write; /* all strings borrowed from argv */
    const char *server;
    const char *command;
    const char *script;
    const char *hold;
    const char *connect;
    bool listen;
    int port;
    const char *profile; /* NULL: not said */
    bool profiles;
    bool replay;
    bool ladder;
    bool anew;
    int limit_s; /* 0: not said */
    bool watch;
    const char *submission, *from_session;
    const char *student, *student_from, *secret;
    bool no_hints, unsafe;
    int seed;                                                  /* 0: not said */
    char *reports[OPTIONS_MOST + 1], *about[OPTIONS_MOST + 1]; /* each ends with NULL */
    int runs, jobs;                                            /* jobs 0: not said */
    char *set[OPTIONS_MOST + 1];                               /* each ends with NULL */
    char *wire[OPTIONS_MOST + 1];
};

/* Read the options and return the index in argv of the command's first word, or -1 with the
 * sentence. argv[0] is the command's name. */
int options_parse(int argc, char **argv, unsigned set, struct options *o, struct error *e);

/* One line an option of the set. */
void options_help(unsigned set, struct text *out);

/* What a shell completes of the set's options: a list that is freed by free(). */
struct completion_option *options_completion(unsigned set);

#endif
