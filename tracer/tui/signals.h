/* Signals as bytes on a pipe, and the terminal given back when the program crashes. */
#ifndef TRACER_TUI_SIGNALS_H
#define TRACER_TUI_SIGNALS_H

#include "tracer/base/error.h"

/* Catch HUP, INT, TERM, QUIT, WINCH, TSTP and CONT, ignore PIPE; a crash (SEGV, BUS, FPE, ILL,
 * ABRT) calls `give_back`, which must be safe in a signal handler, before it takes its course. 0,
 * or -1 with the sentence. */
int signals_catch(void (*give_back)(void), struct error *e);

/* Put all handlers back as they were. */
void signals_release(void);

/* The descriptor to poll, and the next signal's number; 0 where none waits. */
int signals_fd(void);
int signals_next(void);

/* Stop the process as the default action of TSTP does, and return when it is continued. With
 * `group` the whole foreground job is stopped, as Ctrl-Z would. */
void signals_stop(int group);

#endif
