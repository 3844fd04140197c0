/* Who handed a submission in, by the word of the course system that took it. */
#ifndef LABS_SUBMISSION_OWNER_H
#define LABS_SUBMISSION_OWNER_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

/* Append the e-mail address that Gradescope's submission_metadata.json has of who handed it in; of
 * a group the one that comes first in the order of its bytes, whoever handed it in. 0, or -1 with
 * the sentence. */
int owner_read(const char *path, struct text *out, struct error *e);

#endif
