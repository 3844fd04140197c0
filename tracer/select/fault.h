/* What is wrong with a text in the language of selectors: where, what was expected there, and the
 * nearest word. */
#ifndef TRACER_SELECT_FAULT_H
#define TRACER_SELECT_FAULT_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>

struct select_fault {
    int line, column; /* from 1; a column is a character */
    char text[512];   /* the sentence, without its place */
};

/* Note the fault and return false, so that a parser can end with it; the first fault stays. */
bool select_fault_set(struct select_fault *f, int line, int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Make an error of it: "FILE, line 3, column 9: ...". `name` says what was read, NULL: nothing. */
int select_fault_error(const struct select_fault *f, const char *name, struct error *e);

/* The word of the list (it ends with NULL) that is near enough to `word` to be meant by it, but is
 * not the same; NULL where none is. */
const char *select_nearest(const char *word, const char *const *list);

/* Append ` Did you mean "delivered"?` where there is such a word. */
void select_suggest(const char *word, const char *const *list, struct text *out);

/* The same for what one may write out of habit: "&&", "SYN". `s` is the text from there on, ended
 * by a NUL. False where there is nothing to say. */
bool select_meant(const char *s, bool in_expectations, struct text *out);

#endif
