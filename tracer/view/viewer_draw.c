#include "tracer/view/viewer_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/utf8.h"
#include "tracer/base/words.h"
#include "tracer/view/glyph.h"
#include "tracer/view/lines.h"

#include <stdlib.h>
#include <string.h>

enum { PROGRESS_COLS = 10, BODY_LEAST = 8 };

/* A number with its thousands apart. */
static void add_count(struct text *out, uint64_t n)
{
    if (n >= 1000) {
        add_count(out, n / 1000);
        text_format(out, ",%03u", (unsigned)(n % 1000));
    } else {
        text_u64(out, n);
    }
}

/* How far the reading is, as far as there is room for it: a bar, and what there is so far. */
static void progress_words(const struct viewer *v, const struct grid *g, struct text *out)
{
    double part = (double)v->done / (double)v->all;
    if (g->cols >= 80) {
        add_count(out, trace_segment_count(v->trace));
        text_add(out, _(" segments  "));
    }
    for (int i = 0; i < PROGRESS_COLS && g->cols >= 60; i++) {
        bool full = part * PROGRESS_COLS >= i + 1;
        char bytes[4];
        text_bytes(out, bytes, utf8_write(full ? GLYPH_BAR : GLYPH_ACROSS, bytes));
    }
    text_format(out, "%s%2d%%", g->cols >= 60 ? " " : "", (int)(part * 100));
}

static void source_words(const struct viewer *v, const struct grid *g, struct text *out)
{
    const struct trace_session *session = trace_session(v->trace);
    static const char *const words[] = {[SOURCE_READING] = N_("reading"),
                                        [SOURCE_LIVE] = N_("live"),
                                        [SOURCE_ENDED] = N_("ended"),
                                        [SOURCE_FAILED] = N_("broken off")};
    if (v->paused)
        text_add(out, _("PAUSED  "));
    if (v->search.running)
        text_add(out, _("searching  "));
    if (v->saving)
        text_format(out, _("writing %d%%  "), viewer_saved_percent(v));
    bool reads = v->source == SOURCE_READING || v->source == SOURCE_LIVE;
    if (!reads && !v->search.running && v->type->busy && v->type->busy(v->view))
        text_add(out, _("taking in  "));
    if (v->tags.count > 0 && v->type != &connections_view) /* which counts its own */
        text_format(out, _("%zu tagged  "), v->tags.count);
    if (v->dropped > 0)
        text_format(out, _("%llu packets missed  "), (unsigned long long)v->dropped);
    if (v->passed_over > 0) {
        add_count(out, v->passed_over);
        text_add(out, _(" not kept  "));
    }
    if (v->type->commands) /* it shows no source */
        return;
    if (session->ended && session->verdict)
        text_safe_str(out, _(session->verdict));
    else if (v->source == SOURCE_READING && v->all > 0)
        progress_words(v, g, out);
    else
        text_add(out, _(words[v->source]));
}

/* The title in so many columns: of a path its end, from a slash on, so that the file's name stays;
 * where not even that has room, the name's beginning. */
static void draw_name(const struct viewer *v, struct grid *g, int cols)
{
    const char *name = text_str(&v->title), *last = strrchr(name, '/'), *rest = name;
    while (last && rest < last && grid_width_of(rest) + (rest > name) > cols)
        rest = strchr(rest + 1, '/');
    if (rest == last && last && grid_width_of(rest) + (rest > name) > cols)
        rest++;
    bool cut = cols > 0 && rest > name && *rest == '/';
    if (cut)
        grid_put(g, 0, 1, GLYPH_CUT, ROLE_TITLE);
    grid_write(g, 0, 1 + cut, cols - cut, rest, ROLE_TITLE);
}

static void draw_title(const struct viewer *v, struct grid *g)
{
    struct text status = {0};
    v->type->status(v->view, &status);
    if (status.len > 0)
        text_add(&status, "  ");
    source_words(v, g, &status);
    grid_across(g, 0, 0, g->cols, ' ', ROLE_TITLE);
    int n = grid_width_of(text_str(&status));
    int left = g->cols - n - 3;
    draw_name(v, g, left);
    grid_write_right(g, 0, left > 1 ? left + 2 : 1, g->cols - (left > 1 ? left + 3 : 2),
                     text_str(&status), ROLE_TITLE);
    text_free(&status);
}

/* ---- the key bar -------------------------------------------------------------------------- */

static const struct command_bar_item help_bar[] = {
    BAR_ITEM(CLOSE, "close"), BAR_PAIR(DOWN, UP, "line"), BAR_PAIR(PAGE_DOWN, PAGE_UP, "page"),
    BAR_ITEM(LAST, "end"),    BAR_ITEM(QUIT, "quit"),     BAR_END,
};

