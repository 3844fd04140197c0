/* Carries out what is asked of a run while it is conducted (labs/control): by a script, one command
 * after the other, each of which has been done before the next begins; or by the viewer, at once.
 *
 * What a script waits for is looked for in a model of its own, made of the records in their order,
 * so that what it prints and judges is what the session holds. */
#ifndef LABS_RUNNER_DIRECT_H
#define LABS_RUNNER_DIRECT_H

#include "labs/control/control.h"
#include "labs/runner/script.h"
#include "tracer/session/stream.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conductor;
struct select_run;

/* Where a host's program was last said to stand. */
struct told {
    uint32_t call; /* of the trace; TRACE_NONE: nowhere */
    enum waits_at at;
};

struct director {
    struct script *script; /* (borrowed) NULL where there is none */
    struct trace *trace;   /* (owned) with a script: of all records so far */
    struct control now;    /* the command that is being carried out, where `busy` */
    bool busy;
    bool wants_start;       /* the next command needs programs that run */
    bool over;              /* nothing more is to be done: the run goes its way */
    bool quit;              /* the run is to end */
    int64_t since_ns;       /* monotonic: when the command began */
    int64_t given_ns;       /* by the session's clock: when its program was let go; 0: not yet */
    size_t answered;        /* commands that had an answer before */
    struct select_run *run; /* (owned) `until` */
    size_t slot, cursor;    /* events before the cursor count no more */
    int64_t stepped_ns[2];  /* `until`: the hold that was ended last, by host */
    struct told told[2];
    struct text line;
};

/* Begin with a script, or with NULL for what the viewer asks. */
void direct_begin(struct conductor *c, struct script *script);
void direct_free(struct conductor *c);

/* A record goes to the session. */
void direct_record(struct conductor *c, const struct stream_record *r);

/* Go on: begin and finish commands as far as that is possible now. */
void direct_turn(struct conductor *c);

/* Carry out a line of the viewer's at once. */
void direct_line(struct conductor *c, const char *line);

/* Whether something is held, or a script goes on: nobody's patience ends meanwhile. */
bool direct_holds(const struct conductor *c);

/* Whether the programs may be started now: what comes before that has been done. Every member is
 * ready. */
bool direct_may_start(struct conductor *c);

/* Whether more of standard input is wanted. */
bool direct_wants_input(const struct conductor *c);

#endif
