/* An error is a sentence for the person who gets it: what was tried, why it failed, what to do. */
#ifndef TRACER_BASE_ERROR_H
#define TRACER_BASE_ERROR_H

/* Exit status, everywhere (docs/architecture.md). */
enum exit_status {
    EXIT_DONE = 0,        /* the job was done */
    EXIT_FELL_SHORT = 1,  /* checked and fell short, or the job was not done */
    EXIT_WRONG_USAGE = 2, /* wrong usage */
    EXIT_MACHINE = 3,     /* this machine lacks what it takes */
    EXIT_VOID = 4,        /* the run cannot be judged; run again */
};

struct error {
    int status;  /* what the program exits with; EXIT_FELL_SHORT unless said otherwise */
    int mend_at; /* where in the text the command that mends it begins; 0 where it names none */
    char text[768];
};

/* Write the sentence, in the user's language (tracer/base/words.h), and return -1, so that a
 * function can end with `return error_set(...)`. A NULL `e` is allowed. Whatever stood in `e` is
 * replaced. */
int error_set(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, with the exit status that the program should end with. */
int error_exit(struct error *e, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* End the sentence with the command that mends what it tells of; the sentence so far leads up to it
 * ("To allow it:"). Who shows errors at leisure gives it lines of its own. Returns -1. */
int error_mend(struct error *e, const char *command);

/* Tell a sentence on standard error, behind the program's name: the last gate, which nothing passes
 * that would do a terminal harm. */
void error_tell(const char *program, const char *sentence);

#endif