const struct command_bar_item *viewer_bar(const struct viewer *v)
{
    const struct command_bar_item *hands = viewer_hands_bar(v);
    if (v->help)
        return help_bar;
    return hands ? hands : v->type->bar ? v->type->bar : command_bar;
}

static bool is_useful(const struct viewer *v, const struct command_bar_item *item)
{
    if (item->command == COMMAND_TYPE || item->command == COMMAND_HOLD)
        return v->can_type;
    if (item->command == COMMAND_FILTER)
        return v->type->filter != NULL;
    return !item->many || trace_flow_count(v->trace) > 1;
}

/* The key that closes closes the last view too. */
static const char *bar_word(const struct viewer *v, const struct command_bar_item *item)
{
    bool last = v->beneath_count == 0 && !v->help;
    return _(item->command == COMMAND_CLOSE && last ? N_("quit") : item->word);
}

/* "Enter", or of two that go either way "Left/Right": that which goes back first. */
static void bar_key(const struct viewer *v, const struct command_bar_item *item, struct text *out)
{
    if (item->other != COMMAND_NONE)
        keymap_keys(&v->keys, item->other, 1, out);
    if (out->len > 0)
        text_char(out, '/');
    keymap_keys(&v->keys, item->command, 1, out);
}

/* Draw an item where it has room, and remember where it stands. */
static int draw_bar_item(struct viewer *v, struct grid *g, int row, int col,
                         const struct command_bar_item *item)
{
    struct text key = {0};
    const char *word = bar_word(v, item);
    bar_key(v, item, &key);
    int width = grid_width_of(text_str(&key)) + 1 + grid_width_of(word);
    if (key.len > 0 && col + width <= g->cols && v->bar_count < BAR_ITEMS) {
        v->bar[v->bar_count].col = col;
        v->bar[v->bar_count].cols = width;
        v->bar[v->bar_count++].command = item->command;
        col += grid_write(g, row, col, g->cols - col, text_str(&key), ROLE_KEY) + 1;
        col += grid_write(g, row, col, g->cols - col, word, ROLE_KEYBAR) + 2;
    }
    text_free(&key);
    return col;
}

static void draw_key_bar(struct viewer *v, struct grid *g, int row)
{
    int col = 1;
    grid_across(g, row, 0, g->cols, ' ', ROLE_KEYBAR);
    for (const struct command_bar_item *b = viewer_bar(v); b->command != COMMAND_NONE; b++)
        if (is_useful(v, b))
            col = draw_bar_item(v, g, row, col, b);
}

/* ---- the help ----------------------------------------------------------------------------- */

static void help_row(const struct viewer *v, const struct command_row *c, struct lines *out)
{
    struct text keys = {0}, name = {0};
    keymap_keys(&v->keys, c->command, COMMAND_KEYS, &keys);
    text_format(&name, ":%s", c->name);
    if (c->argument)
        text_format(&name, " %s", c->argument);
    lines_add(out, text_str(&keys), _(c->help), ROLE_NORMAL);
    lines_remark(out, text_str(&name));
    text_free(&keys);
    text_free(&name);
}

static void help_lines(const struct viewer *v, struct lines *out)
{
    struct text first = {0};
    out->lead_cols = 16;
    text_format(&first, "%s: %s", v->type->name, _(v->type->help));
    lines_add(out, NULL, text_str(&first), ROLE_HEADING);
    text_free(&first);
    for (int group = 0; group < GROUP_COUNT; group++) {
        bool any = false;
        for (size_t i = 0; i < command_table_rows; i++) {
            const struct command_row *row = &command_table[i];
            if ((int)row->group != group || !viewer_has_command(v, row->command))
                continue;
            if (!any) {
                lines_add(out, NULL, "", ROLE_NORMAL);
                lines_add(out, NULL, _(command_group_names[group]), ROLE_HEADING);
            }
            any = true;
            help_row(v, row, out);
        }
    }
}

