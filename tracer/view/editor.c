#include "tracer/view/editor.h"

#include "tracer/base/alloc.h"
#include "tracer/base/utf8.h"
#include "tracer/view/command.h"
#include "tracer/view/glyph.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- history ----------------------------------------------------------------------------- */

void history_add(struct history *h, const char *line)
{
    if (!*line || (h->count > 0 && strcmp(h->lines[h->count - 1], line) == 0))
        return;
    if (h->count == HISTORY_LINES) {
        free(h->lines[0]);
        memmove(h->lines, h->lines + 1, (HISTORY_LINES - 1) * sizeof h->lines[0]);
        h->count--;
    }
    h->lines[h->count++] = xstrdup(line);
}

void history_free(struct history *h)
{
    for (int i = 0; i < h->count; i++)
        free(h->lines[i]);
    h->count = 0;
}

/* ---- the line ---------------------------------------------------------------------------- */

static void set_line(struct editor *e, const char *line)
{
    char *copy = xstrdup(line); /* it may be the editor's own */
    text_clear(&e->line);
    text_add(&e->line, copy);
    free(copy);
    e->cursor = e->line.len;
}

void editor_begin(struct editor *e, struct history *h, const char *line)
{
    e->history = h;
    e->at = h ? h->count : 0;
    text_clear(&e->own);
    set_line(e, line);
}

void editor_free(struct editor *e)
{
    text_free(&e->line);
    text_free(&e->own);
}

void editor_replace(struct editor *e, size_t from, const char *words)
{
    struct text t = {0};
    text_bytes(&t, e->line.s, from);
    text_add(&t, words);
    size_t cursor = t.len;
    text_add(&t, text_str(&e->line) + e->cursor);
    text_free(&e->line);
    e->line = t;
    e->cursor = cursor;
}

static size_t before(const struct editor *e, size_t at)
{
    while (at > 0 && ((unsigned char)e->line.s[--at] & 0xc0) == 0x80) {
    }
    return at;
}

static size_t after(const struct editor *e, size_t at)
{
    while (at < e->line.len && ((unsigned char)e->line.s[++at] & 0xc0) == 0x80) {
    }
    return at;
}

/* Where the word before the cursor begins. */
static size_t word_start(const struct editor *e)
{
    size_t at = e->cursor;
    while (at > 0 && e->line.s[at - 1] == ' ')
        at--;
    while (at > 0 && e->line.s[at - 1] != ' ')
        at--;
    return at;
}

static enum editor_answer move_to(struct editor *e, size_t at)
{
    if (at == e->cursor)
        return EDITOR_NOTHING;
    e->cursor = at;
    return EDITOR_MOVED;
}

/* Take out what lies between the cursor and `to`, on either side of it. */
static enum editor_answer erase(struct editor *e, size_t to)
{
    size_t from = to < e->cursor ? to : e->cursor;
    if (to == e->cursor)
        return EDITOR_NOTHING;
    e->cursor = to < e->cursor ? e->cursor : to;
    editor_replace(e, from, "");
    return EDITOR_CHANGED;
}

static enum editor_answer look_back(struct editor *e, int by)
{
    int to = e->at + by;
    if (!e->history || to < 0 || to > e->history->count)
        return EDITOR_NOTHING;
    if (e->at == e->history->count) {
        text_clear(&e->own);
        text_add(&e->own, text_str(&e->line));
    }
    e->at = to;
    set_line(e, to == e->history->count ? text_str(&e->own) : e->history->lines[to]);
    return EDITOR_CHANGED;
}

static enum editor_answer insert(struct editor *e, uint32_t key)
{
    char bytes[5] = "";
    if (key >= 0x110000 || !utf8_is_safe(key))
        return EDITOR_NOT_MINE;
    if (e->line.len >= EDITOR_BYTES)
        return EDITOR_NOTHING;
    utf8_write(key, bytes);
    editor_replace(e, e->cursor, bytes);
    return EDITOR_CHANGED;
}

enum editor_answer editor_key(struct editor *e, uint32_t key)
{
    switch (key) {
    case KEY_CODE_ENTER:
        if (e->history)
            history_add(e->history, text_str(&e->line));
        return EDITOR_DONE;
    case KEY_CODE_ESCAPE:
    case KEY_CONTROL('c'): return EDITOR_LEFT;
    case KEY_CODE_LEFT:
    case KEY_CONTROL('b'): return move_to(e, before(e, e->cursor));
    case KEY_CODE_RIGHT:
    case KEY_CONTROL('f'): return move_to(e, after(e, e->cursor));
    case KEY_CODE_HOME:
    case KEY_CONTROL('a'): return move_to(e, 0);
    case KEY_CODE_END:
    case KEY_CONTROL('e'): return move_to(e, e->line.len);
    case KEY_CODE_UP:
    case KEY_CONTROL('p'): return look_back(e, -1);
    case KEY_CODE_DOWN:
    case KEY_CONTROL('n'): return look_back(e, 1);
    case KEY_CODE_BACKSPACE: return erase(e, before(e, e->cursor));
    case KEY_CODE_DELETE: return erase(e, after(e, e->cursor));
    case KEY_CONTROL('w'): return erase(e, word_start(e));
    case KEY_CONTROL('u'): return erase(e, 0);
    case KEY_CONTROL('k'): return erase(e, e->line.len);
    default: return insert(e, key);
    }
}

/* ---- drawing ----------------------------------------------------------------------------- */

static int width_between(const struct editor *e, size_t from, size_t to)
{
    char *part = xstrndup(text_str(&e->line) + from, to - from);
    int width = grid_width_of(part);
    free(part);
    return width;
}

/* The underscore behind the end is the cursor where the terminal has none of its own. */
void editor_draw(const struct editor *e, struct grid *g, struct area a)
{
    size_t from = 0;
    bool cut = false;
    struct text shown = {0};
    if (a.cols < 4)
        return;
    while (from < e->cursor && width_between(e, from, e->cursor) + 2 > a.cols) {
        from = after(e, from);
        cut = true;
    }
    int col = a.col;
    if (cut) {
        from = after(e, from);
        col += grid_put(g, a.row, col, GLYPH_CUT, ROLE_DIM);
    }
    text_add(&shown, text_str(&e->line) + from);
    if (e->cursor == e->line.len)
        text_char(&shown, '_');
    grid_write(g, a.row, col, a.cols - (col - a.col), text_str(&shown), ROLE_NORMAL);
    grid_place_cursor(g, a.row, col + width_between(e, from, e->cursor));
    text_free(&shown);
}
