/* What a person can do who may not capture. */
#ifndef TRACER_APP_PERMISSION_H
#define TRACER_APP_PERMISSION_H

#include "tracer/base/text.h"

#include <stdbool.h>

/* Whether this process may capture packets. */
bool permission_to_capture(void);

/* Append the commands that give the permission on this machine, each with what it means, and what
 * can be looked at without it. `interface` may be NULL. */
void permission_advice(const char *interface, struct text *out);

#endif
