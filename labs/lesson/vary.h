/* What is another for each student: a lab's variables, each with its choices, of which a student's
 * key picks one, the same every time.
 *
 *      vary: { port: 9502 | 10000..29999, word: hello | howdy | servus }
 *
 * A value stands in the paper as $port, and as ${port+1} where it is a number; and in the choices
 * of those behind it: { drop: 3 | 4, lost: ${drop-1}001 }. */
#ifndef LABS_LESSON_VARY_H
#define LABS_LESSON_VARY_H

#include "labs/lesson/lesson.h"
#include "labs/lesson/paper.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"

/* Whose values lessons are read with from now on, in all of this process; NULL: the lab's own,
 * which is each variable's first choice. The key is kept (borrowed). */
void vary_for(const char *key);

/* A student's key: their name itself; with the bytes of a file that only the teacher has, what
 * nobody can tell from the name. 0, or -1 with the sentence. */
int vary_key(const char *student, const char *secret_file, struct text *key, struct error *e);

/* Take the variables of a front matter's `vary` line. 0 or -1. */
int vary_take(struct lesson *l, const char *value, const struct place *at);

/* Append a part of the paper with the values of the lesson's variables in it. */
void vary_fill(const struct lesson *l, const char *paper, struct text *out);

/* Append "port 10231, word servus", without what has no choice; nothing where nothing varies. */
void vary_tell(const struct lesson *l, struct text *out);

void vary_free(struct lesson *l);

#endif
