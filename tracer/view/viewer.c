#include "tracer/view/viewer.h"

#include "tracer/base/alloc.h"
#include "tracer/base/utf8.h"
#include "tracer/view/glyph.h"
#include "tracer/view/lines.h"
#include "tracer/view/view.h"

#include <stdlib.h>
#include <string.h>

enum { VIEWS_DEEP = 8 }; /* views that lie one over the other, at the most */
enum { PROGRESS_COLS = 10 };

struct viewer {
    const struct trace *trace; /* (borrowed) */
    struct text title;
    const struct view_type *type; /* of the view in use */
    void *view;                   /* (owned) by its type's close() */
    struct {
        const struct view_type *type;
        void *view;
    } beneath[VIEWS_DEEP]; /* views that others were opened from, the last one first to come back */
    int beneath_count;
    bool can_type;
    bool paused;
    bool help;
    int help_skip;
    bool typing;
    char host; /* whom the line is for */
    struct text line;
    struct text message;
    enum viewer_source source;
    uint64_t dropped, passed_over;
    uint64_t done, all; /* of what is being read; see viewer_set_progress() */
};

struct viewer *viewer_new(const struct trace *trace, const char *title, bool can_type)
{
    struct viewer *v = xcalloc(1, sizeof *v);
    v->trace = trace;
    v->can_type = can_type;
    v->host = 'C';
    text_safe_str(&v->title, title);
    v->type = view_types[0];
    v->view = v->type->open(trace);
    return v;
}

static void close_all(struct viewer *v)
{
    v->type->close(v->view);
    while (v->beneath_count > 0) {
        v->beneath_count--;
        v->beneath[v->beneath_count].type->close(v->beneath[v->beneath_count].view);
    }
}

void viewer_free(struct viewer *v)
{
    if (!v)
        return;
    close_all(v);
    text_free(&v->title);
    text_free(&v->line);
    text_free(&v->message);
    free(v);
}

const char *viewer_view(const struct viewer *v)
{
    return v->type->name;
}

void viewer_from_start(struct viewer *v)
{
    v->type->command(v->view, COMMAND_FIRST);
}

bool viewer_update(struct viewer *v)
{
    return !v->paused && v->type->update(v->view);
}

void viewer_say(struct viewer *v, const char *sentence)
{
    text_clear(&v->message);
    text_safe_str(&v->message, sentence);
}

void viewer_set_source(struct viewer *v, enum viewer_source s)
{
    v->source = s;
}

void viewer_set_dropped(struct viewer *v, uint64_t frames)
{
    v->dropped = frames;
}

void viewer_set_passed_over(struct viewer *v, uint64_t frames)
{
    v->passed_over = frames;
}

void viewer_set_progress(struct viewer *v, uint64_t done, uint64_t all)
{
    v->done = done < all ? done : all;
    v->all = all;
}

const char *viewer_typed(const struct viewer *v, char *host)
{
    *host = v->host;
    return text_str(&v->line);
}

/* ---- keys ------------------------------------------------------------------------------- */

static void erase_last(struct text *line)
{
    while (line->len > 0 && ((unsigned char)line->s[line->len - 1] & 0xc0) == 0x80)
        line->len--;
    if (line->len > 0)
        line->len--;
    text_commit(line, 0);
}

static enum viewer_answer type_key(struct viewer *v, uint32_t key)
{
    char bytes[4];
    switch (key) {
    case KEY_CODE_ESCAPE:
    case KEY_CONTROL('c'): v->typing = false; return VIEWER_REDRAW;
    case KEY_CODE_ENTER: v->typing = false; return VIEWER_TYPED;
    case '\t': v->host = v->host == 'C' ? 'S' : 'C'; return VIEWER_REDRAW;
    case KEY_CODE_BACKSPACE:
        if (v->line.len > 0)
            erase_last(&v->line);
        return VIEWER_REDRAW;
    case KEY_CONTROL('u'): text_clear(&v->line); return VIEWER_REDRAW;
    case KEY_CONTROL('d'): /* end-of-file for the program, as a terminal would give it */
        text_clear(&v->line);
        text_char(&v->line, KEY_CONTROL('d'));
        v->typing = false;
        return VIEWER_TYPED;
    default:
        if (key >= 0x110000 || !utf8_is_safe(key) || v->line.len > 3000)
            return VIEWER_NOTHING;
        text_bytes(&v->line, bytes, utf8_write(key, bytes));
        return VIEWER_REDRAW;
    }
}

