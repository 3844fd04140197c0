/* The signals that end a program, kept waiting while it has something to clean up. */
#ifndef LABS_SUBMISSION_INTERRUPT_H
#define LABS_SUBMISSION_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

/* From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT end nothing but what looks for them. */
void interrupt_hold(void);

/* Whether one of them has come, and was not taken from a signalfd() of interrupt_set(). */
bool interrupt_waits(void);
void interrupt_set(sigset_t *set);

#endif
