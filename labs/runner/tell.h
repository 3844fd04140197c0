/* What goes out: the runner's own words into the merge, and what the merge lets go to the session
 * file and to the viewer. */
#ifndef LABS_RUNNER_TELL_H
#define LABS_RUNNER_TELL_H

#include "labs/runner/conductor.h"

#include <stddef.h>
#include <stdint.h>

/* The session's first word: what runs where. */
void tell_session(struct conductor *c);

/* A sentence to the reader; `host` is 0 where it concerns neither. */
void tell_note(struct conductor *c, char host, const char *sentence);

/* What was asked of the run, and what came of it. */
void tell_command(struct conductor *c, const char *text, const char *answer, bool failed);

/* What host C's (0) or S's (1) program printed, or was typed: stamped `time_ns`, for typed text
 * taken before it was given, since the program may read it at once. */
void tell_console(struct conductor *c, int host, bool typed, int64_t time_ns, const char *bytes,
                  size_t n);

/* The session's last word: how the run went. Settles the result's reason. */
void tell_end(struct conductor *c);

/* Let go every record that is due: to the file, and to the viewer, which is not waited for. */
void tell_records(struct conductor *c);

/* Wait until the viewer has taken all, is gone, or a signal waits on signal_fd (and is left there).
 */
void tell_rest(struct conductor *c);

/* The viewer has gone, so that nobody watches: that ends a run which is not over. */
void tell_nobody(struct conductor *c);

#endif
