/* The dialogue below the view: its line, and what was said. */
#include "tracer/view/viewer_parts.h"

#include "tracer/base/words.h"
#include "tracer/view/glyph.h"
#include "tracer/view/lines.h"

#include <string.h>

/* The view has this part of the screen at least. */
enum { VIEW_ROWS_LEAST = 6, LINED_ROWS = 16, SAID_MOST = 200 };

void viewer_set_dialogue(struct viewer *v, const struct dialogue *d)
{
    const char *line;
    v->dialogue = d;
    for (size_t i = 0; (line = d->earlier(d->self, i)); i++)
        history_add(&v->histories[PROMPT_DIALOGUE], line);
    viewer_prompt_open(v, PROMPT_DIALOGUE, "");
}

/* ---- keys --------------------------------------------------------------------------------- */

static enum viewer_answer scroll(struct viewer *v, int by)
{
    v->dialogue_back += by * (v->dialogue_rows > 2 ? v->dialogue_rows - 1 : 1);
    v->dialogue_back = v->dialogue_back > 0 ? v->dialogue_back : 0;
    return VIEWER_REDRAW;
}

static enum viewer_answer enter(struct viewer *v, const char *line)
{
    v->dialogue_back = 0;
    v->dialogue->enter(v->dialogue->self, line);
    viewer_prompt_open(v, PROMPT_DIALOGUE, "");
    return VIEWER_REDRAW;
}

enum viewer_answer viewer_dialogue_key(struct viewer *v, uint32_t key)
{
    bool empty = v->editor.line.len == 0;
    switch (key) {
    case '\t': viewer_complete(v); return VIEWER_REDRAW;
    case KEY_CODE_PAGE_UP: return scroll(v, 1);
    case KEY_CODE_PAGE_DOWN: return scroll(v, -1);
    case KEY_CONTROL('d'): return empty ? enter(v, "quit") : VIEWER_NOTHING;
    case KEY_CONTROL('c'):
        if (empty)
            return viewer_tell(v, _("Ctrl-D, or quit, ends the run; Esc leaves the line for the "
                                    "ladder."));
        viewer_prompt_open(v, PROMPT_DIALOGUE, "");
        return VIEWER_REDRAW;
    default: break;
    }
    const struct binding *b = key >= KEY_CODE_F1 && key <= KEY_CODE_F12
                                  ? keymap_find(&v->keys, key, v->type->name)
                                  : NULL;
    return b ? viewer_run(v, b->row, b->argument) : VIEWER_NOTHING;
}

enum viewer_answer viewer_dialogue_done(struct viewer *v)
{
    struct text line = {0};
    text_add(&line, text_str(&v->editor.line));
    enum viewer_answer a = enter(v, text_str(&line));
    text_free(&line);
    return a;
}

/* ---- what was said ------------------------------------------------------------------------ */

/* The newest lines; *recent is how many rows those take that followed what was typed last. */
static void take_lines(const struct viewer *v, struct lines *out, int cols, int *recent)
{
    const struct dialogue *d = v->dialogue;
    struct grid none = {0};
    size_t n = d->count(d->self);
    int all = 0;
    *recent = 0;
    for (size_t i = n > SAID_MOST ? n - SAID_MOST : 0; i < n; i++) {
        struct dialogue_line l = d->said(d->self, i);
        struct lines one = {0};
        lines_add(out, NULL, l.words, l.role);
        lines_add(&one, NULL, l.words, l.role);
        if (l.begins)
            *recent = all;
        all += lines_draw(&one, 0, &none, (struct area){0, 0, 1, cols});
        lines_free(&one);
    }
    *recent = all - *recent;
}

/* A quarter of the screen; more where an answer needs it or an older one is looked at. */
static int height(const struct viewer *v, int rows, int recent)
{
    int room = rows - 2 - VIEW_ROWS_LEAST - (rows >= LINED_ROWS);
    int least = rows / 4 < room ? rows / 4 : room;
    int most = rows * 2 / 3 < room ? rows * 2 / 3 : room;
    int wanted = v->dialogue_back > 0 ? most : recent;
    wanted = wanted < least ? least : wanted;
    return wanted < most ? wanted : most;
}

int viewer_dialogue_draw(struct viewer *v, struct grid *g, int last)
{
    struct lines lines = {0};
    struct grid none = {0};
    int recent, cols = g->cols - 2;
    if (!v->dialogue)
        return 0;
    take_lines(v, &lines, cols, &recent);
    int rows = height(v, g->rows, recent);
    bool lined = g->rows >= LINED_ROWS;
    struct area a = {last - rows, 1, rows, cols};
    int all = lines_draw(&lines, 0, &none, a), most = all > rows ? all - rows : 0;
    v->dialogue_back = v->dialogue_back < most ? v->dialogue_back : most;
    v->dialogue_rows = rows;
    if (lined)
        grid_across(g, a.row - 1, 0, g->cols, GLYPH_ACROSS, ROLE_DIM);
    lines_draw(&lines, most - v->dialogue_back, g, a);
    lines_free(&lines);
    return rows + lined;
}
