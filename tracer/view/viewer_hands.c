/* A run in one's hands: the commands that hold its wire and step its programs, which go to the run
 * as they are typed, and what is held now, below the view. */
#include "tracer/view/viewer_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/view/glyph.h"
#include "tracer/view/lines.h"

#include <stdlib.h>
#include <string.h>

/* ---- commands -------------------------------------------------------------------------------- */

/* Whether there is something to hold; where not, why is said. */
static bool is_run(struct viewer *v)
{
    const struct trace_session *session = trace_session(v->trace);
    if (v->can_type && !session->ended)
        return true;
    viewer_say(v, v->can_type ? _("The run has ended: nothing is left to be held or stepped.")
                  : v->source == SOURCE_LIVE
                      ? _("This is a capture: there is no wire to hold, and no program to step. "
                          "tcplab run has both.")
                      : _("This is a recording: there is no wire to hold, and no program to step. "
                          "tcplab run has both."));
    return false;
}

static enum viewer_answer order(struct viewer *v, const char *word, const char *argument)
{
    if (!is_run(v))
        return VIEWER_REDRAW;
    text_clear(&v->order);
    text_add(&v->order, word);
    if (argument)
        text_format(&v->order, " %s", argument);
    return VIEWER_TYPED;
}

/* The number of the segment that is selected, where it is held and was chosen; 0: none. */
static uint64_t selected_number(const struct viewer *v)
{
    if (v->type->follows && v->type->follows(v->view))
        return 0;
    uint32_t segment = viewer_segment_of(v, viewer_target(v).event);
    for (size_t i = 0; segment != TRACE_NONE && i < trace_hold_count(v->trace); i++)
        if (trace_hold(v->trace, i)->segment == segment)
            return trace_hold(v->trace, i)->number;
    return 0;
}

/* A command on one segment: that which is named, else the selected one, else the first. */
static enum viewer_answer order_one(struct viewer *v, const char *word, const char *argument,
                                    bool named)
{
    struct text words = {0};
    uint64_t number = named ? 0 : selected_number(v);
    if (argument)
        text_add(&words, argument);
    if (number > 0)
        text_format(&words, "%s%llu", argument ? " " : "", (unsigned long long)number);
    enum viewer_answer a = order(v, word, words.len > 0 ? text_str(&words) : NULL);
    text_free(&words);
    return a;
}

#define ORDER(name, ...)                                                                           \
    enum viewer_answer name(struct viewer *v, const char *argument)                                \
    {                                                                                              \
        (void)argument;                                                                            \
        __VA_ARGS__                                                                                \
    }

ORDER(viewer_hands_hold, return order(v, "hold", argument);)
ORDER(viewer_hands_flight, return order(v, "flight", NULL);)
ORDER(viewer_hands_let, return order_one(v, "let", argument, argument != NULL);)
ORDER(viewer_hands_drop, return order_one(v, "drop", argument, argument != NULL);)
ORDER(viewer_hands_dup, return order_one(v, "dup", argument, argument != NULL);)
ORDER(viewer_hands_go, return order(v, "go", argument);)
ORDER(viewer_hands_hold_programs, return order(v, "hold", "programs");)
ORDER(viewer_hands_go_programs, return order(v, "go", "programs");)
ORDER(viewer_hands_step_c, return order(v, "step", "C");)
ORDER(viewer_hands_step_s, return order(v, "step", "S");)

/* What takes an argument and was given by a key: the line is begun for it. */
static enum viewer_answer ask(struct viewer *v, const char *line)
{
    if (is_run(v))
        viewer_prompt_open(v, PROMPT_COMMAND, line);
    return VIEWER_REDRAW;
}

enum viewer_answer viewer_hands_delay(struct viewer *v, const char *argument)
{
    if (!argument)
        return ask(v, "delay ");
    return order_one(v, "delay", argument, strpbrk(argument, " \t") != NULL);
}

enum viewer_answer viewer_hands_rule(struct viewer *v, const char *argument)
{
    return argument ? order(v, "rule", argument) : ask(v, "rule ");
}

