/* What the files of the prompt share: play.c (lines and their turn), hear.c (what the session
 * tells), own.c (the prompt's own commands), run.c (those that the prompt does for the run). */
#ifndef LABS_PLAY_PARTS_H
#define LABS_PLAY_PARTS_H

#include "labs/control/control.h"
#include "labs/play/play.h"
#include "labs/puppet/call.h"
#include "tracer/select/run.h"

/* A line that waits for its turn. */
struct fed {
    char *line; /* (owned) */
    const char *name;
    int number;
};

/* An event that is waited for. */
struct until {
    struct selector *selector; /* (owned) NULL: none is */
    struct select_run *run;    /* (owned) */
    size_t slot;
    int64_t give_up_ns;
};

struct play {
    struct play_options o;
    struct text outgoing;
    struct text script; /* what was typed, as it runs again */
    struct fed *fed;    /* (owned) */
    size_t fed_count, fed_cap, fed_at;
    size_t opening; /* so many of them open a connection */
    bool stays;     /* though that fails */
    bool feed_ended, leaving;
    int failures;
    char host;
    struct text heard[2]; /* an unfinished answer of each host's program */
    bool gone[2];         /* it has ended */
    bool held_once;       /* something was asked of the wire or of the programs' tracers */
    int waiting;          /* calls that wait */
    int pending;          /* calls and commands that were not answered */
    int in_flight, held;  /* segments on the wire; of them held there by hand */
    size_t seen;          /* events of the trace that were looked at */
    int64_t now_ns;       /* of the last update */
    int64_t lively_ns;    /* when something happened last */
    int64_t sent_ns;      /* when something was asked last */
    int64_t wait_ns;      /* until then nothing is done */
    struct until until;
    size_t until_from; /* events before it are not waited for */
};

/* ---- play.c ---- */

/* Tell a line, or several, of which the others begin with their own marks. */
void play_say(struct play *p, enum play_said what, char host, const char *words);
void play_fail(struct play *p, const char *sentence);

/* A call has failed: where it was one that opens the connection, give that up. */
void play_call_failed(struct play *p);

/* ---- names.c ---- */

/* Append the call `words`, which is `c`, as a host's program understands it: where its address is a
 * name, with that looked up. 0, or -1 with the sentence: between hosts C and S there is nobody who
 * would know it. */
int names_resolve(const struct puppet_call *c, bool alone, const char *words, struct text *out,
                  struct error *e);

/* Whether there can be such a name here; nothing is looked up. 0, or -1 with the sentence. */
int names_check(const struct puppet_call *c, bool alone, struct error *e);

/* ---- hear.c ---- */

/* An answer of a host's program; how the trace has grown. */
void hear_trace(struct play *p);

/* ---- own.c ---- */

/* One of the prompt's own commands: a word and what it takes. */
struct own_row {
    const char *word, *arguments, *help;
    void (*run)(struct play *p, const char *arguments);
};
extern const struct own_row own_rows[];
extern const size_t own_row_count;
const struct own_row *own_find(const char *line);

/* ---- run.c ---- */

/* Do a command, which is taken over. */
void run_command(struct play *p, struct control *c);

/* Whether an event is still waited for. */
bool run_waits(struct play *p);

/* Tell the programs to end. */
void run_leave(struct play *p);

#endif
