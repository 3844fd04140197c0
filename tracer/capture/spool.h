/* Frames that cannot be had again from where they came: of a live capture, of a pipe. They are kept
 * in a temporary file without a name, not in memory, and no more of them than a limit allows. */
#ifndef TRACER_CAPTURE_SPOOL_H
#define TRACER_CAPTURE_SPOOL_H

#include "tracer/capture/source.h"

struct spool;

/* What is kept where nobody says otherwise. */
#define SPOOL_LIMIT_BYTES (UINT64_C(1) << 30)

/* Make an empty one for `limit_bytes` (0: SPOOL_LIMIT_BYTES) of frames and what is noted of each.
 * The file is made in $TMPDIR, else in /tmp, else in memory. Returns NULL with the sentence where
 * nothing of it can be. Freed by spool_free(), which leaves nothing behind. */
struct spool *spool_new(uint64_t limit_bytes, struct error *e);
void spool_free(struct spool *s);

/* True where no temporary file could be made: the frames are in memory. */
bool spool_in_memory(const struct spool *s);

/* Keep a frame; `*at` is what spool_again() asks for it by, less than 2^44. Returns 0, or -1 with
 * the sentence where it cannot be kept, and from then on no other: the limit is reached, or the
 * disk is full. What was kept stays. */
int spool_put(struct spool *s, const struct capture_frame *frame, uint64_t *at, struct error *e);

/* Read a frame again. Its bytes are borrowed until the next call on the spool. False where there is
 * none. */
bool spool_again(struct spool *s, uint64_t at, struct capture_frame *frame);

/* How many frames are kept, in how many bytes. */
uint64_t spool_frames(const struct spool *s);
uint64_t spool_bytes(const struct spool *s);

#endif
