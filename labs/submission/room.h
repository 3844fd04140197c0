/* A private folder for a while: for what is built, and for sessions that nobody asked to keep. */
#ifndef LABS_SUBMISSION_ROOM_H
#define LABS_SUBMISSION_ROOM_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

/* All zero is none. */
struct room {
    char *path; /* (owned) absolute */
    int lock;   /* held as long as the folder is in use */
};

/* Make one below $TMPDIR, else /tmp, that nobody else may enter. Those of the same user that a
 * killed process left behind are removed on the way. 0, or -1 with the sentence. */
int room_open(struct room *r, struct error *e);

/* Remove it with all that is in it. */
void room_close(struct room *r);

/* Remove a folder and all in it, also where what is in it may not be read; no link is followed. */
void room_remove(const char *path);

#endif
