/* The source on the screen:
 *
 *   C  client.c:31 in main                                              0.100310
 *   connect(3, S:9502) = 0, after 20.123 ms
 *  ── client.c ──────────────────────────────────────────────────────────────────
 *     30       struct sockaddr_in to = address(argv[1]);
 *  ▶  31       if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
 *  ·  32           die("connect");
 *
 * A dot marks the other lines that have made calls. */
#include "tracer/view/code.h"

#include "tracer/base/words.h"
#include "tracer/view/glyph.h"
#include "tracer/view/lines.h"

#include <string.h>

enum { HEADER_ROWS = 3, LEAST_ROWS = 6, LEAST_COLS = 40, NUMBER_COLS = 5, GLYPH_CALLS = 0xb7 };

static enum role role_of(const struct call *c)
{
    return c->error ? ROLE_CALL_FAILED : c->exit_ns < 0 ? ROLE_CALL_BLOCKED : ROLE_CALL;
}

static void draw_heading(const struct code_view *v, const struct call *c, struct grid *g,
                         struct area a)
{
    struct text words = {0};
    text_format(&words, "%c  ", c->host ? c->host : '?');
    label_caller(c, &words);
    int used = grid_write(g, a.row, a.col + 1, a.cols - 2, text_str(&words),
                          c->host == 'S' ? ROLE_HOST_S : ROLE_HOST_C);
    text_clear(&words);
    label_seconds(c->enter_ns - trace_time(v->trace, 0), &words);
    if (used + grid_width_of(text_str(&words)) + 4 <= a.cols)
        grid_write_right(g, a.row, a.col + 1, a.cols - 2, text_str(&words), ROLE_TIME);
    text_clear(&words);
    label_call(v->trace, c, c->exit_ns < 0 ? CALL_ENTERED : CALL_WHOLE, a.cols - 24, &words);
    if (c->exit_ns >= 0) {
        struct text span = {0};
        label_span(c->exit_ns - c->enter_ns, &span);
        text_format(&words, _(", after %s"), text_str(&span));
        text_free(&span);
    } else {
        text_add(&words, _(", which blocks"));
    }
    grid_write(g, a.row + 1, a.col + 1, a.cols - 2, text_str(&words), role_of(c));
    grid_across(g, a.row + 2, a.col, a.cols, GLYPH_ACROSS, ROLE_DIM);
    text_clear(&words);
    text_char(&words, ' ');
    text_safe_str(&words, c->file);
    text_char(&words, ' ');
    grid_write(g, a.row + 2, a.col + 2, a.cols - 4, text_str(&words), ROLE_HEADING);
    text_free(&words);
}

static void draw_line(const struct code_view *v, size_t line, bool lit, struct grid *g,
                      struct area a)
{
    struct text words = {0};
    text_format(&words, "%*zu", NUMBER_COLS, line + 1);
    if (lit)
        grid_put(g, a.row, a.col + 1, GLYPH_HEAD_RIGHT, ROLE_CALL);
    grid_write(g, a.row, a.col + 2, NUMBER_COLS, text_str(&words), lit ? ROLE_CALL : ROLE_DIM);
    text_clear(&words);
    source_file_line(&v->file, line + 1, &words);
    grid_write(g, a.row, a.col + NUMBER_COLS + 4, a.cols - NUMBER_COLS - 5, text_str(&words),
               lit ? ROLE_CALL : ROLE_NORMAL);
    if (line == v->cursor && (!lit || !v->follow))
        grid_select(g, a);
    text_free(&words);
}

/* A dot at each line in sight that a call of the trace comes from. */
static void draw_calls(const struct code_view *v, const struct call *lit, struct grid *g,
                       struct area a)
{
    for (size_t i = 0; i < v->count; i++) {
        const struct call *c = trace_call(v->trace, trace_event(v->trace, v->events[i]).index);
        size_t line = (size_t)c->line - 1;
        if (c->line == lit->line || line < v->top || line >= v->top + (size_t)a.rows ||
            strcmp(c->file, lit->file) != 0)
            continue;
        grid_put(g, a.row + (int)(line - v->top), a.col + 1, GLYPH_CALLS, ROLE_CALL);
        grid_target(g, (struct area){a.row + (int)(line - v->top), a.col, 1, a.cols}, v->events[i]);
    }
}

static void draw_file(const struct code_view *v, const struct call *c, struct grid *g,
                      struct area a)
{
    for (int row = 0; row < a.rows && v->top + (size_t)row < v->file.lines; row++) {
        size_t line = v->top + (size_t)row;
        draw_line(v, line, line + 1 == (size_t)c->line, g,
                  (struct area){a.row + row, a.col, 1, a.cols});
    }
    draw_calls(v, c, g, a);
}

static void draw_words(const char *words, struct grid *g, struct area a)
{
    struct lines lines = {0};
    lines_add(&lines, NULL, words, ROLE_DIM);
    lines_draw(&lines, 0, g, (struct area){a.row + 1, a.col + 2, a.rows - 1, a.cols - 4});
    lines_free(&lines);
}

static const char *why_none(const struct trace *t)
{
    if (!trace_session(t)->present)
        return _("A capture of packets holds no programs. A session does: "
                 "tcplab trace -w FILE -- PROGRAM writes one, tcpladder -r FILE shows it.");
    if (trace_call_count(t) == 0)
        return _("No program has made a socket call yet.");
    return _("No call of this session has its line of code. Programs that are compiled with debug "
             "information have: cc -g. Python, Java and what was stripped do not.");
}

void code_draw(void *view, struct grid *g, struct area a)
{
    struct code_view *v = view;
    const struct call *c = code_call(v);
    if (a.cols < LEAST_COLS || a.rows < LEAST_ROWS) {
        grid_write(g, a.row, a.col, a.cols, _("too small: 40x10 at least"), ROLE_ERROR);
        return;
    }
    if (!c) {
        draw_words(why_none(v->trace), g, a);
        return;
    }
    struct area body = {a.row + HEADER_ROWS, a.col, a.rows - HEADER_ROWS, a.cols};
    draw_heading(v, c, g, a);
    code_settle(v, body.rows);
    if (v->file.lines > 0)
        draw_file(v, c, g, body);
    else
        draw_words(v->file.fault ? v->file.fault : _("The source is empty."), g, body);
}
