/* --expect: a capture held against a file of expectations. */
#ifndef TRACER_APP_EXPECTING_H
#define TRACER_APP_EXPECTING_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"
#include "tracer/capture/source.h"

#include <stdbool.h>

struct expecting;

/* Read the expectations of a file, "-" for standard input; the frames will come from `source`
 * (borrowed). NULL with the sentence. */
struct expecting *expecting_new(const char *path, struct source *source, struct error *e);
void expecting_free(struct expecting *x);

void expecting_frame(struct expecting *x, const struct capture_frame *frame);

/* The capture has ended: append the report. True where every expectation is met. */
bool expecting_end(struct expecting *x, struct text *out);

#endif
