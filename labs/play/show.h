/* The prompt and the session together, before a person or a script. */
#ifndef LABS_PLAY_SHOW_H
#define LABS_PLAY_SHOW_H

#include "labs/play/script.h"
#include "tracer/base/error.h"
#include "tracer/capture/source.h"

#include <stdbool.h>

struct play_show {
    const struct play_script *script; /* (borrowed) lines that are done first; or NULL */
    bool alone;                       /* as in struct play_options */
    bool ends;                        /* the end comes with the script's; else lines are read */
    const char *title;
    const char *sources; /* the folder of the programs' sources; NULL for none */
    bool ascii;
    int typed_fd; /* where play_outgoing() goes */
};

/* Show a session as text, and read lines from standard input. The result is an exit status; where
 * it is not EXIT_DONE the sentence is set. */
int play_text(struct source *source, const struct play_show *show, struct error *e);

/* The same on the terminal, below the ladder. */
int play_screen(struct source *source, const struct play_show *show, struct error *e);

#endif
