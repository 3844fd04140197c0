/* The parts of the manual page that are made from tables, in the language of scdoc. */
#ifndef TRACER_APP_MANUAL_H
#define TRACER_APP_MANUAL_H

#include "tracer/base/text.h"

#include <stdbool.h>

/* Append a part by its name, "options" or "commands"; false where there is no such part. */
bool manual_part(const char *name, struct text *out);

/* Append words so that scdoc takes none of them for its own. */
void manual_words(const char *words, struct text *out);

#endif
