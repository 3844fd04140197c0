/* What is typed at the foot of the screen, and what becomes of it. */
#include "tracer/view/viewer_parts.h"

#include "tracer/base/words.h"

void viewer_prompt_open(struct viewer *v, enum prompt p, const char *line)
{
    v->prompt = p;
    v->completion_count = 0;
    editor_begin(&v->editor, &v->histories[p], line);
}

/* ---- what opens one ----------------------------------------------------------------------- */

enum viewer_answer viewer_prompt_command(struct viewer *v, const char *argument)
{
    viewer_prompt_open(v, PROMPT_COMMAND, argument ? argument : "");
    return VIEWER_REDRAW;
}

enum viewer_answer viewer_type(struct viewer *v, const char *argument)
{
    (void)argument;
    if (v->dialogue) {
        viewer_prompt_open(v, PROMPT_DIALOGUE, "");
        return VIEWER_REDRAW;
    }
    if (!v->can_type) {
        viewer_say(v, _("No program here can be typed to: this is not a running lab."));
        return VIEWER_REDRAW;
    }
    viewer_prompt_open(v, PROMPT_TYPE, "");
    return VIEWER_REDRAW;
}

enum viewer_answer viewer_filter(struct viewer *v, const char *argument)
{
    struct error e = {0};
    if (!v->type->filter) {
        error_set(&e, "The %s shows all it has; the list of connections can be filtered.",
                  _(v->type->name));
        return viewer_refuse(v, &e);
    }
    if (!argument) {
        viewer_prompt_open(v, PROMPT_FILTER, "");
        return VIEWER_REDRAW;
    }
    return v->type->filter(v->view, argument, &e) < 0 ? viewer_refuse(v, &e) : VIEWER_REDRAW;
}

/* ---- keys for each ------------------------------------------------------------------------ */

static enum viewer_answer command_done(struct viewer *v)
{
    enum viewer_answer answer;
    struct error e = {0};
    struct text line = {0};
    text_add(&line, text_str(&v->editor.line)); /* the command may type in the editor */
    int result = viewer_line(v, text_str(&line), false, &answer, &e);
    text_free(&line);
    return result < 0 ? viewer_refuse(v, &e) : answer;
}

static enum viewer_answer command_key(struct viewer *v, uint32_t key)
{
    if (key == '\t') {
        viewer_complete(v);
        return VIEWER_REDRAW;
    }
    if (key == KEY_CODE_BACKSPACE && v->editor.line.len == 0) {
        v->prompt = PROMPT_NONE;
        return VIEWER_REDRAW;
    }
    return VIEWER_NOTHING;
}

static enum viewer_answer search_done(struct viewer *v)
{
    return viewer_search(v, text_str(&v->editor.line));
}

/* As it is typed, so far as it makes sense; what is wrong with it is said at the end. */
static void filter_changed(struct viewer *v)
{
    struct error e = {0};
    v->type->filter(v->view, text_str(&v->editor.line), &e);
}

/* What is let pass is looked at meanwhile: arrows move in it; ^P and ^N are the history's. */
static enum viewer_answer filter_key(struct viewer *v, uint32_t key)
{
    if (key == KEY_CODE_UP)
        return viewer_view_command(v, COMMAND_UP);
    return key == KEY_CODE_DOWN ? viewer_view_command(v, COMMAND_DOWN) : VIEWER_NOTHING;
}

static enum viewer_answer filter_done(struct viewer *v)
{
    return viewer_filter(v, text_str(&v->editor.line));
}

static void filter_left(struct viewer *v)
{
    struct error e = {0};
    v->type->filter(v->view, "", &e);
}

static enum viewer_answer type_key(struct viewer *v, uint32_t key)
{
    if (key == '\t') {
        v->host = v->host == 'C' ? 'S' : 'C';
        return VIEWER_REDRAW;
    }
    if (key != KEY_CONTROL('d'))
        return VIEWER_NOTHING;
    text_clear(&v->editor.line); /* end-of-file for the program, as a terminal would give it */
    text_char(&v->editor.line, KEY_CONTROL('d'));
    v->prompt = PROMPT_NONE;
    return VIEWER_TYPED;
}