enum viewer_answer viewer_hands_step(struct viewer *v, const char *argument)
{
    return argument ? order(v, "step", argument) : ask(v, "step ");
}

/* ---- answers --------------------------------------------------------------------------------- */

bool viewer_hands_update(struct viewer *v)
{
    size_t count = trace_command_count(v->trace);
    if (count == v->commands_seen)
        return false;
    v->commands_seen = count;
    const struct command_word *w = trace_command(v->trace, count - 1);
    if (!v->can_type || v->dialogue || !w->answer[0]) /* a dialogue has it said already */
        return false;
    text_clear(&v->message);
    for (const char *at = w->answer; *at;) {
        size_t n = strcspn(at, "\n");
        char *line = xstrndup(at, n);
        struct text words = {0};
        words_again(line, &words);
        text_safe_escaped(&v->message, text_str(&words));
        text_free(&words);
        free(line);
        at += n + (at[n] == '\n');
        if (*at)
            text_char(&v->message, '\n');
    }
    v->message_is_error = w->failed;
    return true;
}

enum { LISTED_MOST = 64 };

/* ---- what is held ---------------------------------------------------------------------------- */

static bool holds_anything(const struct trace *t)
{
    struct trace_hands h = trace_hands(t);
    return !trace_session(t)->ended && (h.wire || h.programs[0] || h.programs[1] ||
                                        trace_hold_count(t) > 0 || trace_waiting_count(t) > 0);
}

static const struct command_bar_item hands_bar[] = {
    BAR_ITEM(HELP, "help"),     BAR_ITEM(LET, "let"),        BAR_ITEM(DROP, "drop"),
    BAR_ITEM(DUP, "dup"),       BAR_ITEM(DELAY, "delay"),    BAR_ITEM(GO, "go"),
    BAR_ITEM(STEP_C, "step C"), BAR_ITEM(STEP_S, "step S"),  BAR_ITEM(HOLD, "hold"),
    BAR_ITEM(FLIGHT, "flight"), BAR_ITEM(QUIT, "quit"),      BAR_ITEM(OPEN, "detail"),
    BAR_ITEM(SEARCH, "search"), BAR_ITEM(NEXT_VIEW, "view"), BAR_END,
};

const struct command_bar_item *viewer_hands_bar(const struct viewer *v)
{
    return v->can_type && holds_anything(v->trace) ? hands_bar : NULL;
}

static void add_since(const struct viewer *v, int64_t time_ns, struct text *out)
{
    text_add(out, ", since ");
    label_seconds(time_ns - trace_time(v->trace, 0), out);
}

/* "1  C > S [S] seq J=2927179378, sent 3 times, since 0.100392" */
static void add_hold(const struct viewer *v, const struct hold *h, struct lines *out)
{
    struct text words = {0};
    text_format(&words, "%llu  %s ", (unsigned long long)h->number,
                h->from == 'C' ? "C > S" : "S > C");
    if (h->segment != TRACE_NONE) {
        struct segment s = trace_segment(v->trace, h->segment);
        label_segment(v->trace, &s, 0, &words);
    } else {
        text_add(&words, _("a packet"));
    }
    if (h->repeats > 0)
        text_format(&words, _(", sent %u times"), h->repeats + 1);
    add_since(v, h->since_ns, &words);
    lines_add(out, "wire", text_str(&words), ROLE_NORMAL);
    text_free(&words);
}

static void add_call(const struct viewer *v, const struct call *c, enum call_form form,
                     struct text *out)
{
    struct text line = {0};
    label_call(v->trace, c, form, 200, out);
    trace_call_line(c, &line);
    if (line.len > 0)
        text_format(out, ", %s", text_str(&line));
    text_free(&line);
}

