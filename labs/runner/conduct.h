/* Conducts a crew through one run: who starts when, until it is quiet, and every record in order to
 * the session file and to the viewer. */
#ifndef LABS_RUNNER_CONDUCT_H
#define LABS_RUNNER_CONDUCT_H

#include "labs/runner/crew.h"
#include "labs/runner/script.h"
#include "tracer/capture/sink.h"

#include <stdint.h>

struct conduct_options {
    struct crew *crew;
    const struct run_spec *spec;
    const char *fallback;  /* why the tier is not the best one; NULL where it is */
    struct sink *file;     /* (taken) the session is kept here; NULL for nowhere */
    struct script *script; /* (borrowed) commands to carry out; NULL for none */
    int viewer_fd;         /* the session as a capture file goes here; -1 for none */
    int typed_fd;          /* lines: 'C' or 'S' and text for a console, ':' and a command; -1 */
    int hold_fd;           /* -1; else no program is started, and the run ends when this does */
    int signal_fd;         /* a signalfd: INT, TERM and HUP end the run */
};

struct conduct_result {
    bool interrupted;        /* by a signal, or because the viewer was closed */
    bool member_failed;      /* a member of the crew could not do its work, or was killed */
    bool script_failed;      /* one of its commands could not be done: the reason says which */
    int status;              /* then the exit status to give */
    char *reason;            /* (owned) a sentence where it failed or is void; else NULL */
    bool is_void;            /* the run cannot be judged: `reason` says why */
    uint64_t dropped_frames; /* that were sent and not recorded */
    int64_t late_us;         /* by how much the wire was behind its schedule at the most */
};

/* Open the session file that `spec` asks for, before anyone waits for the run: NULL in *file where
 * it asks for none, -1 with the sentence where it cannot be written. */
int conduct_open_file(const struct run_spec *spec, struct sink **file, struct error *e);

/* Do the whole run. 0 with the result, or -1 with the sentence where the session file could not be
 * written; the rest of the run has then gone on without it. */
int conduct(const struct conduct_options *options, struct conduct_result *result, struct error *e);

#endif
