/* The pane under a list that explains what is selected: how far it is scrolled, and its frame. */
#ifndef TRACER_VIEW_PANE_H
#define TRACER_VIEW_PANE_H

#include "tracer/view/lines.h"
#include "tracer/view/view.h"

/* All zero is a closed pane. */
struct pane {
    bool open;
    int skip;  /* screen lines scrolled away */
    int lines; /* screen lines it had when drawn last */
    int rows;  /* of them in sight */
};

/* Open, close (VIEW_NOT_MINE where it is closed) and scroll it; VIEW_NOT_MINE for other commands.
 * To open it again asks for the detail view: the view's target() is to say so. */
enum view_answer pane_command(struct pane *p, enum command c);

/* The rows that it takes of `rows`, 0 while closed; draw it. */
int pane_rows(const struct pane *p, int rows);
void pane_draw(struct pane *p, const struct lines *lines, struct grid *g, struct area a);

#endif
