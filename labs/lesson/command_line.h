/* The command lines of a lab's paper: "./server 9502". */
#ifndef LABS_LESSON_COMMAND_LINE_H
#define LABS_LESSON_COMMAND_LINE_H

#include "tracer/base/error.h"

#include <stdint.h>

/* Cut a line into words, as a shell would but without running anything. *words ends with NULL, and
 * is freed by command_line_free(); it is NULL where `line` is. 0, or -1 with the sentence. */
int command_line_cut(const char *line, char ***words, struct error *e);
void command_line_free(char **words);

/* The words of one and then of another, as command_line_cut() gives them. */
char **command_line_join(char *const *first, char *const *more);

/* The first word behind the program that is a port number: what the lab's server listens at. 9502
 * where there is none. */
uint16_t command_line_port(char *const *words);

#endif
