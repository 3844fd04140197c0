/* A script of the prompt: lines. */
#ifndef LABS_PLAY_SCRIPT_H
#define LABS_PLAY_SCRIPT_H

#include "tracer/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty one. */
struct play_script {
    char *name;   /* (owned) the file's; NULL: no line stands in one */
    size_t first; /* the index of its first line: those before are others */
    char **lines;
    size_t count, cap;
};

/* Read a file, and check that every line can be understood: 0, or -1 with the sentence (status
 * EXIT_WRONG_USAGE). Free with play_script_free() after either. */
int play_script_read(const char *path, bool alone, struct play_script *s, struct error *e);
void play_script_free(struct play_script *s);

void play_script_add(struct play_script *s, const char *line);

#endif
