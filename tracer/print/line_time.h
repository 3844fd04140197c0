/* Private to the tcpdump line: the time it begins with. */
#ifndef TRACER_PRINT_LINE_TIME_H
#define TRACER_PRINT_LINE_TIME_H

#include "tracer/print/line.h"

/* All zero is a fresh clock. */
struct line_clock {
    bool has_reference;
    int64_t reference_ns; /* the first or the previous line's time */
    int64_t second;       /* the one whose local time is in `text`: most lines share it */
    size_t text_bytes;    /* 0 where none is */
    char text[32];
};

/* Append the time and a blank, as the options choose; nothing for LINE_TIME_NONE. */
void line_clock_text(struct line_clock *clock, const struct line_options *options,
                     const struct frame *frame, struct text *out);

#endif
