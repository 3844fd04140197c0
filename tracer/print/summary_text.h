/* The connections of a capture as a table, a row each and a line of totals; and all figures of each
 * side, connection by connection. */
#ifndef TRACER_PRINT_SUMMARY_TEXT_H
#define TRACER_PRINT_SUMMARY_TEXT_H

#include "tracer/base/text.h"
#include "tracer/tcp/summary.h"

/* How far it is told. To begin: whose summary (borrowed) and whether a paragraph a connection; all
 * else zero. */
struct summary_telling {
    const struct summary *summary;
    bool verbose;
    uint32_t next; /* connection to be told */
    uint64_t segments, bytes, again_segments, again_bytes;
    int64_t first_ns, last_ns;
};

/* Append the table's next rows, or with `verbose` the next connections' paragraphs, some 64 KiB of
 * them; after the last one the totals. Returns whether there is more to tell: a million
 * connections' text is never in memory at once. */
bool summary_tell(struct summary_telling *t, struct text *out);

#endif
