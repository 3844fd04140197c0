/* Private to tracer/capture: which interface a name, or a number in the list, means. */
#ifndef TRACER_CAPTURE_INTERFACES_H
#define TRACER_CAPTURE_INTERFACES_H

#include "tracer/base/error.h"

/* The name of the interface that `wanted` is the name or the number of; for NULL that of the first
 * one. To be freed; NULL with the sentence where there is none. */
char *interface_name(const char *wanted, struct error *e);

#endif
