/* A session as it is told: everything that was recorded so far, and how much of it the student has
 * been shown. The kernels' time is not the student's: the run goes on at full speed, and its story
 * is revealed step by step from what was recorded. */
#ifndef LABS_GUIDE_RECORDING_H
#define LABS_GUIDE_RECORDING_H

#include "labs/lesson/lesson.h"
#include "tracer/capture/source.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recording;

/* A recording of nothing yet. Its stops are the lines of the lesson's (borrowed) steps, in their
 * order. Freed by recording_free(). */
struct recording *recording_new(const struct lesson *l);
void recording_free(struct recording *r);

/* A frame of the session has come; its bytes are copied. Then: no more will come. */
void recording_add(struct recording *r, const struct capture_frame *frame);
void recording_end(struct recording *r);
bool recording_ended(const struct recording *r);

/* The first frame's stamp, by which a session is known again; 0 where there is none yet. */
int64_t recording_began_ns(const struct recording *r);

/* All that was recorded so far: what questions are answered from (borrowed). */
const struct trace *recording_trace(const struct recording *r);

enum stop {
    STOP_AHEAD,  /* the run has not come there yet */
    STOP_MET,    /* it has */
    STOP_MISSED, /* it has ended without */
};

/* Whether the run has come to stop `i`, from 0. Each is looked for behind the one before. */
enum stop recording_stop(const struct recording *r, size_t i);

/* Let what was recorded be shown, up to and with the moment of stop `i`; all of it, where the stop
 * is the end or was missed. What was revealed stays so. */
void recording_reveal(struct recording *r, size_t i);
void recording_reveal_all(struct recording *r);

/* Look back: show no more than was revealed with the first `stops` of them, from the first frame
 * on. Then back to all that is revealed. */
void recording_look_back(struct recording *r, size_t stops);
void recording_look_on(struct recording *r);

/* True once where what was shown is to be forgotten: recording_next() begins with the first frame
 * again. */
bool recording_begins_anew(struct recording *r);

/* The next frame that may be shown and was not yet (borrowed until recording_add()); false where
 * there is none. */
bool recording_next(struct recording *r, struct capture_frame *frame);

#endif
