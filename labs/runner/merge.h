/* Brings the streams of several processes into one order of time. A source may speak late, never
 * out of turn: it promises with each mark that nothing stamped before it comes later, and a record
 * is let go only when every source has promised that. */
#ifndef LABS_RUNNER_MERGE_H
#define LABS_RUNNER_MERGE_H

#include "tracer/session/stream.h"

#include <stdbool.h>
#include <stddef.h>

struct merge;

/* Merge `sources` streams, none of which has promised anything yet. Freed by merge_free(). */
struct merge *merge_new(size_t sources);
void merge_free(struct merge *m);

/* Take a copy of a record, whichever source it is of. */
void merge_add(struct merge *m, const struct stream_record *record);

/* The source promises that nothing stamped before `time_ns` comes from it any more; it has ended.
 */
void merge_mark(struct merge *m, size_t source, int64_t time_ns);
void merge_end(struct merge *m, size_t source);

/* The next record in order of time, of equal stamps the one that came first; its bytes are borrowed
 * until the next call. False where none is due. */
bool merge_take(struct merge *m, struct stream_record *record);

#endif
