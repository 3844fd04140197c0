/* The processes of a run, each in its place, each with a stream to us and a control pipe from us.
 */
#ifndef LABS_RUNNER_CREW_H
#define LABS_RUNNER_CREW_H

#include "labs/runner/console.h"
#include "labs/runner/run.h"
#include "labs/sandbox/sandbox.h"

#include <stdbool.h>

/* The wire comes first; a host's tracer has the host's number plus one. */
enum crew_member { CREW_WIRE, CREW_C, CREW_S, CREW_COUNT };

struct member {
    bool present;
    int out;                  /* its session stream, read by us; -1 where not present */
    int control;              /* its orders, written by us */
    int its_out, its_control; /* its ends, closed here once it runs */
    bool ended;               /* and how: */
    int wait_status;
};

struct crew {
    enum sandbox_tier tier;
    const struct run_network *network;
    const struct run_spec *spec;
    struct sandbox *sandbox; /* (owned) */
    int64_t began_ns;        /* by the session's clock, before any member ran */
    struct member members[CREW_COUNT];
    struct console consoles[2];
    char **argv[2];                     /* (owned) with the hosts' addresses put in */
    char ***further[2];                 /* (owned) the same, of the paper's run blocks; or NULL */
    enum crew_member order[CREW_COUNT]; /* who stands where in the sandbox's list of processes */
};

/* Build the hosts of a tier and start the crew: the wire (or what stands for it), and a tracer on
 * each host that has a program. The programs themselves wait for an order. 0, or -1 with the
 * sentence and everything undone. */
int crew_start(struct crew *crew, const struct run_spec *spec, enum sandbox_tier tier,
               struct error *e);

/* Give one order (labs/calls/calls.h), or, with 0, end the control pipe. */
void crew_order(struct crew *crew, enum crew_member who, char order);

/* Give the wire a command (labs/control), without its newline. */
void crew_line(struct crew *crew, enum crew_member who, const char *line);

/* Whether a member has been killed, or the hosts with all of them, since this was last asked: a
 * sentence (static), or NULL. Ask when sandbox_fd() is readable. */
const char *crew_loss(struct crew *crew);

/* The exit status of a member that says it could not do its work: waits a moment for its end, and
 * is EXIT_MACHINE where that does not come. */
int crew_status(struct crew *crew, enum crew_member who);

/* End everything that still runs and free. */
void crew_stop(struct crew *crew);

/* 'C' or 'S' of a tracer. */
char crew_host(enum crew_member who);

#endif