static void draw_help(struct viewer *v, struct grid *g, struct area a)
{
    struct lines lines = {0};
    struct grid none = {0};
    help_lines(v, &lines);
    int all = lines_draw(&lines, 0, &none, a), most = all > a.rows ? all - a.rows : 0;
    v->help_skip = v->help_skip > most ? most : v->help_skip;
    v->help_skip = v->help_skip > 0 ? v->help_skip : 0;
    lines_draw(&lines, v->help_skip, g, a);
    lines_free(&lines);
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* A row that is laid over what the view has drawn there. */
static void blank_row(struct grid *g, int row, uint32_t glyph)
{
    for (int col = 0; col < g->cols; col++) {
        grid_cell(g, row, col)->selected = false;
        grid_cell(g, row, col)->target = GRID_NO_TARGET;
    }
    grid_across(g, row, 0, g->cols, glyph, ROLE_DIM);
}

/* Words that could be meant, above the line that is typed. */
static void draw_completions(const struct viewer *v, struct grid *g, int last)
{
    int shown = v->completion_count < last / 2 ? v->completion_count : last / 2;
    int top = last - shown, width = 0;
    for (int i = 0; i < v->completion_count; i++) {
        int n = grid_width_of(v->completions[i].word);
        width = n > width ? n : width;
    }
    blank_row(g, top - 1, GLYPH_ACROSS);
    for (int i = 0; i < shown; i++) {
        struct text more = {0};
        const struct completion *c = &v->completions[i];
        blank_row(g, top + i, ' ');
        if (i == shown - 1 && shown < v->completion_count) {
            text_format(&more, _("and %d more"), v->completion_count - shown + 1);
            grid_write(g, top + i, 2, g->cols - 3, text_str(&more), ROLE_DIM);
        } else {
            grid_write(g, top + i, 2, g->cols - 3, c->word, ROLE_KEY);
            grid_write(g, top + i, 4 + width, g->cols - 5 - width, c->help ? c->help : "",
                       ROLE_NORMAL);
        }
        text_free(&more);
    }
}

/* The message's lines, to be freed; the screen rows that they take. */
static int message_lines(const struct viewer *v, const struct grid *g, struct lines *out)
{
    struct grid none = {0};
    struct area a = {0, 1, 1, g->cols - 2};
    enum role role = v->message_is_error ? ROLE_ERROR : ROLE_NOTE;
    for (const char *at = text_str(&v->message); *at;) {
        size_t n = strcspn(at, "\n");
        char *line = xstrndup(at, n);
        lines_add(out, NULL, line, role);
        free(line);
        at += n + (at[n] == '\n');
    }
    int rows = lines_draw(out, 0, &none, a);
    return rows < g->rows / 2 ? rows : g->rows / 2;
}

static void draw_message(const struct viewer *v, struct grid *g, int last)
{
    struct lines lines = {0};
    struct area a = {last, 1, message_lines(v, g, &lines), g->cols - 2};
    a.row = last + 1 - a.rows;
    for (int i = 0; i < a.rows; i++)
        blank_row(g, a.row + i, ' ');
    if (a.rows > 1)
        blank_row(g, a.row - 1, GLYPH_ACROSS);
    lines_draw(&lines, 0, g, a);
    lines_free(&lines);
}

/* Rows above the last one that a message lies over, its line included. */
static int message_covers(const struct viewer *v, const struct grid *g)
{
    struct lines lines = {0};
    int rows = v->message.len > 0 ? message_lines(v, g, &lines) : 0;
    lines_free(&lines);
    return rows > 1 ? rows : 0;
}

/* The view, and below it what is held, which no message hides. */
static void draw_body(struct viewer *v, struct grid *g, struct area body)
{
    int held = viewer_hands_rows(v, body.rows), covered = held > 0 ? message_covers(v, g) : 0;
    if (body.rows - held - covered < BODY_LEAST)
        covered = 0;
    body.rows -= held + covered;
    v->type->draw(v->view, g, body);
    viewer_hands_draw(v, g, (struct area){body.row + body.rows, 0, held, g->cols});
    viewer_search_draw(v, g, body);
    viewer_tags_draw(v, g, body);
}

static void draw_foot(struct viewer *v, struct grid *g, int last)
{
    v->bar_count = 0;
    if (v->prompt != PROMPT_NONE) {
        if (v->completion_count > 0)
            draw_completions(v, g, last);
        else if (v->prompt == PROMPT_DIALOGUE && v->message.len > 0)
            draw_message(v, g, last - 1);
        viewer_prompt_draw(v, g, last);
    } else if (v->pending != COMMAND_NONE) {
        grid_write(g, last, 1, g->cols - 2,
                   v->pending == COMMAND_MARK ? _("Remember this place under which letter?")
                                              : _("Go back to the place of which letter?"),
                   ROLE_KEY);
    } else if (v->message.len > 0) {
        draw_message(v, g, last);
    } else {
        draw_key_bar(v, g, last);
    }
}

void viewer_draw(struct viewer *v, struct grid *g)
{
    grid_clear(g);
    v->rows = g->rows;
    v->cols = g->cols;
    v->ascii = g->ascii;
    struct area body = {1, 0, g->rows - 2, g->cols};
    if (g->rows < 10 || g->cols < 40) {
        grid_write(g, 0, 0, g->cols, _("too small: 40x10 at least"), ROLE_ERROR);
        return;
    }
    body.rows -= viewer_dialogue_draw(v, g, g->rows - 1);
    if (v->help) {
        draw_help(v, g, (struct area){2, 2, body.rows - 2, g->cols - 4});
    } else {
        draw_body(v, g, body);
    }
    draw_title(v, g); /* it says what was drawn */
    draw_foot(v, g, g->rows - 1);
}
