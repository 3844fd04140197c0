/* The ways of writing frames as text, behind one row of functions. */
#ifndef TRACER_APP_OUTPUT_H
#define TRACER_APP_OUTPUT_H

#include "tracer/app/options.h"
#include "tracer/base/text.h"
#include "tracer/capture/source.h"

struct output_ops {
    enum mode mode;
    /* `source` (borrowed until close) is where the frames will come from. */
    void *(*open)(const struct options *o, struct source *source);
    void (*close)(void *state);
    /* Take a frame; what can be said by now is appended to `out`. */
    void (*frame)(void *state, const struct capture_frame *frame, struct text *out);
    /* Nothing has come for a moment, or (`last`) nothing will: append what was held back, or a part
     * of it; then the result is true, and this is to be called again. May be NULL. */
    bool (*rest)(void *state, bool last, struct text *out);
};

/* The way that the options choose; NULL where they want no text. */
const struct output_ops *output_for(const struct options *o);

#endif
