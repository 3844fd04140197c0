/* Where a student left a lab in the middle: $XDG_STATE_HOME/tcpladder/place-LAB.json, a file a lab.
 * A build without libjansson remembers nothing.
 *
 * A place is counted in stations, the lines of the steps and the questions: these are the same in a
 * lab's every language. */
#ifndef LABS_GUIDE_PLACE_H
#define LABS_GUIDE_PLACE_H

#include "labs/lesson/lesson.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a question went. */
struct ask_mark {
    unsigned wrong; /* answers before the right one */
    bool right, told;
    size_t hints;
    struct text typed; /* (owned) the wrong ones, as Markdown */
};

struct place {
    size_t passed;          /* stations gone through */
    size_t steps;           /* of these the steps' lines */
    size_t steps_most;      /* of the whole lab */
    struct ask_mark *marks; /* (owned) one a question */
    size_t questions;
    int64_t began_ns; /* the first stamp of the session that it was told from */
    int64_t left_s;   /* when it was left, in seconds since the epoch */
};

/* The beginning of a lab: nothing passed, nothing answered. After it, and after place_read(), freed
 * by place_free(). */
void place_begin(const struct lesson *l, struct place *p);
void place_free(struct place *p);

/* Where this lab was left; its beginning where nothing is known, or where the lab has other steps
 * or questions by now. 0, or -1 with the sentence where the file cannot be read or is none of ours.
 */
int place_read(const struct lesson *l, struct place *p, struct error *e);

/* Whether anything was done yet. */
bool place_in_the_middle(const struct place *p);

/* Remember it; forget it. 0, or -1 with the sentence. */
int place_write(const struct lesson *l, const struct place *p, struct error *e);
int place_forget(const struct lesson *l, struct error *e);

/* Whether this file is the session that the lab was told from, to its end. */
bool place_session_is_whole(const struct place *p, const char *path);

/* Append "3 of 9 steps"; in a lab without steps, "2 of 5 questions". */
void place_text(const struct place *p, struct text *out);

/* The same as a sentence: how far the student had come, and how many questions were answered. */
void place_sentence(const struct place *p, struct text *out);

/* Append the name of a lab's file among what is remembered, between these: "place-", ".json". */
void place_file_name(const struct lesson *l, const char *before, const char *behind,
                     struct text *out);

#endif
