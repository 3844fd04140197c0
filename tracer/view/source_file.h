/* The source of a traced program, read for being shown.
 *
 * Its name comes from a session, which is foreign: it is looked for under the folder that
 * trace_set_sources() named, and through no symbolic link; only a regular file of text of bounded
 * size is read. */
#ifndef TRACER_VIEW_SOURCE_FILE_H
#define TRACER_VIEW_SOURCE_FILE_H

#include "tracer/base/text.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stddef.h>

/* All zero holds no file. */
struct source_file {
    char *bytes;     /* (owned) */
    size_t *line_at; /* (owned) where each line begins, and one more: the end */
    size_t lines;
    const char *fault; /* a sentence: why there is none */
};

/* Read it by the name that a call gives it. False where that is not to be had: `fault` says why. */
bool source_file_read(struct source_file *f, const struct trace *t, const char *name);
void source_file_free(struct source_file *f);

/* Append line `number`, from 1, fit for a terminal, tabs as blanks; nothing past the last. */
void source_file_line(const struct source_file *f, size_t number, struct text *out);

#endif
