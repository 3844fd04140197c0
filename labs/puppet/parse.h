/* How each kind of argument is read; shared by parse.c and take.c. */
#ifndef LABS_PUPPET_PARSE_H
#define LABS_PUPPET_PARSE_H

#include "labs/puppet/call.h"

/* Read one argument at *at, which is no blank, and go behind it. 1; 0 where it is another kind of
 * word and *at stays; -1 with the sentence. */
typedef int puppet_take(const char **at, struct puppet_call *c, struct error *e);
extern puppet_take *const puppet_takes[PUPPET_KIND_COUNT];

/* The length of the word at `at`. */
size_t puppet_word_length(const char *at);

/* Take a name for a socket: a letter, then letters, digits and underscores, not C or S. */
int puppet_take_name(const char *at, size_t n, char name[PUPPET_NAME_BYTES], struct error *e);

#endif
