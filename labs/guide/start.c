/*  lab        level  what it is about
 *  sockets    1      Sockets and addresses                          done, 4 of 5 points
 *  handshake  1      The three-way handshake
 */
#include "labs/guide/start.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <stdlib.h>
#include <string.h>

/* ---- what there is -------------------------------------------------------------------------- */

static bool is_begun(const struct start *s, size_t i)
{
    return !s->progress[i].done && place_in_the_middle(&s->places[i]);
}

static void select_next(struct start *s)
{
    size_t next = 0;
    while (next < s->count && s->progress[next].done)
        next++;
    next = next < s->count ? next : 0;
    int64_t last_s = INT64_MIN;
    for (size_t i = 0; i < s->count; i++)
        if (is_begun(s, i) && s->places[i].left_s > last_s) {
            last_s = s->places[i].left_s;
            next = i;
        }
    s->cursor = next;
}

int start_read(struct start *s, struct error *e)
{
    *s = (struct start){.rows = 1};
    if (catalog_read(&s->lessons, &s->count, e) != 0)
        return -1;
    s->progress = xcalloc(s->count + 1, sizeof *s->progress);
    s->places = xcalloc(s->count + 1, sizeof *s->places);
    for (size_t i = 0; i < s->count; i++)
        if (progress_of(s->lessons[i].name, &s->progress[i], e) != 0 ||
            place_read(&s->lessons[i], &s->places[i], e) != 0) {
            start_free(s);
            return -1;
        }
    select_next(s);
    return 0;
}

void start_free(struct start *s)
{
    for (size_t i = 0; i < s->count; i++) {
        lesson_free(&s->lessons[i]);
        if (s->places)
            place_free(&s->places[i]);
    }
    free(s->lessons);
    free(s->places);
    free(s->progress);
    *s = (struct start){0};
}

static size_t number_of(const struct start *s, const char *name)
{
    size_t i = 0;
    while (i < s->count && strcmp(s->lessons[i].name, name) != 0)
        i++;
    return i;
}

/* The next that is not done, behind this one and then from the beginning; `count` where all are. */
static size_t next_of(const struct start *s, size_t i)
{
    for (size_t step = 1; step < s->count; step++) {
        size_t next = (i + step) % s->count;
        if (!s->progress[next].done)
            return next;
    }
    return s->count;
}

void start_follow(struct start *s, const char *name)
{
    size_t i = number_of(s, name), next = i < s->count ? next_of(s, i) : s->count;
    if (i == s->count)
        return;
    s->cursor = s->progress[i].done && next < s->count ? next : i;
}

const char *start_next(const struct start *s, const char *name)
{
    size_t i = number_of(s, name), next = i < s->count ? next_of(s, i) : s->count;
    return next < s->count ? s->lessons[next].name : NULL;
}

static size_t done_count(const struct start *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++)
        n += s->progress[i].done;
    return n;
}

/* ---- a lab's line --------------------------------------------------------------------------- */

enum { GAP = 2, NAME_MOST = 20, TITLE_LEAST = 10 };

/* The words of a line, fit for a terminal. */
struct words {
    struct text level, name, title, how;
};

static void words_of_lab(const struct start *s, size_t i, struct words *w)
{
    *w = (struct words){0};
    text_format(&w->level, "%ld", s->lessons[i].level);
    text_safe_str(&w->name, s->lessons[i].name);
    text_safe_str(&w->title, s->lessons[i].title);
    if (is_begun(s, i))
        place_text(&s->places[i], &w->how);
    else
        progress_text(&s->progress[i], &w->how);
}

static void words_heading(struct words *w)
{
    *w = (struct words){0};
    text_add(&w->level, _("level"));
    text_add(&w->name, _("lab"));
    text_add(&w->title, _("what it is about"));
}

static void words_free(struct words *w)
{
    text_free(&w->level);
    text_free(&w->name);
    text_free(&w->title);
    text_free(&w->how);
}

/* Columns of each part, by the longest that there is. */
struct widths {
    int level, name, title, how;
};

static int wider(int cols, const struct text *t)
{
    int own = grid_width_of(text_str(t));
    return own > cols ? own : cols;
}