static enum viewer_answer help_command(struct viewer *v, enum command c)
{
    switch (c) {
    case COMMAND_HELP:
    case COMMAND_CLOSE: v->help = false; return VIEWER_REDRAW;
    case COMMAND_DOWN: v->help_skip++; return VIEWER_REDRAW;
    case COMMAND_PAGE_DOWN: v->help_skip += 10; return VIEWER_REDRAW;
    case COMMAND_UP: v->help_skip--; return VIEWER_REDRAW;
    case COMMAND_PAGE_UP: v->help_skip -= 10; return VIEWER_REDRAW;
    default: return VIEWER_NOTHING;
    }
}

static void open_view(struct viewer *v, const struct view_type *type)
{
    v->type = type;
    v->view = type->open(v->trace);
    type->update(v->view);
}

/* Back to the view beneath, if there is one. */
static bool close_view(struct viewer *v)
{
    if (v->beneath_count == 0)
        return false;
    v->type->close(v->view);
    v->beneath_count--;
    v->type = v->beneath[v->beneath_count].type;
    v->view = v->beneath[v->beneath_count].view;
    viewer_update(v);
    return true;
}

/* Lay a view over the one in use; past what is deep enough, in its place. */
static void open_over(struct viewer *v, const struct view_type *type)
{
    if (v->beneath_count == VIEWS_DEEP) {
        v->type->close(v->view);
    } else {
        v->beneath[v->beneath_count].type = v->type;
        v->beneath[v->beneath_count].view = v->view;
        v->beneath_count++;
    }
    open_view(v, type);
}

bool viewer_show(struct viewer *v, const char *name)
{
    for (size_t i = 0; i < view_type_count; i++)
        if (strcmp(view_types[i]->name, name) == 0) {
            close_all(v);
            open_view(v, view_types[i]);
            return true;
        }
    return false;
}

static enum viewer_answer next_view(struct viewer *v)
{
    size_t i = 0;
    if (view_type_count < 2)
        return VIEWER_NOTHING;
    while (i + 1 < view_type_count && view_types[i] != v->type)
        i++;
    close_all(v);
    open_view(v, view_types[(i + 1) % view_type_count]);
    return VIEWER_REDRAW;
}

/* To the view of this type: the one that lies beneath, else a new one over the one in use. */
static enum viewer_answer go_to_view(struct viewer *v, const struct view_type *type)
{
    bool beneath = false;
    if (v->type == type)
        return VIEWER_NOTHING;
    for (int i = 0; i < v->beneath_count; i++)
        beneath = beneath || v->beneath[i].type == type;
    if (!beneath)
        open_over(v, type);
    while (v->type != type)
        close_view(v);
    return VIEWER_REDRAW;
}

static enum viewer_answer open_target(struct viewer *v)
{
    struct view_target target = v->type->target(v->view);
    open_over(v, target.type);
    if (v->type->show)
        v->type->show(v->view, &target);
    return VIEWER_REDRAW;
}

/* What is selected here, in a view of another type. */
static enum viewer_answer show_selected(struct viewer *v, const struct view_type *type)
{
    struct view_target target = {.flow = TRACE_NONE, .event = TRACE_NONE};
    if (v->type == type)
        return VIEWER_NOTHING;
    if (v->type->target)
        target = v->type->target(v->view);
    target.type = type;
    open_over(v, type);
    if (type->show && (target.flow != TRACE_NONE || target.event != TRACE_NONE))
        type->show(v->view, &target);
    return VIEWER_REDRAW;
}

static enum viewer_answer toggle(struct viewer *v, bool *what)
{
    *what = !*what;
    viewer_update(v);
    return VIEWER_REDRAW;
}

