/* What a student types or a paper says, read as far as it can be: a number, a time, flags, words.
 */
#ifndef LABS_LESSON_VALUE_H
#define LABS_LESSON_VALUE_H

#include "tracer/base/text.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stdint.h>

struct value {
    bool is_number, is_time, is_flags;
    int64_t number;   /* nanoseconds where is_time */
    bool has_seconds; /* a number without a unit, which may be seconds: */
    double seconds;
    uint16_t flags;    /* TCP_ bits */
    struct text words; /* (owned) letters and digits in lower case, nothing else */
};

/* Read all of it. The caller frees the words. */
void value_read(const char *typed, const struct trace *t, struct value *v);

/* "SYN+ACK", "[S.]", "sa" as TCP_ bits; false where a part of it is no flag. */
bool value_flags(const char *typed, uint16_t *flags);

/* Append what compares words: letters and digits in lower case. */
void value_fold(const char *s, struct text *out);

#endif
