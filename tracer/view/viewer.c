#include "tracer/view/viewer_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/utf8.h"
#include "tracer/base/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct viewer *viewer_new(const struct trace *trace, const char *title, bool can_type)
{
    struct viewer *v = xcalloc(1, sizeof *v);
    v->trace = trace;
    v->can_type = can_type;
    v->host = 'C';
    v->selected = (struct view_target){.flow = TRACE_NONE, .event = TRACE_NONE};
    v->settings = (struct viewer_settings){.theme = &themes[0], .mouse = true};
    keymap_init(&v->keys);
    text_safe_str(&v->title, title);
    v->type = view_types[0];
    v->view = v->type->open(trace);
    return v;
}

void viewer_free(struct viewer *v)
{
    if (!v)
        return;
    viewer_save_stop(v);
    viewer_close_all(v);
    keymap_free(&v->keys);
    editor_free(&v->editor);
    for (int i = 0; i < PROMPT_COUNT; i++)
        history_free(&v->histories[i]);
    tags_clear(&v->tags);
    text_free(&v->search.needle);
    picked_free(v->search.picked);
    text_free(&v->overwrite.path);
    viewer_files_forget(v);
    text_free(&v->title);
    text_free(&v->message);
    text_free(&v->order);
    text_free(&v->copied);
    free(v);
}

void viewer_alone(struct viewer *v, const struct view_type *type, void *view)
{
    viewer_close_all(v);
    v->type = type;
    v->view = view;
}

const char *viewer_view(const struct viewer *v)
{
    return v->type->name;
}

void viewer_from_start(struct viewer *v)
{
    v->type->command(v->view, COMMAND_FIRST);
}

bool viewer_view_busy(const struct viewer *v)
{
    return v->type->busy && v->type->busy(v->view);
}

/* A picture that is held still takes in nothing more once it is whole. */
static bool update_view(struct viewer *v)
{
    if (v->paused && !v->catching_up)
        return false;
    bool changed = v->type->update(v->view);
    v->catching_up = v->catching_up && viewer_view_busy(v);
    return changed;
}

bool viewer_update(struct viewer *v)
{
    bool busy = viewer_search_slice(v);
    busy = viewer_save_slice(v) || busy;
    busy = viewer_hands_update(v) || busy;
    return update_view(v) || busy;
}

bool viewer_busy(const struct viewer *v)
{
    return v->search.running || v->saving ||
           ((!v->paused || v->catching_up) && viewer_view_busy(v));
}

void viewer_say(struct viewer *v, const char *sentence)
{
    text_clear(&v->message);
    text_safe_str(&v->message, sentence);
    v->message_is_error = true;
}