static enum viewer_answer type_done(struct viewer *v)
{
    (void)v;
    return VIEWER_TYPED;
}

static enum viewer_answer save_key(struct viewer *v, uint32_t key)
{
    if (key != '\t')
        return VIEWER_NOTHING;
    viewer_complete_file(v);
    return VIEWER_REDRAW;
}

static enum viewer_answer save_done(struct viewer *v)
{
    return v->editor.line.len > 0 ? viewer_save(v, text_str(&v->editor.line)) : VIEWER_REDRAW;
}

/* `key` is asked before the editor, VIEWER_NOTHING leaves the key to that; any may be NULL. */
static const struct {
    const char *label;
    enum viewer_answer (*key)(struct viewer *v, uint32_t key);
    void (*changed)(struct viewer *v);
    enum viewer_answer (*done)(struct viewer *v);
    void (*left)(struct viewer *v);
} prompts[PROMPT_COUNT] = {
    [PROMPT_COMMAND] = {":", command_key, NULL, command_done, NULL},
    [PROMPT_SEARCH] = {"search: ", NULL, NULL, search_done, NULL},
    [PROMPT_FILTER] = {"filter: ", filter_key, filter_changed, filter_done, filter_left},
    [PROMPT_TYPE] = {NULL, type_key, NULL, type_done, NULL},
    [PROMPT_SAVE] = {"save to: ", save_key, NULL, save_done, NULL},
    [PROMPT_DIALOGUE] = {NULL, viewer_dialogue_key, NULL, viewer_dialogue_done, NULL},
};

/* Keys that the line has no use for move in the view. */
static enum viewer_answer other_key(struct viewer *v, uint32_t key)
{
    if (key == KEY_CODE_PAGE_UP)
        return viewer_view_command(v, COMMAND_PAGE_UP);
    return key == KEY_CODE_PAGE_DOWN ? viewer_view_command(v, COMMAND_PAGE_DOWN) : VIEWER_NOTHING;
}

enum viewer_answer viewer_prompt_key(struct viewer *v, uint32_t key)
{
    enum prompt p = v->prompt;
    enum viewer_answer a = prompts[p].key ? prompts[p].key(v, key) : VIEWER_NOTHING;
    if (a != VIEWER_NOTHING)
        return a;
    switch (editor_key(&v->editor, key)) {
    case EDITOR_NOT_MINE: return other_key(v, key);
    case EDITOR_NOTHING: return VIEWER_NOTHING;
    case EDITOR_MOVED: return VIEWER_REDRAW;
    case EDITOR_CHANGED:
        v->completion_count = 0;
        if (prompts[p].changed)
            prompts[p].changed(v);
        return VIEWER_REDRAW;
    case EDITOR_LEFT:
        v->prompt = PROMPT_NONE;
        if (prompts[p].left)
            prompts[p].left(v);
        return VIEWER_REDRAW;
    case EDITOR_DONE: break;
    }
    v->prompt = PROMPT_NONE;
    a = prompts[p].done(v);
    return a == VIEWER_NOTHING ? VIEWER_REDRAW : a;
}

void viewer_prompt_draw(const struct viewer *v, struct grid *g, int row)
{
    struct text label = {0};
    enum role role = ROLE_KEY;
    if (v->prompt == PROMPT_DIALOGUE) {
        v->dialogue->label(v->dialogue->self, &label, &role);
    } else if (!prompts[v->prompt].label) {
        text_format(&label, "to %c> ", v->host);
        role = v->host == 'C' ? ROLE_HOST_C : ROLE_HOST_S;
    } else {
        text_add(&label, prompts[v->prompt].label);
    }
    grid_across(g, row, 0, g->cols, ' ', ROLE_KEYBAR);
    int col = 1 + grid_write(g, row, 1, g->cols - 1, text_str(&label), role);
    editor_draw(&v->editor, g, (struct area){row, col, 1, g->cols - col - 1});
    text_free(&label);
}
