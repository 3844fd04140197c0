/* The command line: one table of options, from which parsing and help are made. Letters and
 * meanings are tcpdump's. */
#ifndef TRACER_APP_OPTIONS_H
#define TRACER_APP_OPTIONS_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"
#include "tracer/print/line.h"

#include <stdbool.h>
#include <stdint.h>

/* What the program does with the frames. MODE_DEFAULT is settled by options_settle(). */
enum mode {
    MODE_DEFAULT,
    MODE_VIEW,  /* the ladder on a terminal */
    MODE_PRINT, /* tcpdump's lines */
    MODE_JSON,
    MODE_WALK,    /* the story as text */
    MODE_SUMMARY, /* a row a connection */
    MODE_SAVE,    /* nothing is shown: -w alone */
    MODE_EXPECT,  /* --expect: the report */
    MODE_LIST,    /* list the interfaces */
    MODE_HELP,
    MODE_VERSION,
    MODE_MANUAL,     /* a part of the manual page */
    MODE_COMPLETION, /* what a shell completes */
    MODE_COUNT,
};

struct options {
    enum mode mode;
    const char *interface; /* strings are borrowed from argv */
    const char *read_file, *write_file;
    const char *select;      /* a selector, or NULL */
    const char *expect_file; /* or NULL */
    uint64_t count;          /* 0: no end */
    uint32_t snaplen, buffer_bytes;
    uint64_t limit_bytes; /* what the viewer keeps of a live capture; 0: its own limit */
    bool no_promiscuous;
    bool packet_buffered;
    bool ascii;
    char at;                 /* the host of a session whose view is wanted; 0: both */
    bool verbose;            /* the summary with all figures */
    const char *theme;       /* the viewer's colours, by name; NULL where not said */
    const char *manual_part; /* which */
    bool lines_wanted;       /* an option was given that only lines can honour */
    bool analysis;           /* a line ends with what the analysis finds in its segment */
    struct line_options line;
    struct text filter; /* (owned) the trailing words, joined */
};

/* Read the command line. 0, or -1 with the sentence. Freed by options_free() in either case. */
int options_parse(int argc, char **argv, struct options *o, struct error *e);
void options_free(struct options *o);

/* Settle the mode where none was chosen: -w alone saves, a terminal is for the viewer, anything
 * else gets lines. */
void options_settle(struct options *o, bool stdout_is_terminal);

/* The whole help text; the options as the manual page has them, in the language of scdoc. */
void options_help(struct text *out);
void options_manual(struct text *out);

/* What bash completes, as a script. */
void options_completion(struct text *out);

#endif
