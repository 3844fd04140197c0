/* The values of a profile's keys, read. Inside labs/sandbox only. Each answers false where the text
 * is no such value. */
#ifndef LABS_SANDBOX_PROFILE_VALUE_H
#define LABS_SANDBOX_PROFILE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/* "10ms", "1.5s", "200us", "2min". */
bool value_time(const char *s, int64_t *ns);

/* "10mbit", "1.5gbit"; "none" is 0. *end is what stands behind it. */
bool value_rate(const char *s, const char **end, int64_t *bits_per_s);

/* A whole number in a range. */
bool value_number(const char *s, int64_t least, int64_t most, int64_t *n);

#endif
