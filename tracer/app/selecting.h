/* --select: of the frames that pass, those that a selector selects are shown and kept. */
#ifndef TRACER_APP_SELECTING_H
#define TRACER_APP_SELECTING_H

#include "tracer/app/options.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"
#include "tracer/capture/sink.h"
#include "tracer/capture/source.h"

#include <stdint.h>

struct selecting;

/* Select by o->select. NULL with the sentence where the selector cannot be parsed. */
struct selecting *selecting_new(const struct options *o, struct error *e);
void selecting_free(struct selecting *s);

/* Where the frames will come from, and where what is selected goes besides (both borrowed; the
 * second may be NULL). To be called before the first frame; `s` may be NULL. */
void selecting_between(struct selecting *s, struct source *source, struct sink *sink);

/* Take a frame, and append what has been selected by now. A selector that asks for the last of
 * something, or for a fate, is answered by selecting_end(). 0, or -1 with the sentence. */
int selecting_frame(struct selecting *s, const struct capture_frame *frame, struct text *out,
                    struct error *e);
int selecting_end(struct selecting *s, struct text *out, struct error *e);

/* How many packets (with --json: events) have been selected. */
uint64_t selecting_count(const struct selecting *s);

#endif
