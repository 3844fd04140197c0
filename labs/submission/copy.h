/* A submission as it was handed in is never touched: it is copied, and built in the copy. */
#ifndef LABS_SUBMISSION_COPY_H
#define LABS_SUBMISSION_COPY_H

#include "tracer/base/error.h"

enum { COPY_FILES_MOST = 2000, COPY_DEPTH_MOST = 16 };
#define COPY_BYTES_MOST ((long long)64 << 20)

/* Copy the plain files and folders below `from` into the folder `to`, which is made. Links, devices
 * and what begins with a dot are left out: a submission is what is in its folder. 0, or -1 with the
 * sentence, also where it is larger than any submission. */
int copy_folder(const char *from, const char *to, struct error *e);

/* The same for one plain file, to the path `to`. */
int copy_file(const char *from, const char *to, struct error *e);

#endif
