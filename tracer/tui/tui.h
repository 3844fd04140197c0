/* The viewer on a terminal, fed from a source. */
#ifndef TRACER_TUI_TUI_H
#define TRACER_TUI_TUI_H

#include "tracer/base/error.h"
#include "tracer/capture/source.h"
#include "tracer/view/companion.h"
#include "tracer/view/dialogue.h"
#include "tracer/view/view.h"

#include <stdbool.h>
#include <termios.h>

struct tui_options {
    struct source *source; /* (borrowed) NULL with a view that stands alone */
    const char *title;     /* what is shown: a lab, a file, an interface */
    const char *sources;   /* the folder that programs' sources are looked for in; NULL: none */
    bool sources_anywhere; /* and where they are not, wherever the programs name them */
    uint64_t limit_bytes;  /* of frames kept of a live capture or a pipe; 0: 1 GiB */
    const char *theme;     /* the colours, by name; NULL: those of the configuration file */
    bool ascii;            /* draw with ASCII even where the terminal has UTF-8 */
    int console_fd;        /* -1, or where lines typed for the hosts' programs go, each as 'C' or
                              'S', the line, '\n' */
    bool quit_at_end;      /* leave when the source ends */
    const struct companion *companion; /* (borrowed) stands beside the viewer; NULL for none */
    const struct dialogue *dialogue;   /* (borrowed) held below the view; NULL for none */
    const struct view_type *view; /* shown alone, and no story: NULL for the views of a trace */
    void *view_data;              /* what that view is of, closed with it */
};

/* Show the source until the user leaves. The terminal is given back however this ends: by a key, a
 * signal, a crash, a closed terminal. 0, or -1 with the sentence: no usable terminal
 * (EXIT_MACHINE), or a source that broke off. */
int tui_run(const struct tui_options *options, struct error *e);

/* Give back the terminal that a viewer in another process had when it was killed: standard output
 * leaves the picture, standard input gets the settings that it had before. */
void tui_give_back(const struct termios *before);

#endif
