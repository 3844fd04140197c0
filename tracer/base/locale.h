/* The C library's locale, by which a terminal's characters are written. */
#ifndef TRACER_BASE_LOCALE_H
#define TRACER_BASE_LOCALE_H

#include <stdbool.h>

/* Take the user's locale. Where it is not installed, but is one of UTF-8, its characters are
 * C.UTF-8's, which is there on most machines that have no other. False where neither is to be had.
 */
bool locale_take(void);

#endif
