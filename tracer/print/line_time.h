/* Private to the tcpdump line: the time it begins with. */
#ifndef TRACER_PRINT_LINE_TIME_H
#define TRACER_PRINT_LINE_TIME_H

#include "tracer/print/line.h"

/* All zero is a fresh clock. */
struct line_clock {
    bool has_reference;
    int64_t reference_ns; /* the first or the previous line's time */
    int64_t second_ns; /* where the one begins whose local time is in `text`: most lines share it */
    size_t text_bytes; /* 0 where none is */
    char text[32];
};

/* Write the time and a blank, as the options choose, at `at`, which has room for LINE_TIME_MOST;
 * nothing for LINE_TIME_NONE. Returns their end. */
enum { LINE_TIME_MOST = 64 };
char *line_clock_put(char *at, struct line_clock *clock, const struct line_options *options,
                     const struct frame *frame);

#endif
