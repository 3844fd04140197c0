#include "labs/guide/screen_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/view/command.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is said --------------------------------------------------------------------------- */

static void say(struct guide_screen *s, const char *lead, const char *markdown)
{
    if (markdown[0] == '\0' && lead[0] == '\0')
        return;
    xgrow(&s->entries, &s->cap, s->count, sizeof *s->entries);
    s->entries[s->count++] =
        (struct entry){.markdown = xstrdup(markdown), .lead = lead, .apart = true};
    s->cols = 0; /* to be wrapped again */
    s->top = -1;
}

/* The same, right below what was said before. */
static void add(struct guide_screen *s, const char *lead, const char *markdown)
{
    size_t before = s->count;
    say(s, lead, markdown);
    if (s->count > before)
        s->entries[before].apart = false;
}

static void say_part(struct guide_screen *s, const char *lead)
{
    struct text words = {0};
    guide_text(s->guide, &words);
    say(s, lead, text_str(&words));
    text_free(&words);
}

static void say_question(struct guide_screen *s)
{
    struct text choices = {0}, before = {0};
    say_part(s, "**?** ");
    char *const *choice = guide_choices(s->guide);
    for (int i = 1; choice && *choice; i++, choice++)
        text_format(&choices, "%d. %s\n", i, *choice);
    add(s, "", text_str(&choices));
    guide_recall(s->guide, &before);
    add(s, "", text_str(&before));
    text_free(&choices);
    text_free(&before);
}

static void ask(struct guide_screen *s)
{
    if (s->asked)
        return;
    say_question(s);
    s->asked = true;
    editor_begin(&s->editor, NULL, "");
}

static void finish(struct guide_screen *s)
{
    struct text report = {0};
    if (s->over)
        return;
    s->over = true;
    recording_reveal_all(s->recording);
    say(s, "",
        _("The lab is over. Look around in the ladder: Tab goes there; Left goes back through the "
          "steps."));
    guide_report(s->guide, &s->end, &report);
    guide_note(s->guide, &report);
    say(s, "", text_str(&report));
    text_free(&report);
}

static void note_step(struct guide_screen *s)
{
    xgrow(&s->steps, &s->steps_cap, s->step_count, sizeof *s->steps);
    s->steps[s->step_count++] = s->count;
}

/* What was done in this lab before it was left stands above what is told from now on. */
static void come_back(struct guide_screen *s)
{
    struct text words = {0};
    if (guide_is_back(s->guide, &words)) {
        s->fresh = s->count;
        say(s, "", text_str(&words));
    }
    text_free(&words);
}

/* Go on until the student has something to do. */
static void go_on(struct guide_screen *s)
{
    for (;;) {
        enum guide_now now = guide_now(s->guide);
        come_back(s);
        switch (now) {
        case GUIDE_OVER: finish(s); return;
        case GUIDE_ASK:
            if (!guide_passed(s->guide)) {
                ask(s);
                return;
            }
            say_question(s);
            break;
        case GUIDE_WAIT: return;
        case GUIDE_STEP:
            if (!s->step_asked && !guide_passed(s->guide))
                return;
            s->step_asked = false;
            note_step(s);
            guide_reveal(s->guide);
            say_part(s, "");
            break;
        case GUIDE_PROSE: say_part(s, ""); break;
        }
        guide_on(s->guide);
    }
}

/* ---- answers -------------------------------------------------------------------------------- */

static void next_part(struct guide_screen *s)
{
    s->asked = false;
    editor_free(&s->editor);
    guide_on(s->guide);
    go_on(s);
}

static void hint(struct guide_screen *s)
{
    struct text words = {0};
    if (!guide_hint(s->guide, &words))
        text_add(&words, _("There is no further hint. `!` tells the answer."));
    add(s, _("*Hint:* "), text_str(&words));
    text_free(&words);
}

static void tell(struct guide_screen *s)
{
    struct text words = {0};
    guide_tell(s->guide, &words);
    add(s, _("The answer: "), text_str(&words));
    text_free(&words);
    next_part(s);
}

