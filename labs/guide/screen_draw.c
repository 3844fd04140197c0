#include "labs/guide/screen_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/view/glyph.h"

#include <stdlib.h>

/* What was said up to the step that one looks at; all of it, where one does not. */
static size_t said_until(const struct guide_screen *s)
{
    return s->look < s->step_count ? s->steps[s->look] : s->count;
}

/* An entry's first line has its lead before it. */
static void wrap(struct guide_screen *s, int cols)
{
    prose_free(&s->prose);
    for (size_t i = 0; i < said_until(s); i++) {
        struct text led = {0};
        struct entry *e = &s->entries[i];
        e->first_line = s->prose.count + (e->apart && s->prose.count > 0);
        text_add(&led, e->lead);
        text_add(&led, e->markdown);
        prose_add(&s->prose, e->lead[0] ? text_str(&led) : e->markdown, cols, e->apart);
        text_free(&led);
    }
    s->cols = cols;
}

static enum role role_of(enum prose_style style)
{
    static const enum role roles[] = {
        [PROSE_PLAIN] = ROLE_NORMAL, [PROSE_EMPHASIS] = ROLE_STATE,  [PROSE_STRONG] = ROLE_HEADING,
        [PROSE_CODE] = ROLE_CALL,    [PROSE_HEADING] = ROLE_HEADING,
    };
    return roles[style];
}

static void draw_line(const struct prose_line *l, struct grid *g, int row)
{
    int col = 0;
    for (size_t at = 0; at < l->words.len && col < g->cols;) {
        char style = l->style.s[at];
        size_t n = 1;
        while (at + n < l->words.len && l->style.s[at + n] == style)
            n++;
        char *run = xstrndup(l->words.s + at, n);
        col += grid_write(g, row, col, g->cols - col, run, role_of((enum prose_style)style));
        free(run);
        at += n;
    }
}

/* What was said last is in sight from its beginning on. */
static void settle(struct guide_screen *s)
{
    long most = (long)s->prose.count - s->rows;
    if (s->top >= 0)
        return;
    s->top = most < 0 ? 0 : most;
    if (s->fresh < said_until(s) && (long)s->entries[s->fresh].first_line < s->top)
        s->top = (long)s->entries[s->fresh].first_line;
}

bool guide_screen_more(const struct guide_screen *s)
{
    return s->top + s->rows < (long)s->prose.count;
}

/* What does not fit is below. */
static void more_words(const struct guide_screen *s, struct text *out)
{
    if (s->look != LOOK_NOW)
        text_format(out, _("As after step %zu of %zu  Left earlier  Right later  Esc to now"),
                    s->look, s->step_count);
    else if (s->asked)
        text_add(out, _("PgDn: there is more below  ? hint  ! tell me  Left back  Tab ladder"));
    else
        text_add(out, _("Enter reads on: there is more below  Left back  Tab ladder  PgUp scroll"));
}

static void bar_words(const struct guide_screen *s, struct text *out)
{
    if (guide_screen_more(s))
        more_words(s, out);
    else if (s->look != LOOK_NOW)
        text_format(out, _("As after step %zu of %zu  Left earlier  Right later  Esc to now"),
                    s->look, s->step_count);
    else if (s->asked)
        text_add(out,
                 _("Enter answers  ? hint  ! tell me  Left back  Tab ladder, and Q there quits"));
    else if (s->over)
        text_add(out, _("Enter leaves  Left back  Tab ladder  PgUp scroll"));
    else if (s->step_asked || guide_now(s->guide) == GUIDE_WAIT)
        text_add(out, _("The run goes on: a moment ..."));
    else
        text_add(out, _("Enter goes on  Left back  Tab ladder  Q quit  PgUp scroll"));
}

static void draw_bar(const struct guide_screen *s, struct grid *g, bool focused)
{
    struct text words = {0};
    if (focused)
        bar_words(s, &words);
    else
        text_add(&words, _("Tab back to the lab"));
    grid_across(g, g->rows - 1, 0, g->cols, ' ', focused ? ROLE_KEYBAR : ROLE_DIM);
    grid_write(g, g->rows - 1, 0, g->cols, text_str(&words), focused ? ROLE_KEYBAR : ROLE_DIM);
    text_free(&words);
}

void guide_screen_draw(void *data, struct grid *g, bool focused)
{
    struct guide_screen *s = data;
    bool asked = s->asked && s->look == LOOK_NOW;
    if (g->rows < 2 || g->cols < 1)
        return;
    if (g->cols != s->cols) { /* the line that was on top is another one now */
        wrap(s, g->cols);
        s->top = -1;
    }
    s->rows = g->rows - (asked ? 2 : 1);
    settle(s);
    for (int row = 0; row < s->rows && (size_t)(s->top + row) < s->prose.count; row++)
        draw_line(&s->prose.line[s->top + row], g, row);
    if (asked) {
        int used = grid_write(g, g->rows - 2, 0, g->cols, "> ", ROLE_CONSOLE);
        editor_draw(&s->editor, g, (struct area){g->rows - 2, used, 1, g->cols - used});
    }
    draw_bar(s, g, focused);
}