static void add_waiting(const struct viewer *v, const struct waiting *w, struct lines *out)
{
    struct text words = {0};
    char host[2] = {w->host, '\0'};
    bool returned = w->at == WAITS_RETURN;
    text_add(&words, returned ? _("has returned: ") : _("is about to call "));
    if (w->call != TRACE_NONE)
        add_call(v, trace_call(v->trace, w->call), returned ? CALL_RETURNED : CALL_ENTERED, &words);
    else
        text_add(&words, _("a call"));
    lines_add(out, host, text_str(&words), w->host == 'C' ? ROLE_HOST_C : ROLE_HOST_S);
    text_free(&words);
}

/* A program that is to be held and goes on still: it is in a call, or between two. */
static void add_elsewhere(const struct viewer *v, char host, struct lines *out)
{
    enum { BACK_MOST = 256 };
    struct text words = {0};
    char name[2] = {host, '\0'};
    bool called = false;
    size_t count = trace_call_count(v->trace), least = count > BACK_MOST ? count - BACK_MOST : 0;
    for (size_t i = count; words.len == 0 && i-- > least;) {
        const struct call *c = trace_call(v->trace, (uint32_t)i);
        called |= c->host == host;
        if (c->host != host || c->exit_ns >= 0)
            continue;
        text_add(&words, _("is in "));
        add_call(v, c, CALL_ENTERED, &words);
    }
    if (words.len == 0)
        text_add(&words, called ? _("is on its way to its next socket call")
                                : _("has made no socket call yet"));
    lines_add(out, name, text_str(&words), ROLE_DIM);
    text_free(&words);
}

static void add_programs(const struct viewer *v, char host, bool held, struct lines *out)
{
    size_t before = out->count;
    for (size_t i = 0; i < trace_waiting_count(v->trace) && i < LISTED_MOST; i++)
        if (trace_waiting(v->trace, i)->host == host)
            add_waiting(v, trace_waiting(v->trace, i), out);
    if (held && out->count == before)
        add_elsewhere(v, host, out);
}

static void held_lines(const struct viewer *v, struct lines *out)
{
    const struct trace *t = v->trace;
    struct trace_hands h = trace_hands(t);
    add_programs(v, 'C', h.programs[0], out);
    add_programs(v, 'S', h.programs[1], out);
    for (size_t i = 0; i < trace_hold_count(t) && i < LISTED_MOST; i++)
        add_hold(v, trace_hold(t, i), out);
    if (h.wire && trace_hold_count(t) == 0)
        lines_add(out, "wire", _("is held; nothing that it holds has been sent yet"), ROLE_DIM);
}

/* With a line above them; a quarter of the screen. */
int viewer_hands_rows(const struct viewer *v, int rows)
{
    struct lines lines = {0};
    if (!holds_anything(v->trace))
        return 0;
    held_lines(v, &lines);
    int wanted = (int)lines.count + 1, most = rows / 4 > 2 ? rows / 4 : 2;
    lines_free(&lines);
    return wanted < most ? wanted : most;
}

void viewer_hands_draw(const struct viewer *v, struct grid *g, struct area a)
{
    struct lines lines = {0};
    if (a.rows == 0)
        return;
    held_lines(v, &lines);
    grid_across(g, a.row, a.col, a.cols, GLYPH_ACROSS, ROLE_DIM);
    grid_write(g, a.row, a.col + 2, a.cols - 4, _(" held; both kernels' timers run on "),
               ROLE_NOTE);
    int shown = a.rows - 1;
    for (int i = 0; i < shown && i < (int)lines.count; i++) {
        const struct line *l = &lines.line[i];
        if (i == shown - 1 && shown < (int)lines.count) {
            struct text more = {0};
            text_format(&more, _("and %zu more"), lines.count - (size_t)i);
            grid_write(g, a.row + 1 + i, a.col + 1, a.cols - 2, text_str(&more), ROLE_DIM);
            text_free(&more);
            break;
        }
        grid_write(g, a.row + 1 + i, a.col + 1, 6, l->lead, ROLE_KEY);
        grid_write(g, a.row + 1 + i, a.col + 7, a.cols - 8, l->body, l->role);
    }
    lines_free(&lines);
}