static enum viewer_answer start_typing(struct viewer *v)
{
    if (!v->can_type) {
        viewer_say(v, "No program here can be typed to: this is not a running lab.");
        return VIEWER_REDRAW;
    }
    text_clear(&v->line);
    v->typing = true;
    return VIEWER_REDRAW;
}

static void tell_what_was_said(struct viewer *v)
{
    const char *said = v->type->said ? v->type->said(v->view) : NULL;
    if (said)
        viewer_say(v, said);
}

static enum viewer_answer view_command(struct viewer *v, enum command c)
{
    enum view_answer a = v->type->command(v->view, c);
    tell_what_was_said(v);
    if (a == VIEW_REDRAW)
        return VIEWER_REDRAW;
    if (a == VIEW_OPEN)
        return open_target(v);
    if (a == VIEW_NOT_MINE && c == COMMAND_CLOSE)
        return close_view(v) ? VIEWER_REDRAW : VIEWER_QUIT;
    return VIEWER_NOTHING;
}

static enum viewer_answer run_command(struct viewer *v, enum command c)
{
    switch (c) {
    case COMMAND_QUIT: return VIEWER_QUIT;
    case COMMAND_SUSPEND: return VIEWER_SUSPEND;
    case COMMAND_REDRAW: return VIEWER_AFRESH;
    default: break;
    }
    if (v->help)
        return help_command(v, c);
    switch (c) {
    case COMMAND_HELP: v->help_skip = 0; return toggle(v, &v->help);
    case COMMAND_PAUSE: return toggle(v, &v->paused);
    case COMMAND_TYPE: return start_typing(v);
    case COMMAND_NEXT_VIEW: return next_view(v);
    case COMMAND_CONNECTIONS: return go_to_view(v, &connections_view);
    case COMMAND_LADDER: return show_selected(v, &ladder_view);
    case COMMAND_STREAM: return show_selected(v, &stream_view);
    case COMMAND_CALLS: return show_selected(v, &calls_view);
    case COMMAND_DETAIL: return show_selected(v, &detail_view);
    case COMMAND_PLOTS: return show_selected(v, &plots_view);
    default: return view_command(v, c);
    }
}

enum viewer_answer viewer_key(struct viewer *v, uint32_t key)
{
    bool said = v->message.len > 0;
    if (command_of_key(key) != COMMAND_REDRAW) /* which is for the same screen again */
        text_clear(&v->message);
    if (v->typing)
        return type_key(v, key);
    enum view_answer taken = v->type->key && !v->help ? v->type->key(v->view, key) : VIEW_NOT_MINE;
    if (taken != VIEW_NOT_MINE) {
        tell_what_was_said(v);
        return taken == VIEW_REDRAW || said ? VIEWER_REDRAW : VIEWER_NOTHING;
    }
    enum viewer_answer a = run_command(v, command_of_key(key));
    /* Esc only ever closes: a stray one must not end a running lab */
    if (a == VIEWER_QUIT && key == KEY_CODE_ESCAPE)
        a = VIEWER_NOTHING;
    return a == VIEWER_NOTHING && said ? VIEWER_REDRAW : a;
}

/* ---- drawing ---------------------------------------------------------------------------- */

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
        text_add(out, " segments  ");
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
    static const char *const words[] = {[SOURCE_READING] = "reading",
                                        [SOURCE_LIVE] = "live",
                                        [SOURCE_ENDED] = "ended",
                                        [SOURCE_FAILED] = "broken off"};
    if (v->paused)
        text_add(out, "PAUSED  ");
    if (v->dropped > 0)
        text_format(out, "%llu packets missed  ", (unsigned long long)v->dropped);
    if (v->passed_over > 0) {
        add_count(out, v->passed_over);
        text_add(out, " not kept  ");
    }
    if (session->ended && session->verdict)
        text_safe_str(out, session->verdict);
    else if (v->source == SOURCE_READING && v->all > 0)
        progress_words(v, g, out);
    else
        text_add(out, words[v->source]);
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
    grid_write(g, 0, 1, left, text_str(&v->title), ROLE_TITLE);
    grid_write_right(g, 0, left > 1 ? left + 2 : 1, g->cols - (left > 1 ? left + 3 : 2),
                     text_str(&status), ROLE_TITLE);
    text_free(&status);
}

