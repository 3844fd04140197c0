/* The commands by which a run is held, looked into and stepped: one table, read by the script
 * (`tcplab run --script`), the viewer's `:`, the wire, `tcplab play` and the documentation. A line
 * is parsed without any kernel or process. */
#ifndef LABS_CONTROL_CONTROL_H
#define LABS_CONTROL_CONTROL_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"
#include "tracer/select/expect.h"
#include "tracer/select/rule.h"
#include "tracer/select/selector.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum control_command {
    CONTROL_HOLD_PROGRAMS,
    CONTROL_HOLD,
    CONTROL_FLIGHT,
    CONTROL_LET,
    CONTROL_DROP,
    CONTROL_DUP,
    CONTROL_DELAY,
    CONTROL_RULE,
    CONTROL_GO_PROGRAMS,
    CONTROL_GO,
    CONTROL_STEP,
    CONTROL_UNTIL,
    CONTROL_TYPE,
    CONTROL_WAIT,
    CONTROL_EXPECT,
    CONTROL_NOTE,
    CONTROL_QUIT,
    CONTROL_COUNT,
};

/* Who does what a command says. */
enum control_owner {
    CONTROL_OF_WIRE,     /* the wire process: the command goes there as it was written */
    CONTROL_OF_PROGRAMS, /* the call tracer of each host that it names */
    CONTROL_OF_RUN,      /* the run itself: it waits, types, judges, ends */
    CONTROL_OWNER_COUNT,
};

/* A command as it was parsed. Only the members that its row speaks of are set. */
struct control {
    const struct control_row *row;
    char *line;                  /* (owned) the command as it was written, without blanks around */
    bool hosts[2];               /* of C, of S */
    uint64_t number;             /* of a segment; 0: the first that is held */
    int64_t duration_ns;         /* delay, wait */
    struct selector *selector;   /* (owned) hold: NULL for everything; until */
    struct rules *rules;         /* (owned) rule */
    struct expectations *expect; /* (owned) expect: one, of one line */
    struct text text;            /* (owned) type: the bytes; note: the sentence */
};

struct control_row {
    enum control_command command;
    const char *word;
    const char *arguments; /* "[N]"; "" for none */
    enum control_owner owner;
    bool before_start; /* in a script: it may be given before the programs have been started */
    const char *help;  /* one sentence */
    /* Take the arguments, which begin `at` bytes behind the line's start: 0; 1 where they are those
     * of another row with the same word; -1 with the sentence. */
    int (*take)(const char *arguments, size_t at, struct control *c, struct error *e);
};

/* The table: the rows of one word stand behind each other. */
extern const struct control_row control_rows[];
extern const size_t control_row_count;

/* Parse one line. 1 with the command, to be freed by control_free(); 0 where the line is blank or a
 * comment; -1 with the sentence (status EXIT_WRONG_USAGE), which says at which column. */
int control_parse(const char *line, struct control *c, struct error *e);
void control_free(struct control *c);

/* Whether a line begins with the word of a command. */
bool control_is(const char *line);

/* "the wire", "the programs", "the run" */
const char *control_owner_name(enum control_owner o);

/* Append a line of help for each row; the rows as the manual page's source (scdoc) has them; a row
 * as docs/stepping.md has it. */
void control_help(struct text *out);
void control_manual(struct text *out);
void control_document(const struct control_row *row, struct text *out);

#endif
