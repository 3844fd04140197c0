/* Reading lab.md, shared by the files that do it and by nobody else:
 *
 *      front.c    the front matter       ──▶ the lab's title, hosts, profile
 *      paper.c    what is behind it      ──▶ parts: prose, and the fenced blocks
 *      ask.c      the lines of an ask block */
#ifndef LABS_LESSON_PAPER_H
#define LABS_LESSON_PAPER_H

#include "labs/lesson/lesson.h"
#include "tracer/base/error.h"

/* Where in the paper something stands, for messages. */
struct place {
    const char *path;
    unsigned line; /* from 1 */
    struct error *e;
};

/* Without the white space around it. Free with free(). */
char *lesson_trimmed(const char *s, size_t n);

/* Read the front matter and leave *text behind it, at->line at its last line. 0 or -1. */
int lesson_front(const char **text, struct lesson *l, struct place *at);

/* Read what is behind the front matter into l->parts and l->wire. 0 or -1. */
int lesson_paper(const char *text, struct lesson *l, const struct place *at);

/* Read the body of an ask block, the first line of which is at->line. 0, or -1; what was read is
 * freed by lesson_ask_free() in either case. */
int lesson_ask(const char *body, struct ask *ask, const struct place *at);
void lesson_ask_free(struct ask *ask);

#endif
