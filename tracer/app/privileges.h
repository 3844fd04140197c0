/* Giving up what the program was started with and no longer needs. */
#ifndef TRACER_APP_PRIVILEGES_H
#define TRACER_APP_PRIVILEGES_H

#include "tracer/base/error.h"

/* Installed set-user-ID: become the user who started us, before any file of theirs is named. 0, or
 * -1 with the sentence. */
int privileges_become_caller(struct error *e);

/* Everything is open: drop all capabilities, for good. Packets of strangers are decoded after this.
 * 0, or -1 with the sentence. */
int privileges_drop(struct error *e);

#endif
