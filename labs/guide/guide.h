/* One student's way through one lab: what to read, what to watch, what to predict, and how it went.
 * Pure: it is told of the session's frames and of what the student does, and says what comes next;
 * the text and the screen show it. */
#ifndef LABS_GUIDE_GUIDE_H
#define LABS_GUIDE_GUIDE_H

#include "labs/guide/place.h"
#include "labs/guide/recording.h"
#include "labs/lesson/answer.h"
#include "labs/lesson/lesson.h"

#include <stdbool.h>
#include <stddef.h>

struct guide;

/* What the student has before them. */
enum guide_now {
    GUIDE_PROSE, /* something to read: guide_text() */
    GUIDE_STEP,  /* the story can go on: guide_reveal() */
    GUIDE_ASK,   /* a question: guide_text(), guide_choices() */
    GUIDE_WAIT,  /* the run has not come so far yet: try again when it has gone on */
    GUIDE_OVER,  /* the lab has been gone through */
};

/* Begin with the lab's first part. `lesson` and `recording` are borrowed. From `place` on, what the
 * student does is remembered (labs/guide/place.h): a place in the middle is come back to, by
 * guide_passed(). NULL: nothing is remembered. Freed by guide_free(). */
struct guide *guide_new(const struct lesson *lesson, struct recording *recording,
                        const struct place *place);
void guide_free(struct guide *g);

enum guide_now guide_now(const struct guide *g);

/* Whether the step, or the question, that stands before the student was passed before the lab was
 * left: the one is seen again unasked, of the other guide_recall() tells how it went, and then it
 * is guide_on(). */
bool guide_passed(const struct guide *g);

/* Append how this question went, as far as it went. */
void guide_recall(const struct guide *g, struct text *out);

/* True once, where the student has come back to where the lab was left: what is to be said of it is
 * appended. */
bool guide_is_back(struct guide *g, struct text *says);

/* Let the recording show what this step tells. */
void guide_reveal(struct guide *g);

/* Append what stands before the student, as Markdown with the run's values in it: prose, or the
 * question; what a step could not show, where the run did not come there. */
void guide_text(const struct guide *g, struct text *out);

/* The part of the lesson that this is; what its question may be answered with (NULL: anything). */
size_t guide_part(const struct guide *g);
char *const *guide_choices(const struct guide *g);

/* The student has read, or seen, this: on to the next part. Nothing happens at a question that is
 * not answered, and while the run has to go on first. */
void guide_on(struct guide *g);

/* Append words that were typed as Markdown that shows them as they are. */
void guide_code(const char *words, struct text *out);

/* The question is answered. What is to be said of it is appended. A right answer is followed by
 * guide_on(), any other by another try. */
enum judgement guide_answer(struct guide *g, const char *typed, struct text *says);

/* Append the question's next hint; false where it has no more. */
bool guide_hint(struct guide *g, struct text *out);

/* Append the right answer; it may be gone on from then. */
void guide_tell(struct guide *g, struct text *out);

/* How often a question was answered before it was right; 0: at once, or not yet. */
struct guide_score {
    long points, points_most; /* points are for what was right the first time */
    size_t right_at_once, right_later, told, asked, questions;
};
struct guide_score guide_score(const struct guide *g);

/* What the end of a lab says besides, each NULL where there is none. */
struct guide_end {
    const char *session; /* the file that the session is kept in */
    const char *next;    /* the name of the lab that comes next */
};

/* Append the score; what was missed, each question with the student's answers and the right one;
 * what to read next; and what `end` says: as Markdown. */
void guide_report(const struct guide *g, const struct guide_end *end, struct text *out);

/* Remember that the lab was gone through, where its questions were (labs/guide/progress.h), and
 * forget the place in it. A failure, also one of before, is appended, as Markdown. */
void guide_note(struct guide *g, struct text *out);

#endif
