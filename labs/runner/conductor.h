/* One run while it is conducted, shared by the files that do it and by nobody else:
 *
 *      hear.c     what the crew and the programs say       ──▶ the merge
 *      typing.c   what is typed, by keyboard or input      ──▶ the programs' consoles
 *      direct.c   what is asked of the run: by a script, by the viewer
 *      tell.c     the merge, in order of time              ──▶ the session file, the viewer
 *      conduct.c  who does what when, and the one loop */
#ifndef LABS_RUNNER_CONDUCTOR_H
#define LABS_RUNNER_CONDUCTOR_H

#include "labs/runner/conduct.h"
#include "labs/runner/direct.h"
#include "labs/runner/merge.h"
#include "labs/runner/starter.h"
#include "labs/runner/typing.h"
#include "tracer/session/stream.h"

#include <stdbool.h>
#include <stdint.h>

/* The runner is itself a source beside its crew: consoles, notes, the session's first and last
 * words. */
enum { SOURCE_SELF = CREW_COUNT, SOURCE_TOTAL };

/* A run goes through these in order. */
enum phase {
    PHASE_READY,  /* until every member has said so */
    PHASE_SERVER, /* S's program runs, C's waits until it listens */
    PHASE_RUN,    /* both run */
    PHASE_QUIET,  /* both have ended: until the wire has been quiet for a while */
    PHASE_CLOSE,  /* every member has been told to end: until the last stream has ended */
    PHASE_DONE,
};

enum { PROGRAMS_KNOWN = 16 };

/* A host's programs, by what its tracer tells of it. */
struct program {
    int pids[PROGRAMS_KNOWN]; /* of its first and its further ones, as they were started */
    int told, known, ended;   /* how many were told to start, have, and have ended */
    int64_t ended_ns; /* the last of them, whatever they left behind; monotonic, 0: not yet */
    bool told_rights, told_kill;
    int *running; /* (owned) processes of the host, now; where their number is limited */
    size_t running_count, running_cap;
    uint64_t printed_bytes;
};

struct conductor {
    const struct conduct_options *o;
    struct conduct_result *result;
    struct merge *merge; /* (owned), as are the following three */
    struct stream_reader *readers[CREW_COUNT];
    struct stream_writer *viewer; /* NULL without one, or once it is gone */
    struct sink *file;            /* NULL without one */
    struct typing typing[2];      /* by host */
    struct text typed;            /* an unfinished line from the viewer */
    bool ready[CREW_COUNT], ended[CREW_COUNT];
    bool file_failed;
    struct error file_error; /* the first failure of the session file */
    uint64_t recorded_bytes;
    bool told_flood;
    enum phase phase;
    int64_t phase_since_ns, last_packet_ns, client_ended_ns; /* monotonic */
    int64_t heard_ns[CREW_COUNT]; /* when each member last said something; monotonic, as is: */
    int64_t turned_ns;            /* when the loop last went round */
    int64_t weighed_ns;           /* when the run's memory was last looked at */
    int64_t clock_offset_ns;      /* real time less monotonic time, at the start */
    enum crew_member failed;      /* who said that it could not do its work; CREW_COUNT for none */
    struct program programs[2];   /* by host */
    bool server_listens, told_term, told_kill;
    bool ends_unknown;        /* this machine does not tell where a socket is bound */
    int64_t server_called_ns; /* when S last made a socket call, or started a program */
    bool left;                /* the prompt was left */
    struct starter *starter;  /* (owned) when further programs are started; NULL: never */
    struct director director; /* what is asked of the run */
    bool holding[2];          /* a host's programs are held at their calls */
    bool began_held;          /* what the run is to begin with has been held */
    bool wire_held;           /* the wire holds something of what is sent from now on */
    size_t held_count;        /* packets that it holds now */
    bool typed_ended, input_ended, released; /* typed_fd, standard input, hold_fd have ended */
};

/* A member of the crew that is or was there; one that has nothing more to say. */
const struct member *conductor_member(const struct conductor *c, int who);
bool conductor_over(const struct conductor *c, int who);

/* Hold a host's programs at their socket calls, or let them go on. */
void conductor_hold(struct conductor *c, int host, bool on);
/* A host's programs have had their share (a sentence says of what): all of them are ended. */
void conductor_end_program(struct conductor *c, int host, const char *sentence);

/* The run cannot be judged, for this reason (a sentence). The first one stands. */
void conductor_void(struct conductor *c, const char *reason);

#endif
