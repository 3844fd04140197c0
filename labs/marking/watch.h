/* Waits for a program's sources to be saved. */
#ifndef LABS_MARKING_WATCH_H
#define LABS_MARKING_WATCH_H

#include "tracer/base/error.h"

struct watch {
    int fd, signal_fd;
    const char *ignored; /* (borrowed) a file's name; NULL for none */
};

/* Watch a folder, or the one that a file is in; changes of the file `ignored` (a path, NULL for
 * none), of hidden ones and of an editor's backups do not count. 0, or -1 with the sentence. */
int watch_open(const char *path, const char *ignored, struct watch *w, struct error *e);
void watch_close(struct watch *w);

/* Wait until something has been saved, and nothing more for a moment. 1; 0 where a signal came to
 * end it. */
int watch_wait(struct watch *w);

#endif