static int draw_bar_words(struct grid *g, int row, int col, const char *key, const char *name)
{
    if (col + grid_width_of(key) + 1 + grid_width_of(name) > g->cols)
        return col;
    col += grid_write(g, row, col, g->cols - col, key, ROLE_KEY) + 1;
    return col + grid_write(g, row, col, g->cols - col, name, ROLE_KEYBAR) + 2;
}

static int draw_bar_item(struct grid *g, int row, int col, const struct command_row *c)
{
    char key[16] = "";
    for (size_t n = 0; c->key_names[n] && c->key_names[n] != ' ' && n < sizeof key - 1; n++)
        key[n] = c->key_names[n];
    return draw_bar_words(g, row, col, key, c->name);
}

static void draw_key_bar(const struct viewer *v, struct grid *g, int row)
{
    grid_across(g, row, 0, g->cols, ' ', ROLE_KEYBAR);
    int col = 1;
    if (v->type->bar) {
        for (const struct view_bar_item *b = v->type->bar; b->key; b++)
            col = draw_bar_words(g, row, col, b->key, b->name);
        return;
    }
    for (int place = 1; place <= 9; place++)
        for (size_t i = 0; i < command_table_rows; i++) {
            const struct command_row *c = &command_table[i];
            bool useful = (c->command != COMMAND_TYPE || v->can_type) &&
                          ((c->command != COMMAND_NEXT_FLOW && c->command != COMMAND_CONNECTIONS) ||
                           trace_flow_count(v->trace) > 1);
            if (c->bar == place && useful)
                col = draw_bar_item(g, row, col, c);
        }
}

static void draw_typing(const struct viewer *v, struct grid *g, int row)
{
    struct text prompt = {0};
    grid_across(g, row, 0, g->cols, ' ', ROLE_KEYBAR);
    text_format(&prompt, "to %c> ", v->host);
    int col = 1 + grid_write(g, row, 1, g->cols - 1, text_str(&prompt),
                             v->host == 'C' ? ROLE_HOST_C : ROLE_HOST_S);
    text_clear(&prompt);
    text_add(&prompt, text_str(&v->line));
    text_char(&prompt, '_');
    int room = g->cols - col - 1, width = grid_width_of(text_str(&prompt));
    grid_write_right(g, row, col, width < room ? width : room, text_str(&prompt), ROLE_NORMAL);
    text_free(&prompt);
}

static void draw_help(struct viewer *v, struct grid *g, struct area a)
{
    struct lines lines = {.lead_cols = 16};
    struct text first = {0};
    text_format(&first, "%s: %s", v->type->name, v->type->help);
    lines_add(&lines, NULL, text_str(&first), ROLE_HEADING);
    for (size_t i = 0; i < command_table_rows; i++)
        lines_add(&lines, command_table[i].key_names, command_table[i].help, ROLE_NORMAL);
    text_free(&first);
    struct grid none = {0};
    int all = lines_draw(&lines, 0, &none, a), most = all > a.rows ? all - a.rows : 0;
    v->help_skip = v->help_skip > most ? most : v->help_skip;
    v->help_skip = v->help_skip > 0 ? v->help_skip : 0;
    lines_draw(&lines, v->help_skip, g, a);
    lines_free(&lines);
}

void viewer_draw(struct viewer *v, struct grid *g)
{
    grid_clear(g);
    struct area body = {1, 0, g->rows - 2, g->cols};
    if (g->rows < 10 || g->cols < 40) {
        grid_write(g, 0, 0, g->cols, "too small: 40x10 at least", ROLE_ERROR);
        return;
    }
    if (v->help)
        draw_help(v, g, (struct area){2, 2, g->rows - 4, g->cols - 4});
    else
        v->type->draw(v->view, g, body);
    draw_title(v, g); /* it says what was drawn */
    int last = g->rows - 1;
    if (v->typing)
        draw_typing(v, g, last);
    else if (v->message.len > 0)
        grid_write(g, last, 1, g->cols - 2, text_str(&v->message), ROLE_ERROR);
    else
        draw_key_bar(v, g, last);
}
