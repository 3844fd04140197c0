#include "tracer/view/pane.h"

#include "tracer/base/words.h"
#include "tracer/view/glyph.h"

static enum view_answer set_open(struct pane *p, bool open)
{
    if (!open && !p->open)
        return VIEW_NOT_MINE;
    p->open = open;
    p->skip = 0;
    return VIEW_REDRAW;
}

static enum view_answer scroll(struct pane *p, int step)
{
    int most = p->lines > p->rows ? p->lines - p->rows : 0, skip = p->skip + step;
    p->skip = skip < 0 ? 0 : skip > most ? most : skip;
    return VIEW_REDRAW;
}

enum view_answer pane_command(struct pane *p, enum command c)
{
    switch (c) {
    case COMMAND_OPEN: return p->open ? VIEW_OPEN : set_open(p, true);
    case COMMAND_CLOSE: return set_open(p, false);
    case COMMAND_PANE_UP: return scroll(p, -1);
    case COMMAND_PANE_DOWN: return scroll(p, 1);
    default: return VIEW_NOT_MINE;
    }
}

int pane_rows(const struct pane *p, int rows)
{
    return p->open ? rows * 6 / 10 : 0;
}

void pane_draw(struct pane *p, const struct lines *lines, struct grid *g, struct area a)
{
    grid_across(g, a.row, a.col, a.cols, GLYPH_ACROSS, ROLE_DIM);
    grid_write(g, a.row, a.col + 2, a.cols - 4,
               _(" detail: Enter for every field, q closes, J K scroll "), ROLE_DIM);
    struct area inside = {a.row + 1, a.col + 1, a.rows - 1, a.cols - 2};
    p->rows = inside.rows;
    p->lines = lines_draw(lines, p->skip, g, inside);
}