static struct widths measure(const struct start *s)
{
    struct widths most;
    struct words w;
    words_heading(&w);
    most = (struct widths){wider(0, &w.level), wider(0, &w.name), wider(0, &w.title), 0};
    words_free(&w);
    for (size_t i = 0; i < s->count; i++) {
        words_of_lab(s, i, &w);
        most = (struct widths){wider(most.level, &w.level), wider(most.name, &w.name),
                               wider(most.title, &w.title), wider(most.how, &w.how)};
        words_free(&w);
    }
    most.name = most.name < NAME_MOST ? most.name : NAME_MOST;
    return most;
}

/* ---- as text -------------------------------------------------------------------------------- */

static void put_padded(struct text *out, const struct text *words, int cols)
{
    text_add(out, text_str(words));
    for (int n = grid_width_of(text_str(words)); n < cols + GAP; n++)
        text_char(out, ' ');
}

static void put_line(struct text *out, const struct words *w, const struct widths *most)
{
    put_padded(out, &w->name, most->name);
    put_padded(out, &w->level, most->level);
    put_padded(out, &w->title, most->title);
    text_add(out, text_str(&w->how));
    while (out->len > 0 && out->s[out->len - 1] == ' ')
        out->s[--out->len] = '\0';
    text_char(out, '\n');
}

void start_text(const struct start *s, struct text *out)
{
    struct widths most = measure(s);
    struct words w;
    words_heading(&w);
    put_line(out, &w, &most);
    words_free(&w);
    for (size_t i = 0; i < s->count; i++) {
        words_of_lab(s, i, &w);
        put_line(out, &w, &most);
        words_free(&w);
    }
    text_char(out, '\n');
    if (s->count > 0 && is_begun(s, s->cursor))
        text_format(
            out, _("%zu of %zu done. `tcplab run` goes on in %s, `tcplab run LAB` takes another."),
            done_count(s), s->count, s->lessons[s->cursor].name);
    else
        text_format(out, _("%zu of %zu done. Take one with: tcplab run LAB"), done_count(s),
                    s->count);
    text_char(out, '\n');
}

/* ---- on the screen -------------------------------------------------------------------------- */

static void no_close(void *view)
{
    (void)view;
}

static bool nothing_new(void *view)
{
    (void)view;
    return false;
}

/* A screen too narrow for all of it does without the level, then without what was reached. */
static struct widths fit(const struct start *s, int cols)
{
    struct widths w = measure(s);
    int left = cols - 1;
    if (left - w.level - w.name - w.how - 3 * GAP < 2 * TITLE_LEAST)
        w.level = -GAP;
    if (left - w.level - w.name - w.how - 3 * GAP < TITLE_LEAST)
        w.how = -GAP;
    int room = left - w.level - w.name - w.how - 3 * GAP;
    w.title = w.title < room ? w.title : room;
    return w;
}

static void draw_line(struct grid *g, int row, int col, const struct words *w,
                      const struct widths *cols, const enum role roles[4])
{
    const struct text *texts[] = {&w->name, &w->level, &w->title, &w->how};
    const int widths[] = {cols->name, cols->level, cols->title, cols->how};
    for (int i = 0; i < 4; i++) {
        if (widths[i] > 0)
            grid_write(g, row, col, widths[i], text_str(texts[i]), roles[i]);
        col += widths[i] + GAP;
    }
}

static void settle(struct start *s, int rows)
{
    size_t height = rows > 0 ? (size_t)rows : 1;
    s->rows = (int)height;
    if (s->cursor < s->top)
        s->top = s->cursor;
    if (s->cursor >= s->top + height)
        s->top = s->cursor + 1 - height;
    if (s->top + height > s->count)
        s->top = s->count > height ? s->count - height : 0;
}

static void start_draw(void *view, struct grid *g, struct area a)
{
    static const enum role heading[] = {ROLE_HEADING, ROLE_HEADING, ROLE_HEADING, ROLE_HEADING};
    static const enum role open[] = {ROLE_CALL, ROLE_DIM, ROLE_NORMAL, ROLE_STATE};
    static const enum role done[] = {ROLE_DIM, ROLE_DIM, ROLE_DIM, ROLE_STATE};
    struct start *s = view;
    struct widths cols = fit(s, a.cols);
    struct words w;
    words_heading(&w);
    draw_line(g, a.row, a.col + 1, &w, &cols, heading);
    words_free(&w);
    settle(s, a.rows - 1);
    for (int row = 0; row < s->rows && s->top + (size_t)row < s->count; row++) {
        size_t i = s->top + (size_t)row;
        words_of_lab(s, i, &w);
        draw_line(g, a.row + 1 + row, a.col + 1, &w, &cols, s->progress[i].done ? done : open);
        if (i == s->cursor)
            grid_select(g, (struct area){a.row + 1 + row, a.col, 1, a.cols});
        words_free(&w);
    }
}

