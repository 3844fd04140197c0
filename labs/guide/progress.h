/* How far a student has come, from one run to the next: $XDG_STATE_HOME/tcpladder/progress.json. A
 * build without libjansson remembers nothing. */
#ifndef LABS_GUIDE_PROGRESS_H
#define LABS_GUIDE_PROGRESS_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* How a lab went best. */
struct progress {
    bool done;         /* gone through to its end */
    long points, most; /* of its questions; both 0 where it has none */
};

/* What is known of a lab; all zero where nothing is. 0, or -1 with the sentence where the file
 * cannot be read or is none of ours. */
int progress_of(const char *lab, struct progress *p, struct error *e);

/* Note that a lab was gone through: its best points stay. 0, or -1 with the sentence. */
int progress_note(const char *lab, const struct progress *p, struct error *e);

/* Append "done, 4 of 5 points"; nothing for a lab not yet done. */
void progress_text(const struct progress *p, struct text *out);

#endif