static void answer(struct guide_screen *s)
{
    struct text typed = {0}, says = {0};
    if (s->editor.line.len == 0)
        return;
    guide_code(text_str(&s->editor.line), &typed);
    add(s, "\\> ", text_str(&typed));
    enum judgement j = guide_answer(s->guide, text_str(&s->editor.line), &says);
    if (j == ANSWER_RIGHT)
        add(s, _("**Right.** "), text_str(&says));
    else
        add(s, j == ANSWER_WRONG ? _("**Not so.** ") : "", text_str(&says));
    text_free(&typed);
    text_free(&says);
    if (j == ANSWER_RIGHT) {
        next_part(s);
    } else {
        editor_free(&s->editor);
        editor_begin(&s->editor, NULL, "");
    }
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void scroll(struct guide_screen *s, long by)
{
    long most = (long)s->prose.count - s->rows;
    long top = s->top + by;
    s->top = top > most ? most : top;
    s->top = s->top < 0 ? 0 : s->top;
}

/* What has not been in sight yet is read before anything else happens. */
static bool reads_on(struct guide_screen *s)
{
    if (!guide_screen_more(s) || (s->asked && s->editor.line.len > 0))
        return false;
    scroll(s, s->rows - 1);
    return true;
}

static enum companion_answer key_of_question(struct guide_screen *s, uint32_t key)
{
    bool empty = s->editor.line.len == 0;
    s->fresh = s->count;
    if (empty && (key == '?' || key == '!')) {
        key == '?' ? hint(s) : tell(s);
        return COMPANION_REDRAW;
    }
    switch (editor_key(&s->editor, key)) {
    case EDITOR_DONE: answer(s); return COMPANION_REDRAW;
    case EDITOR_NOT_MINE:
    case EDITOR_LEFT: return COMPANION_NOT_MINE;
    case EDITOR_NOTHING: return COMPANION_NOTHING;
    case EDITOR_MOVED:
    case EDITOR_CHANGED: break;
    }
    return COMPANION_REDRAW;
}

/* ---- looking back --------------------------------------------------------------------------- */

static void look_at(struct guide_screen *s, size_t step)
{
    s->look = step < s->step_count ? step : LOOK_NOW;
    if (s->look == LOOK_NOW)
        recording_look_on(s->recording);
    else
        recording_look_back(s->recording, s->look);
    s->cols = 0;
    s->top = -1;
    s->fresh = s->look == LOOK_NOW ? s->fresh_now : s->look > 0 ? s->steps[s->look - 1] : 0;
}

static bool look_back(struct guide_screen *s)
{
    if (s->step_count == 0 || s->look == 0)
        return false;
    if (s->look == LOOK_NOW)
        s->fresh_now = s->fresh;
    look_at(s, (s->look == LOOK_NOW ? s->step_count : s->look) - 1);
    return true;
}

static enum companion_answer key_of_past(struct guide_screen *s, uint32_t key)
{
    switch (key) {
    case KEY_CODE_LEFT: return look_back(s) ? COMPANION_REDRAW : COMPANION_NOTHING;
    case KEY_CODE_RIGHT:
    case KEY_CODE_ENTER:
    case ' ': look_at(s, s->look + 1); return COMPANION_REDRAW;
    case KEY_CODE_HOME: look_at(s, 0); return COMPANION_REDRAW;
    case KEY_CODE_END:
    case KEY_CODE_ESCAPE: look_at(s, LOOK_NOW); return COMPANION_REDRAW;
    default: return COMPANION_NOT_MINE;
    }
}

/* ---- all keys ------------------------------------------------------------------------------- */

static enum companion_answer take_key(void *data, uint32_t key)
{
    struct guide_screen *s = data;
    switch (key) {
    case KEY_CODE_PAGE_UP: scroll(s, -s->rows + 1); return COMPANION_REDRAW;
    case KEY_CODE_PAGE_DOWN: scroll(s, s->rows - 1); return COMPANION_REDRAW;
    case KEY_CODE_UP: scroll(s, -1); return COMPANION_REDRAW;
    case KEY_CODE_DOWN: scroll(s, 1); return COMPANION_REDRAW;
    default: break;
    }
    if (s->look != LOOK_NOW)
        return key_of_past(s, key);
    if (key == KEY_CODE_LEFT && !(s->asked && s->editor.line.len > 0))
        return look_back(s) ? COMPANION_REDRAW : COMPANION_NOTHING;
    if ((key == KEY_CODE_ENTER || key == ' ') && reads_on(s))
        return COMPANION_REDRAW;
    if (s->asked)
        return key_of_question(s, key);
    if (key == KEY_CODE_ENTER && s->over)
        return COMPANION_QUIT;
    if (key == '!') /* pressed once more than there was a question: it is not meant for the wire */
        return COMPANION_NOTHING;
    if (key != KEY_CODE_ENTER && key != ' ')
        return COMPANION_NOT_MINE;
    s->fresh = s->count;
    s->step_asked = true;
    go_on(s);
    return COMPANION_REDRAW;
}

/* ---- frames --------------------------------------------------------------------------------- */

static void take_frame(void *data, const struct capture_frame *frame)
{
    struct guide_screen *s = data;
    recording_add(s->recording, frame);
    go_on(s);
}

static void take_end(void *data)
{
    struct guide_screen *s = data;
    recording_end(s->recording);
    go_on(s);
}

static bool finished(const void *data)
{
    const struct guide_screen *s = data;
    return s->over;
}

static bool next_frame(void *data, struct capture_frame *frame)
{
    return recording_next(((struct guide_screen *)data)->recording, frame);
}

static bool begins_anew(void *data)
{
    return recording_begins_anew(((struct guide_screen *)data)->recording);
}

/* ---- the whole ------------------------------------------------------------------------------ */

struct guide_screen *guide_screen_new(const struct lesson *lesson, const struct place *place,
                                      const char *preface, const struct guide_end *end)
{
    struct guide_screen *s = xcalloc(1, sizeof *s);
    s->recording = recording_new(lesson);
    s->guide = guide_new(lesson, s->recording, place);
    s->end = *end;
    s->look = LOOK_NOW;
    s->companion = (struct companion){
        .data = s,
        .take = take_frame,
        .end = take_end,
        .next = next_frame,
        .anew = begins_anew,
        .finished = finished,
        .draw = guide_screen_draw,
        .key = take_key,
    };
    say(s, "", preface ? preface : "");
    go_on(s);
    return s;
}

void guide_screen_free(struct guide_screen *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        free(s->entries[i].markdown);
    free(s->entries);
    free(s->steps);
    prose_free(&s->prose);
    editor_free(&s->editor);
    guide_free(s->guide);
    recording_free(s->recording);
    free(s);
}

const struct companion *guide_screen_companion(struct guide_screen *s)
{
    return &s->companion;
}
