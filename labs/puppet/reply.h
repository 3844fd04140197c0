/* What a host's program answers: lines on its standard output, which begin with what they are. */
#ifndef LABS_PUPPET_REPLY_H
#define LABS_PUPPET_REPLY_H

#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>

#define REPLY_DONE    '=' /* the call just given has returned */
#define REPLY_LATER   '+' /* one that had waited has */
#define REPLY_PIECE   '<' /* something came to one that goes on receiving */
#define REPLY_WAITS   '~' /* the call just given waits */
#define REPLY_REFUSED '!' /* no call was made */
#define REPLY_MORE    '|' /* goes on with the line before */

/* Append the name of an errno and what it means: "ECONNREFUSED: nobody listens at that port". */
void reply_errno(int number, struct text *out);

/* Append what was received: as text in quotation marks, a line a line, or in hex. The lines but the
 * first begin with REPLY_MORE; what is too much is counted. */
void reply_bytes(const char *bytes, size_t n, bool hex, struct text *out);

#endif
