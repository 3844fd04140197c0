/* What was typed at the prompt, kept from one session to the next: a line a line, in
 * $XDG_STATE_HOME/tcpladder/play-history (else ~/.local/state). */
#ifndef LABS_PLAY_HISTORY_H
#define LABS_PLAY_HISTORY_H

#include "tracer/base/text.h"

#include <stddef.h>

enum { PLAY_HISTORY_MOST = 64 };

struct play_history {
    struct text path;               /* empty where there is no place for it */
    char *lines[PLAY_HISTORY_MOST]; /* (owned) the newest, the oldest of them first */
    size_t count;
};

/* Read it, and cut the file where it has grown long. What cannot be read or made is as if it were
 * empty: a prompt works without. Freed by play_history_free(). */
void play_history_open(struct play_history *h);
void play_history_free(struct play_history *h);

/* Add a line to the file. Two prompts at once both add to it. */
void play_history_add(struct play_history *h, const char *line);

#endif