static enum view_answer move_to(struct start *s, size_t row)
{
    s->cursor = row < s->count ? row : s->count > 0 ? s->count - 1 : 0;
    return VIEW_REDRAW;
}

static enum view_answer move_by(struct start *s, int rows)
{
    size_t away = (size_t)abs(rows);
    return move_to(s, rows > 0 ? s->cursor + away : s->cursor > away ? s->cursor - away : 0);
}

static enum view_answer start_command(void *view, enum command c)
{
    struct start *s = view;
    int page = s->rows > 1 ? s->rows - 1 : 1;
    switch (c) {
    case COMMAND_UP: return move_by(s, -1);
    case COMMAND_DOWN: return move_by(s, 1);
    case COMMAND_PAGE_UP: return move_by(s, -page);
    case COMMAND_PAGE_DOWN: return move_by(s, page);
    case COMMAND_FIRST: return move_to(s, 0);
    case COMMAND_LAST: return move_to(s, SIZE_MAX);
    case COMMAND_OPEN: s->chosen = s->count > 0; return s->chosen ? VIEW_LEAVE : VIEW_DONE;
    default: return VIEW_NOT_MINE;
    }
}

static void start_status(const void *view, struct text *out)
{
    const struct start *s = view;
    size_t seen = s->top + (size_t)s->rows;
    text_format(out, _("%zu of %zu done"), done_count(s), s->count);
    if (seen < s->count)
        text_format(out, _(", %zu more below"), s->count - seen);
}

static struct view_position start_position(const void *view)
{
    const struct start *s = view;
    return (struct view_position){s->cursor, 0, TRACE_NONE};
}

static void start_go(void *view, struct view_position p)
{
    move_to(view, (size_t)p.row);
}

static bool start_step(void *view, struct view_position *p, int by)
{
    const struct start *s = view;
    if (s->count == 0 || (by < 0 && p->row == 0) || (by > 0 && p->row + 1 >= s->count))
        return false;
    p->row = by > 0 ? p->row + 1 : by < 0 ? p->row - 1 : p->row;
    p->row = p->row < s->count ? p->row : s->count - 1;
    p->part = 0;
    return true;
}

static void start_row_text(void *view, struct view_position p, struct text *out)
{
    struct words w;
    words_of_lab(view, (size_t)p.row, &w);
    text_format(out, "%s  %s  %s  %s", text_str(&w.name), text_str(&w.level), text_str(&w.title),
                text_str(&w.how));
    words_free(&w);
}

static const struct command_bar_item bar[] = {
    BAR_ITEM(HELP, "help"),     BAR_ITEM(OPEN, "take it"), BAR_PAIR(DOWN, UP, "choose"),
    BAR_ITEM(SEARCH, "search"), BAR_ITEM(QUIT, "quit"),    BAR_END,
};

static const enum command commands[] = {
    COMMAND_UP,
    COMMAND_DOWN,
    COMMAND_PAGE_UP,
    COMMAND_PAGE_DOWN,
    COMMAND_HALF_PAGE_UP,
    COMMAND_HALF_PAGE_DOWN,
    COMMAND_FIRST,
    COMMAND_LAST,
    COMMAND_OPEN,
    COMMAND_CLOSE,
    COMMAND_SEARCH,
    COMMAND_NEXT_MATCH,
    COMMAND_PREVIOUS_MATCH,
    COMMAND_HELP,
    COMMAND_LINE,
    COMMAND_REDRAW,
    COMMAND_SUSPEND,
    COMMAND_QUIT,
    COMMAND_THEME,
    COMMAND_SET,
    COMMAND_BIND,
    COMMAND_UNBIND,
    COMMAND_COPY,
    COMMAND_SAVE_SCREEN,
    COMMAND_NONE,
};

const struct view_type start_view = {
    .name = "labs",
    .help = N_("The labs and how far you have come: the arrow keys choose one, Enter takes it."),
    .close = no_close,
    .update = nothing_new,
    .draw = start_draw,
    .command = start_command,
    .status = start_status,
    .bar = bar,
    .position = start_position,
    .go = start_go,
    .step = start_step,
    .row_text = start_row_text,
    .commands = commands,
};
