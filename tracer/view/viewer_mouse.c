#include "tracer/view/viewer_parts.h"

#include <stdlib.h>

enum { WHEEL_LINES = 3 };

static enum viewer_answer click_bar(struct viewer *v, int col)
{
    for (int i = 0; i < v->bar_count; i++)
        if (col >= v->bar[i].col && col < v->bar[i].col + v->bar[i].cols)
            return viewer_run(v, command_row(v->bar[i].command), NULL);
    return VIEWER_NOTHING;
}

/* The row of the grid that is selected, -1 where none is. */
static int selected_row(const struct grid *g)
{
    for (int row = 0; row < g->rows; row++)
        if (grid_cell(g, row, 0)->selected)
            return row;
    return -1;
}

/* Step until the row that was clicked is the selected one: as the keys would, and no further than
 * it is away, for not every row can be selected. */
static void select_row(struct viewer *v, struct grid *g, int row)
{
    int at = selected_row(g);
    if (at < 0) { /* following: the last line is, and any step shows it */
        viewer_view_command(v, COMMAND_UP);
        viewer_draw(v, g);
        at = selected_row(g);
    }
    for (int left = abs(row - at); at >= 0 && at != row && left > 0; left--) {
        int before = at;
        viewer_view_command(v, row > at ? COMMAND_DOWN : COMMAND_UP);
        viewer_draw(v, g);
        at = selected_row(g);
        if (at < 0 || (row > before) != (row >= at))
            return;
    }
}

static enum viewer_answer click(struct viewer *v, struct grid *g, int row, int col)
{
    if (row == g->rows - 1)
        return click_bar(v, col);
    if (row == 0)
        return VIEWER_NOTHING;
    enum view_answer a = VIEW_NOT_MINE;
    if (v->type->click)
        a = v->type->click(v->view, row - 1, col);
    if (a == VIEW_NOT_MINE)
        select_row(v, g, row);
    return VIEWER_REDRAW;
}

static enum viewer_answer wheel(struct viewer *v, enum command c)
{
    for (int i = 0; i < WHEEL_LINES; i++)
        viewer_run(v, command_row(c), NULL);
    return VIEWER_REDRAW;
}

enum viewer_answer viewer_mouse(struct viewer *v, struct grid *g, enum viewer_mouse what, int row,
                                int col)
{
    bool waits = v->prompt != PROMPT_NONE || v->pending != COMMAND_NONE || v->overwrite.asked;
    if (waits || g->rows < 10 || g->cols < 40)
        return VIEWER_NOTHING;
    text_clear(&v->message);
    if (what == MOUSE_WHEEL_UP)
        return wheel(v, COMMAND_UP);
    if (what == MOUSE_WHEEL_DOWN)
        return wheel(v, COMMAND_DOWN);
    if (v->help)
        return row == g->rows - 1 ? click_bar(v, col) : VIEWER_NOTHING;
    if (what == MOUSE_DOUBLE && row > 0 && row < g->rows - 1)
        return viewer_run(v, command_row(COMMAND_OPEN), NULL);
    return click(v, g, row, col);
}