enum viewer_answer viewer_tell(struct viewer *v, const char *format, ...)
{
    char sentence[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    text_clear(&v->message);
    text_safe_escaped(&v->message, sentence);
    v->message_is_error = false;
    return VIEWER_REDRAW;
}

enum viewer_answer viewer_refuse(struct viewer *v, const struct error *e)
{
    text_clear(&v->message);
    text_safe_escaped(&v->message, e->text);
    v->message_is_error = true;
    return VIEWER_REDRAW;
}

void viewer_set_source(struct viewer *v, enum viewer_source s)
{
    v->source = s;
}

void viewer_set_dropped(struct viewer *v, uint64_t frames)
{
    v->dropped = frames;
}

const struct viewer_settings *viewer_settings(const struct viewer *v)
{
    return &v->settings;
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
    *host = v->order.len > 0 ? ':' : v->host;
    return text_str(v->order.len > 0 ? &v->order : &v->editor.line);
}

const char *viewer_copied(const struct viewer *v)
{
    return text_str(&v->copied);
}

/* ---- commands ----------------------------------------------------------------------------- */

enum viewer_answer viewer_view_command(struct viewer *v, enum command c)
{
    enum view_answer a = v->type->command(v->view, c);
    const char *said = v->type->said ? v->type->said(v->view) : NULL;
    if (said)
        viewer_tell(v, "%s", said);
    if (said && a == VIEW_DONE)
        a = VIEW_REDRAW;
    if (a == VIEW_REDRAW)
        return VIEWER_REDRAW;
    if (a == VIEW_LEAVE)
        return VIEWER_QUIT;
    if (a == VIEW_OPEN)
        return viewer_open_target(v);
    if (a == VIEW_NOT_MINE && c == COMMAND_CLOSE)
        return viewer_close_view(v);
    if (a == VIEW_NOT_MINE && c == COMMAND_NEXT_PANE)
        return viewer_step_view(v, 1);
    return VIEWER_NOTHING;
}

#define COMMAND(name, ...)                                                                         \
    static enum viewer_answer name(struct viewer *v, const char *argument)                         \
    {                                                                                              \
        (void)v;                                                                                   \
        (void)argument;                                                                            \
        __VA_ARGS__                                                                                \
    }

COMMAND(quit, return VIEWER_QUIT;)
COMMAND(suspend, return VIEWER_SUSPEND;)
COMMAND(redraw, return VIEWER_AFRESH;)
COMMAND(next_view, return viewer_step_view(v, 1);)
COMMAND(previous_view, return viewer_step_view(v, view_type_count - 1);)
COMMAND(connections, return viewer_show_selected(v, &connections_view);)
COMMAND(ladder, return viewer_show_selected(v, &ladder_view);)
COMMAND(states, return viewer_show_selected(v, &states_view);)
COMMAND(stream, return viewer_show_selected(v, &stream_view);)
COMMAND(calls, return viewer_show_selected(v, &calls_view);)
COMMAND(source, return viewer_show_selected(v, &code_view);)
COMMAND(findings, return viewer_show_selected(v, &findings_view);)
COMMAND(detail, return viewer_show_selected(v, &detail_view);)
COMMAND(plots, return viewer_show_selected(v, &plots_view);)

static enum viewer_answer pause_picture(struct viewer *v, const char *argument)
{
    (void)argument;
    v->paused = !v->paused;
    v->catching_up = false;
    viewer_update(v);
    return VIEWER_REDRAW;
}

/* Half a screen is as many lines. */
static enum viewer_answer half_page(struct viewer *v, enum command c)
{
    enum viewer_answer a = VIEWER_NOTHING;
    for (int i = 0; i < (v->rows > 6 ? v->rows / 2 - 2 : 1); i++)
        a = viewer_view_command(v, c) == VIEWER_REDRAW ? VIEWER_REDRAW : a;
    return a;
}

COMMAND(half_up, return half_page(v, COMMAND_UP);)
COMMAND(half_down, return half_page(v, COMMAND_DOWN);)

static enum viewer_answer next_time(struct viewer *v, const char *argument)
{
    (void)argument;
    if (!v->type->set_time)
        return viewer_view_command(v, COMMAND_TIME);
    v->time = (v->time + 1) % TIME_FORMAT_COUNT;
    v->type->set_time(v->view, v->time);
    for (int i = 0; i < v->beneath_count; i++)
        if (v->beneath[i].type->set_time)
            v->beneath[i].type->set_time(v->beneath[i].view, v->time);
    return VIEWER_REDRAW;
}

static enum viewer_answer copy_line(struct viewer *v, const char *argument)
{
    (void)argument;
    struct view_position p = {0};
    text_clear(&v->copied);
    if (!v->type->row_text)
        return viewer_tell(v, _("The lines of this view cannot be copied one by one."));
    p = v->type->position(v->view);
    if (!v->type->step(v->view, &p, 0))
        return viewer_tell(v, _("There is no line to copy yet."));
    v->type->row_text(v->view, p, &v->copied);
    viewer_tell(v, "To the clipboard: %s", text_str(&v->copied));
    return VIEWER_COPIED;
}

static const struct {
    enum command command;
    viewer_command_run *run;
} own_commands[] = {
    {COMMAND_QUIT, quit},
    {COMMAND_SUSPEND, suspend},
    {COMMAND_REDRAW, redraw},
    {COMMAND_HELP, viewer_help},
    {COMMAND_PAUSE, pause_picture},
    {COMMAND_HALF_PAGE_UP, half_up},
    {COMMAND_HALF_PAGE_DOWN, half_down},
    {COMMAND_TIME, next_time},
    {COMMAND_NEXT_VIEW, next_view},
    {COMMAND_PREVIOUS_VIEW, previous_view},
    {COMMAND_VIEW, viewer_view_by_name},
    {COMMAND_CONNECTIONS, connections},
    {COMMAND_LADDER, ladder},
    {COMMAND_STATES, states},
    {COMMAND_STREAM, stream},
    {COMMAND_CALLS, calls},
    {COMMAND_SOURCE, source},
    {COMMAND_FINDINGS, findings},
    {COMMAND_DETAIL, detail},
    {COMMAND_PLOTS, plots},
    {COMMAND_TYPE, viewer_type},
    {COMMAND_LINE, viewer_prompt_command},
    {COMMAND_SEARCH, viewer_search},
    {COMMAND_NEXT_MATCH, viewer_search_next},
    {COMMAND_PREVIOUS_MATCH, viewer_search_previous},
    {COMMAND_FILTER, viewer_filter},
    {COMMAND_GOTO, viewer_goto},
    {COMMAND_MARK, viewer_mark},
    {COMMAND_JUMP, viewer_jump},
    {COMMAND_TAG, viewer_tag},
    {COMMAND_UNTAG_ALL, viewer_untag},
    {COMMAND_SAVE, viewer_save},
    {COMMAND_SAVE_SCREEN, viewer_save_screen},
    {COMMAND_COPY, copy_line},
    {COMMAND_HOLD, viewer_hands_hold},
    {COMMAND_FLIGHT, viewer_hands_flight},
    {COMMAND_LET, viewer_hands_let},
    {COMMAND_DROP, viewer_hands_drop},
    {COMMAND_DUP, viewer_hands_dup},
    {COMMAND_DELAY, viewer_hands_delay},
    {COMMAND_GO, viewer_hands_go},
    {COMMAND_RULE, viewer_hands_rule},
    {COMMAND_HOLD_PROGRAMS, viewer_hands_hold_programs},
    {COMMAND_GO_PROGRAMS, viewer_hands_go_programs},
    {COMMAND_STEP, viewer_hands_step},
    {COMMAND_STEP_C, viewer_hands_step_c},
    {COMMAND_STEP_S, viewer_hands_step_s},
    {COMMAND_THEME, viewer_theme},
    {COMMAND_SET, viewer_set},
    {COMMAND_BIND, viewer_bind},
    {COMMAND_UNBIND, viewer_unbind},
};

/* While the help is shown, moving is for it. False where the command is not its own. */
static bool help_command(struct viewer *v, enum command c)
{
    static const struct {
        enum command command;
        int lines;
    } moves[] = {
        {COMMAND_DOWN, 1},           {COMMAND_UP, -1},
        {COMMAND_PAGE_DOWN, 10},     {COMMAND_PAGE_UP, -10},
        {COMMAND_HALF_PAGE_DOWN, 5}, {COMMAND_HALF_PAGE_UP, -5},
        {COMMAND_LAST, 10000},       {COMMAND_FIRST, -10000},
        {COMMAND_TAG, 10}, /* Space, as in a pager */
    };
    if (c == COMMAND_CLOSE || c == COMMAND_HELP) {
        v->help = false;
        return true;
    }
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        if (moves[i].command == c) {
            v->help_skip += moves[i].lines;
            return true;
        }
    return false;
}

bool viewer_has_command(const struct viewer *v, enum command c)
{
    const enum command *own = v->type->commands;
    while (own && *own != COMMAND_NONE && *own != c)
        own++;
    return !own || *own == c;
}

enum viewer_answer viewer_run(struct viewer *v, const struct command_row *row, const char *argument)
{
    if (!viewer_has_command(v, row->command))
        return viewer_tell(v, _("`%s` does nothing here."), row->name);
    if (v->help && !argument && help_command(v, row->command))
        return VIEWER_REDRAW;
    if (row->command != COMMAND_QUIT && row->command != COMMAND_SUSPEND &&
        row->command != COMMAND_REDRAW)
        v->help = false;
    for (size_t i = 0; i < sizeof own_commands / sizeof own_commands[0]; i++)
        if (own_commands[i].command == row->command)
            return own_commands[i].run(v, argument);
    return viewer_view_command(v, row->command);
}

/* ---- keys --------------------------------------------------------------------------------- */

/* The letter that `m` and `'` wait for. */
static enum viewer_answer pending_key(struct viewer *v, uint32_t key)
{
    const struct command_row *row = command_row(v->pending);
    char letter[2] = {key < 0x80 ? (char)key : '\0', '\0'};
    v->pending = COMMAND_NONE;
    if (key == KEY_CODE_ESCAPE || key == KEY_CONTROL('c') || key < ' ' || key >= 0x7f)
        return VIEWER_REDRAW;
    return viewer_run(v, row, letter);
}

/* What is pasted into a line is part of it; elsewhere it would be taken for commands. */
static enum viewer_answer paste_key(struct viewer *v, uint32_t key)
{
    bool blank = key == KEY_CODE_ENTER || key == '\t' || key == '\n';
    if (key == KEY_CODE_PASTE_END) {
        v->pasting = false;
        return VIEWER_NOTHING;
    }
    if (v->prompt == PROMPT_NONE)
        return viewer_tell(v, _("Text can be pasted where a line is typed: after : or / for one."));
    if (!blank && (key >= 0x110000 || !utf8_is_safe(key)))
        return VIEWER_NOTHING;
    return viewer_prompt_key(v, blank ? ' ' : key);
}

static enum viewer_answer plain_key(struct viewer *v, uint32_t key)
{
    if (v->overwrite.asked)
        return viewer_overwrite(v, key == 'y' || key == 'Y');
    if (v->pending != COMMAND_NONE)
        return pending_key(v, key);
    if (v->prompt != PROMPT_NONE)
        return viewer_prompt_key(v, key);
    if (key == KEY_CODE_ESCAPE && viewer_search_stop(v))
        return viewer_tell(v, _("The search was given up."));
    if (key == KEY_CODE_ESCAPE && viewer_save_stop(v))
        return viewer_tell(v, _("The file was given up: nothing of it is there."));
    const struct binding *b = keymap_find(&v->keys, key, v->type->name);
    return b ? viewer_run(v, b->row, b->argument) : VIEWER_NOTHING;
}

/* A message goes with the next key, but for one that only ends a paste, is for the same screen
 * again, or answers it. */
static bool keeps_message(const struct viewer *v, uint32_t key)
{
    const struct binding *b = keymap_find(&v->keys, key, v->type->name);
    bool redraws = b && b->row->command == COMMAND_REDRAW && v->prompt == PROMPT_NONE;
    return redraws || v->overwrite.asked || key == KEY_CODE_PASTE_END;
}

enum viewer_answer viewer_key(struct viewer *v, uint32_t key)
{
    bool said = v->message.len > 0;
    enum viewer_answer a;
    if (!keeps_message(v, key))
        text_clear(&v->message);
    text_clear(&v->order);
    if (key == KEY_CODE_PASTE_BEGIN) {
        v->pasting = true;
        a = VIEWER_NOTHING;
    } else {
        a = v->pasting ? paste_key(v, key) : plain_key(v, key);
    }
    /* Esc only ever closes: a stray one must not end a running lab */
    if (a == VIEWER_QUIT && key == KEY_CODE_ESCAPE)
        a = VIEWER_NOTHING;
    return a == VIEWER_NOTHING && said ? VIEWER_REDRAW : a;
}
